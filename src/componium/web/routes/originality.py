"""``/api/originality``: finds what a piece shares with training music."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from componium.web.answers import Originality, OriginalityAnswer
from componium.web.routes.bodies import file_of, takes_file
from componium.web.services import Own
from componium.web.work.tasks import judge_originality

JUDGING_SECONDS = 60.0

router = APIRouter(prefix="/api/originality", tags=["originality"])

_Model = Annotated[str, Query(description="Name of the composer whose training music it is compared with.")]


@router.post("", openapi_extra=takes_file("A MIDI file."))
async def find_originality(http: Request, own: Own, model: _Model) -> OriginalityAnswer:
    """Returns the longest run that a piece shares with a training piece, beside what human pieces share."""
    artifact = own.composers.named(model)
    found = await own.pool.run(JUDGING_SECONDS, judge_originality, str(artifact.folder), await file_of(http))
    return OriginalityAnswer(found=None if found is None else Originality.model_validate(found))
