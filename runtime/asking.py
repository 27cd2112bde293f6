"""How a form becomes a command, and how a command reaches the workflow that owns its course."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session as Rows
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from planning.calendar import calendar_of
from planning.working_time import MINUTE
from schemas import forms
from schemas.clock import ProgrammeClock
from schemas.commands import Command
from schemas.courses import Course
from schemas.edition import Edition
from schemas.forms import Answer
from schemas.ids import edition_course_id, service_course_id
from schemas.inputs import CourseInput
from storage import courses, editions, obligations, sessions
from storage.commands import acknowledge_request, stored_answer, version_of
from storage.database import Database
from storage.notes import keep_note
from workflows.edition import EditionWorkflow
from workflows.executive_coaching import ExecutiveCoachingWorkflow
from workflows.service_journey import ServiceJourneyWorkflow

R = TypeVar("R")
Journey = ServiceJourneyWorkflow
UPDATE_DEADLINE = timedelta(seconds=30)
"""Longer than a course transaction may take: what it says of a database that is away is kinder."""

EDITION = SearchAttributeKey.for_keyword("Edition")
SERVICE = SearchAttributeKey.for_keyword("Service")

REQUEST_ID_LENGTH = 16
UPDATE_ID_BYTES = 6
"""A history holds an update's id four times, so it is no longer than it must be."""

DOWN = (
    "The engine did not answer. Please send the same again when it is up: nothing happens twice. "
    "Ops see more with: drumbeat doctor"
)


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """Nothing was changed; the text is a sentence for the person who asked."""


class EngineDown(Exception):  # noqa: N818 - said to a person as it is
    """The engine did not answer; the same request can be sent again."""


class Door:
    """What the door in needs to let a person's form through to a workflow."""

    def __init__(
        self,
        client: Client,
        database: Database,
        clock: ProgrammeClock,
        task_queue: str,
        real_now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Ask through ``client``; notes and applications are written to ``database`` first."""
        self._client = client
        self._database = database
        self._clock = clock
        self._task_queue = task_queue
        self._real_now = real_now

    def now(self) -> datetime:
        """Return the present programme time."""
        return self._clock.programme_time(self._real_now())

    async def said(self, form: forms.ActForm, course_id: str) -> dict[str, Any]:
        """Return what every command says; a note is written down first and travels as its id.

        Nothing about an executive session carries one (P07).
        """
        if form.note and course_id.startswith("executive-coaching/"):
            raise Refused("Executive sessions carry no notes: leave --note out.")
        now = self.now()
        request_id = form.request_id or await self._name(form, course_id)
        said: dict[str, Any] = {
            "request_id": request_id,
            "course_id": course_id,
            "actor": form.actor,
            "at": form.at or now,
            "recorded_at": now,
        }
        if form.reason:
            said["reason"] = form.reason
        if form.note:
            at = form.at or now
            said["note_id"] = await self.write(
                lambda rows: keep_note(rows, request_id, form.note, form.actor, at)
            )
        return said

    async def kept_place(self, place: str, said: Mapping[str, Any]) -> str | None:
        """Write a place down and return its id; a meeting's link travels as that only."""
        if not place:
            return None
        request_id, actor, at = f"place/{said['request_id']}", said["actor"], said["recorded_at"]
        return await self.write(lambda rows: keep_note(rows, request_id, place, actor, at))

    async def _name(self, form: forms.ActForm, course_id: str) -> str:
        """Name an act by what it says and the minute, so that a double click is one act.

        Where its course has gone on since, it is another one: what was undone can be done again.
        """
        minute = int(self._real_now().timestamp() // MINUTE.total_seconds())
        said = f"{course_id}|{type(form).__name__}|{form.model_dump_json()}|{minute}"

        def unused(rows: Rows) -> str:
            course, name = courses.course(rows, course_id), _hashed(said)
            while course is not None and (led_to := version_of(rows, name)) is not None:
                if led_to == course.version:
                    break
                name = _hashed(f"{name}|{led_to}")
            return name

        return await self.read(unused)

    async def of_service(self, form: forms.ServiceForm) -> dict[str, Any]:
        """Return what a command about a service says, where there is such a course."""
        course_id = service_course_id(form.edition, form.service)
        await self.course(course_id)
        return await self.said(form, course_id)

    def service_or_edition(self, edition_id: str, service_id: str | None) -> str:
        """Return the course of a service, or the edition's where none is named."""
        if service_id is None:
            return edition_course_id(edition_id)
        return service_course_id(edition_id, service_id)

    async def course(self, course_id: str) -> Course:
        """Return a course, or refuse with a sentence where there is none."""
        found = await self.read(lambda rows: courses.course(rows, course_id))
        if found is None:
            kind, _, rest = course_id.partition("/")
            raise Refused(f"There is no {kind.replace('-', ' ')} {rest}.")
        return found

    async def course_of_session(self, session_id: str) -> Course:
        """Return the course that a session belongs to, or refuse."""
        session = await self.read(lambda rows: sessions.session(rows, session_id))
        if session is None:
            raise Refused(f"There is no session {session_id}: drumbeat sessions lists them.")
        return await self.course(session.course_id)

    async def course_of_obligation(self, obligation_id: str) -> Course:
        """Return the course that an obligation belongs to, or refuse."""
        one = await self.read(lambda rows: obligations.obligation(rows, obligation_id))
        if one is None:
            raise Refused(f"There is no obligation {obligation_id}: drumbeat chases lists them.")
        return await self.course(one.course_id)

    async def edition(self, edition_id: str) -> Edition:
        """Return an edition in its present version, or refuse where none was opened."""
        try:
            return await self.read(lambda rows: editions.latest_edition(rows, edition_id))
        except LookupError as error:
            raise Refused(f"No edition {edition_id} has been opened.") from error

    async def instant(self, course: Course, starts: datetime) -> datetime:
        """Return an instant; a time without an offset is the edition's local time."""
        if starts.tzinfo is not None:
            return starts
        calendar = calendar_of(await self.edition(course.edition_id))
        return calendar.instant(starts.date(), starts.time())

    async def read(self, question: Callable[[Rows], R]) -> R:
        """Ask the database something, in a thread."""

        def ask() -> R:
            with self._database.reading() as rows:
                return question(rows)

        return await asyncio.to_thread(ask)

    async def write(self, change: Callable[[Rows], R]) -> R:
        """Change the database in one transaction, in a thread: it may have to wait its turn."""

        def act() -> R:
            with self._database.transaction() as rows:
                return change(rows)

        return await asyncio.to_thread(act)

    async def start(
        self, run: Any, course_id: str, edition_id: str, subject: str, summary: str
    ) -> None:
        """Start a course's workflow; one that runs or has ended is left as it is (R15)."""
        attributes = [SearchAttributePair(EDITION, edition_id)]
        if subject:
            attributes.append(SearchAttributePair(SERVICE, subject))
        start = CourseInput(
            course_id=course_id, edition_id=edition_id, service_id=subject, clock=self._clock
        )
        try:
            await self._client.start_workflow(
                run,
                start,
                id=course_id,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                search_attributes=TypedSearchAttributes(attributes),
                static_summary=summary,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise EngineDown(DOWN) from error

    async def update_course(self, course: Course, name: str, command: Command) -> Answer:
        """Send a command to whichever workflow owns the course."""
        if course.id.startswith("executive-coaching/"):
            owner: Any = ExecutiveCoachingWorkflow
        elif course.id.startswith("edition/"):
            owner = EditionWorkflow
        else:
            owner = Journey
        update = getattr(owner, name, None)
        if update is None:
            kind = course.kind.replace("-", " ")
            raise Refused(f"That cannot be asked of {course.subject_id}: it is an {kind} course.")
        return await self.update(update, command)

    async def update(self, update: Any, command: Command) -> Answer:
        """Send an update and return its answer; a repeat finds the stored one.

        Each sending is an update of its own: the server would answer one that it has seen with what
        came of it then, a refusal or a failure that is no longer true included.
        """
        handle = self._client.get_workflow_handle(command.course_id)
        sending = token_urlsafe(UPDATE_ID_BYTES)
        try:
            text = await handle.execute_update(
                update, command, id=sending, rpc_timeout=UPDATE_DEADLINE
            )
        except WorkflowUpdateFailedError as error:
            raise self._why(error) from error
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            if isinstance(error.__cause__, asyncio.CancelledError):
                raise asyncio.CancelledError from error  # told to stop, not left without an answer
            raise EngineDown(DOWN) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return await self._answer_of_the_database(command)
            raise EngineDown(DOWN) from error
        await self._acknowledge(command)
        return Answer(course_id=command.course_id, text=text)

    @staticmethod
    def _why(error: WorkflowUpdateFailedError) -> Exception:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == "Refused":
            return Refused(cause.message)
        if isinstance(cause, ApplicationError) and cause.type == "Unavailable":
            return EngineDown(cause.message)
        return EngineDown(DOWN)

    async def _answer_of_the_database(self, command: Command) -> Answer:
        """Answer for a workflow that has ended: what was done before, or that it is over (X14)."""
        stored = await self.read(lambda rows: stored_answer(rows, command.request_id))
        course = await self.course(command.course_id)
        if stored is not None and stored.course_id == command.course_id:
            return Answer(course_id=command.course_id, text=stored.answer)
        if course.ended_at is None:
            raise EngineDown(DOWN)
        raise Refused(
            f"{course.subject_id} has ended already: it is {course.stage.replace('_', ' ')} "
            f"since {course.ended_at:%d %B %Y}."
        )

    async def _acknowledge(self, command: Command) -> None:
        """Note that the workflow knows of the command; where that fails the sweeper looks."""
        with suppress(DBAPIError):
            await self.write(lambda rows: acknowledge_request(rows, command.request_id))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:REQUEST_ID_LENGTH]
