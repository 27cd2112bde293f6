"""The one door in: what people ask of the programme becomes an update of the workflow it is about.

Every method answers when its effect is committed, may be repeated with the same request id, and
refuses what makes no sense with a sentence for the person who asked.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

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
from runtime.opening import open_application, open_edition_course
from schemas import commands, forms
from schemas.clock import ProgrammeClock
from schemas.commands import Command
from schemas.courses import Course
from schemas.edition import Edition
from schemas.forms import Answer
from schemas.ids import edition_course_id, service_course_id
from schemas.inputs import CourseInput
from storage import commands as stored_commands
from storage import courses, editions, obligations, sessions
from storage.confirmations import confirm_participant
from storage.database import Database
from storage.notes import keep_note
from workflows.edition import EditionWorkflow
from workflows.executive_coaching import ExecutiveCoachingWorkflow
from workflows.service_journey import ServiceJourneyWorkflow

Journey = ServiceJourneyWorkflow
UPDATE_DEADLINE = timedelta(seconds=20)
EDITION = SearchAttributeKey.for_keyword("Edition")
SERVICE = SearchAttributeKey.for_keyword("Service")


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """Nothing was changed; the text is a sentence for the person who asked."""


class EngineDown(Exception):  # noqa: N818 - said to a person as it is
    """The engine did not answer; the same request can be sent again."""


class Programme:
    """What a person can ask of the running programme."""

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

    # -- editions and applications -------------------------------------------------------------

    async def open_edition(self, edition: Edition, form: forms.EditionForm) -> Answer:
        """Keep an edition's file and start its workflow; opening it again finds the running one."""
        at = form.at or self.now()
        with self._database.transaction() as rows:
            new = open_edition_course(rows, edition, form.actor, at, self.now())
        course_id = edition_course_id(edition.id)
        await self._start(EditionWorkflow.run, course_id, edition.id, "", edition.title)
        opened = "is open" if new else "was open already"
        return Answer(course_id=course_id, text=f"Edition {edition.id} {opened}.")

    async def apply(self, form: forms.ApplyForm) -> Answer:
        """Take an expression of interest; a second one of a service waits for a merge (R12)."""
        course_id = service_course_id(form.edition, form.service)
        with self._database.transaction() as rows:
            said = open_application(rows, form, form.at or self.now(), self.now())
        if said.refused:
            raise Refused(said.refused)
        if said.starts:
            summary = f"Journey of {form.service}"
            await self._start(Journey.run, course_id, form.edition, form.service, summary)
        return Answer(course_id=course_id, text=said.text)

    async def select(self, form: forms.SelectForm) -> Answer:
        """Confirm the order in which places are offered (R07)."""
        course_id = edition_course_id(form.edition)
        command = commands.ConfirmSelection(order=form.order, **self._said(form, course_id))
        return await self._update(EditionWorkflow.confirm_selection, command)

    async def decide_offer(self, form: forms.OfferForm) -> Answer:
        """Extend an expired offer, or let it lapse (R13)."""
        course_id = edition_course_id(form.edition)
        command = commands.DecideOffer(
            service=form.service, extend=form.extend, **self._said(form, course_id)
        )
        return await self._update(EditionWorkflow.decide_offer, command)

    async def end_edition(self, form: forms.EditionForm) -> Answer:
        """End an edition before its time."""
        course_id = edition_course_id(form.edition)
        command = commands.EndEdition(**self._said(form, course_id))
        return await self._update(EditionWorkflow.end_edition, command)

    # -- a service's way to its first session ---------------------------------------------------

    async def accept(self, form: forms.ServiceForm) -> Answer:
        """Take the offered place (R13)."""
        command = commands.AcceptPlace(**self._of_service(form))
        return await self._update(Journey.accept_place, command)

    async def decline(self, form: forms.ServiceForm) -> Answer:
        """Give the offered place back."""
        command = commands.DeclinePlace(**self._of_service(form))
        return await self._update(Journey.decline_place, command)

    async def sign(self, form: forms.SignForm) -> Answer:
        """Sign executive commitments, or decline them (R09, R11, R18)."""
        answer = None
        for one in form.commitments or ("",):
            said = self._of_service(form)
            said["request_id"] = f"{said['request_id']}/{one}" if one else said["request_id"]
            command = commands.DecideCommitment(commitment=one, decision=form.decision, **said)
            answer = await self._update(Journey.decide_commitment, command)
        if answer is None:
            raise Refused("There is nothing to sign.")
        return answer

    async def name_team(self, form: forms.TeamForm) -> Answer:
        """Name the project team (R16)."""
        command = commands.NameTeam(people=form.people, **self._of_service(form))
        return await self._update(Journey.name_team, command)

    async def seek_partner(self, form: forms.PartnerForm) -> Answer:
        """Name a lived-experience partner, or say that one is sought (R16)."""
        command = commands.SeekPartner(partner=form.partner, **self._of_service(form))
        return await self._update(Journey.seek_partner, command)

    async def assign_coach(self, form: forms.CoachForm) -> Answer:
        """Assign a delivery coach (R16, C16)."""
        command = commands.AssignCoach(coach=form.coach, **self._of_service(form))
        return await self._update(Journey.assign_coach, command)

    async def choose_slot(self, form: forms.SlotForm) -> Answer:
        """Choose the weekly slot (R16, C15)."""
        command = commands.ChooseSlot(
            weekday=form.weekday, clock_time=form.clock_time, **self._of_service(form)
        )
        return await self._update(Journey.choose_slot, command)

    async def date_event(self, form: forms.EventForm) -> Answer:
        """Put a full-day event on a day (R16, X12)."""
        command = commands.DateEvent(day=form.day, kind=form.kind, **self._of_service(form))
        return await self._update(Journey.date_event, command)

    async def set_sponsor_session(self, form: forms.SponsorSessionForm) -> Answer:
        """Set the sponsor's first executive session (R16)."""
        calendar = calendar_of(self._edition(form.edition))
        command = commands.SetSponsorSession(
            starts_at=calendar.instant(form.day, form.clock_time),
            coach=form.coach,
            **self._of_service(form),
        )
        return await self._update(Journey.set_sponsor_session, command)

    # -- sessions -------------------------------------------------------------------------------

    async def record(self, form: forms.RecordForm) -> Answer:
        """Say how a session went (X01-X03); executive sessions carry no free text (P07)."""
        course = self._course_of_session(form.session)
        if form.note and course.id.startswith("executive-coaching/"):
            raise Refused("Executive sessions carry no notes: leave --note out.")
        details = {"minutes": form.minutes, "why": form.why, "attended": form.attended}
        command = commands.RecordSession(
            session_id=form.session,
            outcome=form.outcome,
            # What is not said stays out of the history.
            **{key: value for key, value in details.items() if value is not None},
            **self._said(form, course.id),
        )
        return await self._update_course(course, "record_session", command)

    async def move(self, form: forms.MoveForm) -> Answer:
        """Put a session on another instant; local time where none is said."""
        course = self._course_of_session(form.session)
        command = commands.MoveSession(
            session_id=form.session,
            starts_at=self._instant(course, form.starts),
            why=form.why,
            **self._said(form, course.id),
        )
        return await self._update_course(course, "move_session", command)

    async def cancel(self, form: forms.CancelForm) -> Answer:
        """Cancel a session."""
        course = self._course_of_session(form.session)
        command = commands.CancelSession(
            session_id=form.session, why=form.why, **self._said(form, course.id)
        )
        return await self._update_course(course, "cancel_session", command)

    async def catch_up(self, form: forms.CatchUpForm) -> Answer:
        """Add a session that makes up for a missed one (X02)."""
        course = self._course_of_session(form.session)
        command = commands.BookCatchUp(
            session_id=form.session,
            starts_at=self._instant(course, form.starts),
            **self._said(form, course.id),
        )
        return await self._update_course(course, "book_catch_up", command)

    async def confirm(self, form: forms.ConfirmForm) -> Answer:
        """Note that a participant will be there: no course changes, no workflow is asked (M03)."""
        with self._database.transaction() as rows:
            text = confirm_participant(rows, form, form.at or self.now(), self.now())
        if text.refused:
            raise Refused(text.refused)
        return Answer(course_id=text.course_id, text=text.text)

    # -- pauses, leaving, chases ----------------------------------------------------------------

    async def pause(self, form: forms.PauseForm) -> Answer:
        """Pause a service, or a whole edition, until a day or until it is resumed (X07, X08)."""
        course_id = self._service_or_edition(form.edition, form.service)
        until_at = None
        if form.until is not None:
            calendar = calendar_of(self._edition(form.edition))
            until_at = calendar.instant(form.until + timedelta(days=1), datetime.min.time())
        command = commands.PauseCourse(until_at=until_at, **self._said(form, course_id))
        return await self._update_course(self._course(course_id), "pause_course", command)

    async def resume(self, form: forms.ResumeForm) -> Answer:
        """Resume a service or an edition (X09)."""
        course_id = self._service_or_edition(form.edition, form.service)
        command = commands.ResumeCourse(**self._said(form, course_id))
        return await self._update_course(self._course(course_id), "resume_course", command)

    async def withdraw(self, form: forms.ServiceForm) -> Answer:
        """Let a service leave; it can be undone for a while (R13)."""
        command = commands.Withdraw(**self._of_service(form))
        return await self._update(Journey.withdraw, command)

    async def undo(self, form: forms.UndoForm) -> Answer:
        """Take back a withdrawal, or the cancellation of a session (E40)."""
        if form.session is not None:
            course = self._course_of_session(form.session)
        elif form.edition is not None and form.service is not None:
            course = self._course(service_course_id(form.edition, form.service))
        else:
            raise Refused("Say what to undo: a service, or a session.")
        said = self._said(form, course.id)
        command = commands.Undo(session_id=form.session or "", **said)
        return await self._update_course(course, "undo", command)

    async def promise(self, form: forms.PromiseForm) -> Answer:
        """Promise to have an obligation done by the end of a day (X04)."""
        course = self._course_of_obligation(form.obligation)
        command = commands.PromiseObligation(
            obligation_id=form.obligation, until_day=form.until, **self._said(form, course.id)
        )
        return await self._update_course(course, "promise_obligation", command)

    async def close_obligation(self, form: forms.CloseForm) -> Answer:
        """Say that an obligation is done, or waive it (X04)."""
        course = self._course_of_obligation(form.obligation)
        command = commands.CloseObligation(
            obligation_id=form.obligation, waived=form.waived, **self._said(form, course.id)
        )
        return await self._update_course(course, "close_obligation", command)

    # -- how a form becomes a command -----------------------------------------------------------

    def _said(self, form: forms.ActForm, course_id: str) -> dict[str, Any]:
        """Return what every command says; a note is written down first and travels as its id."""
        now = self.now()
        request_id = form.request_id or _request_id(form, course_id, self._real_now())
        note_id = ""
        if form.note:
            with self._database.transaction() as rows:
                note_id = keep_note(rows, request_id, form.note, form.actor, form.at or now)
        said = {"reason": form.reason, "note_id": note_id}
        return {
            "request_id": request_id,
            "course_id": course_id,
            "actor": form.actor,
            "at": form.at or now,
            "recorded_at": now,
            **{key: value for key, value in said.items() if value},
        }

    def _of_service(self, form: forms.ServiceForm) -> dict[str, Any]:
        course_id = service_course_id(form.edition, form.service)
        self._course(course_id)
        return self._said(form, course_id)

    def _service_or_edition(self, edition_id: str, service_id: str | None) -> str:
        if service_id is None:
            return edition_course_id(edition_id)
        return service_course_id(edition_id, service_id)

    def _course(self, course_id: str) -> Course:
        with self._database.reading() as rows:
            found = courses.course(rows, course_id)
        if found is None:
            kind, _, rest = course_id.partition("/")
            raise Refused(f"There is no {kind.replace('-', ' ')} {rest}.")
        return found

    def _course_of_session(self, session_id: str) -> Course:
        with self._database.reading() as rows:
            session = sessions.session(rows, session_id)
        if session is None:
            raise Refused(f"There is no session {session_id}: drumbeat sessions lists them.")
        return self._course(session.course_id)

    def _course_of_obligation(self, obligation_id: str) -> Course:
        with self._database.reading() as rows:
            one = obligations.obligation(rows, obligation_id)
        if one is None:
            raise Refused(f"There is no obligation {obligation_id}: drumbeat chases lists them.")
        return self._course(one.course_id)

    def _edition(self, edition_id: str) -> Edition:
        with self._database.reading() as rows:
            try:
                return editions.latest_edition(rows, edition_id)
            except LookupError as error:
                raise Refused(f"No edition {edition_id} has been opened.") from error

    def _instant(self, course: Course, starts: datetime) -> datetime:
        if starts.tzinfo is not None:
            return starts
        calendar = calendar_of(self._edition(course.edition_id))
        return calendar.instant(starts.date(), starts.time())

    # -- how a command reaches its workflow -----------------------------------------------------

    async def _start(
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

    async def _update_course(self, course: Course, name: str, command: Command) -> Answer:
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
        return await self._update(update, command)

    async def _update(self, update: Any, command: Command) -> Answer:
        """Send an update and return its answer; a repeat finds the stored one."""
        handle = self._client.get_workflow_handle(command.course_id)
        try:
            text = await handle.execute_update(
                update, command, id=command.request_id, rpc_timeout=UPDATE_DEADLINE
            )
        except WorkflowUpdateFailedError as error:
            raise self._why(error) from error
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise EngineDown(DOWN) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return self._answer_of_the_database(command)
            raise EngineDown(DOWN) from error
        self._acknowledge(command)
        return Answer(course_id=command.course_id, text=text)

    @staticmethod
    def _why(error: WorkflowUpdateFailedError) -> Exception:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == "Refused":
            return Refused(cause.message)
        if isinstance(cause, ApplicationError) and cause.type == "Unavailable":
            return EngineDown(cause.message)
        return EngineDown(DOWN)

    def _answer_of_the_database(self, command: Command) -> Answer:
        """Answer for a workflow that has ended: what was done before, or that it is over (X14)."""
        with self._database.reading() as rows:
            stored = stored_commands.stored_answer(rows, command.request_id)
            course = courses.course(rows, command.course_id)
        if stored is not None:
            return Answer(course_id=command.course_id, text=stored[0])
        if course is None or course.ended_at is None:
            raise EngineDown(DOWN)
        raise Refused(
            f"{course.subject_id} has ended already: it is {course.stage.replace('_', ' ')} "
            f"since {course.ended_at:%d %B %Y}."
        )

    def _acknowledge(self, command: Command) -> None:
        """Note that the workflow knows of the command, so that nobody need look for it."""
        with self._database.transaction() as rows:
            stored_commands.acknowledge_request(rows, command.request_id)


DOWN = (
    "The engine did not answer. Please send the same again when it is up: nothing happens twice. "
    "Ops see more with: drumbeat doctor"
)


def _request_id(form: forms.ActForm, course_id: str, real: datetime) -> str:
    """Name an act by what it says and the minute: so a double click is one act."""
    minute = int(real.timestamp() // MINUTE.total_seconds())
    text = f"{course_id}|{type(form).__name__}|{form.model_dump_json()}|{minute}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
