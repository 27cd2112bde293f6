"""What must be done next in a course, and when: derived from its records and from nothing else.

An agenda is never stored. So whatever happened, reading the records again gives the right one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from planning.calendar import WorkingCalendar
from planning.escalation import due_at
from planning.weekly import WeeklyRound, weekly_changes
from planning.working_time import Interval, out_of_pauses
from schemas.courses import (
    AgendaItem,
    CommitmentState,
    Course,
    Enrolment,
    Place,
    PlaceState,
    Selection,
    SelectionOutcome,
    SignedCommitment,
    Stage,
    Step,
)
from schemas.edition import Edition, EventStage
from schemas.obligations import ONBOARDING, Obligation, ObligationKind, ObligationState
from schemas.sessions import Cadence, Session, SessionState
from schemas.successions import Succession

CLOSING_WORKING_DAYS = 5
"""Working days after the window in which the last sessions are recorded before a course ends."""

UNDATED = "session_undated"
"""Why a stage was closed whose event lost its day: it opens again when the event has one."""

AGENDA_LENGTH = 1
"""Items that travel: every step returns a new agenda, and more would only fill histories."""


@dataclass(frozen=True)
class CourseRecords:
    """What the agenda of any course is derived from.

    Attributes:
        at: Programme time at which it is derived; what has begun by then is not put elsewhere.
        event_days: Days that events take whole from the course's weekly sessions (C15, C15a).
        blocked_hours: Days on which the coach is elsewhere at the hour of the slot (C15).
        newest_version: The newest version of the edition, which the course may not go by yet.
        successions: Those that change the course and that it has not taken up.

    """

    course: Course
    edition: Edition
    calendar: WorkingCalendar
    at: datetime
    obligations: Sequence[Obligation] = ()
    sessions: Sequence[Session] = ()
    pauses: Sequence[Interval] = ()
    event_days: frozenset[date] = frozenset()
    blocked_hours: frozenset[date] = frozenset()
    edition_ended_at: datetime | None = None
    newest_version: int = 0
    successions: Sequence[Succession] = ()


@dataclass(frozen=True)
class ServiceRecords:
    """What the agenda of a service is derived from, besides."""

    enrolment: Enrolment
    selection: Selection | None = None
    place: Place | None = None
    commitments: Sequence[SignedCommitment] = ()


@dataclass(frozen=True)
class ExecutiveRecords:
    """What the agenda of a sponsor's coaching is derived from, besides.

    Attributes:
        taking_part: Enrolments of the sponsor that take part now.
        may_return: Whether one that took part has withdrawn and may still change its mind.

    """

    taking_part: Sequence[Enrolment]
    may_return: bool = False


def shortened(items: Iterable[AgendaItem]) -> tuple[AgendaItem, ...]:
    """Return the next items, earliest first; of equal instants in the order of their steps."""
    ordered = sorted(items, key=lambda item: (item.at, item.step, item.subject))
    return tuple(ordered[:AGENDA_LENGTH])


def service_agenda(records: CourseRecords, service: ServiceRecords) -> tuple[AgendaItem, ...]:
    """Return what is next for a service, from its application to its completion."""
    enrolment = service.enrolment
    if enrolment.withdrawn_at is not None:
        at = enrolment.undo_until or enrolment.withdrawn_at
        return (AgendaItem(at=at, step=Step.CLOSE_WITHDRAWAL),)
    items = [*_recruitment(records, service), *chases(records), *changes(records)]
    if records.course.stage in {Stage.ONBOARDING, Stage.COACHING}:
        items += [*_sessions(records, enrolment), *_event_stages(records), _completion(records)]
    return shortened(items)


def executive_agenda(records: CourseRecords, executive: ExecutiveRecords) -> tuple[AgendaItem, ...]:
    """Return what is next for a sponsor's coaching."""
    items = [*chases(records), *_sessions(records), _completion(records), *changes(records)]
    monthly = any(kind.cadence is Cadence.MONTHLY for kind in records.edition.sessions)
    idle, takes_part = records.course.stage is Stage.IDLE, bool(executive.taking_part)
    if monthly and idle == takes_part and not (executive.may_return and not idle):
        items.append(AgendaItem(at=records.at, step=Step.TAKE_UP_PARTICIPATION))
    return shortened(items)


def _recruitment(records: CourseRecords, service: ServiceRecords) -> list[AgendaItem]:
    """Derive what the service's own course has not taken up yet."""
    stage, ended_at = records.course.stage, records.edition_ended_at
    if stage is Stage.APPLIED:
        return [AgendaItem(at=records.course.opened_at, step=Step.CHECK_ELIGIBILITY)]
    if stage is Stage.ONBOARDING:
        return _onboarding(records)
    if stage is Stage.COACHING:
        return []
    if ended_at is not None:
        return [AgendaItem(at=ended_at, step=Step.TAKE_UP_LAPSE)]
    if stage in {Stage.ELIGIBLE, Stage.WAITLISTED}:
        return _waiting(records, service)
    if stage is Stage.OFFERED and service.place is None:
        return [AgendaItem(at=records.at, step=Step.TAKE_UP_LAPSE)]
    return _committing(service) if stage is Stage.COMMITTING else []


def _waiting(records: CourseRecords, service: ServiceRecords) -> list[AgendaItem]:
    place, selection, course = service.place, service.selection, records.course
    if place is not None and place.state is PlaceState.OFFERED:
        at = place.offered_at or course.opened_at
        return [AgendaItem(at=at, step=Step.TAKE_UP_OFFER, subject=place.id)]
    waitlisted = selection is not None and selection.outcome is SelectionOutcome.WAITLISTED
    if waitlisted and course.stage is Stage.ELIGIBLE:
        return [AgendaItem(at=records.at, step=Step.TAKE_UP_WAITLIST)]
    return []


def _committing(service: ServiceRecords) -> list[AgendaItem]:
    signed = [
        one.decided_at or service.enrolment.submitted_at
        for one in service.commitments
        if one.state is CommitmentState.SIGNED
    ]
    if not signed or len(signed) < len(service.commitments):
        return []
    return [AgendaItem(at=max(signed), step=Step.BEGIN_ONBOARDING)]


def _onboarding(records: CourseRecords) -> list[AgendaItem]:
    needed = onboarding_of(records.edition)
    theirs = [one for one in records.obligations if one.kind in needed]
    settled = {one.kind for one in theirs} - {one.kind for one in theirs if one.state.is_open}
    if len(settled) < len(needed):
        return []
    at = max(one.closed_at or one.opened_at for one in theirs)
    return [AgendaItem(at=at, step=Step.PLAN_SESSIONS)]


def onboarding_of(edition: Edition) -> tuple[ObligationKind, ...]:
    """Return what an edition has to settle before the first session (R16).

    Without weekly sessions there is no slot, without a full-day event no day, without monthly
    sessions no first one of the sponsor.
    """
    cadences = {kind.cadence for kind in edition.sessions}
    return tuple(kind for kind in ONBOARDING if NEEDED_FOR.get(kind) in {None, *cadences})


NEEDED_FOR = {
    ObligationKind.SLOT_CHOSEN: Cadence.WEEKLY,
    ObligationKind.EVENT_DATED: Cadence.FULL_DAY,
    ObligationKind.SPONSOR_SESSION_SET: Cadence.MONTHLY,
}


def chases(records: CourseRecords) -> list[AgendaItem]:
    """Chase what is open; what a pause has made, or no longer makes, wait gets its new instant."""
    items = []
    for one in records.obligations:
        if one.state not in {ObligationState.OPEN, ObligationState.PROMISED}:
            continue
        at = _next_about(one, records)
        if at is not None:
            promised = one.state is ObligationState.PROMISED
            step = Step.PROMISE_LAPSES if promised else Step.CHASE
            items.append(AgendaItem(at=at, step=step, subject=one.id))
    return items


def changes(records: CourseRecords) -> list[AgendaItem]:
    """Take up what was said of the days to come: who follows whom, another version (P01, M06)."""
    items = [
        AgendaItem(at=one.from_at, step=Step.TAKE_UP_SUCCESSION, subject=one.id)
        for one in records.successions
    ]
    if records.newest_version > records.edition.version:
        items.append(AgendaItem(at=records.at, step=Step.TAKE_UP_EDITION))
    return items


def _next_about(one: Obligation, records: CourseRecords) -> datetime | None:
    policy = records.edition.policy(one.kind)
    due = due_at(policy, one, records.calendar, records.edition.mail, records.pauses)
    if due != one.next_at:
        return records.at
    if due is None or due > records.at:
        return due
    return due if _is_running(records) else out_of_pauses(records.at, records.pauses)


def _is_running(records: CourseRecords) -> bool:
    return not any(pause.covers(records.at) for pause in records.pauses)


def _sessions(records: CourseRecords, enrolment: Enrolment | None = None) -> list[AgendaItem]:
    """Ask how each session went, and put what a pause displaces somewhere else."""
    items = []
    asked = {
        one.subject
        for one in records.obligations
        if one.kind == "session_record" and one.state.is_open
    }
    for one in records.sessions:
        if one.state is not SessionState.TO_COME or one.id in asked:
            continue
        if one.record_due_at is not None:
            items.append(AgendaItem(at=one.record_due_at, step=Step.ASK_FOR_RECORD, subject=one.id))
    displaced = any(is_displaced(one, records) for one in records.sessions)
    if displaced or (enrolment is not None and _weekly_change(records, enrolment)):
        items.append(AgendaItem(at=records.at, step=Step.REPLAN))
    return items


def _weekly_change(records: CourseRecords, enrolment: Enrolment) -> bool:
    """Tell whether a weekly session has to go elsewhere, or may come back."""
    kind = next((one for one in records.edition.sessions if one.cadence is Cadence.WEEKLY), None)
    if kind is None or enrolment.slot_weekday is None or enrolment.slot_time is None:
        return False
    around = WeeklyRound(
        window=records.edition.window,
        calendar=records.calendar,
        weekday=enrolment.slot_weekday,
        clock_time=enrolment.slot_time,
        at=records.at,
        pauses=records.pauses,
        event_days=records.event_days,
        blocked_hours=records.blocked_hours,
    )
    weekly = [one for one in records.sessions if one.kind == kind.id]
    return bool(weekly_changes(weekly, around))


def is_displaced(session: Session, records: CourseRecords) -> bool:
    """Tell whether a session that comes once or monthly has a day that a pause takes.

    It loses the day and waits for a person to date it; weekly ones find a day by themselves.
    """
    if session.state is not SessionState.TO_COME or session.starts_at is None:
        return False
    if records.edition.session_kind(session.kind).cadence is Cadence.WEEKLY:
        return False
    ends_at = session.ends_at or session.starts_at
    paused = any(pause.touches(session.starts_at, ends_at) for pause in records.pauses)
    return paused and session.starts_at > records.at


def _event_stages(records: CourseRecords) -> list[AgendaItem]:
    """Open each stage of a full-day event at its instant (X12)."""
    items = []
    for session in records.sessions:
        if session.starts_at is None or session.state in {
            SessionState.CANCELLED,
            SessionState.MISSED,
        }:
            continue
        for stage in records.edition.session_kind(session.kind).stages:
            at = stage_opens_at(session.starts_at, stage.days, records)
            if not _has_opened(session, stage, at, records):
                items.append(
                    AgendaItem(
                        at=at, step=Step.OPEN_STAGE, subject=f"{session.id}#{stage.obligation}"
                    )
                )
    return items


def _has_opened(session: Session, stage: EventStage, at: datetime, records: CourseRecords) -> bool:
    """Tell whether a stage was opened for the day that the event has now; a move asks anew."""
    held = session.state is SessionState.HELD
    return any(
        one.subject == session.id
        and one.kind == stage.obligation
        and (one.state.is_open or (one.reason != UNDATED and (held or one.opened_at >= at)))
        for one in records.obligations
    )


def stage_opens_at(starts_at: datetime, days: int, records: CourseRecords) -> datetime:
    """Return when a stage of an event opens: that many days from it, at the window's opening."""
    day = records.calendar.day_of(starts_at) + timedelta(days=days)
    working = (
        records.calendar.previous_working_day(day)
        if days < 0
        else records.calendar.next_working_day(day)
    )
    return records.calendar.instant(working, records.edition.mail.opens)


def _completion(records: CourseRecords) -> AgendaItem:
    """Return when the course completes: some working days after the window, for late records."""
    day = records.calendar.add_working_days(records.edition.window.closes, CLOSING_WORKING_DAYS)
    at = records.calendar.instant(day, time(12))
    if records.edition_ended_at is not None:
        at = min(at, records.edition_ended_at)
    return AgendaItem(at=at, step=Step.COMPLETE)
