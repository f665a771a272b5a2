"""Files of strangers are read and written in processes that may die; whatever comes, there is an answer."""

import io
import threading
import zipfile

import mido
import pytest
from fixtures.midi_files import chunk, control, line, meta, midi_file, off, on, program
from fixtures.studio_client import assert_problem

from componium.formats.midi import midi_bytes, read_midi
from componium.rendering.files import write_score
from componium.score import Score, Track, make_notes
from componium.web.answers import ReadPiece

NAME = "<img src=x onerror=alert(1)>.mid"


def song(n_notes=8, title="", name="violin"):
    tune = make_notes([480 * i for i in range(n_notes)], 480, [60 + i % 12 for i in range(n_notes)], 80)
    bass = make_notes([0], 480, [40], 90)
    return Score(480, (Track(tune, 40, name=name), Track(bass, 32, name="bass")), title=title)


def read(studio, data, name="file.mid"):
    return studio.post("api/scores", params={"name": name}, content=data)


def test_a_midi_file_is_read_as_a_piece(studio):
    answer = read(studio, midi_bytes(song()), "My song.mid")
    piece = ReadPiece.model_validate(answer.json())
    assert (piece.id, piece.head.title, piece.head.model, piece.is_whole) == ("", "My song", "", True)
    assert [part.name for part in piece.head.parts] == ["violin", "bass"]
    assert piece.head.bars == 2
    assert piece.head.end == 2 * 4 * 480
    assert piece.notes[:2] == [(0, 0, 480, 60, 80, 0), (1, 0, 480, 40, 90, 0)]


@pytest.mark.parametrize("ending", ["musicxml", "mxl"])
def test_musicxml_is_read_by_its_content(studio, ending):
    target = io.BytesIO()
    write_score(song(title="Etude"), target, file_format=ending)
    piece = read(studio, target.getvalue(), "anything").json()
    assert piece["head"]["title"] == "Etude"
    assert [row[:4] for row in piece["notes"]][:2] == [
        [0, 0, piece["notes"][0][2], 60],
        [1, 0, piece["notes"][1][2], 40],
    ]


def test_pedals_are_rows_of_their_own(studio):
    data = midi_file(chunk(control(64, 127), on(60), off(60, 480), control(64, 0, 480)))
    assert read(studio, data).json()["pedals"] == [[0, 0, 960]]


def test_html_in_names_stays_text(studio):
    data = midi_file(chunk(meta(3, b"<b>bold</b>"), *line([60, 62])))
    answer = read(studio, data, NAME)
    assert answer.headers["content-type"] == "application/json"
    piece = answer.json()
    assert piece["head"]["title"] == NAME.removesuffix(".mid")
    assert piece["head"]["parts"][0]["name"] == "<b>bold</b>"


def bomb():
    """An mxl of a few kilobytes that unpacks to a gigabyte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "META-INF/container.xml", '<container><rootfiles><rootfile full-path="a.xml"/></rootfiles></container>'
        )
        with archive.open("a.xml", "w", force_zip64=True) as file:
            for _ in range(1000):
                file.write(b"<" * 2**20)
    return packed.getvalue()


LAUGHS = b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;">]>
<score-partwise><part-list>&f;&f;&f;&f;</part-list></score-partwise>"""
BAD = {
    "no bytes": (b"", "the body is empty"),
    "no MIDI": (b"GIF89a" + bytes(100), f"{NAME} is neither MIDI nor MusicXML; give a .mid"),
    "only a header": (b"MThd\0\0\0\6\0\1\0\1\1\xe0", "no track chunk"),
    "cut short": (b"MThd\0\0", "cut short"),
    "zero notes": (midi_file(chunk(program(3))), "no notes"),
    "one million notes": (None, "1,000,000 notes are more than the studio's limit of 100,000"),
    "a bomb": (bomb(), ""),
    "a billion laughs": (LAUGHS, ""),
    "an archive of nothing": (b"PK\5\6" + bytes(18), ""),
    "half a page of XML": (b"<score-partwise><part", ""),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_told_in_a_sentence_and_the_studio_lives(studio, kind):
    data, words = BAD[kind]
    if data is None:
        notes = make_notes([i // 10 for i in range(10**6)], 10, [i % 128 for i in range(10**6)], 64)
        data = midi_bytes(Score(480, (Track(notes),)))
    assert_problem(read(studio, data, NAME), 422, words)
    assert read(studio, midi_bytes(song())).status_code == 200


def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes(studio):
    data = midi_bytes(song(200))
    piece = read(studio, data[: len(data) // 2]).json()
    assert 0 < len(piece["notes"]) < 201
    assert piece["remarks"]


def test_what_is_too_large_is_refused_before_it_is_there(studio):
    most = studio.get("api/studio").json()["most_bytes"]
    assert_problem(read(studio, b"MThd" + bytes(most)), 413, "larger than the limit")

    def endless():
        for _ in range(2 + most // 2**20):
            yield bytes(2**20)

    # In chunks, so that no length is announced.
    assert_problem(read(studio, endless()), 413, "larger than the limit")


def test_a_deflate_bomb_in_a_request_is_bytes_as_any(studio):
    answer = studio.post("api/scores", content=bytes(1000), headers={"Content-Encoding": "gzip"})
    assert_problem(answer, 422, "neither MIDI nor MusicXML")


@pytest.mark.parametrize("ending", ["mid", "musicxml", "wav", "png"])
def test_music_of_the_page_becomes_a_file(studio, ending):
    answer = studio.post(f"api/files/{ending}", params={"title": "Регтайм/<b>"}, content=midi_bytes(song()))
    assert answer.status_code == 200
    disposition = answer.headers["content-disposition"]
    assert "/" not in disposition.split("filename=")[1].split(";")[0]
    assert "%D0%A0" in disposition
    if ending == "mid":
        assert read_midi(answer.content).n_notes == 9


def test_stems_are_a_file_a_part(studio):
    answer = studio.post("api/files/stems.zip", params={"ending": "wav"}, content=midi_bytes(song(name="a/../b")))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["01 ab.wav", "02 bass.wav"]
        assert all(archive.read(name).startswith(b"RIFF") for name in archive.namelist())


def test_stems_of_midi_hold_one_part_each(studio):
    answer = studio.post("api/files/stems.zip", params={"ending": "mid"}, content=midi_bytes(song()))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        notes = [
            len([m for m in mido.MidiFile(file=io.BytesIO(archive.read(n))) if m.type == "note_on" and m.velocity])
            for n in archive.namelist()
        ]
    assert notes == [8, 1]


def test_an_unknown_ending_is_a_problem(studio):
    assert_problem(studio.post("api/files/exe", content=midi_bytes(song())), 404, "'exe'")


def test_a_file_of_no_notes_cannot_become_sound(studio):
    assert_problem(studio.post("api/files/wav", content=midi_file(chunk(program(1)))), 422, "no notes")


def test_a_process_that_is_killed_midway_takes_one_export_with_it(studio):
    pool = studio.services.pool
    long = midi_bytes(Score(480, (Track(make_notes([480 * i for i in range(4000)], 480, 60, 80)),)))
    found = []
    thread = threading.Thread(target=lambda: found.append(studio.post("api/files/wav", content=long)))
    thread.start()
    while thread.is_alive():
        with pool._lock:
            for worker in pool._all:
                worker.process.kill()
    thread.join()
    assert_problem(found[0], 500, "died")
    assert studio.post("api/files/mid", content=midi_bytes(song())).status_code == 200


def test_originality_finds_what_was_learned(studio):
    key, _ = studio.composed(bars=16, style="folk", seed=3)
    midi = studio.get(f"api/pieces/{key}.mid").content
    found = studio.post("api/originality", params={"model": "band"}, content=midi).json()["found"]
    assert 0 <= found["share"] <= 1
    assert found["n_excerpts"] > 0
    assert (found["longest"] == 0) == (found["piece"] == "")
    short = studio.post("api/originality", params={"model": "band"}, content=midi_bytes(song(3)))
    assert short.json() == {"found": None}
    assert_problem(studio.post("api/originality", params={"model": "../x"}, content=midi), 404)
