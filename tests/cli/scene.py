"""A small programme in the middle of October 2024, with one of everything that a page shows."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy.orm import Session as Rows

from planning.calendar import calendar_of
from planning.edition_file import read_edition
from schemas.clock import ProgrammeClock
from schemas.courses import (
    CommitmentState,
    Course,
    CourseKind,
    Enrolment,
    JournalEntry,
    Pause,
    Selection,
    SelectionOutcome,
    SignedCommitment,
    Stage,
)
from schemas.ids import edition_course_id, executive_course_id, service_course_id
from schemas.messages import MailMode, Message, MessageKind, MessageReason, MessageState
from schemas.obligations import Obligation, ObligationKind, ObligationState
from schemas.people import (
    AddressState,
    Channel,
    Held,
    Organisation,
    Person,
    ProviderKind,
    Role,
    Service,
    ServiceType,
)
from schemas.sessions import Participant, Session, SessionReason, SessionState
from storage import courses, editions, journal, ledger, obligations, pauses, places, sessions
from storage.installation import prepare_installation
from storage.records import add
from storage.tables.people import OrganisationRow, PersonRow, RoleRow, ServiceRow

ROOT = Path(__file__).parents[2]
WIDER = read_edition((ROOT / "editions" / "mha-qi-wider.toml").read_text(), "mha-qi-wider.toml")
CALENDAR = calendar_of(WIDER)
EDITION = WIDER.id
NOW = datetime(2024, 10, 15, 10, tzinfo=UTC)
"""Tuesday, 11:00 in London."""

COORDINATOR, COACH, EXECUTIVE_COACH = "PER-0001", "PER-0002", "PER-0003"
SPONSOR, LEAD, PARTNER = "PER-0004", "PER-0005", "PER-0006"
PEOPLE = {
    COORDINATOR: "Coordinator 01",
    COACH: "Delivery coach 03",
    EXECUTIVE_COACH: "Executive coach 02",
    SPONSOR: "Exec sponsor 07",
    LEAD: "Service lead 16",
    PARTNER: "Partner 05",
}
WARDS = {
    "SVC-16": ("Alder Ward", Stage.COACHING),
    "SVC-17": ("=SUM(A1) Ward", Stage.COACHING),
    "SVC-21": ("Birch Unit", Stage.COMMITTING),
    "SVC-40": ("Tamar Ward", Stage.OFFERED),
    "SVC-41": ("Hazel Ward", Stage.ELIGIBLE),
    "SVC-42": ("Rowan Ward", Stage.WITHDRAWN),
}
ALDER = service_course_id(EDITION, "SVC-16")
KEY = "0123456789abcdef0123456789abcdef"


def set_scene(rows: Rows) -> None:
    """Write the programme."""
    prepare_installation(rows, ProgrammeClock(), MailMode.HELD)
    editions.store_edition(rows, WIDER, NOW - timedelta(days=200))
    _people(rows)
    opened_at = CALENDAR.instant(date(2024, 4, 15), time())
    edition_course = Course(
        id=edition_course_id(EDITION),
        kind=CourseKind.EDITION,
        edition_id=EDITION,
        subject_id=EDITION,
        stage=Stage.PLACING,
        opened_at=opened_at,
    )
    courses.open_course(rows, edition_course)
    for rank, (service_id, (_, stage)) in enumerate(WARDS.items(), start=1):
        _enrol(rows, service_id, stage, rank)
    _places(rows)
    _weekly(rows, "SVC-16", 1, held=3)
    _weekly(rows, "SVC-17", 2, held=5)
    _executive(rows)
    _chases(rows)
    _messages(rows)
    _journal(rows)
    pause = Pause(
        id="pause/1",
        scope=ALDER,
        from_at=CALENDAR.instant(date(2025, 1, 20), time()),
        until_at=CALENDAR.instant(date(2025, 2, 8), time()),
        reason="winter_pressure",
    )
    pauses.add_pause(rows, pause)


def _people(rows: Rows) -> None:
    organisation = Organisation(
        id="ORG-01",
        ods_code="RXX",
        name="Northmoor Partnership NHS FT",
        kind=ProviderKind.NHS,
        region="North West",
    )
    add(rows, OrganisationRow, [organisation])
    people = [
        Person(id=key, name=name, email=f"{key.lower()}@northmoor.nhs.example")
        for key, name in PEOPLE.items()
    ]
    people[4] = people[4].model_copy(update={"address_state": AddressState.BAD})
    people[5] = people[5].model_copy(update={"channel": Channel.PHONE, "phone": "07700 900123"})
    add(rows, PersonRow, people)
    services = [
        Service(id=key, organisation_id="ORG-01", name=name, type=ServiceType.ADULT_ACUTE)
        for key, (name, _) in WARDS.items()
    ]
    add(rows, ServiceRow, services)
    roles = [
        Held(person_id=COORDINATOR, role=Role.COORDINATOR, scope="*"),
        Held(person_id=PARTNER, role=Role.PARTNER, scope="SVC-16"),
    ]
    add(rows, RoleRow, roles)


def _enrol(rows: Rows, service_id: str, stage: Stage, rank: int) -> None:
    course_id = service_course_id(EDITION, service_id)
    submitted_at = CALENDAR.instant(date(2024, 5, rank + 6), time(9, 30))
    course = Course(
        id=course_id,
        kind=CourseKind.SERVICE,
        edition_id=EDITION,
        subject_id=service_id,
        stage=stage,
        attention="stuck" if service_id == "SVC-16" else "",
        opened_at=submitted_at,
        ended_at=NOW if stage.is_end else None,
    )
    courses.open_course(rows, course)
    coached = stage is Stage.COACHING
    enrolment = Enrolment(
        course_id=course_id,
        edition_id=EDITION,
        service_id=service_id,
        submitted_at=submitted_at,
        earlier_interest=service_id == "SVC-16",
        sponsor_id=SPONSOR,
        lead_id=LEAD,
        delivery_coach_id=COACH if coached else None,
        executive_coach_id=EXECUTIVE_COACH if coached else None,
        slot_weekday=1 if coached else None,
        slot_time=time(10) if coached else None,
        event_day=date(2024, 11, 6) if coached else None,
        withdrawn_at=NOW if stage is Stage.WITHDRAWN else None,
        undo_until=NOW + timedelta(days=1) if stage is Stage.WITHDRAWN else None,
    )
    courses.add_enrolment(rows, enrolment)
    states = {Stage.COACHING: CommitmentState.SIGNED}
    commitments = [
        SignedCommitment(
            course_id=course_id, commitment=one.id, state=states.get(stage, CommitmentState.OPEN)
        )
        for one in WIDER.recruitment.commitments
    ]
    if stage in {Stage.COACHING, Stage.COMMITTING}:
        courses.add_commitments(rows, commitments)


def _places(rows: Rows) -> None:
    places.create_places(rows, EDITION, WIDER.places)
    offered_at = CALENDAR.instant(date(2024, 7, 1), time(9))
    known = places.places_of(rows, EDITION)
    chosen = ("SVC-16", "SVC-17", "SVC-21", "SVC-40")
    for place, service_id in zip(known, chosen, strict=False):
        course_id = service_course_id(EDITION, service_id)
        expires_at = offered_at + timedelta(days=7)
        assert places.offer(rows, place.id, course_id, offered_at, expires_at)
        offered = places.place_of(rows, course_id)
        if service_id != "SVC-40":
            assert offered is not None
            assert places.accept(rows, offered, course_id, offered_at + timedelta(days=1))
    selections = [
        Selection(
            course_id=service_course_id(EDITION, service_id),
            edition_id=EDITION,
            rank=rank,
            outcome=SelectionOutcome.SELECTED,
            reasons="submitted_at" if rank > 1 else "",
        )
        for rank, service_id in enumerate(chosen, start=1)
    ]
    courses.add_selections(rows, selections)


def _weekly(rows: Rows, service_id: str, first: int, *, held: int) -> None:
    """Write weekly sessions on Tuesdays at ten: held, one missed, one without a record, to come."""
    found = []
    for number in range(1, 27):
        day = date(2024, 9, 3) + timedelta(weeks=number - first)
        state = SessionState.TO_COME
        if number <= held:
            state = SessionState.HELD
        elif number == held + 1:
            state = SessionState.MISSED
        found.append(_session(service_id, "delivery", number, day, state))
    found[1] = found[1].model_copy(update={"held_minutes": 75, "moves": 1})
    sessions.add_sessions(rows, found)
    sessions.add_participants(
        rows,
        [
            Participant(session_id=one.id, person_id=person, role=role)
            for one in found
            for person, role in ((LEAD, Role.SERVICE_LEAD), (COACH, Role.DELIVERY_COACH))
        ],
    )


def _executive(rows: Rows) -> None:
    course_id = executive_course_id(EDITION, SPONSOR)
    course = Course(
        id=course_id,
        kind=CourseKind.EXECUTIVE_COACHING,
        edition_id=EDITION,
        subject_id=SPONSOR,
        stage=Stage.COACHING,
        opened_at=NOW - timedelta(days=60),
    )
    courses.open_course(rows, course)
    days = [date(2024, 9, 19), date(2024, 10, 17), date(2024, 11, 14)]
    states = [SessionState.HELD, SessionState.TO_COME, SessionState.TO_COME]
    found = [
        _session(SPONSOR, "executive", number, day, state).model_copy(
            update={"course_id": course_id}
        )
        for number, (day, state) in enumerate(zip(days, states, strict=True), start=1)
    ]
    sessions.add_sessions(rows, found)
    parts = [
        Participant(session_id=found[1].id, person_id=SPONSOR, role=Role.EXECUTIVE_SPONSOR),
        Participant(session_id=found[1].id, person_id=EXECUTIVE_COACH, role=Role.EXECUTIVE_COACH),
    ]
    parts[0] = parts[0].model_copy(update={"confirmed_at": NOW - timedelta(days=1)})
    sessions.add_participants(rows, parts)


def _session(subject_id: str, kind: str, number: int, day: date, state: SessionState) -> Session:
    starts_at = CALENDAR.instant(day, time(10))
    return Session(
        id=f"{EDITION}/{subject_id}/{kind}/{number}",
        course_id=service_course_id(EDITION, subject_id),
        edition_id=EDITION,
        kind=kind,
        number=number,
        state=state,
        planned_day=day,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        minutes=60,
        place="Online",
        reason=SessionReason.STAFFING if state is SessionState.MISSED else None,
    )


def _chases(rows: Rows) -> None:
    obligations.add_obligation(
        rows, _obligation("SVC-16", ObligationKind.SESSION_RECORD, "delivery/5", days=6)
    )
    stuck = _obligation("SVC-16", ObligationKind.CATCH_UP, "delivery/4", days=14)
    obligations.add_obligation(
        rows, stuck.model_copy(update={"state": ObligationState.STUCK, "next_at": None})
    )
    promised = _obligation("SVC-21", ObligationKind.COMMITMENTS, "", days=7)
    obligations.add_obligation(
        rows,
        promised.model_copy(
            update={
                "state": ObligationState.PROMISED,
                "holder_id": SPONSOR,
                "promised_until": CALENDAR.instant(date(2024, 10, 19), time()),
                "promises": 1,
            }
        ),
    )


def _obligation(service_id: str, kind: ObligationKind, about: str, *, days: int) -> Obligation:
    course_id = service_course_id(EDITION, service_id)
    return Obligation(
        id=f"{EDITION}/{service_id}/{kind}/1",
        course_id=course_id,
        edition_id=EDITION,
        kind=kind,
        subject=f"{EDITION}/{service_id}/{about}" if about else course_id,
        holder_id=COACH,
        opened_at=NOW - timedelta(days=days),
        steps_done=1,
        next_at=NOW + timedelta(days=1),
    )


def _messages(rows: Rows) -> None:
    ahead = Message(
        key=KEY,
        course_id=ALDER,
        edition_id=EDITION,
        kind=MessageKind.REMINDER,
        topic="delivery",
        subject=f"{EDITION}/SVC-16/delivery/8",
        person_id=LEAD,
        due_at=NOW + timedelta(days=6),
        planned_at=NOW - timedelta(days=40),
    )
    past = ahead.model_copy(
        update={
            "key": "f" * 32,
            "subject": f"{EDITION}/SVC-16/delivery/4",
            "due_at": NOW - timedelta(days=20),
            "state": MessageState.SUPPRESSED,
            "reason": MessageReason.BAD_ADDRESS,
            "ended_at": NOW - timedelta(days=20),
        }
    )
    ledger.plan(rows, [ahead, past])


def _journal(rows: Rows) -> None:
    recorded_at = NOW - timedelta(days=14)
    recorded = JournalEntry(
        course_id=ALDER,
        edition_id=EDITION,
        event="session.recorded",
        subject=f"{EDITION}/SVC-16/delivery/4",
        actor=COACH,
        at=recorded_at,
        recorded_at=recorded_at,
        reason="staffing",
        request_id="scene",
        policy_version=1,
        planned={"reminder": 2},
    )
    stuck = recorded.model_copy(
        update={
            "event": "obligation.stuck",
            "subject": f"{EDITION}/SVC-16/catch_up/1",
            "actor": "programme",
            "at": NOW - timedelta(days=1),
            "recorded_at": NOW - timedelta(days=1),
            "reason": None,
            "planned": {},
        }
    )
    journal.write(rows, [recorded, stuck])
