"""What the README promises runs."""

import re
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_five_python_lines(tmp_path, monkeypatch):
    [block] = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - our own text
    assert [path.name for path in tmp_path.iterdir()] == ["piece.mid"]


def test_every_package_is_on_the_map():
    house = Path(__file__).parent.parent / "src" / "componium"
    rooms = {path.stem for path in house.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert rooms - {"__init__", "__main__"} == set(re.findall(r"^\| `(\w+)` \|", README, flags=re.MULTILINE))


def test_every_verb_of_the_readme_exists():
    from componium.cli.main import app  # noqa: PLC0415

    known = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    assert set(re.findall(r"^componium (\w+)", README, flags=re.MULTILINE)) == known
