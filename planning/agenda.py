"""What must be done next in a course, and when: derived from its records and from nothing else.

An agenda is never stored. So whatever happened, reading the records again gives the right one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from planning.calendar import WorkingCalendar
from planning.working_time import Interval
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
from schemas.edition import Edition
from schemas.obligations import ONBOARDING, Obligation, ObligationState
from schemas.sessions import Cadence, Session, SessionState

AGENDA_LENGTH = 2
"""Items that travel: every step returns a new agenda, so the far end would only fill histories."""


@dataclass(frozen=True)
class CourseRecords:
    """What the agenda of any course is derived from.

    Attributes:
        at: Programme time at which it is derived; what has begun by then is not put elsewhere.
        blocked_days: Days that events take from the course's weekly sessions (C15, C15a).

    """

    course: Course
    edition: Edition
    calendar: WorkingCalendar
    at: datetime
    obligations: Sequence[Obligation] = ()
    sessions: Sequence[Session] = ()
    pauses: Sequence[Interval] = ()
    blocked_days: frozenset[date] = frozenset()
    edition_ended_at: datetime | None = None


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

    """

    taking_part: Sequence[Enrolment]


@dataclass(frozen=True)
class EditionRecords:
    """What the agenda of an edition is derived from, besides.

    Attributes:
        places: All places.
        waiting: Selected and waitlisted services without a place, best first.
        tasks_missing: Ids of people whose bad address or wish for a call nobody was told of yet.

    """

    places: Sequence[Place] = ()
    waiting: Sequence[Selection] = ()
    tasks_missing: Sequence[str] = field(default=())


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
    items = [*_recruitment(records, service), *_chases(records)]
    if records.course.stage is Stage.COACHING:
        items += [*_sessions(records), *_event_stages(records), _completion(records)]
    return shortened(items)


def executive_agenda(records: CourseRecords, executive: ExecutiveRecords) -> tuple[AgendaItem, ...]:
    """Return what is next for a sponsor's coaching."""
    items = [*_chases(records), *_sessions(records), _completion(records)]
    to_come = any(one.state is SessionState.TO_COME for one in records.sessions)
    begins = executive.taking_part and not records.sessions
    stops = to_come and not executive.taking_part
    if begins or stops:
        items.append(AgendaItem(at=records.course.opened_at, step=Step.TAKE_UP_PARTICIPATION))
    return shortened(items)


def edition_agenda(records: CourseRecords, edition: EditionRecords) -> tuple[AgendaItem, ...]:
    """Return what is next for an edition: its deadline, places, digests, phases and end."""
    course, rules, calendar = records.course, records.edition, records.calendar
    items = list(_chases(records))
    walked_to = course.walked_to or course.opened_at
    if course.stage is Stage.RECRUITING:
        at = closing_of_recruitment(rules, calendar)
        items.append(AgendaItem(at=at, step=Step.CLOSE_RECRUITMENT))
    else:
        digests = next_digest(rules, calendar, walked_to, records.pauses)
        items += [AgendaItem(at=at, step=Step.DIGEST) for at in digests]
    if course.stage is Stage.PLACING:
        items += _allocation(records, edition)
    items += [
        AgendaItem(at=course.opened_at, step=Step.OPEN_TASK, subject=one)
        for one in edition.tasks_missing
    ]
    for phase in rules.phases:
        opens_at = calendar.instant(phase.opens, time())
        if opens_at > walked_to:
            items.append(AgendaItem(at=opens_at, step=Step.OPEN_PHASE, subject=phase.id))
    items.append(AgendaItem(at=end_of_edition(rules, calendar), step=Step.FINISH_EDITION))
    return shortened(items)


def closing_of_recruitment(edition: Edition, calendar: WorkingCalendar) -> datetime:
    """Return the first instant at which interest is no longer taken: midnight after it (R08)."""
    day = edition.recruitment.deadline
    if edition.recruitment.deadline_on_non_working_day == "rolls_forward":
        day = calendar.next_working_day(day)
    return calendar.instant(day + timedelta(days=1), time())


def end_of_coaching(edition: Edition, calendar: WorkingCalendar) -> datetime:
    """Return when the coaching window has closed: midnight after its last day (C03)."""
    return calendar.instant(edition.window.closes + timedelta(days=1), time())


def end_of_edition(edition: Edition, calendar: WorkingCalendar) -> datetime:
    """Return when the edition itself ends, some working days after its services have completed."""
    day = calendar.add_working_days(edition.window.closes, CLOSING_WORKING_DAYS + 2)
    return calendar.instant(day, time(12))


CLOSING_WORKING_DAYS = 5
"""Working days after the window in which the last sessions are recorded before a course ends."""


def next_digest(
    edition: Edition, calendar: WorkingCalendar, after: datetime, pauses: Sequence[Interval]
) -> tuple[datetime, ...]:
    """Return when the coaches' next weekly digest goes, if one is still to come (M14).

    On a day off it goes at an earlier working moment; in a pause none goes, except that the week
    after the pause is told of in time.
    """
    mail = edition.mail
    day = calendar.day_of(after)
    first = edition.window.opens - timedelta(days=7)
    day = max(day, first)
    while day <= edition.window.closes:
        if day.weekday() == mail.digest_weekday:
            at = _digest_instant(edition, calendar, day)
            if at > after and not any(pause.covers(at) for pause in pauses):
                return (at,)
        day += timedelta(days=1)
    return ()


def _digest_instant(edition: Edition, calendar: WorkingCalendar, day: date) -> datetime:
    return calendar.instant(calendar.previous_working_day(day), edition.mail.digest_at)


def _recruitment(records: CourseRecords, service: ServiceRecords) -> list[AgendaItem]:
    """Derive what the service's own course has not taken up yet."""
    stage, opened_at = records.course.stage, records.course.opened_at
    if stage is Stage.APPLIED:
        return [AgendaItem(at=opened_at, step=Step.CHECK_ELIGIBILITY)]
    if stage in {Stage.ELIGIBLE, Stage.WAITLISTED}:
        return _waiting(records, service)
    if stage is Stage.OFFERED and service.place is None:
        return [AgendaItem(at=opened_at, step=Step.TAKE_UP_LAPSE)]
    if stage is Stage.COMMITTING:
        return _committing(service)
    return _onboarding(records) if stage is Stage.ONBOARDING else []


def _waiting(records: CourseRecords, service: ServiceRecords) -> list[AgendaItem]:
    place, selection, course = service.place, service.selection, records.course
    if place is not None and place.state is PlaceState.OFFERED:
        at = place.offered_at or course.opened_at
        return [AgendaItem(at=at, step=Step.TAKE_UP_OFFER, subject=place.id)]
    waitlisted = selection is not None and selection.outcome is SelectionOutcome.WAITLISTED
    if waitlisted and course.stage is Stage.ELIGIBLE:
        return [AgendaItem(at=course.opened_at, step=Step.TAKE_UP_WAITLIST)]
    if records.edition_ended_at is not None:
        return [AgendaItem(at=records.edition_ended_at, step=Step.TAKE_UP_LAPSE)]
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
    settled = {
        one.kind: one.closed_at or one.opened_at
        for one in records.obligations
        if one.kind in ONBOARDING and not one.state.is_open
    }
    if len(settled) < len(ONBOARDING):
        return []
    return [AgendaItem(at=max(settled.values()), step=Step.PLAN_SESSIONS)]


def _chases(records: CourseRecords) -> list[AgendaItem]:
    items = []
    for one in records.obligations:
        if one.next_at is None or not one.state.is_open:
            continue
        promised = one.state is ObligationState.PROMISED
        step = Step.PROMISE_LAPSES if promised else Step.CHASE
        items.append(AgendaItem(at=one.next_at, step=step, subject=one.id))
    return items


def _sessions(records: CourseRecords) -> list[AgendaItem]:
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
    displaced = [one for one in records.sessions if is_displaced(one, records)]
    frozen = [
        one
        for one in records.obligations
        if one.state is ObligationState.OPEN and one.next_at is None
    ]
    endless = any(pause.until_at is None for pause in records.pauses)
    dated = [one for one in displaced if one.starts_at is not None]
    if dated or ((displaced or frozen) and not endless):
        items.append(AgendaItem(at=records.course.opened_at, step=Step.REPLAN))
    return items


def is_displaced(session: Session, records: CourseRecords) -> bool:
    """Tell whether a session to come has a day that a pause or an event takes, or none at all.

    Only weekly sessions find a day by themselves; another kind without one waits for a person.
    """
    if session.state is not SessionState.TO_COME:
        return False
    weekly = records.edition.session_kind(session.kind).cadence is Cadence.WEEKLY
    if session.starts_at is None or session.ends_at is None:
        return weekly
    if session.starts_at <= records.at:
        return False
    if weekly and records.calendar.day_of(session.starts_at) in records.blocked_days:
        return True
    return any(pause.touches(session.starts_at, session.ends_at) for pause in records.pauses)


def _event_stages(records: CourseRecords) -> list[AgendaItem]:
    """Open each stage of a full-day event at its instant (X12)."""
    opened = {(one.subject, one.kind) for one in records.obligations}
    items = []
    for session in records.sessions:
        if session.starts_at is None or session.state in {
            SessionState.CANCELLED,
            SessionState.MISSED,
        }:
            continue
        for stage in records.edition.session_kind(session.kind).stages:
            if (session.id, stage.obligation) not in opened:
                at = stage_opens_at(session.starts_at, stage.days, records)
                items.append(
                    AgendaItem(
                        at=at, step=Step.OPEN_STAGE, subject=f"{session.id}#{stage.obligation}"
                    )
                )
    return items


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


def _allocation(records: CourseRecords, edition: EditionRecords) -> list[AgendaItem]:
    """Offer what is free to whoever waits; ask about offers that have expired (R13)."""
    items = []
    free = [one for one in edition.places if one.state is PlaceState.FREE]
    if free and edition.waiting:
        at = records.course.walked_to or records.course.opened_at
        items.append(AgendaItem(at=at, step=Step.ALLOCATE))
    asked = {one.subject for one in records.obligations if one.kind == "place_decision"}
    for place in edition.places:
        if place.state is PlaceState.OFFERED and place.expires_at is not None:
            subject = f"{place.id}@{place.expires_at.isoformat()}"
            if subject not in asked:
                items.append(
                    AgendaItem(at=place.expires_at, step=Step.OFFER_EXPIRES, subject=place.id)
                )
    return items
