"""``/healthz`` and ``/metrics``: for those who run the server."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from componium.errors import ComponiumError
from componium.web.answers import Health
from componium.web.services import Own

router = APIRouter(tags=["operation"])


@router.get("/healthz", response_model=Health)
def get_health(own: Own) -> Response:
    """Returns whether the database answers and composers are at hand; status 503 if not."""
    composers = len(own.composers.all())
    try:
        own.stored.count()
        status = "ok" if composers else "no composer is at hand"
    except ComponiumError as error:
        status = str(error)
    health = Health(status=status, pieces_in_work=own.studio.n_in_work, composers=composers)
    return JSONResponse(health.model_dump(), 200 if status == "ok" else 503)


@router.get("/metrics", response_class=Response)
def get_metrics(own: Own) -> Response:
    """Returns counters and timings in the format of Prometheus."""
    return Response(generate_latest(own.measures.registry), media_type=CONTENT_TYPE_LATEST)
