"""Says figures in musicians' words: what they are called, how their numbers are read, what less and more of them is."""

from __future__ import annotations

from typing import NamedTuple

from componium.evaluation.reports.charts import figure_text, value_text


class FigureWords(NamedTuple):
    """A figure in words.

    Attributes:
        label: begins a heading.
        unit: how its numbers are read, in a few words.
        less, more: what music has whose figure is lower or higher; ends a sentence that begins "they have".
    """

    label: str
    unit: str
    less: str
    more: str


_ALIKE = FigureWords(
    "Bars alike {} apart", "in any transposition", "bars less alike {} apart", "bars more alike {} apart"
)

FIGURE_WORDS = {
    "parallels": FigureWords(
        "Parallel fifths and octaves", "in 100 moves of two voices",
        "fewer parallel fifths and octaves", "more parallel fifths and octaves",
    ),
    "all_voices_sounding": FigureWords(
        "All voices sound at once", "share of the time",
        "all voices sounding at once less often", "all voices sounding at once more often",
    ),
    "bass_leaps": FigureWords(
        "Leaps of the bass", "fourths and more, among its intervals",
        "fewer leaps of the bass", "more leaps of the bass",
    ),
    "last_chord_complete": FigureWords(
        "Complete final chord", "share of the pieces",
        "fewer complete final chords", "more complete final chords",
    ),
    "dominant_before_the_end": FigureWords(
        "Dominant in the bass before the end", "share of the pieces",
        "the dominant in the bass before the end less often", "the dominant in the bass before the end more often",
    ),
    "phrase_range": FigureWords(
        "Range of a phrase", "semitones in four bars of the tune",
        "narrower phrases", "wider phrases",
    ),
    "returns_8": FigureWords(
        "Bars that return after eight bars", "nearly note for note",
        "fewer bars that return after eight bars", "more bars that return after eight bars",
    ),
    "pitch_height": FigureWords(
        "Height of the music", "60 is middle C, 72 an octave above",
        "lower notes", "higher notes",
    ),
    "velocity": FigureWords(
        "Loudness", "how hard notes are struck, to 127",
        "softer notes", "louder notes",
    ),
    "pitch_class_entropy": FigureWords(
        "Variety of notes in four bars", "in bits: 3 as eight notes, equally frequent",
        "fewer different notes in four bars", "more different notes in four bars",
    ),
    "mean_interval": FigureWords(
        "Steps of the top line", "semitones from note to note",
        "smaller steps in the top line", "wider leaps in the top line",
    ),
    "pitch_range": FigureWords(
        "Range of eight bars", "semitones from lowest to highest note",
        "a narrower range", "a wider range",
    ),
    "scale_consistency": FigureWords(
        "Notes of one key", "share of the notes",
        "more notes from outside the key", "fewer notes from outside the key",
    ),
    "polyphony": FigureWords(
        "Notes at once", "where any sounds",
        "fewer notes at once", "more notes at once",
    ),
    "tonal_distance": FigureWords(
        "Movement of the harmony", "from beat to beat, 0 if it stays",
        "harmony that moves less", "harmony that moves more",
    ),
    "chords_in_8_bars": FigureWords(
        "Chords in eight bars", "different ones",
        "fewer different chords", "more different chords",
    ),
    "chord_trigram_irregularity": FigureWords(
        "New turns of chords", "share of all turns of three",
        "fewer new turns of chords", "more new turns of chords",
    ),
    "notes_per_bar": FigureWords(
        "Notes in a bar", "of all parts together",
        "fewer notes in a bar", "more notes in a bar",
    ),
    "groove_similarity": FigureWords(
        "Rhythm kept from bar to bar", "share of the places, silent ones too",
        "rhythms that change more from bar to bar", "rhythms that change less from bar to bar",
    ),
    "onset_agreement": FigureWords(
        "Bars that begin notes in the same places", "1 always, 0 never",
        "bars that less often begin notes in the same places", "bars that more often begin notes in the same places",
    ),
    "empty_bar_rate": FigureWords(
        "Bars in which nothing begins", "share of the bars",
        "fewer bars in which nothing begins", "more bars in which nothing begins",
    ),
    "note_length": FigureWords(
        "Length of a usual note", "in quarter notes",
        "shorter notes", "longer notes",
    ),
    "offbeat_rate": FigureWords(
        "Notes between the beats", "share of the places struck",
        "fewer notes between the beats", "more notes between the beats",
    ),
    "repeated_share": FigureWords(
        "Returns of the tune", "share of the top line",
        "fewer returns of the tune", "more returns of the tune",
    ),
    "compression_gain": FigureWords(
        "Order in the tune", "beyond that of its steps shuffled",
        "less order in the tune", "more order in the tune",
    ),
    "bits_per_note": FigureWords(
        "Surprise to the composer", "bits a note; more is less expected",
        "notes that surprise the composer less", "notes that surprise the composer more",
    ),
    "intervals": FigureWords("Steps and leaps of the top line", "", "", ""),
    "scale_degrees": FigureWords("Degrees of the key", "", "", ""),
    "note_lengths": FigureWords("Note values", "", "", ""),
    "onset_distances": FigureWords("Time from one beginning to the next", "", "", ""),
    "bar_positions": FigureWords("Places in the bar", "", "", ""),
}  # fmt: skip
"""Name of a metric or histogram -> its words. Metrics of sets all have theirs; the others are titled by their name."""

SET_FIGURE_WORDS = {
    "spread_ratio": ("they differ less from each other than human pieces do", "they differ more than human pieces do"),
    "coverage": ("they leave out kinds of human music", ""),
    "density": ("they come less near to human pieces than other human pieces do", ""),
    "precision": ("some resemble no human piece", ""),
    "mmd": ("", "the two sets can be told apart as wholes"),
    "frechet_distance": ("", "averages and variety of the two sets differ"),
    "unique_share": ("some are near copies of each other", ""),
    "reference_copies": ("", "some are copies of human pieces"),
    "longest_match": ("", "they share longer passages with the training music than human pieces do"),
    "coverage_8": ("", "they share more passages with the training music than human pieces do"),
}
"""Name of a figure of a set -> what is said of composed pieces where it is lower, or higher, than chance gives."""

_SPOKEN_UNITS = ("in 100 moves", "semitones")


def words_of(name: str) -> FigureWords:
    """Returns the words of a figure; of one that has none its name as a title."""
    if name.startswith("similarity_"):
        bars = name.removeprefix("similarity_")
        apart = "1 bar" if bars == "1" else f"{bars} bars"
        return FigureWords(*(text.format(apart) for text in _ALIKE))
    plain = name.replace("_", " ")
    return FIGURE_WORDS.get(name) or FigureWords(plain.capitalize(), "", f"less {plain}", f"more {plain}")


def class_words(histogram: str, label: str) -> str:
    """Returns what a class of a histogram holds, as the end of "more ..."."""
    if histogram == "intervals":
        if label == "0":
            return "repeated notes"
        semitones = "semitone" if label[1:] == "1" else "semitones"
        return f"moves of {label[1:]} {semitones} {'up' if label[0] == '+' else 'down'}"
    if histogram == "bar_positions":
        return f"notes that begin on sixteenth {label}" if label.isdigit() else f"notes that begin {label}"
    patterns = {"scale_degrees": "notes on degree {}", "onset_distances": "gaps of a {}", "note_lengths": "{} notes"}
    return patterns.get(histogram, "{}").format(label)


def spoken(value: float | None, unit: str) -> str:
    """Returns a figure as a sentence says it, with its unit where that is heard."""
    return value_text(value, unit) if unit == "share" or unit in _SPOKEN_UNITS else figure_text(value)


def listed(texts: list[str], most: int | None = None) -> str:
    """Returns ``a, b and c``; of more than ``most`` the first and how many others there are."""
    if most is not None and len(texts) > most:
        texts = [*texts[:most], f"{len(texts) - most} more"]
    return " and ".join((", ".join(texts[:-1]), texts[-1])) if len(texts) > 1 else "".join(texts)


def lower_first(text: str) -> str:
    """Returns a label as it stands within a sentence."""
    return text[:1].lower() + text[1:]
