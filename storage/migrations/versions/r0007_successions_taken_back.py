"""A succession can be taken back before its day."""

import sqlalchemy as sa
from alembic import op

revision: str = "r0007"
down_revision: str | None = "r0006"


def upgrade() -> None:
    op.add_column(
        "succession", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("succession", sa.Column("taken_back_by", sa.String(length=60), nullable=True))
