"""The facts of a text, put together from what the database says."""

from datetime import date, datetime

from activities.dispatching.clauses import clause
from activities.dispatching.conditions import part_in, still_carried
from activities.dispatching.details import Details, line_of
from planning.calendar import calendar_of
from planning.lateness import working_days_since
from schemas.courses import CourseKind
from schemas.edition import Edition
from schemas.letters import Facts, SessionLine, Topic
from schemas.messages import Message, MessageKind
from schemas.obligations import Obligation, ObligationKind
from schemas.people import Person
from schemas.sessions import Session
from storage.circumstances import Circumstances

SEVERAL = "several services"
"""What a decision of the whole edition is about, where a text asks for a service."""

ABOUT_A_PERSON = {
    ObligationKind.BAD_ADDRESS,
    ObligationKind.PHONE_CALL,
    ObligationKind.SPONSOR_NAMED,
}


def facts_for(message: Message, around: Circumstances, details: Details, at: datetime) -> Facts:
    """Return what the text of a message may name."""
    edition = around.editions[message.edition_id]
    obligation = around.obligations.get(message.subject)
    session = session_meant(message, around) or details.session
    person = _person_meant(message, around, obligation)
    starts_at, ends_at = instants_of(message, session)
    return Facts(
        programme=edition.programme,
        zone=edition.zone,
        service=_service(message, around, details),
        organisation=_organisation(message, around, details),
        session=edition.session_kind(session.kind).title if session else None,
        starts_at=starts_at,
        ends_at=ends_at,
        was_starts_at=_told(message, "was_starts_at") if message.kind is MessageKind.MOVE else None,
        was_ends_at=_told(message, "was_ends_at") if message.kind is MessageKind.MOVE else None,
        was_place=_was_place(message),
        place=(session.place or edition.session_kind(session.kind).place) if session else None,
        coach=_name(around, coach_of(message, around, session, edition)),
        sponsor=_name(around, _sponsor(message, around)),
        holder=_name(around, obligation.holder_id if obligation else None),
        person=person.name if person else None,
        phone=person.phone if person else None,
        days_waiting=_days_waiting(obligation, edition, at),
        deadline_day=_deadline(message, edition),
        from_day=details.from_day or _day(message, edition, "from_day", "from_at"),
        reason=clause(message.facts.get("reason") or message.facts.get("because")),
        task=details.task,
        items=details.items,
        sessions=details.sessions or _carried(message, around, at),
        contact=_contact(message, around),
    )


def _was_place(message: Message) -> str | None:
    was = message.facts.get("was_place") if message.kind is MessageKind.MOVE else None
    return None if was is None else str(was)


def session_meant(message: Message, around: Circumstances) -> Session | None:
    """Return the session that a message, or the obligation that it chases, is about."""
    found = around.sessions.get(message.subject)
    obligation = around.obligations.get(message.subject)
    if found is None and obligation is not None:
        found = around.sessions.get(obligation.subject)
    return found


def instants_of(
    message: Message, session: Session | None
) -> tuple[datetime | None, datetime | None]:
    """Return when the session is or, for a cancellation, was: it may have another day by now."""
    was = (_told(message, "was_starts_at"), _told(message, "was_ends_at"))
    now = (session.starts_at, session.ends_at) if session is not None else (None, None)
    if message.kind is MessageKind.CANCELLATION:
        return was if was[0] is not None else now
    return now if now[0] is not None else was


def coach_of(
    message: Message, around: Circumstances, session: Session | None, edition: Edition
) -> str | None:
    """Return who leads the session, or coaches the service."""
    named = message.facts.get("coach_id")
    if named is not None:
        return str(named)
    if session is not None:
        leads = edition.session_kind(session.kind).coach
        for part in around.participants.get(session.id, ()):
            if part.role is leads:
                return part.person_id
    enrolment = around.enrolments.get(message.course_id)
    course = around.courses.get(message.course_id)
    if enrolment is None or course is None:
        return None
    if course.kind is CourseKind.EXECUTIVE_COACHING:
        return enrolment.executive_coach_id
    return enrolment.delivery_coach_id


def service_name(around: Circumstances, course_id: str) -> str | None:
    """Return the name of the service whose course it is; a sponsor's course is no service's."""
    course = around.courses.get(course_id)
    enrolment = around.enrolments.get(course_id)
    if course is None or course.kind is not CourseKind.SERVICE or enrolment is None:
        return None
    service = around.services.get(enrolment.service_id)
    return service.name if service else None


def _carried(message: Message, around: Circumstances, at: datetime) -> tuple[SessionLine, ...]:
    """Return the sessions of a digest of reminders, with what each of them asks."""
    if message.topic != Topic.BUNDLE:
        return ()
    lines = []
    for one in still_carried(message, around, at):
        session = around.sessions.get(one.subject)
        if session is None:
            continue
        part = part_in(around, one.subject, one.person_id)
        asks = one.asks and (part is None or part.confirmed_at is None)
        lines.append(
            line_of(
                session,
                around.editions[one.edition_id],
                service_name(around, one.course_id),
                "please confirm" if asks else None,
            )
        )
    return tuple(sorted((one for one in lines if one), key=lambda line: line.starts_at))


def _service(message: Message, around: Circumstances, details: Details) -> str | None:
    found = service_name(around, message.course_id)
    if found is None and details.service is not None:
        found = details.service.name
    course = around.courses.get(message.course_id)
    if found is None and course is not None and course.kind is CourseKind.EDITION:
        return SEVERAL
    return found


def _organisation(message: Message, around: Circumstances, details: Details) -> str | None:
    enrolment = around.enrolments.get(message.course_id)
    service = around.services.get(enrolment.service_id) if enrolment else details.service
    found = around.organisations.get(service.organisation_id) if service else None
    return found.name if found else None


def _sponsor(message: Message, around: Circumstances) -> str | None:
    enrolment = around.enrolments.get(message.course_id)
    return enrolment.sponsor_id if enrolment and not enrolment.sponsor_vacant else None


def _person_meant(
    message: Message, around: Circumstances, obligation: Obligation | None
) -> Person | None:
    named = str(message.facts.get("person_id", ""))
    if obligation is not None and obligation.kind in ABOUT_A_PERSON:
        named = obligation.subject
    return around.people.get(named)


def _days_waiting(obligation: Obligation | None, edition: Edition, at: datetime) -> int | None:
    if obligation is None:
        return None
    return working_days_since(obligation.opened_at, at, calendar_of(edition))


def _deadline(message: Message, edition: Edition) -> date | None:
    if message.topic == Topic.EOI_RECEIVED:
        return edition.recruitment.deadline
    return _day(message, edition, "deadline_day", "until_day", "expires_at", "until_at")


def _day(message: Message, edition: Edition, *names: str) -> date | None:
    """Return the first of some facts that is there, as a day of the edition."""
    for name in names:
        told = message.facts.get(name)
        if told is None:
            continue
        if name.endswith("_day"):
            return date.fromisoformat(str(told))
        return calendar_of(edition).day_of(datetime.fromisoformat(str(told)))
    return None


def _told(message: Message, name: str) -> datetime | None:
    told = message.facts.get(name)
    return None if told is None else datetime.fromisoformat(str(told))


def _name(around: Circumstances, person_id: str | None) -> str | None:
    person = around.people.get(person_id or "")
    return person.name if person else None


def _contact(message: Message, around: Circumstances) -> str | None:
    """Return whom to ask besides replying: a coordinator who can be rung."""
    coordinator = around.people.get(around.coordinators.get(message.edition_id, ""))
    if coordinator is None or not coordinator.phone or coordinator.id == message.person_id:
        return None
    return f"{coordinator.name}, {coordinator.phone}"
