import io

import numpy as np
import pytest
import soundfile
from fixtures.soundfonts import plain_sf2

from componium.errors import FormatError
from componium.rendering.audio import MAX_MINUTES, stems, synthesize, write_audio
from componium.rendering.reverberation import CEILING_DBFS, LOUDNESS_DBFS, loudness_dbfs, master
from componium.score import Score, Tempo, Track, duration_seconds, make_notes
from componium.score.notes import make_pedals
from componium.score.score import PITCH_BEND_DTYPE

RATE = 44100
CEILING = 10 ** (CEILING_DBFS / 20)


def a_score(*tracks, bpm=120.0):
    return Score(480, tracks, (Tempo(0, bpm),))


def one_note(pitch=69, *, program=0, beats=2.0, onset=0.0, velocity=100, **track):
    notes = make_notes([int(onset * 480)], [int(beats * 480)], [pitch], [velocity])
    return Track(notes, program, **track)


def bend(*events):
    return np.array(list(events), PITCH_BEND_DTYPE)


def band():
    onset = np.arange(0, 16 * 480, 240)
    melody = make_notes(onset, 200, 60 + np.arange(len(onset)) * 5 % 17, 90)
    bass = make_notes(onset[::2], 400, 36 + np.arange(len(onset[::2])) * 7 % 12, 100)
    drums = make_notes(onset, 60, np.resize([36, 42, 38, 42], len(onset)), 100)
    return a_score(Track(melody, 73), Track(melody, 48), Track(bass, 33), Track(drums, is_drum=True))


def strongest_hz(sound, start=0.25, seconds=0.7):
    piece = sound[int(start * RATE) : int((start + seconds) * RATE)].sum(axis=1)
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 18))
    return float(np.argmax(spectrum) * RATE / (1 << 18))


def rms(sound, start, seconds):
    return float(np.sqrt((sound[int(start * RATE) : int((start + seconds) * RATE)] ** 2).mean()))


def test_stems_add_up_to_the_mix(tmp_path):
    # A short chord that is far louder than the rest makes the limiter work.
    hit = Track(make_notes([960] * 6, [240] * 6, [36, 48, 55, 60, 64, 67], [127] * 6), 61)
    score = band()
    score = Score(480, (*score.tracks, Track(make_notes([], [], [], []), 5), hit), score.tempos)
    write_audio(score, tmp_path / "mix.wav")
    mix, _ = soundfile.read(tmp_path / "mix.wav")
    found = {number: soundfile.read(io.BytesIO(data))[0] for number, data in stems(score, ".wav")}
    assert list(found) == [0, 1, 2, 3, 5]
    assert np.abs(mix).max() > 0.99 * CEILING
    # Each of the six files is off by one step of 16 bits at most.
    assert np.abs(sum(found.values()) - mix).max() <= 6 / 32768
    left, right = (found[1] ** 2).sum(axis=0)
    assert left != pytest.approx(right, rel=0.1)


@pytest.mark.parametrize("dry", [False, True])
def test_sound_is_sound_of_the_right_length_and_level(dry):
    score = band()
    sound = synthesize(score, dry=dry)
    assert sound.dtype == np.float32
    assert sound.shape[1] == 2
    assert np.isfinite(sound).all()
    assert duration_seconds(score) <= len(sound) / RATE <= duration_seconds(score) + 5.3
    assert np.abs(sound).max() <= CEILING * (1 + 1e-6)
    assert loudness_dbfs(sound.T) == pytest.approx(LOUDNESS_DBFS, abs=1.0)
    assert np.abs(sound.mean(axis=0)).max() < 1e-4
    for beat in range(16):
        assert rms(sound, beat / 2, 0.25) > 0.01


def test_equal_scores_give_equal_samples():
    assert np.array_equal(synthesize(band()), synthesize(band()))


def test_the_room_is_heard_but_low_and_differs_from_side_to_side():
    score = a_score(one_note(72, program=73))
    dry, wet = synthesize(score, dry=True), synthesize(score)
    assert np.array_equal(dry[:, 0], dry[:, 1])
    assert not np.array_equal(wet[:, 0], wet[:, 1])
    # After the note's own release the room goes on.
    assert rms(wet, 1.35, 0.15) > 3 * rms(dry, 1.35, 0.15)
    assert rms(wet, 1.35, 0.15) < 0.1 * rms(wet, 0.3, 0.5)


@pytest.mark.parametrize("pitch", [57, 69, 81])
@pytest.mark.parametrize("program", [40, 73, 81, 0])
def test_pitches_are_in_tune(program, pitch):
    expected = 440 * 2 ** ((pitch - 69) / 12)
    harmonic = strongest_hz(synthesize(a_score(one_note(pitch, program=program)), dry=True)) / expected
    assert round(harmonic) in (1, 2, 3, 4)
    assert 1200 * abs(np.log2(harmonic / round(harmonic))) < 20


@pytest.mark.parametrize(("value", "semitones"), [(8191, 2), (-8192, -2), (4096, 1)])
def test_bends_reach_two_semitones(value, semitones):
    score = a_score(one_note(program=73, pitch_bends=bend((0, value))))
    straight = strongest_hz(synthesize(a_score(one_note(program=73)), dry=True))
    assert 12 * np.log2(strongest_hz(synthesize(score, dry=True)) / straight) == pytest.approx(semitones, abs=0.1)


def test_a_bend_acts_from_its_onset_on_and_until_it_is_taken_back():
    track = Track(make_notes([0, 1920], 1440, 69, 100), 73, pitch_bends=bend((960, 8191), (1920, 0)))
    sound = synthesize(a_score(track), dry=True)
    before, within, after = (strongest_hz(sound, start, 0.4) for start in (0.4, 1.05, 2.4))
    assert 12 * np.log2(within / before) == pytest.approx(2, abs=0.15)
    assert 12 * np.log2(after / before) == pytest.approx(0, abs=0.15)


def test_every_program_sounds():
    for program in range(128):
        sound = synthesize(a_score(one_note(60, program=program, beats=0.5)), dry=True)
        assert rms(sound, 0.0, 0.3) > 0.01, program


@pytest.mark.parametrize("program", [0, 40, 127])
@pytest.mark.parametrize("pitch", [36, 38, 42, 49])
def test_drums_sound_whatever_their_program_and_however_short(program, pitch):
    score = a_score(one_note(pitch, program=program, beats=0, is_drum=True))
    sound = synthesize(score, dry=True)
    assert rms(sound, 0, 0.05) > 0.01
    assert len(sound) > 0.1 * RATE


def test_a_closing_hi_hat_silences_the_open_one():
    opened = synthesize(a_score(one_note(46, is_drum=True), one_note(36, is_drum=True, onset=4)), dry=True)
    both = make_notes([0, 96], 10, [46, 44], [100, 1])
    closed = synthesize(a_score(Track(both, is_drum=True), one_note(36, is_drum=True, onset=4)), dry=True)
    assert rms(closed, 0.2, 0.2) < 0.2 * rms(opened, 0.2, 0.2)


def test_notes_without_duration_are_heard():
    assert rms(synthesize(a_score(one_note(beats=0))), 0, 0.03) > 1e-3


def test_louder_velocities_sound_louder():
    notes = make_notes([0, 960, 1920], 480, 69, [20, 64, 127])
    sound = synthesize(a_score(Track(notes, 73)), dry=True)
    levels = [rms(sound, start, 0.4) for start in (0, 1, 2)]
    # 40 log10 of the velocity, as General MIDI recommends.
    assert 20 * np.log10(levels[2] / levels[1]) == pytest.approx(40 * np.log10(127 / 64), abs=1)
    assert 20 * np.log10(levels[1] / levels[0]) == pytest.approx(40 * np.log10(64 / 20), abs=1)


@pytest.mark.parametrize("beats", [1.0, 3.5])
def test_notes_begin_where_the_tempo_map_says(beats):
    score = Score(480, (one_note(program=81, onset=beats),), (Tempo(0, 60.0), Tempo(480, 240.0)))
    sound = synthesize(score, dry=True)
    first = np.flatnonzero(np.abs(sound[:, 0]) > 0.02)[0] / RATE
    assert first == pytest.approx(1 + (beats - 1) / 4, abs=0.02)


def test_the_end_fades_into_silence():
    sound = synthesize(band())
    assert np.abs(sound[-1]).max() < 1e-4
    assert rms(sound, len(sound) / RATE - 0.05, 0.05) < 3e-3


def test_peaks_are_limited_without_clipping():
    random = np.random.default_rng(0)
    mix = 0.02 * random.standard_normal((2, 3 * RATE)).astype(np.float32)
    mix[:, RATE] = 5.0
    mix[0, -1] = -4.0
    master(mix)
    assert np.abs(mix).max() <= CEILING * (1 + 1e-6)
    # Far from the peaks nothing has been turned down.
    assert np.sqrt((mix[:, RATE // 4 : RATE // 2] ** 2).mean()) > 2 * np.sqrt(
        (mix[:, RATE + 2 : RATE + 400] ** 2).mean()
    )


def test_a_piece_that_is_empty_or_too_long_is_refused():
    with pytest.raises(FormatError, match="no notes"):
        synthesize(Score(480))
    with pytest.raises(FormatError, match="no notes"):
        synthesize(a_score(Track()))
    with pytest.raises(FormatError, match=f"limit of {MAX_MINUTES:.0f}"):
        synthesize(a_score(one_note(onset=MAX_MINUTES * 121)))


@pytest.mark.parametrize("drums", [False, True])
def test_a_font_of_the_users_is_played_in_tune(tmp_path, drums):
    path = tmp_path / "sine.sf2"
    path.write_bytes(plain_sf2(drums=drums, rate=22050))
    # At half the rate the recorded sine of 441 Hz is one of 220.5 Hz, an octave up on a key an octave above its root.
    sound = synthesize(a_score(one_note(81, program=56, is_drum=drums)), dry=True, soundfont=path)
    assert strongest_hz(sound) == pytest.approx(441, abs=1)


def test_a_damaged_font_gives_sound_or_a_format_error(tmp_path):
    whole = plain_sf2()
    random = np.random.default_rng(2)
    score = a_score(Track(make_notes([0, 480, 960], 240, [30, 69, 100], 100), pitch_bends=bend((0, 100))))
    for number in range(60):
        data = bytearray(whole)
        for at in random.integers(len(data) - 420, len(data), 3):
            data[at] = random.integers(256)
        path = tmp_path / f"{number}.sf2"
        path.write_bytes(bytes(data))
        try:
            sound = synthesize(score, dry=True, soundfont=path)
        except FormatError:
            continue
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() <= CEILING * (1 + 1e-6)


def test_a_font_without_drums_leaves_them_to_the_embedded_one(tmp_path):
    path = tmp_path / "sine.sf2"
    path.write_bytes(plain_sf2(pan=-500))
    score = a_score(one_note(38, is_drum=True), one_note(onset=3))
    sound = synthesize(score, dry=True, soundfont=path)
    assert rms(sound, 0, 0.1) > 0.01
    left, right = np.sqrt((sound[int(1.6 * RATE) : int(2.3 * RATE)] ** 2).mean(axis=0))
    assert right < 0.05 * left


@pytest.mark.parametrize(("ending", "slack"), [(".wav", 0), (".flac", 0), (".ogg", 0.03), (".mp3", 0.1)])
def test_each_format_is_written_whole(tmp_path, ending, slack):
    path = tmp_path / f".piece-x8{ending}"
    score = band()
    write_audio(score, path)
    sound, rate = soundfile.read(path)
    expected = synthesize(score)
    assert rate == RATE
    assert sound.shape[1] == 2
    assert len(sound) / rate == pytest.approx(len(expected) / RATE, abs=slack)
    assert np.sqrt((sound**2).mean()) == pytest.approx(np.sqrt((expected**2).mean()), rel=0.02)
    assert np.abs(sound).max() <= (1.0 if slack else CEILING + 1e-4)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(FormatError, match="ending"):
        write_audio(band(), tmp_path / "x.aiff")
    with pytest.raises(FormatError, match=r"x\.wav: cannot be written"):
        write_audio(a_score(one_note()), tmp_path / "none" / "x.wav")
    with pytest.raises(FormatError, match="SoundFont"):
        write_audio(band(), tmp_path / "x.wav", soundfont=tmp_path / "none.sf2")


def test_the_sustain_pedal_is_heard():
    """A short key under a pedal sounds as one that is held as long, and not as one without the pedal."""
    short = one_note(beats=0.5)
    under = one_note(beats=0.5, pedals=make_pedals([240], [1680]))
    sounds = [synthesize(a_score(track), dry=True) for track in (under, one_note(beats=4), short)]
    assert np.array_equal(sounds[0], sounds[1])
    assert len(sounds[2]) < len(sounds[0]) - RATE


def test_notes_that_sound_too_long_together_are_refused_before_they_are_played():
    notes = make_notes(np.arange(4000), 480 * 60, np.arange(4000) % 128, 80)
    with pytest.raises(FormatError, match=r"4000 notes that sound for 33 hours together are more than the limit of 30"):
        synthesize(a_score(Track(notes)))
