"""A claimed message says whether the turn of its hand-over had come."""

import sqlalchemy as sa
from alembic import op

revision: str = "r0006"
down_revision: str | None = "r0005"


def upgrade() -> None:
    # What is claimed meanwhile by a worker of before counts as begun.
    op.add_column(
        "message", sa.Column("begun", sa.Boolean(), nullable=False, server_default=sa.true())
    )
