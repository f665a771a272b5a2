"""Reads MusicXML files.

Reading is total: any bytes give a :class:`~componium.score.Score` or a :class:`~componium.errors.FormatError`
that says what is wrong. What cannot be, such as a tempo of 0, counts as not written, and
:attr:`~componium.score.Score.remarks` say so (:mod:`~componium.formats.musicxml.remarks`). Conventions:

* The score is what is played: repeats, endings, da capo and dal segno are written out, each within its movement
  (:mod:`~componium.formats.musicxml.reading.movements`); signs that repeat measures or beats, tremolos and ornaments
  are played (:mod:`~componium.formats.musicxml.reading.ornaments`); transposing instruments sound as they sound; ties
  are joined; cue notes are left out.
* A measure is as long as what stands in it. Where that is not its meter's length (an upbeat), the meter is set again at
  the next bar line, as :class:`~componium.score.TimeSignature` has it. A first tempo after an upbeat counts from the
  start.
* Unpitched notes become General MIDI percussion by their instrument, or where it is not named by place and notehead.
* Instruments are those of ``midi-program``, or else what the names of the part say
  (:mod:`componium.score.part_names`).
* Velocities come from the notes, or from the last dynamics sign of the part; chord symbols last until the next.

For writing see :mod:`componium.formats.musicxml.writing`.
"""

from componium.formats.musicxml.reading.pages import MAX_NOTES, read_movements, read_musicxml

__all__ = ["MAX_NOTES", "read_movements", "read_musicxml"]
