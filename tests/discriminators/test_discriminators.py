import numpy as np
import pytest
from fixtures.discriminators import COLUMN_OF, random_stumps, stumps

from componium.descriptors import DESCRIPTORS
from componium.discriminators import Discriminators
from componium.errors import ArtifactError
from componium.fingerprints.packing import packed


@pytest.fixture
def two():
    return Discriminators({"pop": random_stumps(1, 5), "folk": random_stumps(2, 3)})


@pytest.fixture
def described():
    rng = np.random.default_rng(0)
    found = rng.normal(size=(4, len(DESCRIPTORS)))
    found[rng.random(found.shape) < 0.3] = np.nan
    return found


def test_what_is_written_is_read_again(two, described, tmp_path):
    path = tmp_path / "d.npz"
    path.write_bytes(two.to_bytes())
    again = Discriminators.load(path)
    assert list(again.by_style) == ["pop", "folk"]
    for style in two.by_style:
        assert again.human_share(style, described) == pytest.approx(two.human_share(style, described), rel=1e-5)
    assert two.human_share("pop", described) != pytest.approx(two.human_share("folk", described))
    assert again.to_bytes() == two.to_bytes()


def test_the_share_is_the_logistic_of_the_mean_log_odds():
    model = stumps((0, 0.0, -1.0, 3.0, True))
    described = np.full((2, len(DESCRIPTORS)), np.nan)
    described[1, 0] = 1.0
    assert Discriminators({"": model}).human_share("", described) == pytest.approx(1 / (1 + np.e))
    extreme = stumps((0, 0.0, -1e6, 1e6, True))
    assert Discriminators({"": extreme}).human_share("", described[:1]) == pytest.approx(1)


def test_descriptors_are_kept_by_name(tmp_path, monkeypatch, described):
    name = "parallel perfects" if "parallel perfects" in COLUMN_OF else DESCRIPTORS[40].name
    two = Discriminators({"pop": stumps((COLUMN_OF[name], 0.0, -1.0, 1.0, True))})
    path = tmp_path / "d.npz"
    path.write_bytes(two.to_bytes())
    before = two.human_share("pop", described)
    # A later version has another descriptor in front.
    moved = (DESCRIPTORS[0]._replace(name="new"), *DESCRIPTORS)
    monkeypatch.setattr("componium.discriminators.discriminators.DESCRIPTORS", moved)
    shifted = np.concatenate((np.zeros((4, 1)), described), axis=1)
    assert Discriminators.load(path).human_share("pop", shifted) == pytest.approx(before)
    monkeypatch.setattr(
        "componium.discriminators.discriminators.DESCRIPTORS", tuple(own for own in DESCRIPTORS if own.name != name)
    )
    with pytest.raises(ArtifactError, match=r"has no descriptor .*: calibrate the artifact again"):
        Discriminators.load(path)


def arrays(two):
    import io  # noqa: PLC0415 - here alone

    with np.load(io.BytesIO(two.to_bytes())) as stored:
        return {name: stored[name] for name in stored.files}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("left", lambda own: own * 0),  # back to the root, for ever
        ("right", lambda own: own + 100),
        ("left", lambda own: np.where(own == 1, 0, own)),
        ("feature", lambda own: own + 1000),
        ("feature", lambda own: own[:-1]),
        ("feature", lambda own: own.astype(np.int16) - 5),
        ("n_trees", lambda own: own + 1),
        ("n_trees", lambda own: own[:1]),
        ("baseline", lambda own: own * np.nan),
        ("threshold", lambda own: own.astype(np.int32)),
        ("styles", lambda own: np.array(["pop", "pop"])),
        ("names", lambda own: own[:1]),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(two, tmp_path, name, change):
    path = tmp_path / "d.npz"
    stored = arrays(two)
    path.write_bytes(packed(**stored | {name: change(stored[name])}))
    with pytest.raises(ArtifactError, match="no discriminators") as caught:
        Discriminators.load(path)
    assert "\n" not in str(caught.value)
