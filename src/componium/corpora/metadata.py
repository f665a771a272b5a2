"""Finds which recordings and editions are one work, from tables of metadata and from titles."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path

from componium.errors import CorpusError

# Catalogues of works: opus, Bach, Handel, Beethoven without opus, Wagner, C. P. E. Bach, Mozart and Scarlatti,
# Schubert, Liszt, Debussy, Haydn. There is no space between a single letter and a single digit: "in D 3rd movement".
_CATALOGUE_NUMBER = re.compile(
    r"\b(?:(?P<long>op(?:us)?|bwv|hwv|woo|wwv|wq|kv)[. ]*(?P<long_number>\d+)"
    r"|(?P<short>[kdsl])(?:[. ]*(?=\d\d)|[.]?)(?P<short_number>\d{1,4})(?!\d|st|nd|rd|th)"
    r"|hob[. ]*(?P<hoboken>[ivx]+[ :/.]*\d+))\b"
)
_MOVEMENT = re.compile(
    r"\W*\b(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|[ivx]+|complete)?\W*\b(?:mov|mvt)[a-z]*\b.*"
)


def read_table(folder: Path, pattern: str) -> tuple[Path, list[dict[str, str]]]:
    """Finds a table of comma-separated values below a folder.

    Args:
        folder: where the corpus lies.
        pattern: of the file's name, as in ``maestro-v*.csv``.

    Returns:
        The folder of the table, to which the paths in it are relative, and its rows by column name.

    Raises:
        CorpusError: there is no such table, or it cannot be read.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder")
    tables = sorted(folder.rglob(pattern), key=lambda path: (len(path.parts), path))
    if not tables:
        raise CorpusError(f"{folder}: no {pattern} in it or below; is it this corpus?")
    try:
        with tables[0].open(encoding="utf-8", newline="") as file:
            rows = [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{tables[0]}: cannot be read ({error})") from error
    return tables[0].parent, rows


def plain(text: str) -> str:
    """A text without case, accents and punctuation: ``Chopin, Frédéric`` becomes ``chopin frederic``."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[\W_]+", " ", "".join(c for c in letters if not unicodedata.combining(c))).strip()


def work_of(composer: str, title: str) -> str:
    """Identity of a composition, equal for its movements and for the usual ways of writing its title.

    A number in a catalogue of works decides where there is one, so that everything under one opus is one work: too
    coarse for a set of etudes, but never a leak. Otherwise the title does, without the words that name a movement.
    """
    lowered = unicodedata.normalize("NFKD", title).casefold().replace("_", " ")
    match = _CATALOGUE_NUMBER.search(lowered)
    if match is None:
        return f"{plain(composer)}/{plain(_MOVEMENT.sub('', lowered)) or plain(title)}"
    if match["hoboken"]:
        return f"{plain(composer)}/hob {plain(match['hoboken'])}"
    catalogue = match["long"] or match["short"]
    number = match["long_number"] or match["short_number"]
    return f"{plain(composer)}/{ {'opus': 'op', 'kv': 'k'}.get(catalogue, catalogue) } {int(number)}"
