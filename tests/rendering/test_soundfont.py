import numpy as np
import pytest
from fixtures.soundfonts import plain_sf2

from componium.errors import FormatError
from componium.rendering.soundfont import EMBEDDED_FONT, EMBEDDED_PROGRAMS, NEAREST_PROGRAM
from componium.rendering.soundfont.reader import read_soundfont
from componium.score.instruments import program_family


def test_every_program_is_sent_to_one_that_the_font_has():
    assert len(NEAREST_PROGRAM) == 128
    assert set(NEAREST_PROGRAM) <= set(EMBEDDED_PROGRAMS)
    assert set(read_soundfont(EMBEDDED_FONT).presets) == {(0, p) for p in EMBEDDED_PROGRAMS} | {(128, 0)}
    assert all(NEAREST_PROGRAM[program] == program for program in EMBEDDED_PROGRAMS)


def test_families_that_the_font_has_stay_within_it():
    # Piano to brass hold a program each; keyboards that pluck, and basses that bow, are played by their like.
    kept = [p for p in range(128) if program_family(NEAREST_PROGRAM[p]) == program_family(p)]
    assert len(kept) > 75
    assert all(program_family(NEAREST_PROGRAM[p]) == 4 for p in range(32, 40))


def test_every_zone_of_the_font_has_a_sample_that_decodes():
    font = read_soundfont(EMBEDDED_FONT)
    zones = {zone.sample: zone for preset in font.presets.values() for zone in preset}
    for sample in list(zones)[::9]:
        frames = font.sample(sample)
        assert len(frames) > 100
        assert np.isfinite(frames).all()
        assert 0.01 < np.abs(frames).max() <= 1.5


def test_each_preset_answers_to_every_key_of_its_middle_range():
    font = read_soundfont(EMBEDDED_FONT)
    for (bank, program), zones in font.presets.items():
        if bank == 0:
            for key in (48, 60, 72):
                heard = [z for z in zones if z.keys[0] <= key <= z.keys[1] and z.velocities[0] <= 80 <= z.velocities[1]]
                assert heard, (program, key)


def test_a_plain_sf2_is_read_with_loops_counted_from_its_sample(tmp_path):
    path = tmp_path / "sine.sf2"
    path.write_bytes(plain_sf2(start=1000))
    font = read_soundfont(path)
    (zone,) = font.presets[0, 0]
    assert (zone.loop, zone.root_key) == ((100, 300), 69)
    assert len(font.sample(zone.sample)) == 400
    assert font.sample(zone.sample)[25] == pytest.approx(16000 / 32768, abs=1e-4)


@pytest.mark.parametrize("damage", ["missing", "empty", "random", "cut", "no presets"])
def test_a_font_that_cannot_be_read_is_one_clear_error(tmp_path, damage):
    path = tmp_path / "font.sf3"
    whole = EMBEDDED_FONT.read_bytes()
    data = {
        "empty": b"",
        "random": np.random.default_rng(0).bytes(5000),
        "cut": whole[: len(whole) // 2],
        "no presets": whole.replace(b"phdr", b"none"),
    }
    if damage != "missing":
        path.write_bytes(data[damage])
    with pytest.raises(FormatError, match=r"font\.sf3: .*SoundFont"):
        read_soundfont(path)


def test_damage_anywhere_is_a_format_error_or_harmless(tmp_path):
    whole = plain_sf2()
    random = np.random.default_rng(1)
    for number in range(150):
        data = bytearray(whole)
        for at in random.integers(12, len(data), 4):
            data[at] = random.integers(256)
        path = tmp_path / f"{number}.sf2"
        path.write_bytes(bytes(data))
        try:
            font = read_soundfont(path)
            for zones in font.presets.values():
                for zone in zones:
                    font.sample(zone.sample)
        except FormatError:
            pass
