"""What was chosen or tuned for a composer comes back as it was written, and damage is one line."""

import json

import pytest

from componium.artifacts import STYLES, load_artifact
from componium.artifacts.at_hand import EMBEDDED
from componium.conditioning.style_profile import StyleProfile, read_profile, starting_profile
from componium.errors import ArtifactError

WHOLE = starting_profile((), 100.0, "quarter").to_bytes()


@pytest.mark.parametrize("name", sorted(folder.name for folder in EMBEDDED.iterdir()))
def test_embedded_profiles_are_written_as_they_are_read(name):
    artifact = load_artifact(name)
    content = (artifact.folder / STYLES).read_bytes()
    assert artifact.profile.to_bytes() == content
    assert STYLES in artifact.manifest.files


def test_a_profile_has_no_values_of_its_own():
    """Every number stands in the file: without any one of them it is refused."""
    whole = json.loads(starting_profile(("pop",), 100.0, "quarter").to_bytes())

    def places(content, at=()):
        for name, value in content.items():
            if isinstance(value, dict) and value:
                yield from places(value, (*at, name))
            else:
                yield (*at, name)

    # Constraints, checks and human figures that are absent do not apply.
    may_lack = [
        at for at in places(whole)
        if not (len(at) == 2 and at[0] in ("constraints", "checks") and at[1] not in ("well_formedness", "most_drafts"))
        and not (at[0] == "styles" and at[2] == "human" and len(at) < 5)
    ]  # fmt: skip
    assert len(may_lack) > 80
    for at in may_lack:
        lacking = json.loads(json.dumps(whole))
        inner = lacking
        for name in at[:-1]:
            inner = inner[name]
        del inner[at[-1]]
        with pytest.raises(ValueError, match="Field required"):
            StyleProfile.model_validate(lacking)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not JSON"),
        (b"{}", "temperature: Field required"),
        (
            starting_profile((), 100.0, "quarter").to_bytes().replace(b'"temperature": 1.0', b'"temperature": "warm"'),
            "temperature",
        ),
    ],
)
def test_damage_is_said_in_one_line(tmp_path, content, message):
    (tmp_path / STYLES).write_bytes(content)
    with pytest.raises(ArtifactError, match=message) as caught:
        read_profile(tmp_path / STYLES)
    assert "\n" not in str(caught.value)


def test_new_composers_begin_with_what_is_known_of_their_styles():
    profile = starting_profile(("folk", "tunes"), 77.0, "quarter")
    assert list(profile.styles) == ["folk", "tunes"]
    assert profile.styles["folk"].tempo_bpm != 77.0 == profile.styles["tunes"].tempo_bpm
    assert profile.chooses_parts
    unnamed = starting_profile((), 77.0, "second")
    assert list(unnamed.styles) == [""]
    assert not unnamed.chooses_parts
    applying = unnamed.constraints.model_dump(exclude_none=True)
    assert set(applying) == {"well_formedness", "key", "ranges", "monotony"}


def test_ensembles_of_other_parts_are_those_of_what_a_composer_has():
    profile = starting_profile(("string-quartet", "folk"), 77.0, "quarter").for_parts(("cello", "viola"))
    quartet, folk = profile.styles["string-quartet"], profile.styles["folk"]
    assert (quartet.ensembles, quartet.full_band) == ((("viola", "cello"),), ("viola", "cello"))
    # None of its parts is there: all play.
    assert (folk.ensembles, folk.full_band) == (((),), ())
