"""Corpora: where music files come from, their licences, works, splits and duplicates; the registry of all."""

from __future__ import annotations

from componium.corpora.catalogue.ensembles.freedoom import FREEDOOM
from componium.corpora.catalogue.ensembles.groove import GROOVE
from componium.corpora.catalogue.ensembles.jsb import JSB
from componium.corpora.catalogue.ensembles.lakh import LAKH
from componium.corpora.catalogue.music21.collections import MUSIC21
from componium.corpora.catalogue.openscore.lieder import LIEDER
from componium.corpora.catalogue.openscore.orchestra import ORCHESTRA
from componium.corpora.catalogue.openscore.quartets import QUARTETS
from componium.corpora.catalogue.piano.asap import ASAP
from componium.corpora.catalogue.piano.giantmidi import GIANTMIDI
from componium.corpora.catalogue.piano.maestro import MAESTRO
from componium.corpora.catalogue.piano.pop909 import POP909
from componium.corpora.catalogue.tunes.irish import IRISH
from componium.corpora.catalogue.tunes.nottingham import NOTTINGHAM
from componium.corpora.catalogue.tunes.openewld import OPENEWLD
from componium.corpora.corpus import Corpus
from componium.corpora.folder import FOLDER
from componium.errors import CorpusError

CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        FOLDER,
        POP909,
        MAESTRO,
        GIANTMIDI,
        NOTTINGHAM,
        JSB,
        LAKH,
        GROOVE,
        ASAP,
        IRISH,
        FREEDOOM,
        LIEDER,
        QUARTETS,
        ORCHESTRA,
        OPENEWLD,
        *MUSIC21,
    )
}

__all__ = ["CORPORA", "Corpus", "corpus_named"]


def corpus_named(name: str) -> Corpus:
    """Returns a known corpus.

    Raises:
        CorpusError: none has that name.
    """
    if name not in CORPORA:
        raise CorpusError(f"no corpus {name!r}; known: {', '.join(CORPORA)}")
    return CORPORA[name]
