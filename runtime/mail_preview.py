"""What a mail says: as it was sent, as it would be sent now, or with made-up facts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy.orm import Session as Rows

from activities.dispatching.letters import Sender, Writer, addressee_of
from messaging.mail import compose
from messaging.texts import every_text
from runtime.settings import Settings
from schemas.letters import Asks, CalendarEvent, Facts, Letter, Party, SessionLine, Topic
from schemas.messages import MessageKind
from storage.circumstances import circumstances_of
from storage.ledger import message
from storage.reads.message_list import stored_content

STARTS_AT = datetime(2024, 9, 10, 9, tzinfo=UTC)
OFFICE = Party(name="Programme office", address="office@drumbeat.example")
LEAD = Party(name="Service lead 12", address="lead12@northmoor.nhs.example")


@dataclass(frozen=True)
class Read:
    """A mail as its reader sees it.

    Attributes:
        stored: Whether these are the bytes that were kept for sending.
        text: The plain text; the HTML says the same.
        attachments: Names of what is attached.

    """

    stored: bool
    sender: str
    to: str
    subject: str
    text: str
    attachments: tuple[str, ...]


def mail_of(rows: Rows, key: str, settings: Settings, at: datetime) -> Read:
    """Return a message of the ledger as it was made, or as it would be made at ``at``.

    Raises:
        LookupError: There is no such message, or nobody whom it could go to.

    """
    found = message(rows, key)
    if found is None:
        raise LookupError(f"there is no message {key}")
    content = stored_content(rows, key)
    if content is not None:
        return _read(content, stored=True)
    around = circumstances_of(rows, [found])
    begun = found.model_copy(update={"attempt": max(found.attempt, 1)})
    sender = Sender(settings.mail_from, settings.mail_domain)
    letter = Writer(rows, around, sender, at).letter(begun, addressee_of(found, around))
    return _read(compose(letter), stored=False)


def previews(kind: MessageKind, topic: str | None) -> dict[str, Read]:
    """Return the texts of a kind of message with made-up facts, by topic.

    Raises:
        LookupError: The kind has no text of that topic.

    """
    known = [(words, asks) for other, words, asks in every_text() if other is kind]
    chosen = [(words, asks) for words, asks in known if topic in {None, words.value}]
    if not chosen:
        near = get_close_matches(str(topic), [words.value for words, _ in known], n=1, cutoff=0.0)
        raise LookupError(f"{kind.value} has no text {topic}: the nearest is {near[0]}")
    return {
        f"{words.value} ({asks})" if kind is MessageKind.REMINDER else words.value: _read(
            compose(_letter(kind, words, asks)), stored=False
        )
        for words, asks in chosen
    }


def _read(content: bytes, *, stored: bool) -> Read:
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    return Read(
        stored=stored,
        sender=str(mail["From"]),
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        text=body.get_content().strip() if isinstance(body, EmailMessage) else "",
        attachments=tuple(part.get_filename() or "" for part in mail.iter_attachments()),
    )


def _letter(kind: MessageKind, topic: Topic, asks: Asks) -> Letter:
    return Letter(
        key="0" * 32,
        kind=kind,
        topic=topic,
        asks=asks,
        sender=OFFICE,
        recipient=LEAD,
        message_domain="drumbeat.example",
        composed_at=STARTS_AT - timedelta(days=8),
        facts=_facts(kind),
        event=_event(kind) if kind.is_calendar else None,
    )


def _facts(kind: MessageKind) -> Facts:
    line = SessionLine(
        title="Delivery coaching",
        service="Hazel Ward",
        place="Online",
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + timedelta(hours=1),
    )
    moved = STARTS_AT - timedelta(days=1) if kind is MessageKind.MOVE else None
    return Facts(
        programme="Fictional QI programme",
        service="Hazel Ward",
        organisation="Northmoor Partnership NHS FT",
        session="Delivery coaching",
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + timedelta(hours=1),
        was_starts_at=moved,
        was_ends_at=moved and moved + timedelta(hours=1),
        place="Online",
        coach="Coach 04",
        sponsor="Exec sponsor 07",
        holder="Service lead 12",
        person="Team member 31",
        phone="07700 900123",
        days_waiting=3,
        deadline_day=date(2024, 9, 6),
        from_day=date(2024, 9, 9),
        reason="the coach is away",
        task="whether the session below still suits",
        items=("Full backing to the organisation's involvement in the programme",),
        sessions=(line,),
    )


def _event(kind: MessageKind) -> CalendarEvent:
    return CalendarEvent(
        uid="preview@drumbeat.example",
        sequence=0,
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + timedelta(hours=1),
        summary="Delivery coaching: Hazel Ward",
        location="Online",
        organizer=OFFICE.address,
        attendee=LEAD,
        cancelled=kind is MessageKind.CANCELLATION,
    )
