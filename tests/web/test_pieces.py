"""A piece is told while it is composed; whatever way it is asked for afterwards, it has the same notes."""

import base64
import json

import pytest
from fixtures.studio_client import assert_problem, wait_until
from pydantic import TypeAdapter

from componium.artifacts import artifact_for
from componium.composing.compose import compose_again
from componium.formats.midi import read_midi
from componium.web.answers import Begun, Piece
from componium.web.piece_json import note_rows


def told_notes(events):
    """The notes of events as they are in the end."""
    rows = [row for _, kind, data in events if kind == "notes" for row in data["notes"]]
    [end] = [data for _, kind, data in events if kind == "end"]
    for index, duration in end["cuts"]:
        rows[index][2] = duration
    assert len(rows) == end["n_notes"]
    return in_order(rows)


def in_order(rows):
    return sorted(rows, key=lambda row: (row[1], row[0], row[3], row[2], row[4]))


def without_given(rows):
    return [row[:5] for row in rows]


def test_its_head_comes_at_once_and_then_its_notes(studio):
    answer = studio.post("api/pieces", json={"task": "compose", "bars": 4, "seed": 7, "key": "D dorian"})
    begun = Begun.model_validate(answer.json())
    assert answer.headers["location"] == f"/api/pieces/{begun.id}"
    assert begun.url == f"p/{begun.id}"
    assert (begun.head.bars, begun.head.model, begun.head.key.name) == (4, "band", "D dorian")
    assert begun.head.request["seed"] == 7
    events = studio.events(begun.id)
    kinds = [kind for _, kind, _ in events]
    assert kinds[0] == "head"
    assert set(kinds[1:-1]) == {"notes"}
    assert kinds[-1] == "end"
    assert [number for number, _, _ in events] == list(range(len(events)))
    assert events[0][2] == {"id": begun.id, "head": answer.json()["head"]}
    composed_to = [data["composed_to"] for _, kind, data in events if kind == "notes"]
    assert composed_to == sorted(composed_to)
    assert composed_to[-1] <= begun.head.end


@pytest.mark.parametrize("fields", [{"bars": 4, "seed": 3}, {"style": "pop", "seed": 5}, {"model": "piano-giantmidi"}])
def test_its_notes_are_the_same_in_events_in_memory_in_the_store_and_in_the_file(studio, fields):
    fields = {"bars": 2, **fields}
    model = fields.pop("model", None)
    key = studio.post(
        "api/pieces", params={"model": model} if model else {}, json={"task": "compose", **fields}
    ).json()["id"]
    told = told_notes(studio.events(key))
    assert told
    in_memory = studio.get(f"api/pieces/{key}").json()
    Piece.model_validate(in_memory)
    studio.services.studio.forget(key)
    assert studio.services.studio.in_memory(key) is None
    stored = studio.get(f"api/pieces/{key}").json()
    assert told == in_memory["notes"] == stored["notes"]
    assert in_memory == stored
    assert in_memory["is_whole"] is True
    score = read_midi(studio.get(f"api/pieces/{key}.mid").content)
    playing = sorted({row[0] for row in told})
    assert without_given(note_rows(score, playing)) == without_given(told)
    assert told_notes(studio.events(key)) == told


def test_its_file_composes_it_again(studio):
    key, _ = studio.composed(seed=11)
    score = read_midi(studio.get(f"api/pieces/{key}.mid").content)
    again = compose_again(score, artifact_for("compose")).score
    assert note_rows(again) == note_rows(score)


def test_what_a_prompt_keeps_is_given_also_in_the_store(studio):
    key, events = studio.composed(seed=2, bars=4, style="folk")
    prompt = base64.b64encode(studio.get(f"api/pieces/{key}.mid").content).decode()
    before = told_notes(events)
    request = {"task": "infill", "prompt": prompt, "first_bar": 3, "last_bar": 4}
    begun = studio.post("api/pieces", json=request).json()
    assert "prompt" not in begun["head"]["request"]
    after = told_notes(studio.events(begun["id"]))
    given = [row for row in after if row[5]]
    onsets = {row[1] for row in given}
    assert given
    assert max(onsets) < min(row[1] for row in after if not row[5])
    assert without_given(given) == [row[:5] for row in before if row[1] <= max(onsets)]
    studio.services.studio.forget(begun["id"])
    assert studio.get(f"api/pieces/{begun['id']}").json()["notes"] == after


def test_its_events_go_on_from_any_of_them(studio):
    key, events = studio.composed(seed=4, bars=8)
    assert len(events) > 3
    assert studio.events(key, first=2) == events[2:]
    assert studio.events(key, headers={"Last-Event-ID": "1"}) == events[2:]
    assert studio.events(key, first=len(events)) == []
    studio.services.studio.forget(key)
    stored = studio.events(key)
    assert [kind for _, kind, _ in stored] == ["head", "notes", "end"]
    # A number of before means nothing there: who goes on from it misses no note.
    assert studio.events(key, headers={"Last-Event-ID": "1"}) == stored


def test_two_follow_one_piece(studio):
    key = studio.begin(bars=64, seed=9)["id"]
    with studio.stream("GET", f"api/pieces/{key}/events") as first:
        lines = first.iter_lines()
        assert next(lines) == "id: 0"
        second = studio.events(key)
    assert second[-1][1] == "end"
    assert studio.events(key) == second


def test_stopped_midway_it_is_what_is_there(studio):
    key = studio.begin(bars=2000, seed=6)["id"]
    with studio.stream("GET", f"api/pieces/{key}/events") as answer:
        lines = answer.iter_lines()
        for line in lines:
            if line == "event: notes":
                break
        assert studio.delete(f"api/pieces/{key}").status_code == 204
        rest = list(lines)
    assert "event: end" in rest
    events = studio.events(key)
    end = events[-1][2]
    assert end["is_stopped"] is True
    assert 1 <= end["bars"] < 2000
    told = told_notes(events)
    piece = studio.get(f"api/pieces/{key}").json()
    assert piece["notes"] == told
    assert piece["is_whole"]
    assert piece["head"]["bars"] == end["bars"]
    assert all(row[1] + row[2] <= end["end"] for row in told)
    score = read_midi(studio.get(f"api/pieces/{key}.mid").content)
    assert score.n_notes == len(told)
    assert studio.delete(f"api/pieces/{key}").status_code == 204


def test_stopped_before_its_first_note_it_ends(studio):
    key = studio.begin(bars=2000, seed=8)["id"]
    studio.delete(f"api/pieces/{key}")
    assert studio.events(key)[-1][1] == "end"


def test_a_piece_in_work_is_got_as_far_as_it_is(studio):
    key = studio.begin(bars=2000, seed=12)["id"]
    wait_until(lambda: studio.get(f"api/pieces/{key}").json()["notes"])
    piece = studio.get(f"api/pieces/{key}").json()
    Piece.model_validate(piece)
    assert piece["is_whole"] is False
    studio.delete(f"api/pieces/{key}")


@pytest.mark.parametrize("path", ["events", "", ".mid", ".wav"])
def test_an_unknown_address_is_a_problem(studio, path):
    where = f"api/pieces/nobody{path}" if path.startswith(".") else f"api/pieces/nobody/{path}".rstrip("/")
    assert_problem(studio.get(where), 404, "'nobody'")
    assert_problem(studio.delete("api/pieces/nobody"), 404)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"task": "compose", "bars": -1}', "bars -1: must be a whole number from 1 to 2000"),
        ('{"task": "compose", "barz": 4}', "did you mean bars?"),
        ('{"task": "dance"}', "task dance: must be compose"),
        ('{"task": "compose", "bars": 4, "seconds": 9}', "give bars or seconds, not both"),
        ('{"task": "compose", "style": "<script>"}', "has no style '<script>'"),
        ('{"task": "compose", "count": 3}', "one piece for a request"),
        ('{"task": "infill", "prompt": "AAAA", "first_bar": 1, "last_bar": 1}', "not a readable MIDI file"),
        ('{"task": "continue"}', "prompt is missing"),
        ("[" * 100_000, "not a request"),
        ("\xff\xfe", "not a request"),
        ("", "not a request"),
    ],
)
def test_a_bad_request_is_told_in_a_sentence(studio, body, words):
    assert_problem(studio.post("api/pieces", content=body.encode("latin-1")), 422, words)


@pytest.mark.parametrize("name", ["nobody", "../../embedded/band", "/etc", "band/../band"])
def test_a_composer_is_named_and_never_a_path(studio, name):
    answer = studio.post("api/pieces", params={"model": name}, json={"task": "compose"})
    assert_problem(answer, 404, "no composer", "band")


def test_the_number_of_candidates_is_of_whom_can_wait(studio):
    eager, patient = ({"within": within} for within in (0.0, 10.0))
    body = {"task": "compose", "style": "pop", "bars": 2, "seed": 1}
    asked = [studio.post("api/pieces", params=own, json=body).json()["head"]["request"] for own in (eager, patient)]
    assert asked[0].get("best_of", 1) == 1
    assert asked[1]["best_of"] > 1
    named = studio.post("api/pieces", params=eager, json=body | {"best_of": 3}).json()
    assert named["head"]["request"]["best_of"] == 3


@pytest.mark.parametrize(
    ("ending", "begins"),
    [
        ("mid", b"MThd"),
        ("musicxml", b"<?xml"),
        ("wav", b"RIFF"),
        ("flac", b"fLaC"),
        ("ogg", b"OggS"),
        ("png", b"\x89PNG"),
    ],
)
def test_its_files(studio, ending, begins):
    key = studio.begin(seed=1)["id"]
    answer = studio.get(f"api/pieces/{key}.{ending}")
    assert answer.content.startswith(begins)
    assert "attachment" in answer.headers["content-disposition"]
    assert f".{ending}" in answer.headers["content-disposition"]


def test_an_unknown_ending_is_a_problem(studio):
    key, _ = studio.composed()
    assert_problem(studio.get(f"api/pieces/{key}.exe"), 404, "'exe'")


def test_what_is_answered_is_json_that_no_page_takes_for_html(studio):
    key, _ = studio.composed()
    answer = studio.get(f"api/pieces/{key}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    TypeAdapter(dict).validate_json(json.dumps(answer.json()))
