"""Files and links that the page writes, read by Python: the front end's tests pin the same bytes."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from componium.formats.midi import read_midi

FIXTURES = Path(__file__).parents[1] / "fixtures"
MIDI = json.loads((FIXTURES / "page_midi.json").read_text(encoding="utf-8"))
LINKS = json.loads((FIXTURES / "links.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", MIDI, ids=[vector["name"] for vector in MIDI])
def test_midi_of_the_page_is_the_same_music(vector: dict[str, Any]) -> None:
    head, notes = vector["piece"]["head"], vector["piece"]["notes"]
    score = read_midi(base64.b64decode(vector["midi"]))
    assert score.remarks == ()
    assert score.ticks_per_quarter == head["ticks_per_quarter"]
    assert [list(meter) for meter in score.time_signatures] == head["meters"]
    assert [tempo.onset for tempo in score.tempos] == [onset for onset, _ in head["tempos"]]
    assert [tempo.tempo_bpm for tempo in score.tempos] == pytest.approx([bpm for _, bpm in head["tempos"]], rel=1e-5)
    key, [signature] = head["key"], score.key_signatures
    assert (signature.tonic, signature.is_minor) == (key["tonic"], key["name"].endswith("minor"))
    playing = sorted({note[0] for note in notes})
    assert len(score.tracks) == len(playing)
    for part, track in zip(playing, score.tracks, strict=True):
        own = head["parts"][part]
        assert (track.name, track.program, track.is_drum) == (own["name"], own["program"], own["is_drum"])
        rows = [[part, *map(int, row), 0] for row in track.notes.tolist()]
        assert sorted(rows) == sorted([part, *note[1:5], 0] for note in notes if note[0] == part)
        pedals = [row[1:] for row in vector["piece"]["pedals"] if row[0] == part]
        assert [list(map(int, row)) for row in track.pedals.tolist()] == pedals


@pytest.mark.parametrize("vector", LINKS, ids=[vector["name"] for vector in LINKS])
def test_links_of_the_page_hold_the_piece(vector: dict[str, Any]) -> None:
    piece = vector["piece"]
    head, notes, pedals = _unpacked(vector["fragment"])
    assert head == {name: piece["head"][name] for name in head}
    assert set(piece["head"]) == set(head)
    assert sorted(notes) == sorted(piece["notes"])
    assert sorted(pedals) == sorted(piece["pedals"])


class _Reader:
    """Reads the numbers and texts of a link."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self) -> int:
        value = self.number()
        return -(value + 1) // 2 if value % 2 else value // 2

    def numbers(self, count: int) -> list[int]:
        return [self.number() for _ in range(count)]

    def onsets(self, count: int, unit: int) -> list[int]:
        onset, found = 0, list[int]()
        for delta in self.numbers(count):
            onset += delta * unit
            found.append(onset)
        return found

    def running(self, count: int, value: int) -> list[int]:
        found = list[int]()
        for _ in range(count):
            value += self.signed()
            found.append(value)
        return found

    def text(self) -> str:
        size = self.number()
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-8")


def _unpacked(fragment: str) -> tuple[dict[str, Any], list[list[int]], list[list[int]]]:
    """The format as ``frontend/src/music/packing.ts`` describes it: head, notes and pedals as the API names them."""
    packed = base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4))
    assert packed[0] == 1
    reader = _Reader(zlib.decompress(packed[1:], -15))
    head: dict[str, Any] = {"title": reader.text(), "model": reader.text(), "style": reader.text()}
    request = reader.text()
    head["request"] = json.loads(request) if request else None
    head["ticks_per_quarter"], has_grid, head["bars"], head["end"], unit = reader.numbers(5)
    head["has_grid"] = bool(has_grid)
    count = reader.number()
    onsets = reader.onsets(count, unit)
    head["tempos"] = [[onset, value / 1000] for onset, value in zip(onsets, reader.numbers(count), strict=True)]
    count = reader.number()
    columns = reader.onsets(count, unit), reader.numbers(count), [2**own for own in reader.numbers(count)]
    head["meters"] = [list(row) for row in zip(*columns, strict=True)]
    head["key"] = _key(reader)
    count = reader.number()
    onsets = reader.onsets(count, unit)
    names = [reader.text() for _ in range(reader.number())]
    head["chords"] = [[onset, names[reader.number()]] for onset in onsets]
    head["parts"] = [
        {"name": reader.text(), "program": reader.number(), "is_drum": bool(reader.number())}
        for _ in range(reader.number())
    ]
    notes, pedals = list[list[int]](), list[list[int]]()
    for part in range(len(head["parts"])):
        count = reader.number()
        onsets, durations = reader.onsets(count, unit), [own * unit for own in reader.numbers(count)]
        pitches, velocities = reader.running(count, 60), reader.running(count, 80)
        notes += [[part, *row, 0] for row in zip(onsets, durations, pitches, velocities, strict=True)]
        count = reader.number()
        onsets, durations = reader.onsets(count, unit), [own * unit for own in reader.numbers(count)]
        pedals += [[part, *row] for row in zip(onsets, durations, strict=True)]
    assert reader.at == len(reader.data)
    return head, notes, pedals


def _key(reader: _Reader) -> dict[str, Any] | None:
    tonic = reader.number() - 1
    if tonic < 0:
        return None
    bits = reader.number()
    scale = [(tonic + step) % 12 for step in range(12)]
    return {"tonic": tonic, "scale": [tone for tone in scale if bits >> tone & 1], "name": reader.text()}
