"""Trains the n-gram model on the corpus of a comparison where no artifact at hand is one.

It is counted on the pieces as they are in the corpus, every voice of them. What has the fewest bits on the validation
pieces is kept: whether contexts seen once are forgotten, and the order of each attribute's chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from componium.artifacts import FINGERPRINTS, STYLES, CorpusCredit, Manifest, save_artifact
from componium.conditioning.style_profile import starting_profile
from componium.errors import RepresentationError
from componium.evaluation.composer_comparison.composers import NGRAM, Composer, by_representation
from componium.evaluation.composer_comparison.held_out import HeldOut
from componium.features.feature_set import FeatureConfig, FeatureSet
from componium.fingerprints import Collection, Piece, lines_of
from componium.ngrams import NgramModel, PieceRows, fit, prune_counts, save_ngrams
from componium.representations.note_codec import NoteCodec
from componium.representations.note_events import EncodedNotes
from componium.representations.notes import NotesRepresentation
from componium.score import Score

_LEAST_COUNT = 2
_FILE = "ngrams.npz"


def encode_all(codec: NoteCodec, scores: Sequence[Score]) -> list[EncodedNotes]:
    """Returns scores as rows, without those that the representation cannot hold."""
    encoded: list[EncodedNotes] = []
    for score in scores:
        try:
            encoded.append(codec.encode(score))
        except RepresentationError:
            continue
    return encoded


def count_ngrams(features: FeatureSet, held_out: HeldOut) -> NgramModel:
    """Returns the n-gram model of the training pieces, its orders chosen on the validation pieces."""
    codec = features.codec
    train, validation = (encode_all(codec, held_out.scores(split)) for split in ("train", "validation"))
    counted = fit([(piece.events, features.positions_of(piece)) for piece in train], codec)
    tables = prune_counts(counted.tables, _LEAST_COUNT)
    model = NgramModel(codec, tables, counted.weights, counted.orders)
    rows = [(piece.events, features.positions_of(piece)) for piece in validation]
    if not rows:
        return model
    return max((_in_best_orders(own, rows) for own in (model, counted)), key=lambda found: found[0])[1]


def _in_best_orders(model: NgramModel, rows: Sequence[PieceRows]) -> tuple[float, NgramModel]:
    """The model in the orders under which pieces are the most likely, and how likely they are."""
    scores = (model.log_probs_by_order(*piece) for piece in rows)
    totals = [sum(own.sum(axis=1) for own in attribute) for attribute in zip(*scores, strict=True)]
    return sum(float(np.max(total)) for total in totals), model.with_orders(int(np.argmax(total)) for total in totals)


def with_references(composers: Sequence[Composer], held_out: HeldOut, folder: Path) -> list[Composer]:
    """Returns the composers and an n-gram for every group without one; it composes if no other n-gram does.

    Groups are of composers that have a likelihood, with which it is compared; where none has, there is one n-gram, for
    the note events of the first composer.

    Args:
        composers: those at hand.
        held_out: what is counted.
        folder: for the artifacts of the references.
    """
    everyone = list(composers)
    compared = [composer for composer in composers if composer.has_likelihood] or composers[:1]
    for index, group in enumerate(by_representation(compared)):
        if not any(composer.is_ngram for composer in group):
            features = group[0].artifact.features
            composes = not any(composer.is_ngram and composer.can_compose for composer in everyone)
            made = ngram_reference(features, held_out, folder / str(index), composes=composes)
            everyone.append(made if composes else made._replace(name=f"{NGRAM} for {group[0].name}"))
    return everyone


def ngram_reference(features: FeatureSet, held_out: HeldOut, folder: Path, *, composes: bool = True) -> Composer:
    """Returns the n-gram composer of a representation; its artifact is written into ``folder``, which is made."""
    folder.mkdir(parents=True)
    save_ngrams(count_ngrams(features, held_out), folder / _FILE)
    train, corpus = held_out.pieces["train"], held_out.corpus
    training = Collection.of(Piece(piece.name, "", lines_of(piece.score)) for piece in train)
    (folder / FINGERPRINTS).write_bytes(training.to_bytes())
    meters = Counter(f"{first.numerator}/{first.denominator}" for first in (p.score.time_signatures[0] for p in train))
    tempos = [piece.score.tempos[0].tempo_bpm for piece in train]
    tempo_bpm = float(np.clip(np.rint(np.median(tempos)), 10, 400))
    profile = starting_profile((), tempo_bpm, features.codec.config.unit)
    (folder / STYLES).write_bytes(profile.to_bytes())
    credit = CorpusCredit(
        name=corpus.name,
        title=corpus.title,
        licence=corpus.licence,
        citation=corpus.citation,
        pieces=len(train),
        meters=dict(meters.most_common()),
        manifest="",
    )
    manifest = Manifest(
        name=NGRAM,
        family="markov",
        representation=NotesRepresentation(features.codec.config).spec(),
        features=FeatureConfig(compound_meters=features.config.compound_meters),
        procedure=NGRAM,
        signature={"ngrams": _FILE},
        tasks=("compose",) if composes else (),
        controls=("key", "temperature", "top_p", "time_signature"),
        corpora=(credit,),
        recipe={},
        seed=0,
        commit="",
        figures={},
        files={},
    )
    artifact = save_artifact(folder, (_FILE, FINGERPRINTS, STYLES), manifest, folder / "artifact")
    return Composer(NGRAM, artifact, "baseline")
