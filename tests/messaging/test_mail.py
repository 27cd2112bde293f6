"""Whole mails: golden bytes, structure, headers, and nothing smuggled in."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from icalendar import Calendar

from messaging.mail import compose
from messaging.texts import every_text
from schemas.letters import Asks, Facts, Letter, Party, SessionLine, Topic
from schemas.messages import MessageKind
from tests.messaging.golden_letters import GOLDEN, LETTERS, golden_files
from tests.messaging.letters import FULL, KEY, OFFICE, STARTS_AT, a_letter, an_event

CALENDAR_KINDS = [MessageKind.INVITATION, MessageKind.MOVE, MessageKind.CANCELLATION]


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert part.defects == []
    return message


def body_of(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_is_byte_for_byte_what_it_was(name: str) -> None:
    """M17: what changed on purpose is written by ``python -m tests.messaging.golden_letters``."""
    for file, written in golden_files(name).items():
        assert (GOLDEN / file).read_bytes() == written, file


def test_every_golden_file_is_of_a_letter() -> None:
    made = {file for name in LETTERS for file in golden_files(name)}
    assert {path.name for path in GOLDEN.iterdir()} == made | {".gitattributes"}


@pytest.mark.parametrize(("kind", "topic", "asks"), sorted(every_text()))
def test_composing_again_gives_the_same_bytes(kind: MessageKind, topic: Topic, asks: Asks) -> None:
    letter = a_letter(kind, topic, asks=asks, recipient_name="Zoë 李雷")
    copy = Letter.model_validate_json(letter.model_dump_json())
    assert compose(copy) == compose(letter)


@pytest.mark.parametrize(("kind", "topic", "asks"), sorted(every_text()))
def test_any_server_can_take_it(kind: MessageKind, topic: Topic, asks: Asks) -> None:
    content = compose(a_letter(kind, topic, asks=asks, recipient_name="Zoë 李雷"))
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 160
    parsed(content)


def structure(message: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


def test_a_mail_without_a_calendar_part_has_text_and_html() -> None:
    message = parsed(compose(a_letter()))
    assert structure(message) == ["multipart/alternative", "text/plain", "text/html"]
    assert "Seminar room 2" in body_of(message, "plain")
    assert "Seminar room 2" in body_of(message, "html")


@pytest.mark.parametrize("kind", CALENDAR_KINDS)
def test_a_calendar_mail_carries_the_entry_twice(kind: MessageKind) -> None:
    """M17: as a part that programs show and as a file; its method stands in header and entry."""
    message = parsed(compose(a_letter(kind)))
    assert structure(message) == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html"),
        *("text/calendar", "application/ics"),
    ]
    shown, attached = list(message.walk())[-2:]
    method = "CANCEL" if kind is MessageKind.CANCELLATION else "REQUEST"
    assert shown["Content-Type"].params["method"] == method
    entry = Calendar.from_ical(attached.get_content())
    assert entry["METHOD"] == method
    assert shown.get_content().splitlines() == attached.get_content().decode().splitlines()


def test_the_header_says_who_when_and_that_it_is_automatic() -> None:
    """M15: every id in it is a key, and names nobody."""
    reply_to = Party(name="Coordinator 01", address="coordinator@drumbeat.example")
    message = parsed(compose(a_letter(attempt=2, reply_to=reply_to)))
    assert dict(message.items()) == {
        "From": "Programme office <office@drumbeat.example>",
        "To": "Service lead 12 <lead12@northmoor.nhs.example>",
        "Reply-To": "Coordinator 01 <coordinator@drumbeat.example>",
        "Subject": "Reminder: Weekly coaching on Tuesday 3 September",
        "Date": "Mon, 02 Sep 2024 08:05:00 +0000",
        "Message-ID": f"<{KEY}@drumbeat.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "X-Drumbeat-Key": KEY,
        "X-Drumbeat-Reference": f"{KEY}.2",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="=_{KEY}_a"',
    }


def test_redirected_mail_goes_to_one_address_and_names_the_true_recipient() -> None:
    """M19: the true address stands inside and in no header."""
    lead = Party(name="Service lead 12", address="lead12@northmoor.nhs.example")
    trial = Party(name="Trial", address="trial@drumbeat.example")
    message = parsed(compose(a_letter(recipient=trial, true_recipient=lead)))
    assert message["To"] == "Trial <trial@drumbeat.example>"
    assert [name for name, value in message.items() if "northmoor" in value] == []
    for subtype in ("plain", "html"):
        assert "lead12@northmoor.nhs.example" in body_of(message, subtype)


ATTACKS = [
    "x\r\nBcc: thief@x.example\r\n\r\nbody",
    "x\nX-Evil: 1",
    "x\u2028X-Evil: 1",
    "x\x00y\x1b[2J",
    '"; DROP TABLE message; --',
    "lead@x.example, thief@x.example",
    "<thief@x.example>",
    "=?utf-8?q?evil?=",
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp;amp;",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% for x in y %}",
    "{{ ''.__class__.__mro__ }}",
    "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil",
    "x;ATTENDEE=mailto:thief@x.example:y,\\n\\;z",
    "x^nATTENDEE:mailto:thief@x.example",
    "- an item\n\nA paragraph of my own",
    ".\r\n.\r\nQUIT",
    f"--=_{KEY}_a--",
    "gnp.\u202eexe",
    "Zoë 李雷 🙂",
    "long " * 400,
    "x" * 3000,
]


def attacked(text: str, kind: MessageKind, topic: Topic, asks: Asks) -> Letter:
    """Return a letter in which every free text is ``text``."""
    strings = {
        name: text for name, value in FULL if isinstance(value, str) and name not in {"zone"}
    }
    line = SessionLine(
        title=text, service=text, place=text, note=text, starts_at=STARTS_AT, ends_at=STARTS_AT
    )
    facts = Facts.model_validate(
        FULL.model_dump() | strings | {"items": (text,), "sessions": (line, line)}
    )
    party = Party(name=text, address="lead12@northmoor.nhs.example")
    event = None
    if kind.is_calendar:
        event = an_event(
            cancelled=kind is MessageKind.CANCELLATION,
            summary=text,
            location=text,
            description=text,
            attendee=party,
        )
    sender = Party(name=text, address=OFFICE.address)
    return a_letter(
        kind, topic, asks=asks, facts=facts, event=event,
        recipient=party, true_recipient=party, sender=sender, reply_to=sender,
    )  # fmt: skip


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, " ".join(name for name, _ in attrs)))


def some_texts() -> Iterator[tuple[MessageKind, Topic, Asks]]:
    """Yield one text of each kind, the ones with the most facts."""
    yield MessageKind.REMINDER, Topic.EXECUTIVE, "confirm"
    yield MessageKind.DIGEST, Topic.COACH_WEEK, "information"
    yield MessageKind.NOTICE, Topic.COMPLETED, "information"
    yield MessageKind.CHASE, Topic.PHONE_CALL, "information"
    yield MessageKind.ESCALATION, Topic.COMMITMENTS, "information"
    for kind in CALENDAR_KINDS:
        yield kind, Topic.DELIVERY, "information"


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
@pytest.mark.parametrize(("kind", "topic", "asks"), list(some_texts()))
def test_no_text_becomes_a_header_a_tag_or_an_entry(
    kind: MessageKind, topic: Topic, asks: Asks, attack: str
) -> None:
    harmless = parsed(compose(attacked("harmless", kind, topic, asks)))
    message = parsed(compose(attacked(attack, kind, topic, asks)))
    assert message.keys() == harmless.keys()
    assert [address.addr_spec for address in message["To"].addresses] == [
        "lead12@northmoor.nhs.example"
    ]
    assert [address.addr_spec for address in message["From"].addresses] == [OFFICE.address]
    assert len(str(message["Subject"])) <= 120
    assert structure(message) == structure(harmless)
    assert Tags(body_of(message, "html")).found == Tags(body_of(harmless, "html")).found
    lines = [body_of(each, "plain").count("\n") for each in (message, harmless)]
    assert lines[0] == lines[1]
    for said in (body_of(message, "plain"), body_of(message, "html")):
        assert "49" not in said
    for part in message.iter_attachments():
        assert names_in(part.get_content()) == names_in(
            next(harmless.iter_attachments()).get_content()
        )


def names_in(entry: bytes) -> list[tuple[str | None, list[str]]]:
    """Return the components of a calendar file with the names of their properties."""
    calendar = Calendar.from_ical(entry)
    return [(part.name, sorted(part.keys())) for part in calendar.walk()]
