"""What only a few texts need, read when one of them is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar, calendar_of
from schemas.courses import CommitmentState
from schemas.edition import Edition
from schemas.ids import service_course_id
from schemas.letters import SessionLine, Topic
from schemas.messages import Message
from schemas.people import Service
from schemas.sessions import Participant, Session, SessionState
from storage import courses, operations, people, places, sessions, successions
from storage.circumstances import Circumstances, latest_kept_from_mail, led_by
from storage.operations import changes_of

MISSED = {Topic.MISSED_TWICE: 2, Topic.THREE_MISSED: 3, Topic.EXECUTIVE_MISSED_TWICE: 2}
"""How many missed sessions a notice lists."""


OF_AN_OPERATION = {Topic.COACH_AWAY, Topic.COACH_BACK}


@dataclass(frozen=True)
class Details:
    """Facts of a single text.

    Attributes:
        items: What is listed, one line each.
        sessions: Sessions that are listed.
        session: The session that it is about, where the message's subject is another thing.
        service: The service that it is about, where the course is not a service's.
        from_day: First day of what it tells.
        task: What a call is about.

    """

    items: tuple[str, ...] = ()
    sessions: tuple[SessionLine, ...] = ()
    session: Session | None = None
    service: Service | None = None
    from_day: date | None = None
    task: str | None = None


def details_of(rows: Rows, message: Message, around: Circumstances, at: datetime) -> Details:
    """Return what the text of a message needs besides what all texts do."""
    edition = around.editions[message.edition_id]
    if message.topic == Topic.COACH_WEEK:
        return _coach_week(rows, message, edition)
    if message.topic == Topic.COMMITMENTS:
        return Details(items=_open_commitments(rows, message, edition))
    if message.topic == Topic.COMPLETED:
        return Details(items=_held(rows, message, edition))
    if message.topic in MISSED:
        return Details(sessions=_missed(rows, message, around, at))
    if message.topic == Topic.PHONE_CALL:
        return _call(rows, message, around)
    if message.topic in OF_AN_OPERATION:
        return Details(sessions=_arranged(rows, message, edition))
    if message.topic == Topic.RESUMED:
        return Details(session=_next_session(rows, message, at))
    return Details(service=_service_meant(rows, message, around))


def line_of(
    session: Session, edition: Edition, service: str | None = None, note: str | None = None
) -> SessionLine | None:
    """Return a session as one line of a list; none while it has no day."""
    if session.starts_at is None or session.ends_at is None:
        return None
    return SessionLine(
        title=edition.session_kind(session.kind).title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        service=service,
        place=session.place,
        note=note,
    )


def _coach_week(rows: Rows, message: Message, edition: Edition) -> Details:
    """M14: every session of the week to come that the coach leads."""
    calendar = calendar_of(edition)
    monday = _week_told(message, calendar)
    from_at = calendar.instant(monday, time())
    until_at = calendar.instant(monday + timedelta(days=7), time())
    lines = [
        line_of(session, edition, service)
        for session, role, service in led_by(rows, edition.id, message.person_id, from_at, until_at)
        if role is edition.session_kind(session.kind).coach
    ]
    return Details(sessions=tuple(line for line in lines if line is not None), from_day=monday)


def _week_told(message: Message, calendar: WorkingCalendar) -> date:
    told = message.facts.get("week")
    if told is not None:
        return date.fromisoformat(str(told))
    day = calendar.day_of(message.due_at)
    return day + timedelta(days=7 - day.weekday())


def _open_commitments(rows: Rows, message: Message, edition: Edition) -> tuple[str, ...]:
    """Return the texts of what is to be signed, for the first time or again by a successor."""
    texts = {one.id: one.text for one in edition.recruitment.commitments}
    enrolment = courses.enrolment(rows, message.course_id)
    sponsor = "" if enrolment is None else enrolment.sponsor_id
    first = courses.commitments_of(rows, message.course_id)
    again = successions.asked_again(rows, message.course_id, sponsor)
    waits = [one.commitment for one in first if one.state is CommitmentState.OPEN]
    waits += [one.commitment for one in again if one.state is CommitmentState.OPEN]
    return tuple(texts.get(one, one) for one in dict.fromkeys(waits))


def _arranged(rows: Rows, message: Message, edition: Edition) -> tuple[SessionLine, ...]:
    """E01: every session of an operation in which the reader takes part, or that was theirs."""
    items = operations.items_of(rows, str(message.facts.get("operation_id", "")))
    wanted = [one.session_id for item in items for one in changes_of(item)]
    lines = []
    for session_id in dict.fromkeys(wanted):
        session = sessions.session(rows, session_id)
        if session is None:
            continue
        cast = sessions.participants(rows, [session_id])
        if {message.person_id} & {message.facts.get("coach_id"), *(one.person_id for one in cast)}:
            lines.append(_line_arranged(rows, session, cast, edition))
    return tuple(sorted((one for one in lines if one), key=lambda line: line.starts_at))


def _line_arranged(
    rows: Rows, session: Session, cast: Sequence[Participant], edition: Edition
) -> SessionLine | None:
    enrolment = courses.enrolment(rows, session.course_id)
    service = people.service(rows, enrolment.service_id) if enrolment else None
    leads = edition.session_kind(session.kind).coach
    named = people.people(rows, [one.person_id for one in cast if one.role is leads])
    note = f"led by {' and '.join(named[one].name for one in sorted(named))}" if named else None
    if session.state is SessionState.CANCELLED:
        note = "does not take place"
    return line_of(session, edition, service.name if service else None, note)


def _held(rows: Rows, message: Message, edition: Edition) -> tuple[str, ...]:
    held = [
        one
        for one in sessions.sessions_of(rows, message.course_id)
        if one.state is SessionState.HELD
    ]
    kinds = [(kind, [one for one in held if one.kind == kind.id]) for kind in edition.sessions]
    return tuple(f"{kind.title}: {len(theirs)} held" for kind, theirs in kinds if theirs)


def _missed(
    rows: Rows, message: Message, around: Circumstances, at: datetime
) -> tuple[SessionLine, ...]:
    edition = around.editions[message.edition_id]
    about = around.sessions.get(message.subject)
    missed = [
        line_of(one, edition)
        for one in sessions.sessions_of(rows, message.course_id, about.kind if about else None)
        if one.state is SessionState.MISSED and one.starts_at is not None and one.starts_at <= at
    ]
    lines = sorted((one for one in missed if one is not None), key=lambda line: line.starts_at)
    return tuple(lines[-MISSED[Topic(message.topic)] :])


def _call(rows: Rows, message: Message, around: Circumstances) -> Details:
    """M20: the latest message that a person who prefers the phone did not get."""
    obligation = around.obligations.get(message.subject)
    person_id = obligation.subject if obligation is not None else ""
    latest = latest_kept_from_mail(rows, person_id)
    if latest is None:
        return Details(task="what our mails would have said")
    session = sessions.session(rows, latest.subject)
    if session is not None:
        return Details(task="the session below, and whether it suits", session=session)
    return Details(task=latest.topic.replace("_", " "))


def _next_session(rows: Rows, message: Message, at: datetime) -> Session | None:
    ahead = [
        one
        for one in sessions.sessions_of(rows, message.course_id)
        if one.state is SessionState.TO_COME and one.starts_at is not None and one.starts_at > at
    ]
    return min(ahead, key=lambda one: (one.starts_at, one.id), default=None)


def _service_meant(rows: Rows, message: Message, around: Circumstances) -> Service | None:
    """Return the service that a message of the edition's own course is about."""
    if message.course_id in around.enrolments:
        return None
    obligation = around.obligations.get(message.subject)
    about = obligation.subject if obligation is not None else message.subject
    named = str(message.facts.get("service_id", ""))
    course_id = service_course_id(message.edition_id, named) if named else about
    place_id = about.partition("@")[0]
    place = next(
        (one for one in places.places_of(rows, message.edition_id) if one.id == place_id), None
    )
    if place is not None and place.course_id is not None:
        course_id = place.course_id
    enrolment = courses.enrolment(rows, course_id)
    interest = courses.interest(rows, about) if enrolment is None else None
    service_id = enrolment.service_id if enrolment else interest.service_id if interest else named
    return people.service(rows, service_id)
