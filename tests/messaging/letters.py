"""Letters with everything that a test does not care about filled in."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from messaging.texts import source_of
from schemas.letters import Asks, CalendarEvent, Facts, Letter, Party, SessionLine, Topic
from schemas.messages import MessageKind
from schemas.people import Role

KEY = "0123456789abcdef0123456789abcdef"
COMPOSED_AT = datetime(2024, 9, 2, 8, 5, tzinfo=UTC)
STARTS_AT = datetime(2024, 9, 3, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = Party(name="Programme office", address="office@drumbeat.example")

LINES = (
    SessionLine(
        title="Weekly coaching",
        service="Hazel Ward",
        place="Seminar room 2",
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + HOUR,
    ),
    SessionLine(
        title="Weekly coaching",
        service="Tamar Ward",
        place="Online",
        starts_at=STARTS_AT + timedelta(days=1),
        ends_at=STARTS_AT + timedelta(days=1) + HOUR,
        note="new time",
    ),
)

FULL = Facts(
    programme="Fictional QI programme",
    service="Hazel Ward",
    organisation="Northmoor Partnership",
    session="Weekly coaching",
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + HOUR,
    was_starts_at=STARTS_AT - timedelta(days=1),
    was_ends_at=STARTS_AT - timedelta(days=1) + HOUR,
    place="Seminar room 2",
    coach="Coach 04",
    sponsor="Executive sponsor 07",
    holder="Service lead 12",
    person="Team member 31",
    phone="07700 900123",
    days_waiting=3,
    deadline_day=date(2024, 9, 6),
    from_day=date(2024, 9, 9),
    reason="the coach is away.",
    task="whether Tuesday at ten still works.",
    items=("Backing for the team", "Proportionate data collection"),
    sessions=LINES,
    contact="Coordinator 01, 07700 900900",
)


def minimal_facts(kind: MessageKind, topic: Topic, asks: Asks = "information") -> Facts:
    """Return only what the text asks for."""
    needs = source_of(kind, topic, asks).needs
    return Facts(
        programme="Fictional QI programme", **{name: getattr(FULL, name) for name in needs}
    )


def an_event(*, sequence: int = 0, cancelled: bool = False, **changes: Any) -> CalendarEvent:
    facts = {
        "uid": "4d1f6a52@drumbeat.example",
        "sequence": sequence,
        "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + HOUR,
        "summary": "Weekly coaching",
        "location": "Seminar room 2",
        "description": "With Coach 04.\nReply to the mail if the time does not work.",
        "organizer": OFFICE.address,
        "attendee": Party(name="Service lead 12", address="lead12@northmoor.nhs.example"),
        "cancelled": cancelled,
    }
    return CalendarEvent.model_validate(facts | changes)


def a_letter(
    kind: MessageKind = MessageKind.REMINDER,
    topic: Topic = Topic.DELIVERY,
    *,
    asks: Asks = "information",
    audience: Role | None = Role.SERVICE_LEAD,
    facts: Facts = FULL,
    recipient_name: str = "Service lead 12",
    **changes: Any,
) -> Letter:
    event = an_event(cancelled=kind is MessageKind.CANCELLATION) if kind.is_calendar else None
    values = {
        "key": KEY,
        "kind": kind,
        "topic": topic,
        "asks": asks,
        "audience": audience,
        "sender": OFFICE,
        "recipient": Party(name=recipient_name, address="lead12@northmoor.nhs.example"),
        "message_domain": "drumbeat.example",
        "composed_at": COMPOSED_AT,
        "facts": facts,
        "event": event,
    }
    return Letter.model_validate(values | changes)
