from datetime import UTC, datetime

import pytest

from schemas.clock import ProgrammeClock
from schemas.messages import MailMode
from storage import installation
from storage.database import Database

FAST = ProgrammeClock(
    real_anchor=datetime(2026, 3, 1, 9, tzinfo=UTC),
    programme_anchor=datetime(2024, 4, 1, tzinfo=UTC),
    rate=86_400.0,
)


def test_a_database_that_was_not_prepared_says_what_to_do(database: Database) -> None:
    with database.reading() as rows, pytest.raises(LookupError, match="drumbeat"):
        installation.installation(rows)


def test_a_new_installation_holds_its_mail(database: Database) -> None:
    """M19: until a person releases it."""
    with database.transaction() as rows:
        installation.prepare_installation(rows, FAST, MailMode.HELD)

    with database.reading() as rows:
        assert installation.installation(rows) == installation.Installation(clock=FAST)


def test_clock_and_mode_are_fixed_for_a_database(database: Database) -> None:
    with database.transaction() as rows:
        installation.prepare_installation(rows, FAST, MailMode.LIVE)
        installation.prepare_installation(rows, ProgrammeClock(), MailMode.HELD)

        found = installation.installation(rows)
    assert (found.clock, found.mail_mode) == (FAST, MailMode.LIVE)


def test_mail_is_redirected_and_released(database: Database) -> None:
    """M19."""
    with database.transaction() as rows:
        installation.prepare_installation(rows, FAST, MailMode.HELD)
        installation.set_mail_mode(rows, MailMode.REDIRECT, "trial@ward.example")
    with database.transaction() as rows:
        found = installation.installation(rows)
        assert (found.mail_mode, found.redirect_to) == (MailMode.REDIRECT, "trial@ward.example")
        installation.set_mail_mode(rows, MailMode.LIVE, None)
    with database.reading() as rows:
        found = installation.installation(rows)
    assert (found.mail_mode, found.redirect_to) == (MailMode.LIVE, None)


def test_the_circuit_breaker_is_kept(database: Database) -> None:
    with database.transaction() as rows:
        installation.prepare_installation(rows, FAST, MailMode.LIVE)
        installation.set_breaker(rows, {"failures": 2, "open_until": "2026-03-01T09:00:00Z"})
    with database.transaction() as rows:
        installation.set_breaker(rows, {"failures": 3})
    with database.reading() as rows:
        assert installation.installation(rows).breaker == {"failures": 3}
