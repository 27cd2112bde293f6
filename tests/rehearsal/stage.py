"""A small edition in a database, and a programme that writes down what it is asked."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runtime.programme import EngineDown, Programme, Refused
from schemas.courses import Course, CourseKind, Stage
from schemas.edition import Edition
from schemas.forms import ActForm, Answer
from schemas.ids import obligation_id, service_course_id, session_id
from schemas.obligations import Obligation, ObligationKind
from schemas.people import Person, Role
from schemas.sessions import Participant, Session, SessionState
from storage.courses import open_course
from storage.database import Database
from storage.editions import store_edition
from storage.obligations import add_obligation
from storage.people import person
from storage.records import add
from storage.sessions import add_participants, add_sessions, save_session
from storage.sessions import session as known_session
from storage.tables.people import PersonRow

OPENED = datetime(2024, 6, 10, 8, tzinfo=UTC)
COACH, LEAD, PARTNER = "DC-01", "SL-16", "LX-01"


def the_edition() -> Edition:
    """Return the edition that the sample is made for."""
    return Edition.model_validate(tomllib.loads(Path("editions/mha-qi-wider.toml").read_text()))


def open_service(database: Database, service: str = "SVC-16") -> None:
    """Open the edition and a service's course, with the people that it needs."""
    with database.transaction() as rows:
        store_edition(rows, the_edition(), OPENED)
        for one in ("CO-01", COACH, LEAD, PARTNER):
            if person(rows, one) is None:
                add(rows, PersonRow, [Person(id=one, name=f"Part {one[-2:]}")])
        course = Course(
            id=service_course_id("wider", service),
            kind=CourseKind.SERVICE,
            edition_id="wider",
            subject_id=service,
            stage=Stage.COACHING,
            opened_at=OPENED,
        )
        open_course(rows, course)


def add_session(
    database: Database, number: int, starts_at: datetime, kind: str = "delivery"
) -> str:
    """Write a session of SVC-16 with its coach, lead and partner, and return its id."""
    new = Session(
        id=session_id("wider", "SVC-16", kind, number),
        course_id=service_course_id("wider", "SVC-16"),
        edition_id="wider",
        kind=kind,
        number=number,
        planned_day=starts_at.date(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        minutes=60,
        place="Room 1",
    )
    part = [
        Participant(session_id=new.id, person_id=COACH, role=Role.DELIVERY_COACH),
        Participant(session_id=new.id, person_id=LEAD, role=Role.SERVICE_LEAD),
        Participant(session_id=new.id, person_id=PARTNER, role=Role.PARTNER),
    ]
    with database.transaction() as rows:
        add_sessions(rows, [new])
        add_participants(rows, part)
    return new.id


def add_task(
    database: Database,
    kind: ObligationKind,
    opened_at: datetime,
    *,
    holder: str | None = LEAD,
    subject: str = "",
) -> str:
    """Write an open obligation of SVC-16, and return its id."""
    course = service_course_id("wider", "SVC-16")
    new = Obligation(
        id=obligation_id("wider", "SVC-16", kind, 1),
        course_id=course,
        edition_id="wider",
        kind=kind,
        subject=subject or course,
        holder_id=holder,
        opened_at=opened_at,
    )
    with database.transaction() as rows:
        add_obligation(rows, new)
    return new.id


@dataclass
class Asked:
    """One thing that the programme was asked."""

    method: str
    form: Any


@dataclass
class FakeProgramme(Programme):
    """A programme that keeps what it was asked, and can be down or refuse.

    Attributes:
        down: How often it does not answer; what was asked may have been done all the same.
        deaf: Whether it is not even heard while it is down.
        refuses: Tells which acts it refuses, and with which sentence.
        committed: The acts that took effect, by request id: each once.

    """

    database: Database
    down: int = 0
    deaf: bool = False
    refuses: Callable[[str, Any], str] = lambda _method, _form: ""
    asked: list[Asked] = field(default_factory=list)
    committed: dict[str, Asked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read and write where the cast does."""
        self._database = self.database

    def now(self) -> datetime:
        """Return the moment at which the edition was opened."""
        return OPENED

    async def _take(self, method: str, form: ActForm) -> Answer:
        self.asked.append(Asked(method, form))
        if self.down and self.deaf:
            self.down -= 1
            raise EngineDown("the engine did not answer")
        why = self.refuses(method, form)
        if why:
            raise Refused(why)
        assert form.request_id is not None
        if form.request_id not in self.committed:
            self.committed[form.request_id] = Asked(method, form)
            self._effect(method, form)
        if self.down:
            self.down -= 1
            raise EngineDown("the engine did not answer")
        return Answer(course_id="", text="")

    def _effect(self, method: str, form: Any) -> None:
        if method == "record":
            with self.database.transaction() as rows:
                session = known_session(rows, form.session)
                assert session is not None
                assert session.state is SessionState.TO_COME, "recorded twice"
                save_session(rows, session.model_copy(update={"state": form.outcome}))


def _method(name: str) -> Any:
    async def take(self: FakeProgramme, form: ActForm) -> Answer:
        return await self._take(name, form)

    return take


METHODS = (
    "apply", "select", "decide_offer", "accept", "decline", "sign", "name_team", "seek_partner",
    "assign_coach", "choose_slot", "date_event", "set_sponsor_session", "record", "confirm", "move",
    "cancel", "catch_up", "pause", "resume", "withdraw", "undo", "promise", "close_obligation",
    "succeed",
)  # fmt: skip
for _name in METHODS:
    setattr(FakeProgramme, _name, _method(_name))
