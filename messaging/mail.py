"""A letter as the bytes of one mail; composing it again gives the same bytes (architecture §1)."""

from datetime import UTC, datetime
from email.utils import format_datetime

from messaging.invitations import calendar_entry, calendar_method
from messaging.mime import Multipart, Part, binary_part, headers, mailbox, text_part, unstructured
from messaging.texts import wording
from schemas.letters import CalendarEvent, Letter

KEY_HEADER = "X-Drumbeat-Key"
REFERENCE_HEADER = "X-Drumbeat-Reference"


def compose(letter: Letter) -> bytes:
    """Return the mail, ready for any server: 7-bit, one recipient, CRLF.

    The reference names the hand-over for which the bytes were first made; a second hand-over sends
    the stored bytes, and so the same reference.

    Raises:
        NoTextError: No text has that kind and topic.
        MissingFactError: The text needs a fact that the letter does not bring.

    """
    words = wording(letter)
    readable = (text_part("plain", words.text), text_part("html", words.html))
    boundary = f"=_{letter.key}"
    content = Multipart("alternative", f"{boundary}_a", readable)
    if letter.event is not None:
        shown, attached = _calendar_parts(letter.event, letter.composed_at)
        content = Multipart("alternative", f"{boundary}_a", (*readable, shown))
        content = Multipart("mixed", f"{boundary}_m", (content, attached))
    return _header(letter, words.subject) + bytes(content)


def _header(letter: Letter, subject: str) -> bytes:
    fields = [
        ("From", mailbox(letter.sender.name, letter.sender.address)),
        ("To", mailbox(letter.recipient.name, letter.recipient.address)),
    ]
    if letter.reply_to is not None:
        fields.append(("Reply-To", mailbox(letter.reply_to.name, letter.reply_to.address)))
    fields += [
        ("Subject", unstructured("Subject", subject)),
        ("Date", format_datetime(letter.composed_at.astimezone(UTC))),
        ("Message-ID", f"<{letter.key}@{letter.message_domain}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        (KEY_HEADER, letter.key),
        (REFERENCE_HEADER, letter.reference),
        ("MIME-Version", "1.0"),
    ]
    return headers(fields)


def _calendar_parts(event: CalendarEvent, stamp: datetime) -> tuple[Part, Part]:
    """Return the entry twice: as programs show it, and as a file for those that open files."""
    entry, method = calendar_entry(event, stamp), calendar_method(event)
    name = "cancellation.ics" if event.cancelled else "invitation.ics"
    return (
        binary_part(f'text/calendar; charset="utf-8"; method={method}', entry),
        binary_part(f'application/ics; name="{name}"', entry, f'attachment; filename="{name}"'),
    )
