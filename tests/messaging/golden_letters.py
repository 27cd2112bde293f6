"""The letters whose bytes are kept in ``golden/``; run as a module, it writes them anew."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from messaging.mail import compose
from schemas.letters import Letter, Topic
from schemas.messages import MessageKind
from schemas.people import Role
from tests.messaging.letters import FULL, HOUR, LINES, STARTS_AT, a_letter, an_event, minimal_facts

GOLDEN = Path(__file__).parent / "golden"
MOVED_TO = STARTS_AT + timedelta(days=1, hours=4)
MOVED = an_event(sequence=1, starts_at=MOVED_TO, ends_at=MOVED_TO + HOUR, location="Online")

SESSION = FULL.model_copy(
    update={
        "was_starts_at": None,
        "was_ends_at": None,
        "reason": None,
        "contact": None,
        "sessions": (),
        "deadline_day": None,
    }
)
MOVED_SESSION = SESSION.model_copy(
    update={
        "starts_at": MOVED_TO,
        "ends_at": MOVED_TO + HOUR,
        "was_starts_at": STARTS_AT,
        "was_ends_at": STARTS_AT + HOUR,
        "place": "Online",
        "reason": "the coach is away",
    }
)
WEEK = minimal_facts(MessageKind.DIGEST, Topic.COACH_WEEK).model_copy(update={"sessions": LINES})

LETTERS: dict[str, Letter] = {
    "invitation": a_letter(MessageKind.INVITATION, facts=SESSION),
    "move": a_letter(MessageKind.MOVE, facts=MOVED_SESSION, event=MOVED),
    "cancellation": a_letter(
        MessageKind.CANCELLATION, facts=SESSION, event=an_event(sequence=2, cancelled=True)
    ),
    "digest": a_letter(
        MessageKind.DIGEST, Topic.COACH_WEEK, audience=Role.DELIVERY_COACH, facts=WEEK
    ),
    "chase": a_letter(
        MessageKind.CHASE, Topic.SESSION_RECORD, facts=FULL, recipient_name="Zoë Müller"
    ),
    "escalation": a_letter(
        MessageKind.ESCALATION, Topic.COMMITMENTS, audience=Role.COORDINATOR, facts=FULL
    ),
}


def golden_files(name: str) -> dict[str, bytes]:
    """Return the files of one letter: the mail, and what its encoding hides from a reader."""
    content = compose(LETTERS[name])
    files = {f"{name}.eml": content}
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    for attachment in message.iter_attachments():
        files[f"{name}.ics"] = attachment.get_content()
    return files


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in LETTERS:
        for file, written in golden_files(each).items():
            (GOLDEN / file).write_bytes(written)
