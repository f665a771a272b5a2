"""Archives and documents that are damaged, or larger than any score."""

import io
import zipfile

import pytest

from componium.errors import FormatError
from componium.formats.musicxml import documents, musicxml_bytes, read_movements, read_musicxml
from componium.formats.musicxml.names import abbreviation
from componium.formats.musicxml.reading import pages, parts
from componium.score import Score, TimeSignature, Track, make_notes

NOTE = "<note><pitch><step>{}</step><octave>4</octave></pitch><duration>1</duration></note>"
SCORE = (
    f"<score-partwise><part-list/><part id='P'><measure>{NOTE.format('C')}</measure></part></score-partwise>".encode()
)


def archive(*members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return packed.getvalue()


def container(path):
    return f"<?xml version='1.0'?><container><rootfiles><rootfile full-path={path}/></rootfiles></container>"


def pitches(data):
    return read_musicxml(data).tracks[0].notes["pitch"].tolist()


@pytest.mark.parametrize(
    "damaged",
    [
        container("'Anna's Song.xml'"), container("'no such file.xml'"), "", "<container>", "<html/>", b"\xff\xfe\x00",
        '<!DOCTYPE c [<!ENTITY e "x">]><container/>', container("''"),
    ],
)  # fmt: skip
def test_the_score_beside_a_damaged_container_is_read(damaged):
    data = archive(
        ("META-INF/container.xml", damaged), ("__MACOSX/._Anna's Song.xml", b"\0"), ("Anna's Song.xml", SCORE)
    )
    assert pitches(data) == [60]


def test_the_container_chooses_among_scores():
    other = SCORE.replace(b"<step>C", b"<step>D")
    for prefix in ("", "c:"):
        names = (
            container("'b.xml'")
            .replace("rootfile ", f"{prefix}rootfile ")
            .replace("<container>", "<container xmlns:c='urn:c'>")
        )
        assert pitches(archive(("a.xml", SCORE), ("b.xml", other), ("META-INF/container.xml", names))) == [62]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("place", range(0, 140, 3))
def test_any_damage_of_an_archive_is_a_score_or_one_line(method, place):
    data = bytearray(archive(("score.xml", SCORE), method=method))
    for value in (0, 0xFF, data[place] ^ 1, data[place] ^ 0x80):
        damaged = data.copy()
        damaged[place] = value
        try:
            read_musicxml(bytes(damaged))
        except FormatError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (archive(("readme.txt", b"x")), "holds no MusicXML"),
        (archive(*((f"{n}.txt", b"") for n in range(documents.MAX_MEMBERS + 1))), "more files than the limit"),
        (b"<score-partwise>" + b"<measure/>" * (documents.MAX_ELEMENTS + 1), "more elements than the limit"),
        (b"<score-partwise " + b"a='1' " * (documents.MAX_ATTRIBUTES + 1) + b"/>", "more attributes than the limit"),
        (
            b"<score-partwise>" + b"<part/>" * (pages.MAX_PARTS + 1) + b"</score-partwise>",
            "parts are more than the limit",
        ),
    ],
    ids=["no score", "members", "elements", "attributes", "parts"],
)
def test_what_is_too_large_is_refused(data, reason):
    with pytest.raises(FormatError, match=reason):
        read_musicxml(data)


def one_part(measures):
    return f"<score-partwise><part-list/><part id='P'>{measures}</part></score-partwise>".encode()


def test_more_measures_than_any_score_has_are_refused():
    with pytest.raises(FormatError, match="measures are more than the limit"):
        read_musicxml(one_part("<measure/>" * (pages.MAX_WRITTEN + 1)))


def test_scores_too_long_to_print_are_refused_before_they_are_printed():
    long = Score(
        480, (Track(make_notes([480 * 6000], [480], [60], 80)),) * 12, time_signatures=(TimeSignature(0, 1, 4),)
    )
    with pytest.raises(FormatError, match="6001 bars of 12 parts are more than the limit"):
        musicxml_bytes(long)
    dense = make_notes(
        [number % 480 for number in range(40_000)], 480 * 400, [number % 128 for number in range(40_000)], 80
    )
    with pytest.raises(FormatError, match="cut into more than the limit"):
        musicxml_bytes(Score(480, (Track(dense),)))


def test_notes_that_signs_make_of_one_count_too():
    tremolo = "<notations><ornaments><tremolo>8</tremolo></ornaments></notations>"
    long = f"<note><pitch><step>C</step><octave>4</octave></pitch><duration>400</duration>{tremolo}</note>"
    with pytest.raises(FormatError, match="notes are more than the limit"):
        read_musicxml(one_part(f"<measure>{long * (parts.MAX_NOTES // 4096 + 1)}</measure>"))


def test_measures_that_repeat_measures_count_too():
    start = "<attributes><measure-style><measure-repeat type='start'>1</measure-repeat></measure-style></attributes>"
    many = NOTE.format("C") * 1000
    repeats = "".join(f"<measure>{start}</measure>" for _ in range(parts.MAX_NOTES // 1000))
    with pytest.raises(FormatError, match="notes are more than the limit"):
        read_musicxml(one_part(f"<measure>{many}</measure>{repeats}"))


def test_divisions_without_a_common_multiple_are_rounded_to_nearby_times():
    primes = [n for n in range(1009, 2000) if all(n % d for d in range(2, 45))][:60]
    measures = "".join(
        f"<measure><attributes><divisions>{prime}</divisions></attributes>"
        f"<note><pitch><step>C</step><octave>4</octave></pitch><duration>{prime}</duration></note></measure>"
        for prime in primes
    )
    score = read_musicxml(one_part(measures))
    onsets = score.tracks[0].notes["onset"] / score.ticks_per_quarter
    assert abs(onsets - range(len(primes))).max() < 1e-3


def test_every_reader_of_a_file_says_what_is_wrong():
    for read in (read_musicxml, read_movements):
        with pytest.raises(FormatError, match="not readable XML"):
            read(b"<score-partwise>")


NAMED = SCORE.decode().replace(
    "<part-list/>", "<part-list><score-part id='P'><part-name>{}</part-name></score-part></part-list>"
)


@pytest.mark.parametrize("declaration", ["<?xml version='1.0'?>", "", "<?xml version='1.0' encoding='UTF-8'?>"])
@pytest.mark.parametrize(("before", "behind"), [(b"\n \r\n", b""), (b"", b"\0\0\0"), (b"\0", b"\n\0")])
def test_junk_around_a_document_is_passed_over(declaration, before, behind):
    assert pitches(before + declaration.encode() + SCORE + behind) == [60]


@pytest.mark.parametrize(
    ("declared", "encoding", "name"),
    [
        ("utf-8", "cp1252", "Fl\xf6te"),
        ("", "latin-1", "Fl\xf6te"),
        ("utf-16", "utf-8", "Fl\xf6te"),
        ("klingon", "utf-8", "Fl\xf6te"),
        ("Shift_JIS", "shift-jis", "\u7b1b"),
        ("GBK", "gbk", "\u7b1b"),
        ("utf-32", "utf-32", "Fl\xf6te"),
        ("UTF-16", "utf-16", "Fl\xf6te"),
        ("iso-8859-2", "iso-8859-2", "Fl\xe9tna"),
        ("punycode", "utf-8", "Fl\xf6te"),
    ],
)  # fmt: skip
def test_texts_are_read_whatever_a_document_says_of_its_encoding(declared, encoding, name):
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    score = read_musicxml((declaration + NAMED.format(name)).encode(encoding))
    assert [track.name for track in score.tracks] == [name]


def test_entities_are_refused_in_every_encoding():
    bomb = "<!DOCTYPE s [<!ENTITY a 'x'>]>" + NAMED.format("&a;")
    for encoding in ("utf-8", "utf-16", "utf-32", "shift-jis"):
        data = f"\n<?xml version='1.0' encoding='{encoding}'?>{bomb}".encode(encoding)
        with pytest.raises(FormatError, match="entities"):
            read_musicxml(data)


@pytest.mark.parametrize("prefix", ["", "m:"])
def test_a_score_in_a_namespace_is_read(prefix):
    declared = f"xmlns{':m' if prefix else ''}='urn:x'"
    text = SCORE.decode().replace("</", "<//").replace("<", f"<{prefix}").replace(f"<{prefix}//", f"</{prefix}")
    assert pitches(text.replace("score-partwise>", f"score-partwise {declared}>", 1).encode()) == [60]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("strings", "Str."),
        ("Electric bass", "E. Bass"),
        ("violin 2", "Vln. 2"),
        ("oud", "oud"),
        ("kalimba", "Kali."),
        ("kalimba 3", "Kali. 3"),
        ("shō flute", "Shō"),
        ("12", "12"),
    ],
)
def test_staves_have_the_abbreviations_of_scores(name, short):
    assert abbreviation(name) == short
