import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from componium.composing.requests import ComposeRequest, make_request, request_from_json, request_to_json
from componium.errors import RequestError

REQUESTS = st.builds(
    ComposeRequest,
    bars=st.none() | st.integers(1, 2000),
    tempo_bpm=st.none() | st.floats(10, 400),
    parts=st.lists(st.sampled_from(("violin", "40", "piano")), max_size=3).map(tuple),
    key=st.none() | st.sampled_from(("C", "f# minor", "Eb major", "D dorian")),
    style=st.none() | st.sampled_from(("pop", "any other")),
    chords=st.none() | st.sampled_from(("C", "C | Am F | G7/B | N")),
    density=st.none() | st.floats(0, 1) | st.sampled_from(("low", "medium", "high")),
    complexity=st.none() | st.floats(0, 1),
    temperature=st.none() | st.floats(0, 5),
    top_p=st.none() | st.floats(0, 1),
    seed=st.integers(0, 2**63 - 1),
    count=st.integers(1, 1000),
    time_signature=st.none() | st.sampled_from(("3/4", "6/8")),
)


@given(REQUESTS)
def test_a_request_survives_json(request):
    assert request_from_json(request_to_json(request)) == request


def test_a_prompt_survives_json():
    data = bytes(range(256))
    request = make_request(task="continue", prompt=base64.b64encode(data), bars=2)
    assert request.prompt == data
    assert request_from_json(request_to_json(request)) == request


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"bars": 0}, "bars: .*greater than or equal to 1"),
        ({"bars": 2001}, "bars: .*2000"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"bars": 4, "seconds": 3}, "bars or seconds, not both"),
        ({"tempo_bpm": 5}, "tempo_bpm"),
        ({"parts": ("kazoo solo",)}, "no instrument 'kazoo solo'"),
        ({"key": "H dur"}, "'H dur' is no key"),
        ({"temperature": -1}, "temperature"),
        ({"top_p": 1.5}, "top_p"),
        ({"seed": -1}, "seed"),
        ({"count": 0}, "count"),
        ({"time_signature": "4/3"}, "time_signature"),
        ({"tempo": 90}, "tempo: Extra inputs"),
        ({"density": 1.01}, "density: .*less than or equal to 1"),
        ({"complexity": -0.1}, "complexity: .*greater than or equal to 0"),
        ({"density": "loud"}, "density: .*number"),
        ({"chords": "C | Hm"}, "'Hm' is no chord symbol"),
        ({"chords": "C || F"}, "a bar is empty"),
        ({"chords": ""}, "a bar is empty"),
        ({"parts": ("random:3", "flute")}, "'random:N' stand alone"),
        ({"parts": ("flute", "all")}, "'all' and"),
        ({"parts": ("random:0",)}, "no instrument 'random:0'"),
        ({"task": "sing"}, "sing"),
        ({"task": "continue"}, "prompt: Field required"),
    ],
)
def test_what_cannot_be_asked_is_named_in_one_line(fields, complaint):
    with pytest.raises(RequestError, match=complaint) as caught:
        make_request(**fields)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"task": "compose", "bars": "x"}'])
def test_json_that_is_no_request_is_refused(text):
    with pytest.raises(RequestError):
        request_from_json(text)
