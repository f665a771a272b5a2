"""Runs migrations on the connection that :mod:`componium.store.engine` has open; alembic executes this file."""

from alembic import context

from componium.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
