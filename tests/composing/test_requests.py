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
        ({"bars": 0}, "bars 0: must be a whole number from 1 to 2000"),
        ({"bars": 2001}, "bars 2001: .*2000"),
        ({"bars": "many"}, "bars many: must be a whole number"),
        ({"bars": 2.5}, "bars 2.5: must be a whole number"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"bars": 4, "seconds": 3}, "bars or seconds, not both"),
        ({"tempo_bpm": 5}, "tempo_bpm 5: must be a number from 10 to 400"),
        ({"parts": ("kazoo solo",)}, "^parts: no instrument 'kazoo solo'"),
        ({"key": "H dur"}, "^key: 'H dur' is no key"),
        ({"temperature": -1}, "temperature"),
        ({"top_p": 1.5}, "top_p"),
        ({"seed": -1}, "seed"),
        ({"count": 0}, "count"),
        ({"time_signature": "4/3"}, "time_signature: '4/3' is no time signature: write .* such as 3/4"),
        ({"tempo": 90}, "tempo=90: a request to compose has no field tempo; did you mean tempo_bpm"),
        ({"swing": 1}, "it has bars, seconds, "),
        ({"density": 1.01}, "density 1.01: must be low, medium, high or a number from 0 to 1"),
        ({"complexity": -0.1}, "complexity -0.1: must be low"),
        ({"density": "loud"}, "density loud: must be low, medium, high or a number"),
        ({"chords": "C | Hm"}, "^chords: 'Hm' is no chord symbol"),
        ({"chords": "C || F"}, "chords: bar 2 is empty"),
        ({"chords": ""}, "chords: bar 1 is empty"),
        ({"parts": ("random:3", "flute")}, "'random:N' stand alone"),
        ({"parts": ("flute", "all")}, "'all' and"),
        ({"parts": "-1"}, "parts: no instrument '-1'"),
        ({"parts": 5}, "parts 5: must be a list of text"),
        (
            {"task": "infill", "prompt": "", "first_bar": 1, "last_bar": 1, "tracks": (1, 2.5)},
            r"tracks 2\.5: must be text",
        ),
        ({"parts": ("random:0",)}, "no instrument 'random:0'"),
        ({"task": "sing"}, "task sing: must be compose, continue, accompany, infill, restyle, vary or blend"),
        ({"task": "continue"}, "prompt is missing: The MIDI file"),
        (
            {"seed": 2**63},
            "seed 9223372036854775808: must be a whole number of at least 0, below 9,223,372,036,854",
        ),
        ({"seed": 10**5000}, "seed of thousands of digits: must be a whole number"),
        ({"chords": "C | " * 10_000 + "C"}, "40,001 characters of chords are more than the limit of 20,000"),
    ],
)
def test_what_cannot_be_asked_is_named_in_one_line(fields, complaint):
    with pytest.raises(RequestError, match=complaint) as caught:
        make_request(**fields)
    assert "\n" not in str(caught.value)


def test_a_list_may_be_written_as_one_text():
    assert make_request(parts="flute, cello,piano").parts == ("flute", "cello", "piano")
    assert make_request(parts="flute") == make_request(parts=("flute",))
    assert make_request(task="infill", prompt="", first_bar=1, last_bar=1, tracks="1,low").tracks == ("1", "low")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"task": "compose", "bars": "x"}'])
def test_json_that_is_no_request_is_refused(text):
    with pytest.raises(RequestError):
        request_from_json(text)
