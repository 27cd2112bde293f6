"""The auditor's questions to the database: has anything been forgotten (architecture §7).

Every finding is a sentence with ids and nothing personal, and says what to do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.calendar import calendar_of
from planning.message_plan import MessagePlan
from schemas.audit import AuditFinding, Check
from schemas.clock import ProgrammeClock
from schemas.ids import edition_course_id
from schemas.messages import Message, MessageKind, MessageState
from schemas.obligations import Obligation, ObligationState
from schemas.sessions import Participant, Session, SessionState
from storage import editions, journal, ledger, obligations, pauses, restoring
from storage.courses import course as course_of
from storage.installation import installation
from storage.overdue import overdue
from storage.records import every
from storage.tables.courses import CourseRow
from storage.tables.ledger import CommandRow, MessageRow
from storage.tables.sessions import ParticipantRow, SessionRow


@dataclass(frozen=True)
class Present:
    """When an audit is made, and how long things may take.

    Attributes:
        real_now: The present.
        clock: Gives programme time.
        patience: How long a step, a lost answer or a new workflow may take.
        lease: How long a message may take past its next instant.

    """

    real_now: datetime
    clock: ProgrammeClock
    patience: timedelta
    lease: timedelta

    @property
    def at(self) -> datetime:
        """Programme time."""
        return self.clock.programme_time(self.real_now)

    @property
    def overdue_before(self) -> datetime:
        """Programme time before which whatever was due should have happened."""
        return self.clock.programme_time(self.real_now - self.patience)


def findings(
    rows: Rows, real_now: datetime, patience: timedelta, lease: timedelta
) -> tuple[AuditFinding, ...]:
    """Return everything that the database shows to be amiss."""
    present = Present(real_now, installation(rows).clock, patience, lease)
    checks: tuple[Callable[[Rows, Present], Iterator[AuditFinding]], ...] = (
        _copy,
        _obligations,
        _sessions,
        _workflows,
        _messages,
        _unwritten,
        _sums,
    )
    return tuple(finding for check in checks for finding in check(rows, present))


def open_courses(rows: Rows, opened_before: datetime) -> tuple[str, ...]:
    """Return the ids of courses that are to have a running workflow."""
    query = select(col(CourseRow.id)).where(
        col(CourseRow.ended_at).is_(None), col(CourseRow.opened_at) < opened_before
    )
    return tuple(rows.execute(query.order_by(col(CourseRow.id))).scalars())


def _obligations(rows: Rows, present: Present) -> Iterator[AuditFinding]:
    """Every open obligation that is not stuck has an owner whose next instant is not past."""
    for one in obligations.open_obligations(rows):
        if one.state is ObligationState.STUCK:
            continue
        owner = course_of(rows, one.course_id)
        if owner is None or owner.ended_at is not None:
            yield AuditFinding(
                check=Check.OBLIGATION_OF_ENDED_COURSE,
                about=one.id,
                sentence=f"{one.id} is still open, and {one.course_id} has ended: close it.",
            )
        elif one.next_at is None:
            if not _rests(rows, one, present.at):
                yield AuditFinding(
                    check=Check.OBLIGATION_WITHOUT_NEXT,
                    about=one.id,
                    sentence=f"{one.id} is open, and nothing will ever ask for it again.",
                )
        elif one.next_at < present.overdue_before:
            yield AuditFinding(
                check=Check.OBLIGATION_OVERDUE,
                about=one.id,
                sentence=f"{one.id} was to be taken up at {_shown(one.next_at)} and was not: "
                f"see that {one.course_id} is running.",
            )


def _rests(rows: Rows, one: Obligation, at: datetime) -> bool:
    """Tell whether a pause without an end stops the clock of an obligation."""
    scopes = [one.course_id, edition_course_id(one.edition_id)]
    return any(
        pause.from_at <= at and pause.until_at is None for pause in pauses.pauses_of(rows, scopes)
    )


def _sessions(rows: Rows, present: Present) -> Iterator[AuditFinding]:
    """Every future session has its rows in the ledger, for each who is to hear of it."""
    ahead = _ahead(rows, present.at)
    reminded, invited = _told(rows, present.at)
    parts = _parts(rows, present.at)
    for session in ahead.values():
        edition = editions.latest_edition(rows, session.edition_id)
        kind = edition.session_kind(session.kind)
        people = parts.get(session.id, ())
        plan = MessagePlan(session.course_id, edition, calendar_of(edition), present.at)
        wanted = {one.person_id for one in plan.reminders(session, kind, people)}
        for person_id in sorted(wanted):
            if (session.id, person_id, session.sequence) not in reminded:
                yield _untold(Check.SESSION_WITHOUT_REMINDER, session, person_id, "reminder")
        for one in people:
            if one.invited and (session.id, one.person_id) not in invited:
                yield _untold(
                    Check.SESSION_WITHOUT_INVITATION, session, one.person_id, "invitation"
                )


def _untold(check: Check, session: Session, person_id: str, what: str) -> AuditFinding:
    return AuditFinding(
        check=check,
        about=session.id,
        sentence=f"{session.id} lies ahead, and no {what} of it is planned for {person_id}.",
    )


def _ahead(rows: Rows, at: datetime) -> dict[str, Session]:
    found = every(
        rows,
        Session,
        SessionRow,
        col(SessionRow.state) == SessionState.TO_COME,
        col(SessionRow.starts_at) > at,
        order=[col(SessionRow.starts_at), col(SessionRow.id)],
    )
    return {one.id: one for one in found}


def _parts(rows: Rows, at: datetime) -> dict[str, tuple[Participant, ...]]:
    query = select(*ParticipantRow.__table__.columns).join(  # type: ignore[attr-defined]
        SessionRow, col(SessionRow.id) == col(ParticipantRow.session_id)
    )
    query = query.where(
        col(SessionRow.state) == SessionState.TO_COME, col(SessionRow.starts_at) > at
    )
    found: dict[str, tuple[Participant, ...]] = {}
    for row in rows.execute(query.order_by(col(ParticipantRow.person_id))).mappings():
        one = Participant.model_construct(**row)
        found[one.session_id] = (*found.get(one.session_id, ()), one)
    return found


def _told(rows: Rows, at: datetime) -> tuple[set[tuple[str, str, int]], set[tuple[str, str]]]:
    """Return who is reminded of which occurrence, and who is invited to which session."""
    query = (
        select(
            col(MessageRow.subject),
            col(MessageRow.person_id),
            col(MessageRow.sequence),
            col(MessageRow.kind),
        )
        .join(SessionRow, col(SessionRow.id) == col(MessageRow.subject))
        .where(col(SessionRow.state) == SessionState.TO_COME, col(SessionRow.starts_at) > at)
    )
    reminded, invited = set(), set()
    for subject, person_id, sequence, kind in rows.execute(query):
        if kind is MessageKind.REMINDER:
            reminded.add((subject, person_id, sequence))
        elif kind.is_calendar:
            invited.add((subject, person_id))
    return reminded, invited


def _workflows(rows: Rows, present: Present) -> Iterator[AuditFinding]:
    """Versions of the database and the workflows agree: every commit was heard of."""
    query = select(col(CommandRow.course_id), col(CommandRow.course_version)).where(
        col(CommandRow.acknowledged).is_(False),
        col(CommandRow.committed_at) < present.real_now - present.patience,
    )
    behind: dict[str, int] = {}
    for course_id, version in rows.execute(query):
        behind[course_id] = max(version, behind.get(course_id, version))
    for course_id, version in sorted(behind.items()):
        yield AuditFinding(
            check=Check.WORKFLOW_BEHIND,
            about=course_id,
            sentence=f"The workflow of {course_id} does not know of version {version}: "
            "see that a worker is running.",
        )


def _messages(rows: Rows, present: Present) -> Iterator[AuditFinding]:
    """Nothing is handing over beyond its lease, and nothing waits without a reason."""
    for one in overdue(rows, present.real_now, present.lease).unexplained:
        if one.state is MessageState.HANDING_OVER:
            yield AuditFinding(
                check=Check.HAND_OVER_LOST,
                about=one.key,
                sentence=f"Message {one.key} has been on its way for too long: "
                "see that the dispatcher is running.",
            )
        else:
            yield AuditFinding(
                check=Check.MESSAGE_UNEXPLAINED,
                about=one.key,
                sentence=f"Message {one.key} was due at {_shown(one.due_at)} and still waits: "
                "see that the dispatcher is running.",
            )


def _unwritten(rows: Rows, _present: Present) -> Iterator[AuditFinding]:
    """No message was put aside because there are no words for it."""
    for one in every(
        rows,
        Message,
        MessageRow,
        col(MessageRow.state) == MessageState.WAITING,
        col(MessageRow.attempt) == 0,
        col(MessageRow.first_tried_at).is_not(None),
    ):
        yield AuditFinding(
            check=Check.MESSAGE_UNWRITTEN,
            about=one.key,
            sentence=f"Message {one.key} ({one.kind}, {one.topic}) cannot be put into words: "
            "the log says why.",
        )


def _sums(rows: Rows, _present: Present) -> Iterator[AuditFinding]:
    """Every message that was ever planned is in the ledger, and no other is."""
    planned, counted = journal.planned_messages(rows), ledger.counts(rows)
    for kind in MessageKind:
        there = sum(count for (name, _), count in counted.items() if name == kind)
        if planned[kind.value] != there:
            yield AuditFinding(
                check=Check.LEDGER_UNBALANCED,
                about=kind.value,
                sentence=f"The journal planned {planned[kind.value]} messages of kind {kind}, "
                f"and the ledger holds {there}.",
            )


def _copy(rows: Rows, _present: Present) -> Iterator[AuditFinding]:
    """The database is no older than what was dispatched from it, and what workflows know of it."""
    entry = restoring.stopped(rows)
    if entry is not None:
        known_at = datetime.fromisoformat(str(entry.facts["known_at"]))
        yield AuditFinding(
            check=Check.DATABASE_OLDER,
            about=entry.subject,
            sentence="Nothing is handed over: this database is an older copy than what was "
            f"dispatched at {_shown(known_at)}. Put a newer one back, or use drumbeat restore.",
        )
    for course_id, lost in sorted(restoring.outrun(rows).items()):
        yield AuditFinding(
            check=Check.WORKFLOW_AHEAD,
            about=course_id,
            sentence=f"The workflow of {course_id} knows version {lost.facts['known']}, and this "
            f"database has version {lost.facts['version']}: it waits for drumbeat restore.",
        )


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
