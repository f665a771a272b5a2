"""``/api/studio``: what this studio can do."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter

from componium.errors import MissingExtraError
from componium.rendering.files import WRITERS, check_formats
from componium.rendering.soundfont import NEAREST_PROGRAM
from componium.web.answers import StudioAnswer
from componium.web.problems import missing
from componium.web.routes.models import model_of
from componium.web.services import Own

router = APIRouter(prefix="/api/studio", tags=["studio"])
# Second names of formats.
_HIDDEN = (".midi", ".mxl")


@router.get("")
def get_studio(own: Own) -> StudioAnswer:
    """Returns the composers, the files that can be written, and what plays the music in the browser."""
    return StudioAnswer(
        version=version("componium"),
        composes=True,
        models=[model_of(artifact) for artifact in own.composers.all()],
        soundfont=own.page.soundfont,
        programs=list(NEAREST_PROGRAM),
        endings={ending[1:]: _missing(ending) for ending in WRITERS if ending not in _HIDDEN},
        most_bytes=own.settings.most_bytes,
    )


def _missing(ending: str) -> str:
    """What has to be installed to write files of an ending; empty if nothing."""
    path = Path(f"file{ending}")
    try:
        check_formats([path])
    except MissingExtraError as error:
        return missing(error).removeprefix(f"{path}: ")
    return ""
