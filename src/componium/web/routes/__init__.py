"""The routes of the HTTP API, one file a noun."""

from componium.web.routes import files, health, library, models, originality, pieces, recordings, scores, studio

ROUTERS = tuple(own.router for own in (studio, pieces, scores, files, originality, library, recordings, models, health))
"""All routers, in the order in which they are documented."""
