"""Any bytes as a MusicXML file, plain or compressed: read, and written as MIDI."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from componium.formats.midi import midi_bytes
from componium.formats.musicxml import read_musicxml

PIECE = b"""<score-partwise><part-list><score-part id="a"><part-name>Flute</part-name></score-part></part-list>
<part id="a"><measure><attributes><divisions>2</divisions><time><beats>3</beats><beat-type>4</beat-type></time>
<transpose><chromatic>-2</chromatic></transpose></attributes><direction><sound tempo="90"/></direction>
<harmony><root><root-step>C</root-step></root><kind>major</kind></harmony>
<note><pitch><step>C</step><alter>1</alter><octave>4</octave></pitch><duration>4</duration><tie type="start"/></note>
<backup><duration>2</duration></backup><note><chord/><rest/><duration>2</duration></note>
<barline><repeat direction="backward" times="2"/></barline></measure></part></score-partwise>"""


def one_input(data: bytes) -> None:
    """Reads a file."""
    midi_bytes(read_musicxml(data))


def seeds() -> Iterator[bytes]:
    """Yields a piece, as it is and compressed."""
    yield PIECE
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        container = '<container><rootfiles><rootfile full-path="a.xml"/></rootfiles></container>'
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("a.xml", PIECE)
    yield file.getvalue()
