"""Collects what each measure says about the order of playing, in any of its parts: repeats, endings, jumps, movements.

Jumps are known by ``sound`` elements and by the words that engravers write, in several languages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from xml.etree.ElementTree import Element

MAX_TIMES = 16
_MOST_WORDS = 40

_SIGNS = str.maketrans({
    "\U0001d10b": " segno ", "\ue047": " segno ", "\U0001d10c": " coda ", "\ue048": " coda ", "\u2295": " coda ",
})  # fmt: skip
_DA_CAPO = re.compile(
    r"\b(?:d ?c|da ?capo|dal capo|von anfang|vom anfang|von vorne?|du debut"
    r"|desde el principio|do inicio)\b"
)
_DAL_SEGNO = re.compile(
    r"\b(?:d ?s ?s?|d(?:al?|el) ?segno|del signo|au signe|du signe|vom zeichen|do signo|from the sign)\b"
)
_TO_CODA = re.compile(
    r"^(?:e |and |und |et |y )?(?:poi |then |dann |puis |luego )?"
    r"(?:to|al|alla|zur|zum|a|a la|au|ao|para|para a|naar|naar de|til|till|do)(?: the| la)? coda\b"
)
_CODA = re.compile(r"(?:la )?coda$")
_FINE = re.compile(
    r"(?:il |la |the )?(?:fine|fin|ende|fim|einde|konec)(?: (?:last|ultima|only|2nd|second|bei|al|on) .*)?$"
)
_HEADING = re.compile(
    r"(?:[ivx]{1,5}|n[or]? ?\d{1,3})(?: .*)?$|(?:.* )?(?:men\w*et\w*|minuet\w*|scherzo|finale?|rondo|rondeau|allemande"
    r"|cou?rr?ant\w*|sarabande?|gigue|giga|gavott\w*|bourr[ee]e\w*|prelud\w*|fug\w*|movement|satz|mouvement)\b"
)
_PART_OF_A_MOVEMENT = re.compile(r"(?:trio|coda|fine|var\w*|minore|maggiore|alternativ\w*|minor|major|musette)\b")
# A tempo that needs the one before to be understood.
_RELATIVE = re.compile(
    r"(?:poco |un poco |molto )?(?:meno|piu|a tempo|tempo primo|tempo i|l istesso|lo stesso|stesso)\b"
)

_NUMBER = re.compile(r"\s*([+-]?\d{1,9}(?:\.\d{1,6})?)\d*\s*$", re.ASCII)
_BEAT_UNITS = {
    "breve": 8, "whole": 4, "half": 2, "quarter": 1, "eighth": Fraction(1, 2), "16th": Fraction(1, 4),
    "32nd": Fraction(1, 8),
}  # fmt: skip


def number_of(text: str | None) -> Fraction | None:
    """Reads a number of at most nine digits; None where there is none."""
    match = _NUMBER.match(text or "")
    return Fraction(match[1]) if match else None


def integer_of(text: str | None, default: int = 0) -> int:
    """Reads a number and rounds it."""
    number = number_of(text)
    return default if number is None else round(number)


def metronome_bpm(metronome: Element) -> Fraction | None:
    """Returns the quarters a minute of a metronome mark; None where it says no number."""
    unit = _BEAT_UNITS.get((metronome.findtext("beat-unit") or "").strip())
    per_minute = number_of(metronome.findtext("per-minute"))
    if unit is None or per_minute is None:
        return None
    dots = min(len(metronome.findall("beat-unit-dot")), 3)
    return per_minute * unit * (2 - Fraction(1, 2**dots))


@dataclass(slots=True)
class Marks:
    """The marks of one measure that bear on the order of playing.

    Attributes:
        begins: a repeated passage begins here.
        times: how often the passage that ends here is played; 0 where none ends.
        ending: the passes on which the measure is played; empty outside endings.
        is_last_ending: no further ending of its passage follows the one that the measure stands in.
        is_final_ending: it has the highest number, as that of a refrain that is played first and last (1, 4).
        jump: ``dacapo`` or ``dalsegno`` at its end.
        is_jump_said: a ``sound`` element says so, not words alone.
        segno, fine, to_coda, coda: the signs at it.
        coda_sign: a coda sign that does not say whether playing leaves or arrives there.
        starts, stops: the passes of the ending whose bracket opens here; whether one closes here.
        number: what the measure is called, -1 where that is no number.
        is_final: it ends in a final bar line, thin and thick.
        breaks: a page or a system begins with it.
        tempo_bpm: the first tempo that is set in it, 0 where none is.
        words: what is written above it.
        n_notes: notes of all parts.
    """

    begins: bool = False
    times: int = 0
    ending: frozenset[int] = frozenset()
    is_last_ending: bool = True
    is_final_ending: bool = True
    jump: str = ""
    is_jump_said: bool = False
    segno: bool = False
    fine: bool = False
    to_coda: bool = False
    coda: bool = False
    coda_sign: bool = False
    starts: set[int] = field(default_factory=set[int])
    stops: bool = False
    number: int = -1
    is_final: bool = False
    breaks: bool = False
    tempo_bpm: float = 0.0
    words: list[str] = field(default_factory=list[str])
    n_notes: int = 0

    @property
    def closes(self) -> bool:
        """Whether the bracket of an ending closes here."""
        return self.stops or self.times > 0

    @property
    def heading(self) -> str:
        """What is written in the measure as the name of a movement; empty where nothing is."""
        return next((text for text in self.words if _HEADING.match(_plain(text))), "")

    @property
    def is_slower_or_faster(self) -> bool:
        """Whether words give a tempo by the one before."""
        return any(_RELATIVE.match(_plain(text)) for text in self.words)

    @property
    def goes_on(self) -> bool:
        """Whether words say that a part of a movement begins here, such as a trio."""
        return any(_PART_OF_A_MOVEMENT.match(_plain(text)) for text in self.words)


def collect_marks(parts: Iterable[Sequence[Element]]) -> list[Marks]:
    """Returns the marks of each measure; those of any part count for all.

    Args:
        parts: the measures of each part.
    """
    marks: list[Marks] = []
    for part in parts:
        marks += [Marks() for _ in range(len(part) - len(marks))]
        for measure, own in zip(part, marks, strict=False):
            _collect(measure, own)
    if any(own.is_jump_said for own in marks):
        # Words such as "at the repetition from the sign go to the coda" are no jump of their own.
        for own in marks:
            own.jump = "" if own.to_coda and not own.is_jump_said else own.jump
    _tell_codas_apart(marks)
    _spread_endings(marks)
    return marks


def _collect(measure: Element, marks: Marks) -> None:
    for element in measure:
        tag = element.tag
        if tag == "note":
            marks.n_notes += 1
        elif tag == "direction":
            _collect_direction(element, marks)
        elif tag == "barline":
            _collect_barline(element, marks)
        elif tag == "sound":
            _collect_sound(element, marks)
        elif tag == "print":
            marks.breaks |= "yes" in (element.get("new-page"), element.get("new-system"))
    number = measure.get("number", "")
    if number.isdecimal() and len(number) < 9:
        marks.number = int(number)


def _collect_direction(direction: Element, marks: Marks) -> None:
    words: list[str] = []
    for kind in direction.iterfind("direction-type/*"):
        if kind.tag in ("words", "rehearsal"):
            words.append((kind.text or "")[:120].strip())
        elif kind.tag == "segno":
            marks.segno = True
        elif kind.tag == "coda":
            marks.coda_sign = True
        elif kind.tag == "metronome":
            marks.tempo_bpm = marks.tempo_bpm or float(metronome_bpm(kind) or 0)
    text = " ".join(words).strip()
    if text and len(marks.words) < _MOST_WORDS:
        marks.words.append(text)
        _collect_words(_plain(text), marks)
    sound = direction.find("sound")
    if sound is not None:
        _collect_sound(sound, marks)


def _collect_words(text: str, marks: Marks) -> None:
    if _DA_CAPO.search(text):
        marks.jump = marks.jump or "dacapo"
    elif _DAL_SEGNO.search(text):
        marks.jump = marks.jump or "dalsegno"
    elif _TO_CODA.match(text):
        marks.to_coda = True
    elif _CODA.match(text):
        marks.coda_sign = True
    elif _FINE.match(text):
        marks.fine = True
    elif text == "segno":
        marks.segno = True


def _collect_sound(sound: Element, marks: Marks) -> None:
    has = sound.attrib.__contains__
    marks.segno |= has("segno")
    marks.coda |= has("coda")
    marks.to_coda |= has("tocoda")
    marks.fine |= has("fine")
    marks.tempo_bpm = marks.tempo_bpm or float(number_of(sound.get("tempo")) or 0)
    for jump in ("dacapo", "dalsegno"):
        if sound.get(jump, "no") != "no":
            marks.jump, marks.is_jump_said = jump, True


def _collect_barline(barline: Element, marks: Marks) -> None:
    for element in barline:
        if element.tag == "repeat":
            _collect_repeat(element, marks)
        elif element.tag == "ending":
            if element.get("type") == "start":
                numbers = re.findall(r"\b\d{1,2}\b", element.get("number", "")[:100])
                marks.starts |= {int(number) for number in numbers}
            else:
                marks.stops = True
        elif element.tag == "bar-style":
            marks.is_final |= element.text == "light-heavy" and barline.get("location", "right") == "right"
        elif element.tag == "segno":
            marks.segno = True
        elif element.tag == "coda":
            marks.coda_sign = True


def _collect_repeat(repeat: Element, marks: Marks) -> None:
    if repeat.get("direction") == "forward":
        marks.begins = True
    elif repeat.get("direction") == "backward":
        times = repeat.get("times", "2")
        marks.times = min(int(times), MAX_TIMES) if times.isdecimal() and len(times) < 4 else 2


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """The words of a text without accents, case and punctuation."""
    letters = unicodedata.normalize("NFKD", text.translate(_SIGNS)).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in letters if not unicodedata.combining(c))))


def _tell_codas_apart(marks: list[Marks]) -> None:
    """Makes coda signs that say no more places to leave, or to arrive at: the last of a pair is the coda itself."""
    is_left = any(own.to_coda for own in marks)
    signs = [own for own in marks if own.coda_sign and not own.to_coda and not own.coda]
    for place, own in enumerate(signs):
        if not is_left and place % 2 == 0 and place + 1 < len(signs):
            own.to_coda = True
        else:
            own.coda = True


def _spread_endings(marks: list[Marks]) -> None:
    """Gives every measure of an ending its passes, and tells which endings are the last of their passage."""
    group: list[tuple[int, int]] = []
    for first, own in enumerate(marks):
        if not own.starts:
            continue
        if group and group[-1][1] != first:
            _settle_endings(marks, group)
            group = []
        group.append((first, _end_of_ending(marks, first) + 1))
    _settle_endings(marks, group)


def _settle_endings(marks: list[Marks], group: Sequence[tuple[int, int]]) -> None:
    """Settles the endings of one passage, each from a measure up to another."""
    passes = 0
    numbers: list[frozenset[int]] = []
    written = [frozenset(marks[first].starts) for first, _ in group]
    repeats = [marks[after - 1].times > 0 for _, after in group]
    if any(own == then and again for own, then, again in zip(written, written[1:], repeats, strict=False)):
        # Two endings with one number, with a repeat between them, are a first and a second one.
        written = [frozenset([number]) for number in range(1, len(group) + 1)]
    for place, ending in enumerate(written):
        # Of an ending that no pass would reach, such as a third one after the first, the number is wrong.
        if place and place + 1 == len(group) and min(ending) > passes + 1:
            numbers.append(frozenset([passes + 1]))
        else:
            numbers.append(ending)
        passes = max(passes, *numbers[-1])
    for place, ((first, after), ending) in enumerate(zip(group, numbers, strict=True)):
        is_free = False
        for number in range(first, after):
            own = marks[number]
            # A passage that begins in the last ending is not played by the passes of the one before.
            is_free |= own.begins and place + 1 == len(group)
            own.ending = frozenset() if is_free else ending
            own.is_last_ending = place + 1 == len(group)
            own.is_final_ending = passes in ending
            # Nor does it begin anew where the bracket closes, or where another of the same number goes on with it.
            goes_on = numbers[place : place + 1] == numbers[place + 1 : place + 2]
            own.stops = number == after - 1 and not is_free and not goes_on


def _end_of_ending(marks: list[Marks], first: int) -> int:
    """The last measure of an ending.

    A bracket that never closes is of one measure. One that closes before the repeat that another ending follows is only
    drawn so short: the ending goes on to the repeat.
    """
    last = first
    while not marks[last].closes and last + 1 < len(marks):
        if marks[last + 1].starts or marks[last + 1].begins:
            break
        last += 1
    last = last if marks[last].closes else first
    if marks[last].times:
        return last
    for number in range(last + 1, len(marks) - 1):
        if marks[number].starts or marks[number].begins:
            break
        if marks[number].times:
            return number if marks[number + 1].starts else last
    return last
