"""JSON is read by the standard; what Python takes beyond it is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.formats.strict_json import parse_json

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | numbers | text, lambda own: st.lists(own) | st.dictionaries(text, own), max_leaves=10
)


@given(values)
def test_what_the_standard_allows_is_read_as_by_python(value):
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "data",
    [
        "NaN", "[Infinity]", '{"a": -Infinity}', "1e400", "-1e400", "9" * 10_000,
        "-" + "9" * 30, str(2**64), "1" * 5000,
        '{"a": 1, "a": 2}', '"\\ud800"', '{"\\udc00": 1}', "[" * 100_000,
        '{"a":' * 100_000, "[" * 100 + "]" * 100, "",
        b"\xff", b"\xff\xfe[\0]\0", "[1,]", "{'a': 1}",
    ],
    ids=range(20),
)  # fmt: skip
def test_what_it_does_not_is_refused(data):
    with pytest.raises(ValueError):  # noqa: PT011 - each kind has words of its own
        parse_json(data)
