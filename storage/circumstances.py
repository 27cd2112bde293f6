"""All that a batch of messages depends on, read together: a few queries for many messages."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session as Rows
from sqlmodel import col

from planning.succession import successor_at
from schemas.courses import Course, Enrolment, Pause
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.obligations import Obligation
from schemas.people import Organisation, Person, Role, Service
from schemas.sessions import Participant, Session, SessionState
from storage import editions, pauses, people, successions
from storage.dispatching import CALENDAR_KINDS
from storage.records import every, find_all, record
from storage.statements import Statement, unindexed
from storage.tables.courses import CourseRow, EnrolmentRow
from storage.tables.ledger import MessageRow
from storage.tables.people import OrganisationRow, PersonRow, ServiceRow
from storage.tables.sessions import ObligationRow, ParticipantRow, SessionRow

K = TypeVar("K")
V = TypeVar("V")

Step = tuple[str, str, int]
"""Whose reminders of what: subject, person and sequence."""


@dataclass(frozen=True)
class Circumstances:
    """What the database said, at one moment, of everything that some messages depend on.

    Attributes:
        participants: By session: the recipients themselves, and whoever leads it.
        enrolments: By course; a sponsor's course has one of the services that it is for.
        pauses: By scope: a course, or the course of an edition.
        steps_due: When the waiting reminders of one occurrence for one person are due.
        invited: Sessions and people to whom an invitation went, or may have gone.
        bundled: The reminders that each digest carries, by its key.
        coordinators: Who coordinates an edition, by its id.

    """

    sessions: Mapping[str, Session] = field(default_factory=dict)
    participants: Mapping[str, tuple[Participant, ...]] = field(default_factory=dict)
    obligations: Mapping[str, Obligation] = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    enrolments: Mapping[str, Enrolment] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    editions: Mapping[str, Edition] = field(default_factory=dict)
    pauses: Mapping[str, tuple[Pause, ...]] = field(default_factory=dict)
    steps_due: Mapping[Step, tuple[datetime, ...]] = field(default_factory=dict)
    invited: Collection[tuple[str, str]] = frozenset()
    bundled: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)
    coordinators: Mapping[str, str] = field(default_factory=dict)


def circumstances_of(rows: Rows, messages: Iterable[Message]) -> Circumstances:
    """Read what the messages depend on."""
    asked = tuple(messages)
    bundled = _bundled(rows, asked)
    all_of = (*asked, *(one for members in bundled.values() for one in members))
    obligations = _obligations(rows, all_of)
    found = _sessions(rows, all_of, obligations.values())
    ids = {one.edition_id for one in all_of}
    known = {edition_id: editions.latest_edition(rows, edition_id) for edition_id in ids}
    taking_part = _taking_part(rows, found, known.values(), {one.person_id for one in all_of})
    courses = _courses(rows, all_of)
    enrolments = _enrolments(rows, courses.values())
    services = _services(
        rows, enrolments.values(), max((one.due_at for one in asked), default=None)
    )
    coordinators = _coordinators(rows, known)
    named = _named(all_of, obligations.values(), enrolments.values())
    named |= {one.person_id for members in taking_part.values() for one in members}
    named |= {one.subject_id for one in courses.values()} | set(coordinators.values())
    return Circumstances(
        sessions=found,
        participants=taking_part,
        obligations=obligations,
        courses=courses,
        enrolments=enrolments,
        people=_people(rows, named),
        services=services,
        organisations=_organisations(rows, services.values()),
        editions=known,
        pauses=_grouped(pauses.pauses_of(rows, sorted(courses)), lambda one: one.scope),
        steps_due=_steps_due(rows, asked),
        invited=_invited(rows, asked),
        bundled=bundled,
        coordinators=coordinators,
    )


def _bundled(rows: Rows, messages: Iterable[Message]) -> dict[str, tuple[Message, ...]]:
    digests = [one.key for one in messages if one.kind is MessageKind.DIGEST]
    if not digests:
        return {}
    found = find_all(rows, Message, MessageRow, ("due_at", "key"), {"digest_key": digests})
    return _grouped(found, lambda one: one.digest_key or "")


def _obligations(rows: Rows, messages: Iterable[Message]) -> dict[str, Obligation]:
    subjects = sorted({one.subject for one in messages})
    return {one.id: one for one in find_all(rows, Obligation, ObligationRow, (), {"id": subjects})}


def _sessions(
    rows: Rows, messages: Iterable[Message], obligations: Iterable[Obligation]
) -> dict[str, Session]:
    subjects = {one.subject for one in messages} | {one.subject for one in obligations}
    found = find_all(rows, Session, SessionRow, (), {"id": sorted(subjects)})
    return {one.id: one for one in found}


def _taking_part(
    rows: Rows, session_ids: Iterable[str], known: Iterable[Edition], recipients: Collection[str]
) -> dict[str, tuple[Participant, ...]]:
    """Return the recipients' own part in the sessions, and whoever leads them."""
    ids = sorted(session_ids)
    if not ids:
        return {}
    roles = {kind.coach.value for edition in known for kind in edition.sessions}
    values = {"sessions": ids, "people": sorted(recipients), "roles": sorted(roles)}
    parts = [record(Participant, _PARTS.names, row) for row in _PARTS.ask(rows, values)]
    return _grouped(parts, lambda one: one.session_id)


def _courses(rows: Rows, messages: Iterable[Message]) -> dict[str, Course]:
    """Return the messages' courses and those of their editions."""
    ids = {one.course_id for one in messages}
    ids |= {edition_course_id(one.edition_id) for one in messages}
    return {one.id: one for one in find_all(rows, Course, CourseRow, (), {"id": sorted(ids)})}


def _enrolments(rows: Rows, courses: Iterable[Course]) -> dict[str, Enrolment]:
    by_sponsor = {(one.edition_id, one.subject_id): one.id for one in courses}
    values = {
        "courses": sorted(by_sponsor.values()),
        "sponsors": sorted({subject for _, subject in by_sponsor}),
    }
    found: dict[str, Enrolment] = {}
    for row in _ENROLMENTS.ask(rows, values):
        one = record(Enrolment, _ENROLMENTS.names, row)
        found[one.course_id] = one
        sponsored = by_sponsor.get((one.edition_id, one.sponsor_id))
        if sponsored is not None:
            found.setdefault(sponsored, one)
    return found


def _services(
    rows: Rows, enrolments: Iterable[Enrolment], at: datetime | None
) -> dict[str, Service]:
    """Return the services, each with the organisation that it belongs to at the moment (P02)."""
    ids = sorted({one.service_id for one in enrolments})
    found = {one.id: one for one in find_all(rows, Service, ServiceRow, (), {"id": ids})}
    merged = successions.organisations_merged(rows)
    if at is None or not merged:
        return found
    return {
        key: one.model_copy(
            update={"organisation_id": successor_at(merged, one.organisation_id, at)}
        )
        for key, one in found.items()
    }


def _organisations(rows: Rows, services: Iterable[Service]) -> dict[str, Organisation]:
    ids = sorted({one.organisation_id for one in services})
    found = find_all(rows, Organisation, OrganisationRow, (), {"id": ids})
    return {one.id: one for one in found}


def _named(
    messages: Iterable[Message],
    obligations: Iterable[Obligation],
    enrolments: Iterable[Enrolment],
) -> set[str]:
    """Return the ids of all whom a mail may name; not each of them is a person's."""
    named = {one.person_id for one in messages}
    named |= {value for one in messages for value in one.facts.values() if isinstance(value, str)}
    named |= {one.subject for one in obligations}
    named |= {one.holder_id for one in obligations if one.holder_id}
    for one in enrolments:
        coaches = {one.delivery_coach_id, one.executive_coach_id} - {None}
        named |= {one.sponsor_id, one.lead_id, *(coach for coach in coaches if coach)}
    return named


def _coordinators(rows: Rows, known: Iterable[str]) -> dict[str, str]:
    """Return the first coordinator of each edition, else of the whole programme."""
    held = people.holders(rows, Role.COORDINATOR, [people.PROGRAMME, *known])
    by_scope = {one.scope: one.person_id for one in reversed(held)}
    found = {one: by_scope.get(one, by_scope.get(people.PROGRAMME)) for one in known}
    return {edition_id: person_id for edition_id, person_id in found.items() if person_id}


def _people(rows: Rows, named: Iterable[str]) -> dict[str, Person]:
    """Return the people, and whoever reads their mail for them (M20)."""
    ids = sorted(set(named))
    found = {one.id: one for one in find_all(rows, Person, PersonRow, (), {"id": ids})}
    readers = {one.assistant_id for one in found.values() if one.assistant_id} - set(found)
    return {**found, **people.people(rows, readers)} if readers else found


def _steps_due(rows: Rows, messages: Iterable[Message]) -> dict[Step, tuple[datetime, ...]]:
    subjects = sorted({one.subject for one in messages if one.kind is MessageKind.REMINDER})
    if not subjects:
        return {}
    found: defaultdict[Step, list[datetime]] = defaultdict(list)
    for *step, due_at in _WAITING_REMINDERS.ask(rows, {"subjects": subjects}):
        subject, person_id, sequence = step
        found[subject, person_id, sequence].append(due_at)
    return {step: tuple(instants) for step, instants in found.items()}


def _invited(rows: Rows, messages: Iterable[Message]) -> frozenset[tuple[str, str]]:
    cancelled = {one.subject for one in messages if one.kind is MessageKind.CANCELLATION}
    if not cancelled:
        return frozenset()
    query = select(col(MessageRow.subject), col(MessageRow.person_id)).where(
        col(MessageRow.subject).in_(sorted(cancelled)),
        col(MessageRow.kind).in_(set(CALENDAR_KINDS) - {MessageKind.CANCELLATION}),
        or_(
            col(MessageRow.state).in_([MessageState.ACCEPTED, MessageState.UNKNOWN]),
            col(MessageRow.unheard) > 0,
        ),
    )
    return frozenset((subject, person_id) for subject, person_id in rows.execute(query))


def _grouped(found: Iterable[V], key: Callable[[V], K]) -> dict[K, tuple[V, ...]]:
    groups: defaultdict[K, list[V]] = defaultdict(list)
    for one in found:
        groups[key(one)].append(one)
    return {name: tuple(members) for name, members in groups.items()}


def led_by(
    rows: Rows, edition_id: str, person_id: str, from_at: datetime, until_at: datetime
) -> tuple[tuple[Session, Role, str | None], ...]:
    """Return a person's sessions to come in a stretch of time, earliest first.

    Each with the role that the person has in it and the name of the service, where it is one's.
    """
    values = {
        "person": person_id,
        "edition": edition_id,
        "from_at": from_at,
        "until_at": until_at,
    }
    names = _LED_BY.names[2:]
    return tuple(
        [(record(Session, names, row[2:]), row[0], row[1]) for row in _LED_BY.ask(rows, values)]
    )


def latest_kept_from_mail(rows: Rows, person_id: str) -> Message | None:
    """Return the latest message that a person did not get because they prefer the phone (M20)."""
    found = every(
        rows,
        Message,
        MessageRow,
        col(MessageRow.person_id) == person_id,
        col(MessageRow.reason) == MessageReason.PREFERS_PHONE,
        order=[col(MessageRow.ended_at).desc(), col(MessageRow.key)],
        limit=1,
    )
    return next(iter(found), None)


_PARTICIPANT = ParticipantRow.__table__.columns  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__.columns  # type: ignore[attr-defined]
_ENROLMENT = EnrolmentRow.__table__.columns  # type: ignore[attr-defined]
_PARTS = Statement(
    select(*_PARTICIPANT).where(
        _PARTICIPANT.session_id.in_(bindparam("sessions", expanding=True)),
        or_(
            _PARTICIPANT.person_id.in_(bindparam("people", expanding=True)),
            _PARTICIPANT.role.in_(bindparam("roles", expanding=True)),
        ),
    )
)
_ENROLMENTS = Statement(
    select(*_ENROLMENT)
    .where(
        or_(
            _ENROLMENT.course_id.in_(bindparam("courses", expanding=True)),
            _ENROLMENT.sponsor_id.in_(bindparam("sponsors", expanding=True)),
        )
    )
    .order_by(_ENROLMENT.service_id)
)
_WAITING_REMINDERS = Statement(
    select(_MESSAGE.subject, _MESSAGE.person_id, _MESSAGE.sequence, _MESSAGE.due_at).where(
        _MESSAGE.subject.in_(bindparam("subjects", expanding=True)),
        _MESSAGE.kind == MessageKind.REMINDER,
        unindexed(_MESSAGE.state) == MessageState.WAITING,
    )
)
_LED_BY = Statement(
    select(
        col(ParticipantRow.role).label("their_role"),
        col(ServiceRow.name).label("service_name"),
        *SessionRow.__table__.columns,  # type: ignore[attr-defined]
    )
    .join(ParticipantRow, col(ParticipantRow.session_id) == col(SessionRow.id))
    .outerjoin(EnrolmentRow, col(EnrolmentRow.course_id) == col(SessionRow.course_id))
    .outerjoin(ServiceRow, col(ServiceRow.id) == col(EnrolmentRow.service_id))
    .where(
        col(ParticipantRow.person_id) == bindparam("person"),
        unindexed(col(SessionRow.edition_id)) == bindparam("edition"),
        col(SessionRow.state) == SessionState.TO_COME,
        col(SessionRow.starts_at) >= bindparam("from_at"),
        col(SessionRow.starts_at) < bindparam("until_at"),
    )
    .order_by(col(SessionRow.starts_at), col(SessionRow.id))
)
