"""The import contracts of ``pyproject.toml`` hold, and each can fail: every forbidden import is planted once."""

from __future__ import annotations

import copy
import shutil
import subprocess
import sysconfig
from pathlib import Path

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

from componium.models import FAMILIES

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "pyproject.toml"
TYPES = {
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "layers": LayersContract,
    "protected": ProtectedContract,
}
READ = read_configuration(str(CONFIGURATION))
OPTIONS = {options["id"]: options for options in READ["contracts_options"]}

# The planted imports, importer and imported, and the contract that each of them breaks. ``new`` and ``models.new`` are
# planted with them. Where two imports are planted, neither of them breaks the contract alone.
PLANTED = {
    "composing imports training": ("training", [("composing", "training")]),
    "composing imports models": ("models", [("composing", "models")]),
    "evaluation imports training": ("training", [("evaluation", "training")]),
    "artifacts imports training": ("training", [("artifacts", "training")]),
    "likelihood imports models": ("models", [("likelihood", "models")]),
    "the command line imports models": ("models", [("cli.main", "models")]),
    "models import training": ("training", [("models.family", "training")]),
    "models import a package above them": ("rows", [("models.family", "composing")]),
    "scores import formats": ("rows", [("score", "formats.midi")]),
    "the store imports the studio": ("rows", [("store", "web")]),
    "composing imports the store": ("rows", [("composing", "store")]),
    "the studio imports training": ("training", [("web", "training")]),
    "a package without a row": ("rows", [("new", "score")]),
    "rendering imports torch": ("torch", [("rendering", "torch")]),
    "the command line imports torch": ("torch-in-cli", [("cli.main", "torch")]),
    "composing reaches torch": ("torch", [("composing", "new"), ("new", "torch")]),
    "composing reaches training": ("torch", [("composing", "new"), ("new", "training")]),
    "evaluation reaches models": ("torch", [("evaluation", "new"), ("new", "models")]),
    "a family imports another": ("families", [("models.markov", "models.recurrent")]),
    "a family reaches another": ("families", [("models.recurrent", "models.new"), ("models.new", "models.markov")]),
}


@pytest.fixture(scope="module")
def sources() -> grimp.ImportGraph:
    return grimp.build_graph("componium", include_external_packages=True, cache_dir=None)


def is_kept(graph: grimp.ImportGraph, name: str) -> bool:
    options = OPTIONS[name]
    contract = TYPES[options["type"]](options["name"], READ["session_options"], options)
    return contract.check(copy.deepcopy(graph), verbose=False).kept


def planted(graph: grimp.ImportGraph, imports: list[tuple[str, str]]) -> grimp.ImportGraph:
    graph = copy.deepcopy(graph)
    for pair in imports:
        importer, imported = (name if name == "torch" else f"componium.{name}" for name in pair)
        graph.add_import(importer=importer, imported=imported, line_number=1, line_contents=f"import {imported}")
    return graph


@pytest.mark.parametrize("name", OPTIONS)
def test_the_sources_keep_every_contract(sources, name):
    assert is_kept(sources, name)


@pytest.mark.parametrize(("contract", "imports"), PLANTED.values(), ids=PLANTED)
def test_a_forbidden_import_breaks_its_contract(sources, contract, imports):
    # A misspelled module would prove nothing.
    missing = {
        name for pair in imports for name in pair if name != "torch" and f"componium.{name}" not in sources.modules
    }
    assert missing <= {"new", "models.new"}
    assert not is_kept(planted(sources, imports), contract)
    if len(imports) > 1:
        assert all(is_kept(planted(sources, [one]), contract) for one in imports)


def test_every_contract_is_seen_to_fail():
    assert {contract for contract, _ in PLANTED.values()} == set(OPTIONS)


def test_every_package_but_the_last_is_kept_from_torch():
    rows = {f"componium.{row}" for row in OPTIONS["rows"]["layers"]}
    free = {f"componium.{row}" for row in ("__main__", "cli", "training", "models")}
    assert set(OPTIONS["torch"]["source_modules"]) == rows - free


def test_every_family_stands_in_the_contract_of_families():
    assert {family.make.__module__ for family in FAMILIES.values()} == set(OPTIONS["families"]["modules"])


def test_the_command_fails_on_a_lazy_import(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    module = tmp_path / "src" / "componium" / "rendering" / "roll.py"
    command = [Path(sysconfig.get_path("scripts")) / "lint-imports", "--config", CONFIGURATION, "--no-cache"]
    environment = {"PYTHONPATH": str(tmp_path / "src"), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    assert subprocess.run(command, cwd=tmp_path, env=environment).returncode == 0
    module.write_text(module.read_text() + "\n\ndef _lazy():\n    import torch\n")
    outcome = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert outcome.returncode == 1, outcome.stderr
    assert "componium.rendering.roll -> torch" in outcome.stdout
