"""The harnesses of the fuzzer hold for inputs that were found to matter, and for a few of chance."""

import random
from types import ModuleType

import pytest
from fuzz import artifacts, midi, musicxml, requests

from componium.errors import ComponiumError

HARNESSES = {"midi": midi, "musicxml": musicxml, "requests": requests, "artifacts": artifacts}
REQUESTS = (
    '{"index":Infinity}', '{"index":NaN}', '{"index":1e400}', '{"seed":' + "9" * 10_000 + "}", "[" * 100_000,
    '{"a":' * 50_000, '{"task":"compose","task":"infill"}', '{"style":"\\ud800"}', '"', "", "null", "[]", "1e999",
    '{"model":"band","digest":"","index":Infinity,"version":2,"request":{"task":"compose"}}',
    '{"model":"band","digest":"","index":0,"candidate":NaN,"version":2,"request":{"task":"compose"}}',
    '{"model":"band","digest":"","index":0,"version":1e300,"request":{"task":"compose"}}',
    '{"task":"compose","tempo_bpm":NaN}', '{"task":"compose","count":1000000000}', '{"task":"compose","bars":1000000}',
    '{"task":"compose","chords":"' + "C " * 100_000 + '"}', '{"task":"compose","key":"' + "x" * 100_000 + '"}',
    '{"task":"compose","parts":["' + "1" * 5000 + '"]}', '{"task":"infill","prompt":"AAAA","first_bar":1,"last_bar":9}',
)  # fmt: skip


def held(harness: ModuleType, data: bytes) -> None:
    """Runs a harness as the fuzzer does: it gives a result, or an error of one line."""
    try:
        harness.one_input(data)
    except ComponiumError as error:
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize("text", REQUESTS, ids=range(len(REQUESTS)))
def test_requests_that_are_none(text):
    held(requests, text.encode())


@pytest.mark.parametrize("name", HARNESSES)
def test_what_is_in_order_holds(name):
    for data in HARNESSES[name].seeds():
        held(HARNESSES[name], data)


@pytest.mark.parametrize("name", ["musicxml", "requests", "artifacts"])
@pytest.mark.parametrize("seed", range(5))
def test_what_chance_damages_holds(name, seed):
    rng = random.Random(seed)
    for data in HARNESSES[name].seeds():
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        held(HARNESSES[name], bytes(damaged[: rng.randint(len(damaged) // 2, len(damaged))]))
