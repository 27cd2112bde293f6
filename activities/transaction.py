"""A course transaction: one commit of a course, its ledger rows, its journal and its answer.

A command that was carried out before is answered from its stored answer; one that expects another
version of the course than the present one changes nothing and returns the present course. So a
commit that Temporal never heard of costs no more than one more look (architecture §3).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.agendas import agenda_of
from planning.calendar import WorkingCalendar, calendar_of
from planning.message_plan import MessagePlan
from planning.working_time import Interval, planned_pauses
from schemas.commands import Command, TakeStep
from schemas.courses import Course, CourseState, JournalEntry, Stage, StoredAnswer
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from storage import commands, courses, editions, journal, ledger, pauses, restoring
from storage.database import Database

C = TypeVar("C", bound=Command)
F = TypeVar("F", bound=Callable[..., CourseState])

PLANNED_AHEAD = {kind for kind in MessageKind if kind.is_calendar} | {MessageKind.REMINDER}
"""Kinds whose rows wait for an instant to come; the others go as soon as they are planned."""


def course_transaction(method: F) -> F:
    """Make a method a course transaction: an activity that no cancellation breaks off half-way.

    The SDK would otherwise raise in the thread of an activity whose time is up, between any two
    instructions; a transaction ends by itself, and its answer is then stored for the next try.
    """
    return activity.defn(no_thread_cancel_exception=True)(method)


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """What was asked makes no sense now; the text is a sentence for the person who asked."""


class CourseTransaction:
    """What a change may read and do inside the one commit.

    Attributes:
        rows: The database session; nothing here commits it.
        course: The course, locked; ``save`` changes it.
        command: What is carried out.

    """

    def __init__(self, rows: Session, course: Course, command: Command) -> None:
        """Begin with the course as it is."""
        self.rows = rows
        self.course = course
        self.command = command
        self.woken: set[str] = set()
        self._planned: Counter[str] = Counter()
        self._entries: list[JournalEntry] = []

    @property
    def at(self) -> datetime:
        """Programme time from which the change counts."""
        return self.command.at

    @cached_property
    def edition(self) -> Edition:
        """The edition in the version that the course goes by (M06)."""
        course = self.course
        return editions.edition_in(self.rows, course.edition_id, course.edition_version)

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The edition's calendar."""
        return calendar_of(self.edition)

    @property
    def messages(self) -> MessagePlan:
        """Makes ledger rows for this course, planned now."""
        return MessagePlan(self.course.id, self.edition, self.calendar, self.at)

    def pauses(self) -> tuple[Interval, ...]:
        """Return the pauses of the course: its own, its edition's, and those of the file."""
        scopes = [self.course.id, edition_course_id(self.course.edition_id)]
        stored = (
            Interval(pause.from_at, pause.until_at) for pause in pauses.pauses_of(self.rows, scopes)
        )
        return (*planned_pauses(self.edition, self.calendar), *stored)

    def save(
        self,
        *,
        stage: Stage | None = None,
        attention: str | None = None,
        ended: bool = False,
        walked_to: datetime | None = None,
    ) -> None:
        """Change the course."""
        changes: dict[str, object] = {}
        if stage is not None:
            changes["stage"] = stage
        if attention is not None:
            changes["attention"] = attention
        if ended:
            changes["ended_at"] = self.at
        if walked_to is not None:
            changes["walked_to"] = walked_to
        self.course = self.course.model_copy(update=changes)

    def go_by(self, version: int) -> None:
        """Let the course go by another version of its edition from now on (M06)."""
        self.course = self.course.model_copy(update={"edition_version": version})
        for known in ("edition", "calendar"):
            self.__dict__.pop(known, None)

    def plan(self, messages: Iterable[Message]) -> None:
        """Write ledger rows; those planned before stay as they are (M08).

        What a step calls for that a lost database has taken may have gone out from there: nobody
        can say, and it does not go again.
        """
        lost = self._was_taken_before
        wanted = [
            _unknown(one, self.at) if lost and _goes_at_once(one, self.at) else one
            for one in messages
        ]
        self._planned.update(ledger.plan(self.rows, wanted))

    @cached_property
    def _was_taken_before(self) -> bool:
        """Whether this is a step that fell due between a copy of the database and its loss."""
        if not isinstance(self.command, TakeStep):
            return False
        restored = restoring.last_restored(self.rows)
        return restored is not None and restored.covers(self.command.due_at or self.at)

    def note(self, event: str, subject: str = "", **facts: str | int) -> None:
        """Write down a change, in ``noun.past_verb``; facts are ids, codes and counts only."""
        self._entries.append(
            JournalEntry(
                course_id=self.course.id,
                edition_id=self.course.edition_id,
                event=event,
                subject=subject or self.course.id,
                actor=self.command.actor,
                at=self.at,
                recorded_at=self.command.recorded_at,
                reason=self.command.reason or None,
                note_id=self.command.note_id or None,
                request_id=self.command.request_id,
                policy_version=self.edition.version,
                facts=facts,
            )
        )

    def refuse_withdrawn(self) -> None:
        """Refuse what makes no sense for a service that has withdrawn.

        Raises:
            Refusal: It has.

        """
        if self.course.stage is Stage.WITHDRAWN:
            raise Refusal(f"{self.course.subject_id} has withdrawn. Undo that first.")

    def wake(self, *course_ids: str) -> None:
        """Let other courses look again once this is committed."""
        self.woken.update(one for one in course_ids if one != self.course.id)

    def close(self, answer: str, committed_at: datetime) -> None:
        """Write version, journal and stored answer; the last thing before the commit."""
        if not self._entries:
            self.note("course.walked")
        first, *others = self._entries
        journal.write(
            self.rows, [first.model_copy(update={"planned": dict(self._planned)}), *others]
        )
        self.course = self.course.model_copy(update={"version": self.course.version + 1})
        courses.save_course(self.rows, self.course)
        commands.store_answer(
            self.rows,
            StoredAnswer(
                request_id=self.command.request_id,
                course_id=self.course.id,
                command=type(self.command).__name__,
                course_version=self.course.version,
                answer=answer,
                wake=sorted(self.woken),
                committed_at=committed_at,
                # A step that falls due is taken again by its own workflow task; nobody else asks.
                acknowledged=isinstance(self.command, TakeStep),
            ),
        )


class CourseActivities:
    """The base of the classes whose methods are course transactions."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    def carry_out(
        self, command: C, change: Callable[[CourseTransaction, C], str | None]
    ) -> CourseState:
        """Apply a change in one commit and return the course with its agenda.

        A repeat of a request is answered and applies nothing; so does one that expects another
        version (``stale``) or that ``change`` refuses (``refused``).

        Raises:
            ApplicationError: ``UnknownCourse``; there is no such course, and no retry will help.

        """
        try:
            with self._database.transaction() as rows:
                return _carried_out(rows, command, change)
        except Refusal as refusal:
            with self._database.reading() as rows:
                course = known_course(rows, command.course_id, hold=False)
                state = state_of(rows, course, command.at)
            return state.model_copy(update={"refused": str(refusal)})


def _carried_out(
    rows: Session, command: C, change: Callable[[CourseTransaction, C], str | None]
) -> CourseState:
    course = known_course(rows, command.course_id)
    stored = commands.stored_answer(rows, command.request_id)
    if stored is not None:
        if stored.course_id != course.id:
            raise Refusal(
                f"Request {command.request_id} was carried out for {stored.course_id} already: "
                "give this one another id."
            )
        known = {"answer": stored.answer, "wake": tuple(stored.wake)}
        return state_of(rows, course, command.at).model_copy(update=known)
    if course.ended_at is not None:
        raise Refusal(
            f"{course.subject_id} has ended already: it is {course.stage.replace('_', ' ')} "
            f"since {course.ended_at:%d %B %Y}."
        )
    if course.version != command.expected_version:
        return state_of(rows, course, command.at).model_copy(update={"stale": True})
    transaction = CourseTransaction(rows, course, command)
    answer = change(transaction, command) or ""
    transaction.close(answer, datetime.now(UTC))
    commands.acknowledge(rows, course.id, command.expected_version)
    state = state_of(rows, transaction.course, command.at)
    if transaction.woken:
        state = state.model_copy(update={"wake": tuple(sorted(transaction.woken))})
    return state.model_copy(update={"answer": answer}) if answer else state


def _goes_at_once(message: Message, at: datetime) -> bool:
    """Tell whether a message goes as soon as it is planned, its window apart."""
    return message.due_at <= at or message.kind not in PLANNED_AHEAD


def _unknown(message: Message, at: datetime) -> Message:
    ended = {"state": MessageState.UNKNOWN, "ended_at": at}
    return message.model_copy(update={**ended, "reason": MessageReason.DATABASE_RESTORED})


def known_course(rows: Session, course_id: str, *, hold: bool = True) -> Course:
    """Return a course, and hold it where it is to be changed, or fail for good."""
    course = courses.lock_course(rows, course_id) if hold else courses.course(rows, course_id)
    if course is None:
        raise ApplicationError(
            f"there is no course {course_id}", type="UnknownCourse", non_retryable=True
        )
    return course


def state_of(rows: Session, course: Course, at: datetime) -> CourseState:
    """Return what the workflow needs to know of a course at ``at``, programme time."""
    state = CourseState(version=course.version, stage=course.stage)
    # What is not set stays out of the history, so only what there is to say is set.
    said: dict[str, object] = {}
    if course.attention:
        said["attention"] = course.attention
    if course.ended_at is not None:
        said["ended"] = True
    else:
        said["agenda"] = agenda_of(rows, course, at)
    return state.model_copy(update=said)
