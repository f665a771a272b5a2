"""Makes the studio's application: its routes, and the guards around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from componium.store import open_database
from componium.web import page
from componium.web.guards.accounts import AccountGuard
from componium.web.guards.bodies import BodyGuard
from componium.web.guards.headers import HeaderGuard
from componium.web.guards.hosts import HostGuard
from componium.web.guards.prefixes import PrefixGuard
from componium.web.problems import add_handlers
from componium.web.routes import ROUTERS
from componium.web.schema import add_schema
from componium.web.services import make_services
from componium.web.settings import StudioSettings

_ABOUT = (
    "Composes new music, tells it while it is composed, keeps it, and writes it as MIDI, MusicXML, audio and sheet "
    "music. Errors are problem details (RFC 9457)."
)


def make_app(settings: StudioSettings) -> FastAPI:
    """Returns the application; its threads and processes start and end with it.

    Raises:
        StoreError: the database cannot be opened.
    """
    services = make_services(settings, open_database(settings.data, settings.database))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        await services.studio.start()
        # The first who has a file read or written need not wait for a process to start.
        warming = asyncio.create_task(services.pool.run(60.0, len, b""))
        try:
            yield
        finally:
            warming.cancel()
            await services.studio.stop()
            services.pool.stop()
            services.stored.close()

    app = FastAPI(
        title="Componium studio",
        description=_ABOUT,
        version=version("componium"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    add_handlers(app)
    for router in (*ROUTERS, page.router):
        app.include_router(router)
    add_schema(app)
    # The last is the outermost: whatever is answered has its headers.
    app.add_middleware(PrefixGuard, prefix=settings.prefix)
    app.add_middleware(BodyGuard, most_bytes=settings.most_bytes)
    app.add_middleware(HostGuard, names=settings.names)
    app.add_middleware(AccountGuard, measures=services.measures)
    app.add_middleware(HeaderGuard)
    return app
