"""The table of pieces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "pieces",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("last_opened_at", sa.Float, nullable=False),
        sa.Column("kept", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_favorite", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False, server_default=""),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("style", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("midi", sa.LargeBinary, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("given", sa.LargeBinary, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
        sa.Column("n_bytes", sa.Integer, nullable=False),
    )
    op.create_index("pieces_by_age", "pieces", ["kept", "last_opened_at"])


def downgrade() -> None:
    """Drops it."""
    op.drop_table("pieces")
