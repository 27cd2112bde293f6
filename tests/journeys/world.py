"""One edition on the real workflows: what tests do to it, whichever server it runs on.

A test says what people do and when; the instants are the programme's. ``go`` lets everything happen
that falls due before an instant: on the time-skipping server by skipping there, on the real one by
waiting, on a fast clock, until it has happened.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any

from temporalio.client import Client, WorkflowHandle

from activities.agendas import agenda_of
from activities.dispatch import DispatchActivities
from activities.dispatching.dispatcher import Dispatcher
from planning.calendar import calendar_of
from runtime.programme import EngineDown, Programme
from schemas import forms
from schemas.clock import ProgrammeClock
from schemas.courses import AgendaItem, Stage
from schemas.edition import Edition
from schemas.forms import Answer
from schemas.messages import MailMode
from schemas.sessions import SessionState
from storage import courses
from storage.database import Database
from storage.installation import prepare_installation
from tests.activities.ledger_scene import SENDER
from tests.activities.records import Records
from tests.journeys import cast as people
from tests.planning.builders import at, edition

SVC_16, SVC_17, SVC_18 = "SVC-16", "SVC-17", "SVC-18"
OPENED_AT = at("2024-06-10", "08:07")
"""The Monday of the week on whose Friday interest closes."""
PATIENCE = 60.0
"""Real seconds within which what is due has to happen; a test that waits so long has failed."""

TUESDAY, TEN = 1, time(10)
EVENT_DAY = date(2024, 11, 7)


def small_edition(edition_id: str = "wider", **changes: object) -> Edition:
    """Return the wider edition with two places and an id of its own."""
    return edition().model_copy(update={"id": edition_id, "places": 2, **changes})


class World(Records):
    """An edition, its people, and the door through which they ask.

    Attributes:
        client: Sees the server.
        clock: Maps the server's time to the programme's.
        programme: The one door in.
        now: Programme time of the last ``go``; acts count from it.

    """

    door: type[Programme] = Programme

    def __init__(
        self,
        client: Client,
        database: Database,
        of: Edition,
        clock: ProgrammeClock,
        real_now: Callable[[], datetime],
    ) -> None:
        """Begin with an empty database."""
        self.client = client
        self.database = database
        self.edition = of
        self.calendar = calendar_of(of)
        self.clock = clock
        self.now = clock.programme_anchor
        self.task_queue = f"drumbeat-{of.id}"
        self.programme = self.door(client, database, clock, self.task_queue, real_now)

    async def go(self, when: datetime) -> None:
        """Let everything happen that falls due before an instant; it is then that instant."""
        raise NotImplementedError

    def workflow(self, course_id: str) -> WorkflowHandle[Any, Any]:
        """Return the latest run of a course's workflow."""
        return self.client.get_workflow_handle(course_id)

    def due(self, before: datetime, course_id: str = "") -> dict[str, AgendaItem]:
        """Return the head of each agenda that is due before an instant, as the database has it.

        Args:
            before: Programme time.
            course_id: The one course to look at; every course where it is empty.

        """
        found = {}
        with self.database.reading() as rows:
            for one in courses.courses_of(rows, self.edition.id):
                if course_id not in {"", one.id}:
                    continue
                agenda = () if one.ended_at else agenda_of(rows, one, self.now)
                if agenda and agenda[0].at < before:
                    found[one.id] = agenda[0]
        return found

    async def _taken_up(self, before: datetime, course_id: str = "") -> None:
        """Wait until nothing is due before an instant; see ``due``."""
        end = monotonic() + PATIENCE
        while waiting := await asyncio.to_thread(self.due, before, course_id):
            assert monotonic() < end, f"nobody takes {waiting}"
            await asyncio.sleep(0.01)

    def sweeper(self) -> DispatchActivities:
        """Return what tells workflows to look again; it sends nothing here."""
        return DispatchActivities(self.database, Dispatcher(self.database, {}, SENDER), self.client)

    # -- what people do ---------------------------------------------------------------------------

    def said(self, **more: Any) -> dict[str, Any]:
        """Return what every form says: the coordinator, now; the door names the act."""
        return {"actor": people.COORDINATOR, "at": self.now, **more}

    def about(self, service: str, **more: Any) -> dict[str, Any]:
        """Return what a form about a service says."""
        return self.said(edition=self.edition.id, service=service, **more)

    async def prepare(self, *services: str) -> None:
        """Open the edition; the services exist, and nobody has applied."""
        with self.database.transaction() as rows:
            prepare_installation(rows, self.clock, MailMode.HELD)
            people.write_cast(rows, self.edition.id, services)
        await self.programme.open_edition(
            self.edition, forms.EditionForm(**self.said(edition=self.edition.id))
        )

    async def open(self, *services: str) -> None:
        """Open the edition; the services exist and have applied, one after another."""
        await self.prepare(*services)
        for service in services:
            await self.apply(service)

    async def apply(self, service: str, **more: Any) -> Answer:
        """Send an expression of interest."""
        interest = {
            "interest_id": f"{self.edition.id}-EOI-{service}",
            "sponsor": people.SPONSOR,
            "lead": people.lead_of(service),
            **more,
        }
        return await self.programme.apply(forms.ApplyForm(**self.about(service, **interest)))

    async def selected(self, *order: str, **more: Any) -> Answer:
        """Let interest close, confirm the order, and let the offers go out."""
        deadline = self.edition.recruitment.deadline
        monday = deadline + timedelta(days=7 - deadline.weekday())
        await self.go(self.calendar.instant(monday, time(10, 7)))
        form = forms.SelectForm(**self.said(edition=self.edition.id, order=order, **more))
        answer = await self.programme.select(form)
        await self.settled()
        return answer

    async def committed(self, service: str) -> None:
        """Let a service accept its place and its sponsor sign, one signature after another."""
        await self.programme.accept(forms.ServiceForm(**self.about(service)))
        for one in self.edition.recruitment.commitments:
            form = forms.SignForm(
                **self.about(service, actor=people.SPONSOR, commitments=(one.id,))
            )
            await self.programme.sign(form)
        await self.settled()

    async def onboarded(
        self,
        service: str,
        *,
        clock_time: time = TEN,
        event_day: date | None = EVENT_DAY,
        weekday: int = TUESDAY,
        partner: str = people.PARTNER,
    ) -> None:
        """Settle all six things of R16; the sessions are planned."""
        programme = self.programme
        await programme.name_team(forms.TeamForm(**self.about(service)))
        await programme.seek_partner(forms.PartnerForm(**self.about(service, partner=partner)))
        await programme.assign_coach(forms.CoachForm(**self.about(service, coach=people.COACH)))
        slot = self.about(service, weekday=weekday, clock_time=clock_time)
        await programme.choose_slot(forms.SlotForm(**slot))
        if event_day is not None:
            await programme.date_event(forms.EventForm(**self.about(service, day=event_day)))
        first = self.about(service, day=date(2024, 9, 10), clock_time=time(9, 30))
        await programme.set_sponsor_session(forms.SponsorSessionForm(**first))
        await self.settled()

    async def coaching(self, *services: str) -> None:
        """Take services that have applied all the way to their planned sessions."""
        if self.stage(services[0]) in {Stage.APPLIED, Stage.ELIGIBLE}:
            await self.selected()
        for hour, service in enumerate(services, start=10):
            await self.committed(service)
            event = EVENT_DAY.replace(day=EVENT_DAY.day + hour - 10)
            await self.onboarded(service, clock_time=time(hour), event_day=event)

    async def record(
        self, session_id: str, outcome: SessionState = SessionState.HELD, **more: Any
    ) -> Answer:
        """Say how a session went."""
        form = forms.RecordForm(**self.said(session=session_id, outcome=outcome, **more))
        return await self.programme.record(form)

    async def settled(self) -> None:
        """Let everything happen that is due already."""
        raise NotImplementedError

    def weekly(self, service: str) -> Sequence[str]:
        """Return the ids of a service's weekly sessions, in their order."""
        return [one.id for one in self.sessions(self.of(service), "delivery")]


async def insisted(act: Callable[[], Awaitable[Answer]]) -> Answer:
    """Send the same again, as a person does who is told that nobody answered."""
    end = monotonic() + PATIENCE
    while True:
        try:
            return await act()
        except EngineDown:
            assert monotonic() < end
            await asyncio.sleep(0.1)
