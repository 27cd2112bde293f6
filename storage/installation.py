"""The installation's own row: its clock, its mail mode, its circuit breaker."""

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.base import Record
from schemas.clock import ProgrammeClock
from schemas.messages import MailMode
from storage.statements import Statement
from storage.tables.ledger import InstallationRow


class Installation(Record):
    """What is true of the whole installation.

    Attributes:
        clock: Fixed when the database is made; a rehearsal's is set to its end when it is over.
        mail_mode: Held until a person releases mail (M19).
        redirect_to: Where all mail goes in ``redirect`` mode.
        breaker: The dispatcher's circuit breaker, as it stores it.

    """

    clock: ProgrammeClock
    mail_mode: MailMode = MailMode.HELD
    redirect_to: str | None = None
    breaker: dict[str, object] = Field(default_factory=dict)


_THE_ROW = Statement(select(*InstallationRow.__table__.columns))  # type: ignore[attr-defined]


def installation(rows: Session) -> Installation:
    """Return the installation's row.

    Raises:
        LookupError: The database has not been prepared.

    """
    found = _THE_ROW.ask(rows, {})
    if not found:
        raise LookupError("this database has not been prepared: run drumbeat database upgrade")
    row = dict(zip(_THE_ROW.names, found[0], strict=True))
    return Installation(
        clock=ProgrammeClock.model_validate(row["clock"]),
        mail_mode=MailMode(row["mail_mode"]),
        redirect_to=row["redirect_to"],
        breaker=dict(row["breaker"]),
    )


def prepare_installation(rows: Session, clock: ProgrammeClock, mode: MailMode) -> None:
    """Write the row once; a database that has one keeps its clock and mode."""
    if rows.get(InstallationRow, 1) is None:
        rows.add(InstallationRow(id=1, clock=clock.model_dump(mode="json"), mail_mode=mode))
        rows.flush()


def set_clock(rows: Session, clock: ProgrammeClock) -> None:
    """Let the programme go on at another time; only where no worker will run again."""
    row = rows.get(InstallationRow, 1)
    if row is not None:
        row.clock = clock.model_dump(mode="json")
        rows.flush()


def set_mail_mode(rows: Session, mode: MailMode, redirect_to: str | None) -> None:
    """Hold, redirect or release mail."""
    row = rows.get(InstallationRow, 1)
    if row is not None:
        row.mail_mode = mode
        row.redirect_to = redirect_to
        rows.flush()


def set_breaker(rows: Session, breaker: dict[str, object]) -> None:
    """Keep the circuit breaker's state."""
    row = rows.get(InstallationRow, 1)
    if row is not None:
        row.breaker = breaker
        rows.flush()
