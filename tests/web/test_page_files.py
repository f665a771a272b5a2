"""Files and links that the page writes, read by Python: the front end's tests pin the same bytes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from fixtures.page_links import unpacked

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
    head, notes, pedals = unpacked(vector["fragment"])
    assert head == {name: piece["head"][name] for name in head}
    assert set(piece["head"]) == set(head)
    assert sorted(notes) == sorted(piece["notes"])
    assert sorted(pedals) == sorted(piece["pedals"])
