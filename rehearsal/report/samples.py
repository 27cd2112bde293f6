"""One sample of each kind of mail as it would look, with everybody's name left out."""

import re
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from rehearsal.report.load import roles_of
from rehearsal.report.material import Material, one_of_each
from schemas.base import Record
from storage.reads.report_rows import Mail, Personal

ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


class Block(Record):
    """A paragraph, or a list."""

    is_list: bool
    lines: tuple[str, ...]


class Sample(Record):
    """One mail.

    Attributes:
        about: What its text is for, such as ``commitments``.
        asks: Whether it asks for a confirmation.
        to: Role of whoever got it.
        calendar: What its calendar part does; empty where it has none.

    """

    kind: str
    about: str
    asks: bool
    to: str
    subject: str
    blocks: tuple[Block, ...]
    calendar: str


def samples(material: Material) -> tuple[Sample, ...]:
    """Return one mail of each text that was sent, by kind and topic."""
    hide = _Hiding(material.personal)
    shown = one_of_each(material.mails, frozenset(material.texts))
    return tuple(_sample(material, one, hide) for one in shown)


class _Hiding:
    """Puts ids in the place of people's names, and leaves out their numbers and addresses."""

    def __init__(self, personal: Sequence[Personal]) -> None:
        self._instead = {one.phone: "[number]" for one in personal if one.phone}
        self._instead |= {one.name: f"[{one.person_id}]" for one in personal if one.name}
        # A longer name may hold a shorter one.
        words = sorted(self._instead, key=lambda word: (-len(word), word))
        either = "|".join(re.escape(word) for word in words) or "(?!)"
        self._pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)")

    def __call__(self, text: str) -> str:
        hidden = self._pattern.sub(lambda found: self._instead[found[0]], text)
        return ADDRESS.sub("[address]", hidden)


def _sample(material: Material, one: Mail, hide: _Hiding) -> Sample:
    mail = BytesParser(policy=policy.default).parsebytes(material.texts[one.key])
    roles = roles_of(material, one.person_id)
    return Sample(
        kind=one.kind.value,
        about="session" if one.kind.is_calendar else one.topic,
        asks=one.asks,
        to=roles[0] if roles else "",
        subject=hide(str(mail["subject"] or "")),
        blocks=_blocks(hide(_text(mail))),
        calendar=_calendar(mail),
    )


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


def _blocks(text: str) -> tuple[Block, ...]:
    """Return the paragraphs of a text; lines that begin with a dash make a list."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = tuple(line.strip() for line in paragraph.splitlines() if line.strip())
        is_list = all(line.startswith("- ") for line in lines)
        shown = tuple(line.removeprefix("- ") for line in lines) if is_list else lines
        found.append(Block(is_list=is_list, lines=shown))
    return tuple(one for one in found if one.lines)


def _calendar(mail: EmailMessage) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            return str(part.get_param("method") or "entry").lower()
    return ""
