"""What the routes work with: made once for an application, found in its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from componium.store import StoredPieces
from componium.web.composers import Composers
from componium.web.operation.measures import Measures
from componium.web.page import Page
from componium.web.settings import StudioSettings
from componium.web.work.processes import Pool
from componium.web.work.studio import Studio


@dataclass(frozen=True)
class Services:
    """The parts of a server."""

    settings: StudioSettings
    composers: Composers
    stored: StoredPieces
    studio: Studio
    pool: Pool
    page: Page
    measures: Measures


def make_services(settings: StudioSettings, engine: Engine) -> Services:
    """Returns the parts of a server on an open database."""
    composers, stored, measures = Composers(), StoredPieces(engine), Measures()
    studio = Studio(settings, composers, stored, measures)
    measures.watch(lambda: studio.n_in_work)
    pool = Pool(settings.n_processes)
    return Services(settings, composers, stored, studio, pool, Page(settings.prefix, settings.data), measures)


def _of(request: Request) -> Services:
    return request.app.state.services


Own = Annotated[Services, Depends(_of)]
"""As an argument of a route: the services of its application."""
