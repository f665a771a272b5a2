"""``/api/models``: the cards of the composers at hand."""

from __future__ import annotations

from fastapi import APIRouter

from componium.artifacts import Artifact
from componium.web.answers import Card, Corpus, Model, Part, Style
from componium.web.services import Own

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("/{name}")
def get_model(own: Own, name: str) -> Card:
    """Returns the card of a composer: what it learned from, under which licences, how good it is."""
    return card_of(own.composers.named(name))


def card_of(artifact: Artifact) -> Card:
    """Returns the card of a composer."""
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
        losses=[point.model_dump(exclude_none=True) for point in manifest.learning_curve.points],
        judged_by=manifest.judged_by.unit,
        judged_figure=manifest.judged_by.name,
        monitored=manifest.learning_curve.figure,
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
