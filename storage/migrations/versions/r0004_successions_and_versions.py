"""Successions, and the version of its edition's file that a course goes by."""

import sqlalchemy as sa
from alembic import op

revision: str = "r0004"
down_revision: str | None = "r0003"

INSTANT = sa.DateTime(timezone=True)
PRESENT = "(SELECT max(edition.version) FROM edition WHERE edition.id = course.edition_id)"


def upgrade() -> None:
    op.create_table(
        "succession",
        sa.Column("id", sa.String(length=160), nullable=False),
        sa.Column("edition_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("old_id", sa.String(length=60), nullable=False),
        sa.Column("new_id", sa.String(length=60), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("said_by", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
    )
    for column in ("edition_id", "old_id"):
        op.create_index(op.f(f"ix_succession_{column}"), "succession", [column])
    op.create_table(
        "succession_taken_up",
        sa.Column("succession_id", sa.String(length=160), nullable=False),
        sa.Column("course_id", sa.String(length=120), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_succession_taken_up_course_id")
        ),
        sa.ForeignKeyConstraint(
            ["succession_id"], ["succession.id"], name=op.f("fk_succession_taken_up_succession_id")
        ),
        sa.PrimaryKeyConstraint("succession_id", "course_id", name=op.f("pk_succession_taken_up")),
    )
    op.create_index(op.f("ix_succession_taken_up_course_id"), "succession_taken_up", ["course_id"])
    op.create_table(
        "sponsorship",
        sa.Column("course_id", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sponsor_id", sa.String(length=120), nullable=True),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_sponsorship_course_id")
        ),
        sa.ForeignKeyConstraint(
            ["sponsor_id"], ["person.id"], name=op.f("fk_sponsorship_sponsor_id")
        ),
        sa.PrimaryKeyConstraint("course_id", "number", name=op.f("pk_sponsorship")),
    )
    op.create_index(op.f("ix_sponsorship_sponsor_id"), "sponsorship", ["sponsor_id"])
    op.create_table(
        "commitment_again",
        sa.Column("course_id", sa.String(length=120), nullable=False),
        sa.Column("sponsor_id", sa.String(length=60), nullable=False),
        sa.Column("commitment", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("recorded_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_commitment_again_course_id")
        ),
        sa.ForeignKeyConstraint(
            ["sponsor_id"], ["person.id"], name=op.f("fk_commitment_again_sponsor_id")
        ),
        sa.PrimaryKeyConstraint(
            "course_id", "sponsor_id", "commitment", name=op.f("pk_commitment_again")
        ),
    )
    op.create_table(
        "edition_proposal",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("edition_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_proposal")),
    )
    op.create_index(op.f("ix_edition_proposal_edition_id"), "edition_proposal", ["edition_id"])
    _new_columns()


def _new_columns() -> None:
    """A course that is under way goes by the newest version that there is now."""
    op.add_column(
        "course", sa.Column("edition_version", sa.Integer(), nullable=False, server_default="0")
    )
    op.execute(f"UPDATE course SET edition_version = coalesce({PRESENT}, 0)")
    op.add_column(
        "enrolment",
        sa.Column("sponsor_vacant", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
