"""The words of every message: one source each, from which text and HTML are both made.

A source lies in ``templates/`` under its kind and topic. Each of its lines is a paragraph, or with
a leading ``- `` an item of a list. What a text needs and a letter does not bring raises.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

from jinja2 import Environment, StrictUndefined, Template

from messaging.facts import ITEM, words_of
from messaging.plain import one_line, subject_line
from schemas.letters import Asks, Letter, Party, Topic
from schemas.messages import MessageKind

_TEMPLATES = files("messaging") / "templates"

# A source is plain text; its HTML is made from the finished paragraphs, each of them escaped.
_PLAIN = Environment(undefined=StrictUndefined, autoescape=False)
_PLAIN.globals.clear()  # no text calls a function, and each rendering would copy them

_FILES = {
    MessageKind.REMINDER: "reminders.toml",
    MessageKind.DIGEST: "digests.toml",
    MessageKind.NOTICE: "notices.toml",
    MessageKind.CHASE: "chases.toml",
    MessageKind.ESCALATION: "escalations.toml",
    MessageKind.INVITATION: "calendar.toml",
    MessageKind.MOVE: "calendar.toml",
    MessageKind.CANCELLATION: "calendar.toml",
}


class NoTextError(LookupError):
    """There is no text for what a letter wants to say."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no text {name}: write one in messaging/templates")


class MissingFactError(LookupError):
    """A letter lacks facts that its text needs."""

    def __init__(self, name: str, facts: Sequence[str]) -> None:
        super().__init__(
            f"the text {name} needs {', '.join(facts)}: put it into the letter's facts"
        )


@dataclass(frozen=True)
class Source:
    """One text as it is written, compiled.

    Attributes:
        name: Kind and topic, for example ``chase/accept_place``.
        needs: The facts that a letter must bring.

    """

    name: str
    needs: tuple[str, ...]
    subject: Template
    body: Template


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list of at least one item."""

    is_list: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """A letter in words: the same paragraphs as plain text and as HTML."""

    subject: str
    text: str
    html: str


def wording(letter: Letter) -> Wording:
    """Put a letter into words.

    Raises:
        NoTextError: No text has that kind and topic.
        MissingFactError: The text needs a fact that the letter does not bring.

    """
    source = source_of(letter.kind, letter.topic, letter.asks)
    missing = [name for name in source.needs if not getattr(letter.facts, name)]
    if missing:
        raise MissingFactError(source.name, missing)
    words = words_of(letter)
    subject = subject_line(source.subject.render(words))
    frame = {
        "subject": subject,
        "blocks": _blocks(source.body.render(words)),
        "recipient": one_line((letter.true_recipient or letter.recipient).name),
        "sender": one_line(letter.sender.name),
        "programme": one_line(letter.facts.programme),
        "contact": one_line(letter.facts.contact or ""),
        "meant_for": _named(letter.true_recipient) if letter.true_recipient else "",
    }
    text, html = _frames()
    return Wording(subject, text.render(frame), html.render(frame))


@cache
def source_of(kind: MessageKind, topic: Topic, asks: Asks = "information") -> Source:
    """Return the source of a text; each calendar kind has one for all sessions.

    Raises:
        NoTextError: There is none.

    """
    key = f"{topic}.{asks}" if kind is MessageKind.REMINDER else topic.value
    source = _sources(kind).get(kind.value if kind.is_calendar else key)
    if source is None:
        raise NoTextError(f"{kind}/{key}")
    return source


def every_text() -> Iterator[tuple[MessageKind, Topic, Asks]]:
    """Yield each kind, topic and asking that has a text; calendar kinds with the one topic."""
    for kind in MessageKind:
        for key in _sources(kind):
            topic, _, asks = key.partition(".")
            if kind.is_calendar:
                topic = Topic.SESSION
            yield kind, Topic(topic), "confirm" if asks == "confirm" else "information"


@cache
def _sources(kind: MessageKind) -> dict[str, Source]:
    """Return the sources of a kind by topic, or for a reminder by ``topic.asks``."""
    tree = tomllib.loads((_TEMPLATES / _FILES[kind]).read_text(encoding="utf-8"))
    if kind.is_calendar:
        tree = {kind.value: tree[kind.value]}
    if kind is MessageKind.REMINDER:
        tree = {
            f"{topic}.{asks}": text for topic, both in tree.items() for asks, text in both.items()
        }
    return {key: _source(f"{kind}/{key}", entry) for key, entry in tree.items()}


def _source(name: str, entry: dict[str, str | list[str]]) -> Source:
    subject = str(entry["subject"])
    body = re.sub(r"^- ", ITEM, str(entry["body"]), flags=re.MULTILINE)
    return Source(
        name, tuple(entry["needs"]), _PLAIN.from_string(subject), _PLAIN.from_string(body)
    )


def _named(party: Party) -> str:
    return f"{one_line(party.name)} <{party.address}>"


def _blocks(body: str) -> list[Block]:
    lines = [line.strip(" ") for line in body.split("\n") if line.strip(" ")]
    blocks: list[Block] = []
    for is_list, run in groupby(lines, key=lambda line: line.startswith(ITEM)):
        if is_list:
            blocks.append(Block(True, tuple(line.removeprefix(ITEM) for line in run)))
        else:
            blocks += [Block(False, (line,)) for line in run]
    return blocks


@cache
def _frames() -> tuple[Template, Template]:
    """Return what surrounds the paragraphs of every mail, as text and as HTML."""
    return _frame("letter.txt.j2", escaped=False), _frame("letter.html.j2", escaped=True)


def _frame(name: str, *, escaped: bool) -> Template:
    environment = Environment(
        undefined=StrictUndefined,
        autoescape=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.clear()
    return environment.from_string((_TEMPLATES / name).read_text(encoding="utf-8"))
