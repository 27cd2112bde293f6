"""The account of all messages, as the command gives it."""

from datetime import timedelta
from pathlib import Path

import pytest

from cli.faults import ExitCode
from rehearsal.mail_catcher import Maildir
from schemas.messages import MailMode
from storage.database import Database
from storage.installation import set_mail_mode
from tests.cli.printing import Drumbeat
from tests.cli.scene import KEY, NOW


def test_every_message_is_planned_open_or_ended(drumbeat: Drumbeat) -> None:
    """M13: what was planned is what became of it."""
    printed = drumbeat("ledger", "--json")

    assert printed.code == ExitCode.DONE
    assert printed.said == {
        "planned": 2,
        "open": 1,
        "ended": {"suppressed": 1},
        "unexplained": 0,
        "duplicates": 0,
        "held": 0,
        "stopped": False,
        "by_kind": {"reminder": {"planned": 2, "open": 1, "ended": {"suppressed": 1}}},
    }
    assert drumbeat("ledger").out.startswith("2 messages planned = 1 open + 1 ended\n")


@pytest.mark.parametrize("copies", [1, 2])
def test_a_copy_too_many_is_trouble(drumbeat: Drumbeat, var: Path, copies: int) -> None:
    """M08: the copies that the mail catcher holds are counted, not the ledger's own word."""
    catcher = Maildir(var / "mail")
    for _ in range(copies):
        catcher.keep(f"X-Drumbeat-Key: {KEY}\r\n\r\nHello\r\n".encode())

    printed = drumbeat("ledger", "--json")

    assert printed.said["duplicates"] == copies - 1
    assert printed.code == (ExitCode.TROUBLE if copies > 1 else ExitCode.DONE)


def test_a_message_that_nothing_explains_is_trouble(drumbeat: Drumbeat, var: Path) -> None:
    database = Database(f"sqlite:///{var}/drumbeat.db")
    with database.transaction() as rows:
        set_mail_mode(rows, MailMode.LIVE, None)
    database.close()

    printed = drumbeat("ledger", at=NOW + timedelta(days=8))

    assert printed.code == ExitCode.TROUBLE
    assert "Something is not accounted for" in printed.out


def test_a_choice_of_messages_is_counted(drumbeat: Drumbeat) -> None:
    def chosen(*tokens: str) -> object:
        return drumbeat("ledger", *tokens, "--json").said["chosen"]

    assert chosen("--edition", "wider") == {"reminder": {"suppressed": 1, "waiting": 1}}
    assert chosen("--from", "2024-10-21", "--to", "2024-10-21") == {"reminder": {"waiting": 1}}
    assert chosen("--state", "accepted") == {}
    assert chosen("--kind", "reminder", "--state", "suppressed") == {"reminder": {"suppressed": 1}}
    assert "Chosen: 1 message" in drumbeat("ledger", "--state", "waiting").out
