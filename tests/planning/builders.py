"""Values for the tests of the rules: the shipped editions, instants by the clock, small records."""

from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from planning.calendar import WorkingCalendar, calendar_of
from planning.edition_file import read_edition
from planning.working_time import Interval, whole_days
from schemas.delays import Delay, DelayValue
from schemas.edition import Edition, MailRules, SessionKind
from schemas.messages import Message, MessageKind
from schemas.obligations import Obligation, ObligationKind
from schemas.policies import EscalationPolicy
from schemas.sessions import Session

EDITIONS = Path(__file__).parents[2] / "editions"
LONDON = ZoneInfo("Europe/London")
DELAY: TypeAdapter[DelayValue] = TypeAdapter(Delay)

CLOCK_CHANGES = (
    date(2024, 3, 31),
    date(2024, 10, 27),
    date(2025, 3, 30),
    date(2025, 10, 26),
)


@cache
def edition(name: str = "mha-qi-wider") -> Edition:
    """Read a shipped edition."""
    path = EDITIONS / f"{name}.toml"
    return read_edition(path.read_text(encoding="utf-8"), path.name)


def calendar() -> WorkingCalendar:
    return calendar_of(edition())


def mail() -> MailRules:
    return edition().mail


def kind(name: str) -> SessionKind:
    return edition().session_kind(name)


def policy(obligation: ObligationKind) -> EscalationPolicy:
    return edition().policy(obligation)


def delay(text: str) -> DelayValue:
    return DELAY.validate_python(text)


def at(day: str, clock: str = "10:00") -> datetime:
    """Return the UTC instant at which London's clocks show a time on a day, as the zone says."""
    local = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), LONDON)
    return local.astimezone(UTC)


def shown(instant: datetime | None) -> str:
    """Return what London's calendar and clocks show at an instant."""
    assert instant is not None
    return instant.astimezone(LONDON).strftime("%a %Y-%m-%d %H:%M")


def rest(first: str, last: str) -> Interval:
    """Return a pause of whole days, both included."""
    return whole_days(calendar(), date.fromisoformat(first), date.fromisoformat(last))


CHRISTMAS = rest("2024-12-23", "2025-01-03")


def a_message(message_kind: MessageKind = MessageKind.REMINDER, **changes: object) -> Message:
    row = Message(
        key="0" * 32,
        course_id="service/wider/SVC-16",
        edition_id="wider",
        kind=message_kind,
        topic="delivery",
        subject="wider/SVC-16/delivery/7",
        person_id="PER-0001",
        due_at=at("2024-10-15", "09:05"),
        planned_at=at("2024-09-02", "08:00"),
    )
    return row.model_copy(update=changes)


def a_session(**changes: object) -> Session:
    row = Session(
        id="wider/SVC-16/delivery/7",
        course_id="service/wider/SVC-16",
        edition_id="wider",
        kind="delivery",
        number=7,
        planned_day=date(2024, 10, 16),
        starts_at=at("2024-10-16", "10:00"),
        ends_at=at("2024-10-16", "11:00"),
        minutes=60,
        place="Room 1",
    )
    return row.model_copy(update=changes)


def an_obligation(
    obligation_kind: ObligationKind = ObligationKind.SESSION_RECORD, **changes: object
) -> Obligation:
    row = Obligation(
        id="wider/SVC-16/session_record/7",
        course_id="service/wider/SVC-16",
        edition_id="wider",
        kind=obligation_kind,
        subject="wider/SVC-16/delivery/7",
        holder_id="PER-0002",
        opened_at=at("2024-10-16", "11:00"),
    )
    return row.model_copy(update=changes)
