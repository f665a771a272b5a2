import numpy as np
import pytest

from componium.errors import ArtifactError
from componium.representations.forms import Forms, forms_of

LONG, SHORT, WALTZ, FOLK = ([0, 0, 2, 2, 0, 0, 4, 4], [0, 1], [0, 1, 1], [0, 0, 0, 300])
ROWS = [
    (style, *meter, np.array(form))
    for style, meter, form in ((1, (4, 4), LONG), (1, (4, 4), SHORT), (1, (3, 4), WALTZ), (2, (6, 8), FOLK))
]


def lists(forms):
    return [form.tolist() for form in forms]


@pytest.fixture
def forms():
    return forms_of(ROWS)


class TestOf:
    def test_of_the_meter_and_long_enough(self, forms):
        assert lists(forms.of(1, 4, 4, 2)) == [LONG, SHORT]
        assert lists(forms.of(1, 4, 4, 3)) == [LONG]
        assert lists(forms.of(1, 3, 4, 3)) == [WALTZ]

    def test_where_none_is_long_enough_the_meter_decides(self, forms):
        assert lists(forms.of(1, 3, 4, 4)) == [WALTZ]

    def test_where_none_has_the_meter_the_length_decides(self, forms):
        assert lists(forms.of(1, 5, 4, 3)) == [LONG, WALTZ]

    def test_of_a_style_without_any_there_is_none(self, forms):
        assert forms.of(3, 4, 4, 2) == []
        assert forms_of([]).of(1, 4, 4, 2) == []

    def test_longer_ways_back_than_a_byte_are_cut(self, forms):
        assert lists(forms.of(2, 6, 8, 4)) == [[0, 0, 0, 255]]


class TestStored:
    @pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
    def test_read_back_they_are_the_same(self, rows, tmp_path):
        path = tmp_path / "forms"
        path.write_bytes(forms_of(rows).to_bytes())
        found, kept = Forms.load(path), forms_of(rows)
        assert np.array_equal(found.about, kept.about)
        assert lists(found.forms) == lists(kept.forms)

    def test_what_does_not_fit_together_or_is_something_else_is_refused(self, forms, tmp_path):
        path = tmp_path / "forms"
        path.write_bytes(Forms(forms.about[:-1], forms.forms).to_bytes())
        with pytest.raises(ArtifactError, match="do not fit together"):
            Forms.load(path)
        path.write_bytes(b"no forms")
        with pytest.raises(ArtifactError) as caught:
            Forms.load(path)
        assert "\n" not in str(caught.value)
