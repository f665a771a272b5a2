"""``/api/models``: the cards of the composers at hand."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from fastapi import APIRouter

from componium.artifacts import Artifact
from componium.web.answers import Card, Corpus, Model, Part, Style
from componium.web.services import Own

router = APIRouter(prefix="/api/models", tags=["models"])

_HISTORY = "history.csv"
_MOST_ROWS = 500


@router.get("/{name}")
def get_model(own: Own, name: str) -> Card:
    """Returns the card of a composer: what it learned from, under which licences, how good it is."""
    artifact = own.composers.named(name)
    manifest = artifact.manifest
    corpora = [
        Corpus.model_validate(corpus.model_dump(include=set(Corpus.model_fields))) for corpus in manifest.corpora
    ]
    return Card(
        model=model_of(artifact),
        digest=artifact.digest,
        family=manifest.family,
        bytes=artifact.size,
        procedure=manifest.procedure,
        corpora=corpora,
        begun_from=manifest.begun_from,
        seed=manifest.seed,
        commit=manifest.commit,
        recipe=manifest.recipe,
        figures=dict(manifest.figures),
        losses=_losses(artifact.folder),
    )


def model_of(artifact: Artifact) -> Model:
    """Returns a composer as far as the page offers what it can do."""
    manifest, profile, codec = artifact.manifest, artifact.profile, artifact.codec
    return Model(
        name=manifest.name,
        title=(manifest.name[:1].upper() + manifest.name[1:]).replace("-", " "),
        tasks=list(manifest.tasks),
        controls=list(manifest.controls),
        styles=[
            Style(name=name, bars=style.drawn.bars, tempo_bpm=style.tempo_bpm, parts=list(style.full_band))
            for name, style in profile.styles.items()
            if name
        ],
        parts=[
            Part(name=part.name, program=0 if part.is_drum else part.program, is_drum=part.is_drum)
            for part, is_pedal in zip(codec.config.parts, codec.is_pedal.tolist(), strict=True)
            if not is_pedal
        ],
        chooses_parts=profile.chooses_parts,
    )


def _losses(folder: Path) -> list[dict[str, float]]:
    """The rows of ``history.csv`` in the folder or, of an artifact where its training left it, in that of the run."""
    path = next((own / _HISTORY for own in (folder, *folder.parents[1:2]) if (own / _HISTORY).is_file()), None)
    if path is None:
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [_numbers(row) for row in csv.DictReader(file)]
    return rows[:: -(-len(rows) // _MOST_ROWS)] if rows else []


def _numbers(row: dict[str, str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, text in row.items():
        try:
            value = float(text)
        except (TypeError, ValueError):
            continue
        if math.isfinite(value):
            found[name] = value
    return found
