"""What the documents name is there: files, folders, links and names of the code; and indexes are complete.

Pages of ``docs/experiments`` tell history: only their links are checked.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from componium.evaluation.composer_comparison.report import LEGEND
from componium.evaluation.composer_comparison.rows.table import SECTIONS

ROOT = Path(__file__).parents[2]
LIVING = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
EVERY = [*LIVING, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs" / "experiments").glob("*.md"))]
# Paths are written from one of these.
BASES = ("", "src", "src/componium", "docs", "benchmarks")
# Terms of others: ONNX operators, an algorithm of music21, settings of the environment.
FOREIGN = {
    "COMPONIUM_DATA", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "MatMulNBits", "QuantizeLinear", "NOTICE",
    "quantize_dynamic", "stripTies",
}  # fmt: skip


@cache
def files() -> tuple[Path, ...]:
    folders = (ROOT / name for name in ("src", "tests", "benchmarks", "recipes", "docs"))
    return (*ROOT.glob("*.*"), *(path for folder in folders for path in folder.rglob("*.*")))


@cache
def words_of_the_code() -> frozenset[str]:
    sources = (path for path in files() if path.suffix in (".py", ".toml", ".json"))
    return frozenset(word for path in sources for word in re.findall(r"\w+", path.read_text(encoding="utf-8")))


def quoted(path: Path) -> list[str]:
    """What stands in backticks, code blocks left out."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`]+)`", text)


def is_there(name: str) -> bool:
    if any((ROOT / base / name).exists() for base in BASES):
        return True
    return "/" not in name and any(path.name == name for path in files())


def missing_paths(path: Path) -> set[str]:
    named = {own for text in quoted(path) for own in re.findall(r"[\w./-]*\w\.py\b", text)}
    named |= {text for text in quoted(path) if re.fullmatch(r"[\w-]+(/[\w-]+)+/?", text)}
    return {name for name in named if not re.search(r"\b[A-Z]{3,}\b", name) and not is_there(name)}


def unknown_names(path: Path) -> set[str]:
    """Names with an underscore or a capital within, of which the last part is no word of the code."""
    named = {text for text in quoted(path) if re.fullmatch(r"[A-Za-z_][\w.]*(\(\w*\))?", text)}
    last = {re.sub(r"\(.*", "", text).rsplit(".", 1)[-1] for text in named}
    return {name for name in last - FOREIGN if re.search(r"_|[a-z][A-Z]", name) and name not in words_of_the_code()}


@pytest.mark.parametrize("path", LIVING, ids=lambda path: path.name)
def test_paths_exist(path):
    assert missing_paths(path) == set()


@pytest.mark.parametrize("path", LIVING, ids=lambda path: path.name)
def test_names_of_the_code_exist(path):
    assert unknown_names(path) == set()


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", path.read_text(encoding="utf-8"))
    missing = {link for link in links if "://" not in link and not (path.parent / link).exists()}
    assert missing == set()


def test_what_is_missing_is_found(tmp_path):
    page = tmp_path / "page.md"
    # Written backwards, or it would be a word of the code.
    unknown = "eman_hcus_on"[::-1]
    page.write_text(f"`composing/compose.py`, `composing/door.py`, `make_plan`, `{unknown}`, `docs/nowhere/`\n")
    assert missing_paths(page) == {"composing/door.py", "docs/nowhere/"}
    assert unknown_names(page) == {unknown}


@pytest.mark.parametrize("folder", ["decisions", "experiments"])
def test_an_index_lists_every_page(folder):
    index = (ROOT / "docs" / folder / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs" / folder).glob("[0-9]*.md")}
    assert pages
    assert pages == set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index))


def test_the_comparison_that_is_kept_has_the_words_of_reports():
    kept = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
    words = [*LEGEND.values(), *(own.words for own in SECTIONS.values()), *(f"## {s.title}" for s in SECTIONS.values())]
    assert [own for own in words if own not in kept] == []
