"""The command that deals with a database put back to an older copy."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli.faults import ExitCode
from schemas.dispatch import DispatchMark
from schemas.messages import MailMode, MessageState
from storage import ledger, restoring
from storage.database import Database
from storage.installation import set_mail_mode
from tests.cli.printing import Drumbeat
from tests.cli.scene import COORDINATOR, NOW

LATER = NOW + timedelta(days=8)
GAP = ("--from", "2024-10-20 02:00", "--to", "2024-10-23 10:00", "--as", COORDINATOR)


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRUMBEAT_TEMPORAL_ADDRESS", "127.0.0.1:1")


@pytest.fixture
def stopped(var: Path) -> None:
    """Let dispatch have stopped: more was dispatched than the database knows."""
    database = Database(f"sqlite:///{var}/drumbeat.db")
    with database.transaction() as rows:
        set_mail_mode(rows, MailMode.LIVE, None)
        restoring.note_stopped(rows, DispatchMark(at=LATER - timedelta(hours=6), entry=99), LATER)
    database.close()


def states(var: Path) -> dict[tuple[str, str], int]:
    database = Database(f"sqlite:///{var}/drumbeat.db")
    with database.reading() as rows:
        found = dict(ledger.counts(rows))
    database.close()
    return found


@pytest.mark.usefixtures("stopped")
def test_everybody_who_looks_is_told_that_dispatch_has_stopped(drumbeat: Drumbeat) -> None:
    printed = drumbeat("ledger", at=LATER)

    assert printed.code == ExitCode.TROUBLE
    assert "Nothing is handed over: the database is an older copy" in printed.out
    assert drumbeat("ledger", "--json", at=LATER).said["unexplained"] == 0
    assert "Put a newer one back, or use drumbeat restore." in " ".join(
        drumbeat("audit", at=LATER).out.split()
    )
    found = {one["part"]: one for one in drumbeat("doctor", "--json", at=LATER).said["findings"]}
    assert not found["dispatch"]["good"]


@pytest.mark.usefixtures("stopped")
def test_a_dry_run_tells_and_changes_nothing(drumbeat: Drumbeat, var: Path) -> None:
    before = states(var)

    printed = drumbeat("restore", *GAP, "--dry-run", at=LATER)

    assert printed.code == ExitCode.DONE
    assert "1 message due by" in printed.out
    assert "1 reminder" in printed.out
    assert printed.out.endswith("Nothing was changed.\n")
    assert drumbeat("restore", *GAP, "--dry-run", "--json", at=LATER).said["messages"] == {
        "reminder": 1
    }
    assert states(var) == before


@pytest.mark.usefixtures("stopped")
def test_a_dry_run_names_an_earlier_end_that_is_late_enough(drumbeat: Drumbeat) -> None:
    """Whoever says "now" gives up what fell due while nothing was sent."""
    now = ("--from", "2024-10-20 02:00", "--to", LATER.strftime("%Y-%m-%d %H:%M"))

    printed = drumbeat("restore", *now, "--as", COORDINATOR, "--dry-run", at=LATER)

    known = LATER - timedelta(hours=6)
    end = (known + timedelta(minutes=6)).astimezone(ZoneInfo("Europe/London"))
    assert f"after {end:%Y-%m-%d %H:%M}: give that as --to" in " ".join(printed.out.split())


@pytest.mark.usefixtures("stopped")
def test_it_is_dealt_with_once_and_repeated_for_the_workflows(
    drumbeat: Drumbeat, var: Path
) -> None:
    """M08: what may have gone is unknown, whether or not Temporal answers."""
    first, again = (drumbeat("restore", *GAP, at=LATER) for _ in range(2))

    assert (first.code, again.code) == (ExitCode.UNREACHABLE, ExitCode.UNREACHABLE)
    assert "They are unknown now, and do not go again" in first.out
    assert "Temporal does not answer: start it, and repeat this" in first.out
    assert "This was dealt with before" in again.out
    assert states(var)["reminder", MessageState.UNKNOWN] == 1
    assert "it may have gone before the database was restored" in " ".join(
        drumbeat("mail", "list", "--state", "unknown", at=LATER).out.split()
    )
    assert not drumbeat("ledger", "--json", at=LATER).said["stopped"]


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize(
    ("from_", "to", "said"),
    [
        ("2024-10-22", "2024-10-21", "--from lies after --to"),
        ("2024-10-22", "2030-01-01", "--to lies ahead"),
        ("2024-10-01", "2024-10-02", "was still dispatched from at"),
    ],
)
def test_instants_that_make_no_sense_are_refused(
    drumbeat: Drumbeat, var: Path, from_: str, to: str, said: str
) -> None:
    before = states(var)

    printed = drumbeat("restore", "--from", from_, "--to", to, "--as", COORDINATOR, at=LATER)

    assert printed.code == ExitCode.REFUSED
    assert said in printed.errors
    assert states(var) == before
