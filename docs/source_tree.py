"""Writes the tree of the sources into the README: a line a file, from the first sentence of its docstring.

Run it as ``python docs/source_tree.py``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "componium"
README = ROOT / "README.md"
BEGIN, END = "<!-- source tree: docs/source_tree.py writes it -->", "<!-- end of the source tree -->"
INDENT, COLUMN = "  ", 34

# Files without a docstring, and folders that are no packages; what lies in one of these folders is not listed.
DESCRIPTIONS = {
    "conditioning/starting_profile.json": "The style profile that newly trained composers begin with",
    "corpora/catalogue/music21/pieces.toml": "The pieces of each set of music21's corpus",
    "corpora/catalogue/music21/works.toml": "Which movements are of one mass, and which parts of one madrigal",
    "embedded": "The composers that are installed with the package",
    "embedded/band": "The default composer: seven styles on 34 instruments and drums",
    "embedded/chorales": "Chorales of four voices: harmonizes, fills in, continues",
    "embedded/chorales-transformer": "Note by note by attention: chorales of four voices, from left to right",
    "embedded/ensemble": "Seven parts, a network each, which play alone or together over one chord plan",
    "embedded/piano-giantmidi": "Piano performances with dynamics and pedal",
    "embedded/pop-piano": "Pop piano in three parts",
    "embedded/tunes": "Irish dance tunes, one line",
    "evaluation/reports/templates": "The templates of report pages (Jinja)",
    "py.typed": "Says that the package has types",
    "score/beat_tracking/networks.npz": "The weights of the networks that tell beats and downbeats",
    "rendering/lettering/DejaVuSans.ttf": "A part of DejaVu Sans: Latin, Greek, Cyrillic, signs of music",
    "rendering/lettering/LICENSE.txt": "Its licence",
    "store/migrations/script.py.mako": "The template of migrations",
    "store/recordings/LICENCES.md": "The licences that have to travel with the files",
    "store/recordings/pieces": "Thirty pieces as MIDI files",
    "store/recordings/recordings.json": "Title, composer, licence and credit of each piece",
    "rendering/soundfont/FluidR3Mono_24.sf3": "The SoundFont: 24 programs and drums",
    "rendering/soundfont/FluidR3Mono_License.md": "Its licence",
}
CLOSED = (
    "embedded/band", "embedded/chorales", "embedded/chorales-transformer", "embedded/ensemble",
    "embedded/piano-giantmidi", "embedded/pop-piano", "embedded/tunes",
    "evaluation/reports/templates", "store/recordings/pieces",
)  # fmt: skip
MADE = ("web/built",)  # by hatch_build.py; no source


def description(path: Path) -> str:
    """Returns what a file or a folder is, in one line.

    Raises:
        KeyError: it has no docstring, and no description here.
    """
    name = path.relative_to(SOURCES).as_posix()
    module = path / "__init__.py" if path.is_dir() else path
    if module.suffix == ".py" and module.exists():
        text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
        if text:
            return text.split("\n\n")[0].replace("\n", " ").replace("``", "").removesuffix(".")
    return DESCRIPTIONS[name]


def entries(folder: Path = SOURCES, depth: int = 0) -> Iterator[tuple[int, Path]]:
    """Yields the files and folders below a folder with their depths, packages after the modules beside them."""
    own = [path for path in folder.iterdir() if path.name not in ("__pycache__", "__init__.py")]
    for path in sorted(own, key=lambda path: (path.is_dir(), path.name)):
        if path.relative_to(SOURCES).as_posix() in MADE:
            continue
        yield depth, path
        if path.is_dir() and path.relative_to(SOURCES).as_posix() not in CLOSED:
            yield from entries(path, depth + 1)


def tree() -> str:
    """Returns the tree as text."""
    lines: list[str] = []
    for depth, path in entries():
        name = INDENT * depth + path.name + ("/" if path.is_dir() else "")
        lines.append(f"{name:{COLUMN}} {description(path)}")
    return "\n".join(lines)


def main() -> None:
    """Replaces the tree in the README."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    README.write_text(f"{before}{BEGIN}\n\n```text\n{tree()}\n```\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
