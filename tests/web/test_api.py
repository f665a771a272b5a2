"""What the studio says of itself: answers fit their models, the description is whole, the figures are counted."""

import sys

import pytest
from fixtures.studio_client import assert_problem
from prometheus_client.parser import text_string_to_metric_families

from componium.artifacts import load_artifact
from componium.artifacts.at_hand import EMBEDDED
from componium.composing.requests import ComposeRequest
from componium.rendering.soundfont import EMBEDDED_PROGRAMS
from componium.store.recordings import find_recordings
from componium.web.answers import Card, Piece, Recordings, StudioAnswer

COMPOSERS = sorted(folder.name for folder in EMBEDDED.iterdir())


def test_what_the_studio_can(studio):
    can = StudioAnswer.model_validate(studio.get("api/studio").json())
    assert can.models[0].name == "band"
    assert {model.name for model in can.models} == set(COMPOSERS)
    band = can.models[0]
    assert band.chooses_parts
    assert {"compose", "continue", "accompany", "infill"} == set(band.tasks)
    assert "folk" in {style.name for style in band.styles}
    assert len(can.programs) == 128
    assert set(can.programs) <= set(EMBEDDED_PROGRAMS)
    assert can.endings["mid"] == ""


def test_what_is_missing_is_named(studio, monkeypatch):
    monkeypatch.setattr("componium.rendering.files._is_installed", lambda package: package != "typst")
    endings = studio.get("api/studio").json()["endings"]
    assert "extra 'score'" in endings["pdf"]
    assert "python -m pip install" in endings["pdf"]
    assert sys.executable not in endings["pdf"]
    assert endings["svg"] == ""


@pytest.mark.parametrize("name", COMPOSERS)
def test_the_card_of_a_composer(studio, name):
    card = Card.model_validate(studio.get(f"api/models/{name}").json())
    assert card.model.name == name
    assert card.corpora
    assert all(corpus.licence for corpus in card.corpora)
    assert card.figures["test"][load_artifact(name).manifest.judged_by.name] > 0
    assert card.losses[-1]["step"] > card.losses[0]["step"]
    assert_problem(studio.get("api/models/nobody"), 404, "band")


def test_recorded_music(studio):
    found = Recordings.model_validate(studio.get("api/recordings").json()).recordings
    assert [own.name for own in found] == list(find_recordings())
    piece = Piece.model_validate(studio.get(f"api/recordings/{found[0].name}").json())
    assert piece.is_whole
    assert piece.notes
    assert len(piece.head.parts) == len(found[0].parts)
    assert found[0].title in piece.head.title
    assert_problem(studio.get("api/recordings/..%2Fx"), 404)


def test_its_description_names_every_route_and_resolves(studio):
    described = studio.get("openapi.json").json()
    assert {"/api/pieces", "/api/pieces/{key}/events", "/api/library/{key}", "/api/files/{ending}"} <= set(
        described["paths"]
    )
    schemas = described["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    for reference in references(described):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"] or operation["description"], (method, path)
            assert "default" in operation["responses"]
    fields = schemas["ComposeRequest"]["properties"]
    assert set(fields) == set(ComposeRequest.model_fields)
    assert schemas["Request"]["examples"]


def test_the_examples_of_requests_are_requests(studio):
    schema = studio.get("openapi.json").json()["components"]["schemas"]["Request"]
    for example in schema["examples"]:
        if "prompt" not in example:
            assert studio.post("api/pieces", json=example | {"bars": 1}).status_code == 201


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for own in value.values():
            yield from references(own)
    elif isinstance(value, list):
        for own in value:
            yield from references(own)


def test_its_figures_are_counted(run_studio):
    studio = run_studio()

    def figure(name):
        families = text_string_to_metric_families(studio.get("metrics").text)
        return sum(sample.value for family in families for sample in family.samples if sample.name == name)

    before = figure("componium_pieces_composed_total"), figure("componium_first_notes_seconds_count")
    studio.composed()
    assert figure("componium_pieces_composed_total") == before[0] + 1
    assert figure("componium_first_notes_seconds_count") == before[1] + 1
    assert figure("componium_answer_seconds_count") > 0
    assert figure("componium_pieces_in_work") >= 0


def test_it_is_well(studio):
    answer = studio.get("healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
