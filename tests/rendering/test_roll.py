import numpy as np
import pytest
from PIL import Image

from componium.errors import FormatError
from componium.rendering import roll
from componium.rendering.roll import draw_roll, write_roll
from componium.rendering.roll_canvas import COLORS, DRUM_COLOR, WIDTH, paler
from componium.score import Score, TimeSignature, Track, make_notes

LEFT, RIGHT = roll._MARGIN + roll._GUTTER, WIDTH - roll._MARGIN


def track(onset, duration, pitch, velocity=127, **more):
    return Track(make_notes(onset, duration, pitch, velocity), **more)


def pixels(score):
    return np.asarray(draw_roll(score)).astype(int)


def close_to(picture, color, tolerance=12):
    return np.abs(picture - np.array(color)).max(axis=2) <= tolerance


def columns_of(picture, color):
    """First and last column of a color below the header's legend (which stands left of x = 70)."""
    found = np.flatnonzero(close_to(picture, color)[:, LEFT:].any(axis=0)) + LEFT
    return int(found[0]), int(found[-1])


def test_a_note_stands_at_its_onset_and_lasts_as_long_as_it_does():
    # Eight bars fill the width: the note takes the whole of the third bar.
    score = Score(480, (track([2 * 1920, 7 * 1920], [1920, 1920], [60, 72]), track([0], [8 * 1920], [48])))
    picture = pixels(score)
    bar = (RIGHT - LEFT) / 8
    rows = close_to(picture, COLORS[0])[:, LEFT + int(2.5 * bar)]
    columns = np.flatnonzero(close_to(picture, COLORS[0])[np.flatnonzero(rows)[2]])
    assert columns[0] == pytest.approx(LEFT + 2 * bar, abs=2)
    assert columns[-1] == pytest.approx(LEFT + 3 * bar, abs=3)
    assert 4 <= rows.sum() <= roll._ROW
    first, last = columns_of(picture, COLORS[1])
    assert (first, last) == (pytest.approx(LEFT, abs=2), pytest.approx(RIGHT, abs=3))


def test_higher_pitches_stand_higher_a_row_each():
    score = Score(480, (track([0, 480, 960], 400, [60, 61, 72]),))
    picture = close_to(pixels(score), COLORS[0])
    beat = (RIGHT - LEFT) / 4
    tops = [np.flatnonzero(picture[:, LEFT + int((index + 0.4) * beat)])[0] for index in range(3)]
    assert tops[0] - tops[1] == roll._ROW
    assert tops[0] - tops[2] == 12 * roll._ROW


def test_velocity_is_opacity():
    score = Score(480, (track([0, 480, 960], 400, 60, [20, 70, 127]),))
    picture = pixels(score)
    beat = (RIGHT - LEFT) / 4
    row = np.flatnonzero(close_to(picture, COLORS[0])[:, LEFT + int(2.4 * beat)])[3]
    darkness = [765 - picture[row, LEFT + int((index + 0.4) * beat)].sum() for index in range(3)]
    assert darkness[0] < darkness[1] < darkness[2]


def test_tracks_have_colors_of_their_own_and_drums_a_lane_below():
    score = Score(480, (track([0], [960], [60]), track([0], [960], [64]), track([0], [10], [36], is_drum=True)))
    picture = pixels(score)
    rows = [np.flatnonzero(close_to(picture, color)[:, LEFT:].any(axis=1)) for color in COLORS[:2]]
    drums = np.flatnonzero(close_to(picture, DRUM_COLOR)[:, LEFT : LEFT + 12].any(axis=1))
    assert rows[1].max() < rows[0].min()
    assert drums.max() > rows[0].max()


def test_parts_in_unison_both_keep_their_color():
    longer, shorter = track([0], [1920], [60], 90), track([480], [480], [60], 90)
    for tracks in ((longer, shorter), (shorter, longer), (longer, longer)):
        picture = pixels(Score(480, tracks))
        colors = [paler(color, 0.65 * (1 - 90 / 127)) for color in COLORS[:2]]
        column = LEFT + int(0.4 * (RIGHT - LEFT))
        heights = [close_to(picture, color, 2)[:, column].sum() for color in colors]
        upper = 0 if tracks[0] is shorter or tracks[1] is longer else 1
        # The upper one is slimmer; the lower one shows above and below it.
        assert heights[upper] >= 3
        assert heights[1 - upper] >= 2


def test_a_note_that_another_only_grazes_keeps_its_height():
    alone = Score(480, (Track(), track([960], [960], [60])))
    grazed = Score(480, (track([0], [1000], [60]), track([960], [960], [60])))
    column = LEFT + int(0.8 * (RIGHT - LEFT))
    heights = [close_to(pixels(score), COLORS[index])[:, column].sum() for index, score in ((0, alone), (1, grazed))]
    assert heights[0] == heights[1]


def test_drum_hits_stay_apart_and_are_drawn_once():
    # Thirty-seconds, eight bars wide: a hit has 6 pixels, less than its full width.
    hits = track(np.arange(0, 960, 60), 4000, 42, is_drum=True)
    score = Score(480, (hits, track([0], [9 * 1920], [60])))
    lane = close_to(pixels(score), DRUM_COLOR)[:, LEFT:]
    rows = np.flatnonzero(lane.sum(axis=1) > 20)
    starts = np.flatnonzero(np.diff(lane[rows[len(rows) // 2]].astype(int), prepend=0) == 1)
    assert len(starts) == 16
    # The second system has none, though the notes last into it.
    far = Score(480, (track([7 * 1920], [4 * 1920], [42], is_drum=True), track([0], [9 * 1920], [60])))
    below = close_to(pixels(far), DRUM_COLOR)[draw_roll(far).height // 2 + 60 :, LEFT:]
    assert not below.any()


def test_the_legend_names_parts_and_instruments():
    score = Score(480, (track([0], [9], [60], name="Lead", program=73), track([0], [9], [60], is_drum=True)))
    assert [label for label, _ in roll._legend(score)] == ["Lead  ·  flute", "Drums"]
    many = Score(480, tuple(track([0], [9], [index], name=str(index)) for index in range(128)))
    assert len(roll._legend(many)) == roll._MAX_LEGEND
    assert roll._legend(many)[-1][0] == "and 114 more"


def test_systems_hold_eight_bars_and_long_scores_say_what_is_shown():
    heights = {bars: draw_roll(Score(48, (track([0], [bars * 192], [60]),))).height for bars in (1, 8, 9, 16, 128)}
    assert heights[1] == heights[8] < heights[9] == heights[16] < heights[128]
    long = Score(48, (track(np.arange(10_000) * 192, 100, 60),))
    assert draw_roll(long).height == heights[128]
    assert "bars 1 to 128 of 10,000" in roll._summary(roll._plan(long))


@pytest.mark.parametrize(
    "score",
    [
        Score(480),
        Score(480, (Track(),), title="Nothing"),
        Score(480, (track([0], [0], [0]),)),
        Score(480, (track([0], [10], [127], 1),)),
        Score(480, (track([0], [10], [36], is_drum=True),)),
        Score(480, (track([0], [10], [60], name="\0\n" * 300),), title="long \n" * 100),
        Score(1, (track([0, 1], [3000, 5], [0, 127]),), time_signatures=(TimeSignature(0, 1, 64),)),
        Score(480, (track([5], [99], [60]),), time_signatures=(TimeSignature(0, 6, 8), TimeSignature(50, 3, 4))),
        Score(480, tuple(track([0], [480], [index]) for index in range(128))),
        Score(480, (track(range(40), 5, range(27, 67), is_drum=True), track([10**6], [5], [60]))),
    ],
)
def test_any_score_becomes_a_picture(score):
    picture = draw_roll(score)
    assert picture.mode == "RGB"
    assert picture.width == WIDTH
    assert 150 < picture.height < 20_000
    assert len(np.unique(np.asarray(picture))) > 10


def test_equal_scores_give_equal_pictures():
    score = Score(480, (track([0, 480], 400, [60, 64]),), title="Twice")
    assert draw_roll(score).tobytes() == draw_roll(score).tobytes()


def test_a_picture_is_written_as_png(tmp_path):
    score = Score(480, (track([0], [480], [60]),))
    write_roll(score, tmp_path / ".roll-x1.png")
    with Image.open(tmp_path / ".roll-x1.png") as picture:
        assert picture.format == "PNG"
        assert picture.size == draw_roll(score).size
    with pytest.raises(FormatError, match=r"\.png"):
        write_roll(score, tmp_path / "roll.jpg")
    with pytest.raises(FormatError, match="cannot be written"):
        write_roll(score, tmp_path / "none" / "roll.png")
