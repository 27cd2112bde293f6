"""The journal only grows: the database itself refuses to change or remove an entry."""

from alembic import op

revision: str = "r0002"
down_revision: str | None = "r0001"

SAYS = "the journal is only ever added to"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER journal_no_{act} BEFORE {act} ON journal "
                f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION journal_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SAYS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "EXECUTE FUNCTION journal_only_grows()"
    )
