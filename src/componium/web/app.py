"""Makes the studio's application."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from componium.web import page
from componium.web.page import Page
from componium.web.problems import add_handlers
from componium.web.routes import pieces, studio
from componium.web.settings import StudioSettings
from componium.web.work.studio import Studio


def make_app(settings: StudioSettings) -> FastAPI:
    """Returns the application; its threads start and end with it."""
    own = Studio(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        own.start()
        yield
        own.stop()

    app = FastAPI(
        title="Componium studio",
        version=version("componium"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        root_path=settings.prefix,
    )
    app.state.studio, app.state.page = own, Page(settings.prefix)
    add_handlers(app)
    for router in (pieces.router, studio.router, page.router):
        app.include_router(router)
    return app
