"""No package, file, function or signature of the sources is larger than what one reads at a sitting.

Exceptions are named, with a reason; one that is no longer needed has to go.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import Typer

from componium.cli.main import app

SOURCES = Path(__file__).parents[2] / "src"
LIMITS = {"files": 12, "lines of a file": 400, "lines of a function": 50, "parameters": 6}
# What a budget is kept for: a package or a file by its path under ``src``, a function by ``path::its.qualified.name``.
EXCEPTIONS: dict[str, str] = {
    "componium/conditioning/style_profile.py": "to be divided",
}


def size_of_packages(sources: Path) -> Iterator[tuple[str, int]]:
    for name, files in Counter(path.parent for path in sources.rglob("*.py")).items():
        yield name.relative_to(sources).as_posix(), files


def size_of_files(sources: Path) -> Iterator[tuple[str, int]]:
    for path in sources.rglob("*.py"):
        yield path.relative_to(sources).as_posix(), len(path.read_text().splitlines())


def functions(sources: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """All functions and methods, also those inside others, by ``path::qualified.name``."""
    for path in sources.rglob("*.py"):
        yield from _functions_in(ast.parse(path.read_text()), f"{path.relative_to(sources).as_posix()}::")


def _functions_in(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        inner = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from _functions_in(child, f"{prefix}{child.name}." if inner else prefix)


def size_of_functions(sources: Path) -> Iterator[tuple[str, int]]:
    """Lines from ``def`` to the end; decorators are not counted."""
    for name, function in functions(sources):
        yield name, (function.end_lineno or 0) - function.lineno + 1


def size_of_signatures(sources: Path) -> Iterator[tuple[str, int]]:
    """Parameters without ``self`` and ``cls``; verbs are left out: each has as many options as its users need."""
    for name, function in functions(sources):
        own = function.args
        parameters = [*own.posonlyargs, *own.args, *own.kwonlyargs, *filter(None, (own.vararg, own.kwarg))]
        if parameters and parameters[0].arg in ("self", "cls"):
            parameters = parameters[1:]
        if name not in VERBS:
            yield name, len(parameters)


def verbs(of: Typer) -> Iterator[str]:
    """The functions that typer calls for the verbs of the command line."""
    for command in of.registered_commands:
        assert command.callback is not None
        module, name = command.callback.__module__, command.callback.__qualname__
        yield f"{module.replace('.', '/')}.py::{name}"
    for group in of.registered_groups:
        assert group.typer_instance is not None
        yield from verbs(group.typer_instance)


VERBS = frozenset(verbs(app))
SIZES = {
    "files": size_of_packages,
    "lines of a file": size_of_files,
    "lines of a function": size_of_functions,
    "parameters": size_of_signatures,
}


def over_budget(sources: Path) -> dict[str, list[str]]:
    """Budget to those that exceed it."""
    return {
        budget: sorted(name for name, size in sizes(sources) if size > LIMITS[budget])
        for budget, sizes in SIZES.items()
    }


@pytest.mark.parametrize("budget", LIMITS)
def test_a_budget_is_kept(budget):
    sizes = dict(SIZES[budget](SOURCES))
    assert sizes
    over = {name: size for name, size in sizes.items() if size > LIMITS[budget] and name not in EXCEPTIONS}
    assert not over, f"more than {LIMITS[budget]} {budget}"


def test_an_exception_that_is_no_longer_needed_is_removed():
    needed = {name for names in over_budget(SOURCES).values() for name in names}
    assert set(EXCEPTIONS) - needed == set()
    assert all(reason.strip() for reason in EXCEPTIONS.values())


def test_what_is_too_large_is_found(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    for number in range(13):
        (package / f"m{number}.py").write_text("")
    (package / "m0.py").write_text("\n" * 401)
    body = "        pass\n" * 50
    (package / "m1.py").write_text(f"class A:\n    def long(self, a, b, c, d, e, f):\n{body}")
    (package / "m2.py").write_text("def outer():\n    async def inner(a, b, /, c, *d, e, f=1, **g): ...\n")
    assert over_budget(tmp_path) == {
        "files": ["package"],
        "lines of a file": ["package/m0.py"],
        "lines of a function": ["package/m1.py::A.long"],
        "parameters": ["package/m2.py::outer.inner"],
    }


def test_what_is_just_small_enough_is_left_alone(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    for number in range(12):
        (package / f"m{number}.py").write_text("")
    (package / "m0.py").write_text("\n" * 400)
    (package / "m1.py").write_text("def f(a, b, c, d, e, f):\n" + "    pass\n" * 49)
    assert not any(over_budget(tmp_path).values())
