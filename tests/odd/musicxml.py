"""Odd MusicXML files, plain and compressed: of every kind that is written somewhere, and of many that nobody should."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
DOCTYPE = (
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 3.1 Partwise//EN"'
    ' "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
CONTAINER = '<container><rootfiles><rootfile full-path="{}"/></rootfiles></container>'
LIST = '<part-list><score-part id="P1"><part-name>{}</part-name></score-part></part-list>'


def note(step: str = "C", octave: object = 4, duration: object = 1, inside: str = "") -> str:
    """Returns a note."""
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{pitch}<duration>{duration}</duration>{inside}</note>"


def style(inside: str) -> str:
    """Returns attributes with a sign that is repeated or a long rest."""
    return f"<attributes><measure-style>{inside}</measure-style></attributes>"


def direction(inside: str) -> str:
    """Returns a direction."""
    return f"<direction><direction-type>{inside}</direction-type></direction>"


def score(*measures: str, name: str = "Flute", divisions: object = 1) -> str:
    """Returns a score of one part, from what its measures hold."""
    own = (
        [f"<attributes><divisions>{divisions}</divisions></attributes>{measures[0]}", *measures[1:]] if measures else []
    )
    body = "".join(f'<measure number="{n}">{inside}</measure>' for n, inside in enumerate(own, 1))
    return f'<score-partwise version="3.1">{LIST.format(name)}<part id="P1">{body}</part></score-partwise>'


PIECE = score(note() * 4, note("D") * 4)


def archive(members: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Returns an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as own:
        for name, content in members.items():
            own.writestr(zipfile.ZipInfo(name), content, compression)
    return file.getvalue()


def mxl(text: str | bytes = PIECE, name: str = "score.xml") -> bytes:
    """Returns an archive in order."""
    return archive({"META-INF/container.xml": CONTAINER.format(name), name: text})


def files() -> Iterator[tuple[str, bytes]]:
    """Yields names and contents."""
    for name, content in (*_documents(), *_structures(), *_notes(), *_signs()):
        yield name, content if isinstance(content, bytes) else (DECLARATION + content).encode()
    yield from _archives()
    for seed in range(20):
        rng, data = random.Random(seed), bytearray(PIECE.encode())
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.choice(b'<>&/"= x0\0\x80\xff')
        yield f"changed-{seed:02d}.musicxml", bytes(data)
        packed = bytearray(mxl())
        packed[rng.randrange(len(packed))] ^= rng.randrange(1, 256)
        yield f"changed-{seed:02d}.mxl", bytes(packed)


def _documents() -> Iterator[tuple[str, str | bytes]]:
    titled = PIECE.replace("Flute", "Fl\xf6te")
    yield "plain.musicxml", PIECE
    yield "plain.xml", PIECE
    yield "no-declaration.xml", titled.encode()
    yield "doctype.xml", DOCTYPE + PIECE
    yield "doctype-local.xml", '<!DOCTYPE score-partwise SYSTEM "/etc/passwd">' + PIECE
    yield "doctype-inside.xml", "<!DOCTYPE score-partwise [<!ELEMENT note ANY>]>" + PIECE
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "x"}">' for n in range(12))
    yield "bomb.xml", f"<!DOCTYPE score-partwise [{bomb}]>" + PIECE.replace("Flute", "&a11;")
    yield "bomb-in-utf-16.xml", f"<!DOCTYPE score-partwise [{bomb}]>{PIECE}".encode("utf-16")
    yield (
        "entity-of-a-file.xml",
        '<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + PIECE.replace("Flute", "&f;"),
    )
    yield "parameter-entity.xml", '<!DOCTYPE s [<!ENTITY % p "x"> %p;]>' + PIECE
    yield "unknown-entity.xml", PIECE.replace("Flute", "&eacute;")
    for encoding in (
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "latin-1",
        "cp1252",
        "shift-jis",
        "utf-32",
    ):
        text = PIECE if encoding == "shift-jis" else titled
        declared = "utf-16" if encoding.startswith("utf-16") else encoding.removesuffix("-sig")
        yield f"in-{encoding}.musicxml", (f'<?xml version="1.0" encoding="{declared}"?>' + text).encode(encoding)
        yield f"in-{encoding}-undeclared.musicxml", text.encode(encoding)
    yield "encoding-unknown.xml", ('<?xml version="1.0" encoding="klingon"?>' + PIECE).encode()
    yield "encoding-wrong.xml", ('<?xml version="1.0" encoding="utf-16"?>' + PIECE).encode()
    yield "version-1-1.xml", ('<?xml version="1.1"?>' + PIECE).encode()
    yield "space-before.xml", b"\n\n" + DECLARATION.encode() + PIECE.encode()
    yield "empty.musicxml", b""
    yield "spaces.musicxml", b" \n" * 99
    yield "declaration-only.musicxml", ""
    yield "cut.musicxml", PIECE[: len(PIECE) // 2]
    yield "two-roots.xml", PIECE + PIECE
    yield "junk-behind.xml", PIECE + "\0\0\0"
    yield "html.xml", "<html><body>not found</body></html>"
    yield "svg.xml", '<svg xmlns="http://www.w3.org/2000/svg"/>'
    yield "mei.xml", '<mei xmlns="http://www.music-encoding.org/ns/mei"><music/></mei>'
    yield "opus.xml", '<opus xmlns:xlink="http://www.w3.org/1999/xlink"><score xlink:href="a.xml"/></opus>'
    yield "container.xml", CONTAINER.format("score.xml")
    yield "namespaced.xml", PIECE.replace("<score-partwise", '<score-partwise xmlns="http://www.musicxml.org/ns"')
    yield "prefixed.xml", '<m:score-partwise xmlns:m="urn:x"/>'
    yield "nested.xml", "<score-partwise>" + "<a>" * 20_000 + "</a>" * 20_000 + "</score-partwise>"
    yield "comments.xml", PIECE.replace("<note>", "<!-- --><note><?x y?>")
    yield "cdata.xml", PIECE.replace("Flute", "<![CDATA[<Flute>]]>")
    yield "midi-called.musicxml", b"MThd\0\0\0\6\0\1\0\0\1\xe0"
    yield "mxl-called.musicxml", mxl()
    yield "mxl-called.xml", mxl()


def _structures() -> Iterator[tuple[str, str | bytes]]:
    inside = (
        '<measure number="1"><part id="P1"><attributes><divisions>1</divisions></attributes>'
        + note()
        + "</part></measure>"
    )
    yield "timewise.musicxml", f"<score-timewise>{LIST.format('Flute')}{inside * 3}</score-timewise>"
    yield "timewise-empty.musicxml", "<score-timewise/>"
    yield "partwise-empty.musicxml", "<score-partwise/>"
    yield "no-part-list.xml", PIECE.replace(LIST.format("Flute"), "")
    yield "no-parts.xml", f"<score-partwise>{LIST.format('Flute')}</score-partwise>"
    yield "no-measures.xml", score()
    yield "empty-measures.xml", score(*[""] * 30)
    yield "part-unknown.xml", PIECE.replace('part id="P1"', 'part id="P9"')
    yield "part-without-id.xml", PIECE.replace('part id="P1"', "part")
    yield "part-twice.xml", PIECE.replace("</score-partwise>", PIECE[PIECE.index("<part id") :])
    yield "part-name-long.xml", score(note(), name="9" * 100_000)
    yield "part-name-markup.xml", score(note(), name="[red]x[/")
    yield "part-name-empty.xml", score(note(), name="")
    yield "measures-unequal.xml", PIECE.replace("</score-partwise>", '<part id="P2"><measure/></part></score-partwise>')
    yield (
        "three-hundred-parts.xml",
        "".join(
            (
                "<score-partwise><part-list>",
                *(f'<score-part id="P{n}"/>' for n in range(300)),
                "</part-list>",
                *(f'<part id="P{n}"><measure>{note()}</measure></part>' for n in range(300)),
                "</score-partwise>",
            )
        ),
    )
    yield "two-movements.xml", score(note() * 4 + "<barline><bar-style>light-heavy</bar-style></barline>", note() * 4)


def _notes() -> Iterator[tuple[str, str | bytes]]:
    bodies = {
        "rests-only": "<note><rest/><duration>4</duration></note>",
        "whole-measure-rest": '<note><rest measure="yes"/><duration>4</duration></note>',
        "duration-negative": note(duration=-4) + note(),
        "duration-zero": note(duration=0) + note(),
        "duration-fraction": note(duration="1.5"),
        "duration-words": note(duration="four"),
        "duration-huge": note(duration="9" * 30),
        "duration-infinite": note(duration="INF"),
        "duration-nan": note(duration="NaN"),
        "duration-missing": note().replace("<duration>1</duration>", ""),
        "octave-negative": note(octave=-9),
        "octave-99": note(octave=99),
        "octave-words": note(octave="x"),
        "step-h": note("H"),
        "step-empty": note(""),
        "step-lower": note("c"),
        "alter-huge": note(inside="").replace("</step>", "</step><alter>99999</alter>"),
        "alter-quarter-tone": note().replace("</step>", "</step><alter>0.5</alter>"),
        "pitch-empty": "<note><pitch/><duration>1</duration></note>" + note(),
        "note-empty": "<note/>" + note(),
        "chord-first": note(inside="<chord/>").replace("<pitch>", "<chord/><pitch>"),
        "chord-of-200": note() + note().replace("<pitch>", "<chord/><pitch>") * 200,
        "backup-too-far": note() + "<backup><duration>99</duration></backup>" + note("E"),
        "backup-negative": note() + "<backup><duration>-5</duration></backup>" + note("E"),
        "forward-huge": "<forward><duration>999999999</duration></forward>" + note(),
        "forward-only": "<forward><duration>4</duration></forward>",
        "tie-never-ended": note(inside='<tie type="start"/>') * 3,
        "tie-never-begun": note(inside='<tie type="stop"/>'),
        "cue": note().replace("<pitch>", "<cue/><pitch>") + note(),
        "unpitched": "<note><unpitched/><duration>1</duration></note>",
        "grace-only": "<note><grace/><pitch><step>C</step><octave>4</octave></pitch></note>" * 3,
        "grace-thousands": "<note><grace/><pitch><step>C</step><octave>4</octave></pitch></note>" * 3000 + note(),
        "voices-99": "".join(note(inside=f"<voice>{n}</voice>") for n in range(99)),
        "tuplet-of-0": note(
            inside="<time-modification><actual-notes>0</actual-notes><normal-notes>0</normal-notes></time-modification>"
        ),
        "staff-99": note(inside="<staff>99</staff>"),
        "dots": note(inside="<type>quarter</type>" + "<dot/>" * 500),
        "lyrics": note(inside="<lyric><text>\xe4\U0001f3b5</text></lyric>"),
        "type-long": note(inside="<type>maxima</type>"),
    }
    for name, body in bodies.items():
        yield f"{name}.musicxml", score(body, note())
    for divisions in (0, -1, "", "x", "0.5", 10**9, "9" * 50, 65537):
        yield f"divisions-{str(divisions)[:12] or 'empty'}.musicxml", score(note() * 4, divisions=divisions)
    primes = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 9973, 65537)
    body = "".join(f"<attributes><divisions>{own}</divisions></attributes>{note()}" for own in primes)
    yield "divisions-prime.musicxml", score(body)
    yield "divisions-missing.musicxml", PIECE.replace("<divisions>1</divisions>", "")


def _signs() -> Iterator[tuple[str, str | bytes]]:
    def at(inside: str) -> str:
        return score(note() * 4, inside + note("D") * 4, note("E") * 4)

    def words(text: str) -> str:
        return direction(f"<words>{text}</words>")

    bodies = {
        "repeat-backward-only": '<barline><repeat direction="backward"/></barline>',
        "repeat-forward-only": '<barline><repeat direction="forward"/></barline>',
        "repeat-a-million-times": '<barline><repeat direction="backward" times="1000000"/></barline>',
        "repeat-minus-1-times": '<barline><repeat direction="backward" times="-1"/></barline>',
        "ending-without-repeat": '<barline><ending number="1" type="start"/></barline>',
        "ending-of-no-number": '<barline><ending number="x,," type="start"/></barline>',
        "ending-1-to-999999": '<barline><ending number="1-999999" type="start"/></barline>',
        "da-capo-only": words("D.C. al Fine"),
        "dal-segno-without-segno": words("D.S. al Coda"),
        "coda-only": words("To Coda"),
        "words-long": words("da capo " * 20_000),
        "words-empty": words(""),
        "measure-repeat-first": style('<measure-repeat type="start">4</measure-repeat>'),
        "measure-repeat-of-0": style('<measure-repeat type="start">0</measure-repeat>'),
        "multiple-rest": style("<multiple-rest>99999</multiple-rest>"),
        "meter-0-4": "<attributes><time><beats>0</beats><beat-type>4</beat-type></time></attributes>",
        "meter-4-0": "<attributes><time><beats>4</beats><beat-type>0</beat-type></time></attributes>",
        "meter-4-3": "<attributes><time><beats>4</beats><beat-type>3</beat-type></time></attributes>",
        "meter-3+2-8": "<attributes><time><beats>3+2</beats><beat-type>8</beat-type></time></attributes>",
        "meter-words": "<attributes><time><beats>four</beats><beat-type>four</beat-type></time></attributes>",
        "meter-senza-misura": "<attributes><time><senza-misura/></time></attributes>",
        "meter-huge": "<attributes><time><beats>99999</beats><beat-type>1</beat-type></time></attributes>",
        "key-99": "<attributes><key><fifths>99</fifths></key></attributes>",
        "key-words": "<attributes><key><fifths>C</fifths><mode>lydian</mode></key></attributes>",
        "transpose-999": "<attributes><transpose><chromatic>999</chromatic></transpose></attributes>",
        "transpose-words": "<attributes><transpose><chromatic>up</chromatic></transpose></attributes>",
        "tempo-0": '<sound tempo="0"/>',
        "tempo-negative": '<sound tempo="-60"/>',
        "tempo-words": '<sound tempo="fast"/>',
        "tempo-nan": '<sound tempo="NaN"/>',
        "tempo-huge": '<sound tempo="1e300"/>',
        "dynamics": '<sound dynamics="-9999"/>',
        "harmony-empty": "<harmony/>",
        "harmony-odd": "<harmony><root><root-step>H</root-step></root><kind>x</kind></harmony>",
        "wedge": direction('<wedge type="crescendo"/>'),
        "metronome-odd": direction("<metronome><beat-unit>x</beat-unit><per-minute>c. 0</per-minute></metronome>"),
        "figured-bass": "<figured-bass><figure><figure-number>6</figure-number></figure></figured-bass>",
    }
    for name, body in bodies.items():
        yield f"{name}.musicxml", at(body)
    ornaments = (
        "trill-mark",
        "mordent",
        "inverted-mordent",
        "turn",
        "inverted-turn",
        "schleifer",
        "shake",
        "wavy-line",
    )
    for name in ornaments:
        yield f"{name}.musicxml", at(note(inside=f"<notations><ornaments><{name}/></ornaments></notations>"))
    for marks in ("0", "3", "99", "x", "-1"):
        for kind in ("single", "start", "stop"):
            sign = f'<notations><ornaments><tremolo type="{kind}">{marks}</tremolo></ornaments></notations>'
            yield f"tremolo-{kind}-{marks}.musicxml", at(note(inside=sign))


def _archives() -> Iterator[tuple[str, bytes]]:
    whole, container = mxl(), CONTAINER.format("score.xml")
    yield "in-order.mxl", whole
    yield "stored.mxl", archive({"META-INF/container.xml": container, "score.xml": PIECE}, zipfile.ZIP_STORED)
    yield "bzip2.mxl", archive({"META-INF/container.xml": container, "score.xml": PIECE}, zipfile.ZIP_BZIP2)
    yield "lzma.mxl", archive({"META-INF/container.xml": container, "score.xml": PIECE}, zipfile.ZIP_LZMA)
    yield "container-lacking.mxl", archive({"score.xml": PIECE})
    yield (
        "container-of-nothing.mxl",
        archive({"META-INF/container.xml": CONTAINER.format("gone.xml"), "score.xml": PIECE}),
    )
    yield "container-damaged.mxl", archive({"META-INF/container.xml": "<container", "score.xml": PIECE})
    yield (
        "container-apostrophe.mxl",
        archive({"META-INF/container.xml": CONTAINER.format("it's").replace('"', "'"), "it's.xml": PIECE}),
    )
    yield "container-of-itself.mxl", archive({"META-INF/container.xml": CONTAINER.format("META-INF/container.xml")})
    yield "container-only.mxl", archive({"META-INF/container.xml": container})
    yield (
        "several-scores.mxl",
        archive({"a.xml": PIECE, "b.xml": PIECE.replace("<step>C", "<step>G"), "c.musicxml": PIECE}),
    )
    yield "mac-shadows.mxl", archive({"__MACOSX/._score.xml": b"\0\x05\x16\x07", "score.xml": PIECE})
    yield "empty-archive.mxl", archive({})
    yield "pictures-only.mxl", archive({"a.png": b"\x89PNG\r\n\x1a\n", "b.txt": b"x"})
    yield "archive-in-archive.mxl", archive({"META-INF/container.xml": CONTAINER.format("a.mxl"), "a.mxl": whole})
    yield "archive-called-xml-inside.mxl", mxl(whole)
    yield "midi-inside.mxl", archive({"a.mid": b"MThd\0\0\0\6\0\1\0\0\1\xe0"})
    yield "empty-score-inside.mxl", mxl("")
    yield "bomb-inside.mxl", mxl(b" " * 80_000_000)
    yield "many-members.mxl", archive({f"{n}.txt": "" for n in range(1200)})
    yield "path-upwards.mxl", archive({"META-INF/container.xml": CONTAINER.format("../../x.xml"), "../../x.xml": PIECE})
    yield "name-of-controls.mxl", archive({"META-INF/container.xml": CONTAINER.format("a"), "\x1b[31m\n.xml": "<no"})
    yield "plain-called.mxl", PIECE.encode()
    yield "midi-called.mxl", b"MThd\0\0\0\6\0\1\0\0\1\xe0"
    yield "text-called.mxl", b"hello"
    yield "empty.mxl", b""
    yield "pk-only.mxl", b"PK"
    yield "with-comment.mxl", whole[:-2] + b"\x05\0hello"
    yield "junk-before.mxl", b"junk" + whole
    for size in (4, 30, 60, len(whole) // 2, len(whole) - 30, len(whole) - 5, len(whole) - 1):
        yield f"cut-after-{size}.mxl", whole[:size]
    encrypted = bytearray(whole)
    for place in (whole.rindex(b"PK\x03\x04") + 6, whole.rindex(b"PK\x01\x02") + 8):
        encrypted[place] |= 1
    yield "encrypted.mxl", bytes(encrypted)
    sized = bytearray(whole)
    sized[whole.rindex(b"PK\x01\x02") + 24 : whole.rindex(b"PK\x01\x02") + 28] = b"\xff\xff\xff\x7f"
    yield "size-wrong.mxl", bytes(sized)
