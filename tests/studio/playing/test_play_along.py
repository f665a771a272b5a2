"""Playing along: a MIDI instrument and the computer's keys are heard and recorded; the composer answers in time."""

import pytest

pytest.importorskip("playwright", reason="NOT TESTED: the studio's page; pip install -e '.[all,dev]'")
from fixtures.studio_player import onset_of, without_first
from playwright.sync_api import expect

BPM = 240

# A browser's Web MIDI with one keyboard, whose keys a test presses with window.instrument.send.
INSTRUMENT = """
(() => {
  const input = { id: '1', name: 'Fake keys', state: 'connected', type: 'input', onmidimessage: null };
  const inputs = new Map([['1', input]]);
  navigator.requestMIDIAccess = async () => ({ inputs, outputs: new Map(), onstatechange: null });
  window.instrument = {
    send: (...data) => input.onmidimessage?.({ data: new Uint8Array(data), timeStamp: performance.now() }),
  };
})();
"""

# Plays a key a beat, as soon as the count-in is over.
PHRASE = """async ([pitches, beat]) => {
  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const { recorder } = window.componium;
  while (!recorder.isRecording || recorder.countIn > 0) await pause(5);
  for (const pitch of pitches) {
    window.instrument.send(0x90, pitch, 90);
    await pause(beat * 0.6);
    window.instrument.send(0x80, pitch, 0);
    await pause(beat * 0.4);
  }
}"""


@pytest.fixture
def along(player):
    """The panel for playing along, at a quick tempo, with a fake instrument."""
    player.page.add_init_script(INSTRUMENT)
    player.open_piece(bars=4)
    player.panel("More").get_by_role("button", name="Record a phrase").click()
    player.page.get_by_label("Tempo").fill(str(BPM))
    return player


class Along:
    """What was told since recording began, told apart: beats, what the hand played, and what the page plays."""

    def __init__(self, player, since):
        told = player.told(since)
        metronome = next(note.channel for note in told if note.at > 0)
        self.beats = [note for note in told if note.channel == metronome]
        self.hand = [note for note in told if note.at == 0]
        self.played = [note for note in told if note.channel != metronome and note.at > 0]


def assert_answered(player, since, pitches):
    """Checks that a phrase was recorded, and that its continuation begins on a bar line of the metronome."""
    player.page.wait_for_function("() => window.componium.versions.current?.label === '8 bars more'")
    piece = player.wait_for_whole()
    first = (piece.head["bars"] - 8) * piece.bar_ticks
    assert [note.pitch for note in piece.notes if note.onset < first] == pitches
    player.wait_for_tick(first + piece.bar_ticks)
    along = Along(player, since)
    assert [note.pitch for note in along.hand] == pitches
    played = without_first(along.played)
    onset = onset_of(piece, played)
    assert onset is not None
    assert onset >= first
    line = piece.start_at(played, onset) + piece.seconds(first)
    bars = (line - along.beats[0].at) / piece.bar_seconds
    assert abs(bars - round(bars)) < 0.02


def test_a_phrase_of_a_midi_instrument_is_answered_on_a_bar_line(along):
    along.button("Connect a MIDI instrument").click()
    expect(along.page.get_by_text("Listening to Fake keys.")).to_be_visible()
    since, pitches = along.n_messages(), [60, 64, 67, 72]
    along.button("Record").click()
    expect(along.button("Begin in", exact=False)).to_be_visible()
    along.page.evaluate(PHRASE, [pitches, 60_000 / BPM])
    along.button("Stop").click()
    assert_answered(along, since, pitches)


def test_keys_of_the_computer_play_and_are_recorded_after_the_count_in(along):
    along.page.get_by_label("Metronome").uncheck()
    since = along.n_messages()
    along.page.keyboard.press("d")
    along.button("Record").click()
    expect(along.button("Begin in", exact=False)).to_be_visible()
    along.page.keyboard.press("k")
    expect(along.button("Stop")).to_be_visible()
    for key in "asd":
        along.page.keyboard.press(key)
    notes = along.page.evaluate("() => window.componium.recorder.notes.map(({ pitch, onset }) => [pitch, onset])")
    assert [pitch for pitch, _ in notes] == [60, 62, 64]
    along.button("Stop").click()
    along.page.wait_for_function("() => window.componium.versions.all[0].label === 'Played'")
    along_told = Along(along, since)
    assert [note.pitch for note in along_told.hand] == [64, 72, 60, 62, 64]
    counted = [note.at for note in along_told.beats[:4]]
    assert [note.pitch for note in along_told.beats[:4]] == [76, 77, 77, 77]
    assert counted[3] - counted[0] == pytest.approx(3 * 60 / BPM, abs=0.01)
