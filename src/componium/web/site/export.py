"""Writes the site: the page, its SoundFont, pieces in shards, recorded music, the cards of the composers.

::

    index.html             the page; meta tags say its policy, and that nothing composes here
    assets/                its scripts and styles
    sound/HASH.sf3         the SoundFont
    studio.json            as of GET /api/studio, with composes = false, and a notice
    models/NAME.json       as of GET /api/models/NAME
    pieces/index.json      {count, shard_size}
    pieces/NNN.json.gz     a list of shard_size pieces, each as of GET /api/pieces/ID, but with its notes in columns
                           (site/columns.py); ids are numbers from 0
    recordings/index.json  as of GET /api/recordings
    recordings/NAME.json.gz    as of GET /api/recordings/NAME

All addresses are relative: the site works under any path. It needs no server but one of files.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from componium.artifacts import Artifact, artifact_for, load_artifact
from componium.errors import FormatError
from componium.formats.whole_files import check_folder, writing_folder
from componium.rendering.soundfont import EMBEDDED_FONT, NEAREST_PROGRAM
from componium.store.recordings import find_recordings
from componium.web.answers import StudioAnswer
from componium.web.guards.headers import POLICY
from componium.web.page import BUILT, NOT_BUILT, soundfont_address
from componium.web.routes.models import card_of, model_of
from componium.web.routes.recordings import recorded_piece, recordings_answer
from componium.web.site.pieces import compose_pieces

SHARD_SIZE = 100
NOTICE = "These pieces were composed beforehand: no server composes here. Each visit draws some of them."
_INDEX = Path("pieces") / "index.json"
_GZIP_LEVEL = 9
# Of a meta tag, browsers ignore who may frame the page, and complain.
_POLICY = "; ".join(rule for rule in POLICY.split("; ") if not rule.startswith("frame-ancestors"))


@dataclass(frozen=True)
class Site:
    """What a site is to have.

    Attributes:
        pieces: so many, from 1 on.
        seed: of the first piece.
        model: name or folder of the composer; empty: the one that ``componium compose`` takes.
    """

    pieces: int
    seed: int = 0
    model: str = ""


@dataclass(frozen=True)
class Exported:
    """What was written: files, bytes of all files, and the seconds that it took."""

    files: int
    size: int
    seconds: float


def export_site(folder: Path, site: Site, progress: Callable[[int], None], built: Path = BUILT) -> Exported:
    """Writes the studio as a static site, whole or not at all; a site that is there before is replaced.

    Args:
        folder: of the site; it may not exist yet, be empty, or hold an exported site.
        site: what it is to have.
        progress: is called with the number of pieces that are composed.
        built: folder of the built page.

    Raises:
        FormatError: the page is not built, the folder holds something else, or the system refused to write.
        ArtifactError: there is no composer.
    """
    began = time.monotonic()
    _check(folder, built)
    artifact = load_artifact(site.model) if site.model else artifact_for("compose")
    with writing_folder(folder) as part:
        _write_page(part, built)
        _write_studio(part, artifact)
        _write_recordings(part)
        _write_pieces(part, compose_pieces(artifact, range(site.pieces), site.seed), site.pieces, progress)
        sizes = [path.stat().st_size for path in part.rglob("*") if path.is_file()]
    return Exported(len(sizes), sum(sizes), time.monotonic() - began)


def _check(folder: Path, built: Path) -> None:
    """Refuses what would fail after minutes, or destroy what is no site."""
    if not (built / "index.html").is_file():
        raise FormatError(f"{folder}: no site was written. {NOT_BUILT}")
    check_folder(folder.absolute().parent, about=folder)
    if folder.exists() and not folder.is_dir():
        raise FormatError(f"{folder}: is a file, not a folder; name another folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _INDEX).is_file():
        raise FormatError(f"{folder}: holds files that are no exported site; name a new or an empty folder")


def _write_page(part: Path, built: Path) -> None:
    shutil.copytree(built / "assets", part / "assets", ignore=shutil.ignore_patterns("*.gz", "*.br"))
    html = (built / "index.html").read_text(encoding="utf-8")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}" />'
    tags = f'{policy}\n    <meta name="source" content="files" />'
    html, n_heads = re.subn(r"(<head>\s*<meta charset[^>]*>)", rf"\1\n    {tags}", html, count=1)
    if not n_heads:
        raise FormatError("index.html of the built page has no <head> that begins with its charset: build it anew")
    (part / "index.html").write_text(html, encoding="utf-8")
    (part / ".nojekyll").touch()  # has GitHub Pages serve the files as they are
    font = part / soundfont_address()
    font.parent.mkdir()
    shutil.copyfile(EMBEDDED_FONT, font)


def _write_studio(part: Path, artifact: Artifact) -> None:
    answer = StudioAnswer(
        version=version("componium"),
        composes=False,
        models=[model_of(artifact)],
        soundfont=soundfont_address(),
        programs=list(NEAREST_PROGRAM),
        endings={},
        most_bytes=0,
    )
    _write_json(part / "studio.json", json.dumps({**answer.model_dump(), "notice": NOTICE}))
    _write_json(part / "models" / f"{artifact.manifest.name}.json", card_of(artifact).model_dump_json())


def _write_recordings(part: Path) -> None:
    _write_json(part / "recordings" / "index.json", recordings_answer().model_dump_json())
    for name, recording in find_recordings().items():
        _write_packed(part / "recordings" / f"{name}.json.gz", recorded_piece(recording))


def _write_pieces(part: Path, pieces: Iterator[str], count: int, progress: Callable[[int], None]) -> None:
    _write_json(part / _INDEX, json.dumps({"count": count, "shard_size": SHARD_SIZE}))
    counted = _counted(pieces, progress)
    for shard in range(-(-count // SHARD_SIZE)):
        text = ",\n".join(islice(counted, SHARD_SIZE))
        _write_packed(part / "pieces" / f"{shard:03}.json.gz", f"[{text}]")


def _counted(pieces: Iterable[str], progress: Callable[[int], None]) -> Iterator[str]:
    for number, piece in enumerate(pieces, 1):
        yield piece
        progress(number)


def _write_packed(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), _GZIP_LEVEL, mtime=0))


def _write_json(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
