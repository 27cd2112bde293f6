"""A database put back to an older copy, from end to end, as docs/operations.md tells ops."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col
from temporalio.client import Client

from runtime.programme import EngineDown, Programme
from runtime.temporal import connect
from schemas import forms
from schemas.messages import Message, MessageReason, MessageState
from storage import restoring
from storage.database import Database
from storage.records import every
from storage.tables.ledger import MessageRow
from tests.journeys import cast as people
from tests.journeys.servers import RealWorld
from tests.journeys.world import SVC_16, SVC_17, small_edition
from tests.outages.installed import Installation, Said, installed, until
from tests.planning.builders import at

BEGINS = at("2024-10-09", "08:00")
"""A Wednesday, weeks after the coaching window opened."""
APPLIED_AT = at("2024-05-01", "09:00")
EVENT_DAY, FIRST_EXECUTIVE = date(2025, 1, 21), date(2024, 11, 19)
WEDNESDAY, LATER = 2, 4
A_DAY_LASTS = 2.0
"""Real seconds."""

MINUTE = "%Y-%m-%d %H:%M"
AMISS = 4


class Town(RealWorld):
    """The people of an installation, who act at the present."""

    def __init__(self, client: Client, database: Database, one: Installation) -> None:
        """Take up where the database stands."""
        super().__init__(client, database, small_edition(places=2), one.clock, real_now)
        self.task_queue = one.settings.task_queue
        self.programme = Programme(client, database, one.clock, self.task_queue)

    def said(self, **more: Any) -> dict[str, Any]:
        """Return what every form says."""
        self.now = self.clock.programme_time(real_now())
        return super().said(**more)

    async def begin(self) -> None:
        """Let a service be coached from next week on, and another have an offer."""
        await self.prepare(SVC_16, SVC_17)
        for service in (SVC_16, SVC_17):
            await self.apply(service, submitted_at=APPLIED_AT)
        await self.settled()
        await self.programme.select(forms.SelectForm(**self.said(edition=self.edition.id)))
        await self.settled()
        await self.committed(SVC_16)
        programme, about = self.programme, self.about
        await programme.name_team(forms.TeamForm(**about(SVC_16)))
        await programme.seek_partner(forms.PartnerForm(**about(SVC_16, partner=people.PARTNER)))
        await programme.assign_coach(forms.CoachForm(**about(SVC_16, coach=people.COACH)))
        slot = forms.SlotForm(**about(SVC_16, weekday=WEDNESDAY, clock_time=time(10)))
        await programme.choose_slot(slot)
        await programme.date_event(forms.EventForm(**about(SVC_16, day=EVENT_DAY)))
        first = about(SVC_16, day=FIRST_EXECUTIVE, clock_time=time(14))
        await programme.set_sponsor_session(forms.SponsorSessionForm(**first))
        await self.settled()

    async def act(self) -> tuple[str, ...]:
        """Let a session be cancelled, and the other service decline; return the answers."""
        session = forms.CancelForm(**self.said(session=self.weekly(SVC_16)[LATER]))
        cancelled = await self.programme.cancel(session)
        declined = await self.programme.decline(forms.ServiceForm(**self.about(SVC_17)))
        return cancelled.text, declined.text

    def ledger(self, state: MessageState | None = None) -> dict[str, Message]:
        """Return every message, or those in one state, by key."""
        where = [] if state is None else [col(MessageRow.state) == state]
        with self.reading() as rows:
            return {one.key: one for one in every(rows, Message, MessageRow, *where)}


def real_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def town(one: Installation) -> AsyncIterator[Town]:
    client = await connect(one.settings.temporal_address, one.settings.temporal_namespace)
    database = Database(one.settings.database_url)
    try:
        yield Town(client, database, one)
    finally:
        database.close()


async def all_of(one: Installation, *commands: str) -> dict[str, Said]:
    """Run several commands at once; those who look at the same thing do not wait for each other."""
    said = await asyncio.gather(*(one.drumbeat(command) for command in commands))
    return dict(zip(commands, said, strict=True))


def copy_of(one: Installation, to: Path) -> datetime:
    """Copy the database while it is at work, as docs/operations.md says; return when that was."""
    rows = sqlite3.connect(one.database)
    rows.execute(f"VACUUM INTO '{to}'")
    rows.close()
    return one.now


def put_back(one: Installation, copy: Path) -> None:
    """Put a copy in the place of the database, everything being stopped."""
    for end in ("", "-wal", "-shm"):
        one.database.with_name(one.database.name + end).unlink(missing_ok=True)
    copy.rename(one.database)


@pytest.mark.timeout(240)
async def test_ops_put_an_older_copy_back_and_the_programme_goes_on(tmp_path: Path) -> None:
    """M08: nobody hears twice what may go once, and of all that is not known somebody can read."""
    one, copy = installed(tmp_path, BEGINS, 86_400 / A_DAY_LASTS), tmp_path / "backup.db"
    async with one.up(), town(one) as lost:
        await lost.begin()
        copied_at = copy_of(one, copy)
        known, had = set(lost.ledger()), one.mails
        answers = await lost.act()
        await until(lambda: any(one.mails[key] > had[key] for key in known))
        await until(lambda: bool(one.mails.keys() - known))
    gone = one.mails
    put_back(one, copy)
    assert (await one.drumbeat("database", "upgrade")).code == 0

    async with one.up(), town(one) as world:
        await until(lambda: stopped(world))
        with pytest.raises(EngineDown, match="older copy"):
            await world.act()
        said = await all_of(one, "doctor", "ledger", "audit")
        assert {name: each.code for name, each in said.items()} == dict.fromkeys(said, AMISS)
        assert "drumbeat restore" in said["doctor"].text
        assert "older copy" in said["ledger"].text
        assert "service/wider/SVC-16 knows version" in said["audit"].text

        local = world.calendar.local
        gap = ("--from", f"{local(copied_at):{MINUTE}}", "--to", f"{local(one.now):{MINUTE}}")
        before = world.ledger()
        dry = await one.drumbeat("restore", *gap, "--as", people.COORDINATOR, "--dry-run")
        assert "Nothing was changed." in dry.text
        # Time goes on meanwhile, and steps that fall due plan more.
        assert before.items() <= world.ledger().items()
        restored = await one.drumbeat("restore", *gap, "--as", people.COORDINATOR)
        assert restored.code == 0, restored.text
        assert "Started anew: service/wider/SVC-17" in restored.text
        assert "service/wider/SVC-16 is at version" in restored.text
        assert "Still waiting" not in restored.text

        unknown = world.ledger(MessageState.UNKNOWN)
        assert {one.reason for one in unknown.values()} == {MessageReason.DATABASE_RESTORED}
        why = await one.drumbeat("why", min(unknown))
        assert "may have gone out before that" in " ".join(why.text.split())

        assert await world.act() == answers
        await until(lambda: bool(one.mails.keys() - gone.keys()))
        await until(lambda: not overdue(world))
        said = await all_of(one, "doctor", "ledger", "audit")
        assert {name: each.code for name, each in said.items()} == dict.fromkeys(said, 0), said
        assert_nobody_hears_twice(world.ledger(), gone, one.mails)


def stopped(world: Town) -> bool:
    with world.reading() as rows:
        return restoring.stopped(rows) is not None


def overdue(world: Town) -> bool:
    """Tell whether something waits although it is due."""
    now = world.clock.programme_time(real_now())
    return any(one.due_at < now for one in world.ledger(MessageState.WAITING).values())


def assert_nobody_hears_twice(
    ledger: Mapping[str, Message], gone: Mapping[str, int], there: Mapping[str, int]
) -> None:
    """Fail where more arrived than is promised, or what may have gone went once more.

    What is done again, by people or by a course that had not begun in the copy, goes again where
    its kind may go twice. A message that the ledger does not know went from the lost database.
    """
    for key, count in there.items():
        if key not in ledger:
            assert count == gone[key]
            continue
        assert count <= ledger[key].kind.copies_promised
        assert count == gone.get(key, 0) or ledger[key].state is not MessageState.UNKNOWN
