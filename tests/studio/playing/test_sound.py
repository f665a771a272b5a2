"""What is heard: mute, solo, pan, volume and instruments; nothing reaches the synthesizer late."""

import statistics

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_player import are_in_time, late

DUO = {"parts": ["flute", "bass"], "bars": 32, "tempo_bpm": 200}
BASS, FLUTE = "Acoustic bass", "Flute"


@pytest.fixture
def playing(player):
    """A flute and a bass that are heard."""
    player.open_piece(**DUO)
    player.play()
    player.wait_for_sound()
    return player


def test_without_parts_there_is_silence(playing):
    for name in (BASS, FLUTE):
        playing.button(f"Mute {name}").click()
    playing.wait_for_silence()
    playing.button(f"Mute {FLUTE}").click()
    playing.wait_for_sound()


def test_solo_lets_one_part_be_heard_alone(playing):
    playing.button(f"Mute {BASS}").click(button="right")
    low = playing.brightness()
    playing.button(f"Mute {BASS}").click(button="right")
    playing.button(f"Mute {FLUTE}").click(button="right")
    high = playing.brightness()
    assert 2 * low < high
    playing.button(f"Mute {FLUTE}").click(button="right")
    assert low < playing.brightness() < high


def test_pan_moves_a_part_to_a_side(playing):
    mixer = playing.panel("Mixer")
    mixer.get_by_role("button", name=f"Solo {BASS}").click()
    pan = mixer.get_by_role("slider", name=f"Pan of {BASS}")
    for value, condition in (("-1", "left > 20 * right"), ("1", "right > 20 * left"), ("0", "left < 2 * right")):
        pan.fill(value)
        playing.wait_to_hear(f"left + right > 1e-6 && {condition}")


def test_volume_of_a_part(playing):
    mixer = playing.panel("Mixer")
    mixer.get_by_role("button", name=f"Solo {BASS}").click()
    volume = mixer.get_by_role("slider", name=f"Volume of {BASS}")
    loud = sum(playing.settled_loudness(2))
    volume.fill("0.2")
    soft = sum(playing.settled_loudness(2))
    assert 0 < soft < loud / 4
    volume.fill("0")
    playing.wait_for_silence()


def test_another_instrument_plays_the_same_notes(playing):
    piece, n_composed, since = playing.piece(), len(playing.posts()), playing.n_messages()
    playing.panel("Mixer").get_by_label(f"Instrument of {FLUTE}").select_option(label="Violin")
    playing.wait_for_told(4, since)
    assert [program for _, program in playing.programs(since)] == [40]
    playing.wait_for_sound()
    assert playing.piece().notes == piece.notes
    assert len(playing.posts()) == n_composed


def test_no_note_reaches_the_synthesizer_after_its_time(player):
    piece = player.open_piece(bars=4)
    player.play()
    player.wait_for_told(10)
    player.wait_for_end()
    told = player.told()
    assert late(told) == []
    # Most are told nearly as far ahead as it goes: who looks too seldom lives from hand to mouth.
    assert statistics.median(note.at - note.told_at for note in told) > 0.13
    assert len(told) == len(piece.notes)
    assert are_in_time(piece.delays(told, piece.start(told)), player.patience())


def test_the_clock_of_the_sound_keeps_up_from_the_first_note_on(player):
    # The SoundFont is decoded as its first notes are played, which must not hold the sound up.
    player.open_piece(bars=8)
    player.play()
    player.wait_for_sound()
    behind = player.page.evaluate(
        """async () => {
          const context = window.ears.contexts[0];
          const lead = () => performance.now() / 1000 - context.currentTime;
          const start = lead();
          await new Promise((done) => setTimeout(done, 3000));
          return lead() - start;
        }"""
    )
    assert behind < 0.5
