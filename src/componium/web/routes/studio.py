"""``/api/studio``: what this studio can do."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from componium.artifacts import Artifact
from componium.errors import MissingExtraError
from componium.rendering.files import WRITERS, check_formats
from componium.rendering.soundfont import NEAREST_PROGRAM
from componium.web.page import Page
from componium.web.piece_json import Json
from componium.web.work.studio import Studio

router = APIRouter(prefix="/api/studio", tags=["studio"])
_HIDDEN = (".midi", ".mxl")


@router.get("")
def get_studio(http: Request) -> JSONResponse:
    """Returns the composers, the endings of files that can be written, and what plays the music in the browser."""
    studio: Studio = http.app.state.studio
    page: Page = http.app.state.page
    return JSONResponse(
        {
            "version": version("componium"),
            "composes": True,
            "models": [model_json(artifact) for artifact in studio.composers.all()],
            "soundfont": page.soundfont,
            "programs": list(NEAREST_PROGRAM),
            "endings": {ending[1:]: missing(ending) for ending in WRITERS if ending not in _HIDDEN},
            "most_bytes": studio.settings.most_bytes,
        }
    )


def model_json(artifact: Artifact) -> dict[str, Json]:
    """Returns a composer as far as the page offers what it can do."""
    manifest, profile = artifact.manifest, artifact.profile
    return {
        "name": manifest.name,
        "title": (manifest.name[:1].upper() + manifest.name[1:]).replace("-", " "),
        "tasks": list(manifest.tasks),
        "controls": list(manifest.controls),
        "styles": [
            {"name": name, "bars": style.drawn.bars, "tempo_bpm": style.tempo_bpm, "parts": list(style.full_band)}
            for name, style in profile.styles.items()
            if name
        ],
        "parts": [
            {"name": part.name, "program": 0 if part.is_drum else part.program, "is_drum": part.is_drum}
            for part, is_pedal in zip(artifact.codec.config.parts, artifact.codec.is_pedal, strict=True)
            if not is_pedal
        ],
        "chooses_parts": profile.chooses_parts,
    }


def missing(ending: str) -> str:
    """Returns what has to be installed to write files of an ending; empty if nothing."""
    try:
        check_formats([Path(ending[1:] + ending)])
    except MissingExtraError as error:
        return str(error).partition(": ")[2]
    return ""
