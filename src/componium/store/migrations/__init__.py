"""How a database comes to have the tables of today, a step a file (alembic)."""
