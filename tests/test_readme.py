"""What the README promises runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "componium"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_five_python_lines(tmp_path, monkeypatch):
    [block] = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - our own text
    assert [path.name for path in tmp_path.iterdir()] == ["piece.mid"]


def test_every_package_is_in_the_table():
    names = {path.stem for path in SOURCES.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert names - {"__init__", "__main__"} == set(re.findall(r"^\| `(\w+)` \|", README, flags=re.MULTILINE))


def paths_of(tree):
    """The paths of a tree of indented names; folders end in a slash."""
    found, above = set(), []
    for line in tree.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        above[depth:] = [name]
        found.add("".join(above))
    return found


def test_the_tree_lists_the_sources():
    [block] = re.findall(r"^```text\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    listed = paths_of(block)
    there = {
        path.relative_to(SOURCES).as_posix() + ("/" if path.is_dir() else "")
        for path in SOURCES.rglob("*")
        if "__pycache__" not in path.parts
        and path.name != "__init__.py"
        # The page of the studio is made by the build of the package.
        and not path.is_relative_to(SOURCES / "web" / "built")
    }
    assert listed - there == set(), "python docs/source_tree.py writes the tree again"
    # Folders that are no packages may stand for what lies in them.
    whole = {own for own in listed if own.endswith("/") and not any(o != own and o.startswith(own) for o in listed)}
    assert not any((SOURCES / own / "__init__.py").exists() for own in whole)
    assert {own for own in there - listed if not own.startswith(tuple(whole))} == set()


def test_every_verb_of_the_readme_exists():
    from componium.cli.main import app  # noqa: PLC0415

    known = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    assert set(re.findall(r"^componium (\w+)", README, flags=re.MULTILINE)) == known
