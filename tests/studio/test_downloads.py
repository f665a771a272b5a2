"""Each file that the page gives, read back: it has the notes that the page holds, edits and mixer included."""

import io
import re
import zipfile
from types import SimpleNamespace

import mido
import numpy as np
import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
import soundfile
from fixtures.studio_music import composed, downloaded, held, panel, playing, rows_of, stored
from fixtures.studio_page import EARS, WITHIN, Faults, StudioPage
from PIL import Image
from playwright.sync_api import expect

from componium.formats.midi import read_midi
from componium.formats.musicxml import read_musicxml
from componium.score import duration_seconds

AUDIO = {"WAV": "wav", "FLAC": "flac", "OGG": "ogg", "MP3": "mp3"}
VOLUME, PAN = 7, 10


@pytest.fixture(scope="module")
def taken(chromium, address, tmp_path_factory):
    """A piece of several parts that was changed on the page, its mixer too; what the page holds, and its files."""
    folder = tmp_path_factory.mktemp("taken")
    key = composed(address, style="pop", parts=["all"], bars=4, seed=7, tempo_bpm=150)
    context = chromium.new_context()
    context.add_init_script(EARS)
    page = context.new_page()
    studio = StudioPage(page, address, Faults(page, address))
    studio.open(f"p/{key}")
    own = SimpleNamespace(studio=studio, before=stored(address, key))
    dice_last_bars(studio)
    own.piece = held(studio)
    own.pitched = next(part for part in playing(own.piece) if not own.piece.head["parts"][part]["is_drum"])
    mix(studio, own.piece.head["parts"][own.pitched]["name"])
    own.file = {
        name: downloaded(studio, name, folder) for name in (*AUDIO, "MIDI", "MusicXML", "Stems", "PDF", "SVG", "PNG")
    }
    yield own
    assert studio.faults.found == []
    context.close()


def dice_last_bars(studio):
    """Marks bars 3 and 4 by the keyboard, and throws the dice."""
    stage = studio.page.get_by_role("slider", name="Place in the piece")
    stage.press("End")
    stage.press("Shift+ArrowLeft")
    studio.page.get_by_role("button", name="Dice").click()
    expect(studio.page.get_by_role("button", name="Undo")).to_be_enabled(timeout=WITHIN)
    expect(studio.page.locator(".is-busy")).to_have_count(0, timeout=WITHIN)


def mix(studio, name):
    """Lets one part sound alone, as a trumpet, a quarter as loud, on the left."""
    strip = panel(studio, "Mixer")
    strip.get_by_role("button", name=re.compile(f"^Solo {name}$", re.IGNORECASE)).click()
    strip.get_by_label(re.compile(f"^Instrument of {name}$", re.IGNORECASE)).select_option("Trumpet")
    strip.get_by_label(re.compile(f"^Volume of {name}$", re.IGNORECASE)).fill("0.25")
    strip.get_by_label(re.compile(f"^Pan of {name}$", re.IGNORECASE)).fill("-1")


def test_the_piece_was_changed_in_the_bars_that_were_marked(taken):
    start = 2 * 4 * taken.piece.head["ticks_per_quarter"]
    early, early_before = (sorted(note for note in own.notes if note[1] < start) for own in (taken.piece, taken.before))
    assert [note[:2] for note in early] == [note[:2] for note in early_before]
    assert [note[3] for note in early] == [note[3] for note in early_before]
    assert taken.piece.notes != taken.before.notes


def test_midi_has_the_notes_and_the_tempo(taken):
    score = read_midi(taken.file["MIDI"].read_bytes())
    assert score.remarks == ()
    assert rows_of(score, playing(taken.piece)) == taken.piece.notes
    assert score.ticks_per_quarter == taken.piece.head["ticks_per_quarter"]
    assert [own.tempo_bpm for own in score.tempos] == pytest.approx([bpm for _, bpm in taken.piece.head["tempos"]])
    assert [list(own) for own in score.time_signatures] == taken.piece.head["meters"]


def test_midi_has_the_mixer(taken):
    tracks = mido.MidiFile(taken.file["MIDI"]).tracks
    for part, track in zip(playing(taken.piece), tracks, strict=True):
        set_to = {message.control: message.value for message in track if message.type == "control_change"}
        [program] = [message.program for message in track if message.type == "program_change"]
        own = taken.piece.head["parts"][part]
        if part == taken.pitched:
            # A quarter of the amplitude is half of the controller, which counts by its square.
            assert (program, set_to[VOLUME], set_to[PAN]) == (56, 50, 1)
        else:
            assert (program, set_to[VOLUME], set_to[PAN]) == (0 if own["is_drum"] else own["program"], 0, 64)


def test_musicxml_has_the_notes(taken):
    score = read_musicxml(taken.file["MusicXML"].read_bytes())
    scale = score.ticks_per_quarter / taken.piece.head["ticks_per_quarter"]
    told = [(note[0], note[1] * scale, note[3]) for note in taken.piece.notes]
    names = [taken.piece.head["parts"][part]["name"].lower() for part in playing(taken.piece)]
    assert [track.name.lower() for track in score.tracks] == names
    written = [(part, onset, pitch) for part, onset, _, pitch, _ in rows_of(score, playing(taken.piece))]
    # Staves have a grid of their own: no more than a note in a hundred may fall together with another.
    assert len(written) >= 0.99 * len(told)
    assert {(part, pitch) for part, _, pitch in written} == {(part, pitch) for part, _, pitch in told}


@pytest.mark.parametrize("name", AUDIO)
def test_audio_is_the_one_part_on_the_left_for_as_long_as_the_piece(taken, name):
    sound, rate = soundfile.read(taken.file[name])
    assert taken.file[name].suffix == f".{AUDIO[name]}"
    seconds = duration_seconds(read_midi(taken.file["MIDI"].read_bytes()))
    assert seconds <= len(sound) / rate <= seconds + 5
    left, right = np.sqrt(np.mean(sound**2, axis=0))
    assert left > 0.005
    # The room answers from both sides.
    assert right < left / 4


def test_stems_are_a_part_each_and_only_what_is_heard_sounds(taken):
    with zipfile.ZipFile(taken.file["Stems"]) as archive:
        loudness = []
        for name in archive.namelist():
            assert name.endswith(".wav")
            sound, _ = soundfile.read(io.BytesIO(archive.read(name)))
            loudness.append(float(np.sqrt(np.mean(sound**2))))
    assert len(loudness) == len(playing(taken.piece))
    assert [own > 0.005 for own in loudness] == [part == taken.pitched for part in playing(taken.piece)]


def test_the_score_is_drawn_with_its_notes(taken):
    drawing = taken.file["SVG"].read_text(encoding="utf-8")
    assert drawing.rstrip().endswith("</svg>")
    classes = [own.split() for own in re.findall(r'class="([^"]*)"', drawing)]
    # A note that is held over a bar line is drawn twice.
    assert sum("note" in own for own in classes) >= 0.95 * len(taken.piece.notes)
    assert sum("measure" in own for own in classes) == taken.piece.head["bars"]


def test_the_score_for_paper_has_pages(taken):
    data = taken.file["PDF"].read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert re.search(rb"/Type\s*/Page\b", data)


def test_the_picture_has_the_notes_where_they_are(taken):
    picture = np.asarray(Image.open(taken.file["PNG"]).convert("RGB")).astype(int)
    colored = (picture.max(axis=2) - picture.min(axis=2)) > 60
    assert colored.sum() > 1000


def test_files_are_named_after_the_piece(taken):
    stems = {own.stem for name, own in taken.file.items() if name != "Stems"}
    assert stems == {taken.piece.head["title"]}
