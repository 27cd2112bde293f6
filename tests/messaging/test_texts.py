"""Every text in every wording: complete, kind, and the same as plain text and as HTML."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, meta

from messaging.facts import day_words, when_words, words_of
from messaging.texts import (
    MissingFactError,
    NoTextError,
    every_text,
    source_of,
    wording,
)
from schemas.letters import Asks, Facts, Letter, Party, Topic
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind
from schemas.people import Role
from tests.messaging.letters import FULL, STARTS_AT, a_letter, minimal_facts

TEMPLATES = Path(__file__).parents[2] / "messaging" / "templates"
TEXTS = sorted(every_text())
AUDIENCES = [None, *Role]
SESSIONS = [
    Topic.DELIVERY,
    Topic.EXECUTIVE,
    Topic.IMPROVEMENT_EVENT,
    Topic.MIDPOINT,
    Topic.LEARNING_EVENT,
    Topic.SESSION,
]
NEVER_SAID = [
    *("patient", "no-show", "no show", "blame", "failing", "failed", "failure", "you have not"),
    *(
        "complian",
        "neglect",
        "escalat",
        "chase",
        "obligation",
        "overdue",
        "immediately",
        "reminded",
    ),
    *("http", "www.", "drumbeat", "click", "log in", "command", "undefined", "none."),
]

each_text = pytest.mark.parametrize(("kind", "topic", "asks"), TEXTS)
Text = tuple[MessageKind, Topic, Asks]


class Paragraphs(HTMLParser):
    """Collects what a reader of the HTML sees, line by line, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip() and self.tags[-1] != "title":
            self.lines.append(data.strip())


def letters(kind: MessageKind, topic: Topic, asks: Asks) -> Iterator[Letter]:
    """Yield a letter for each audience, with all facts and with no more than it needs."""
    for audience in AUDIENCES:
        for facts in (FULL, minimal_facts(kind, topic, asks)):
            yield a_letter(kind, topic, asks=asks, audience=audience, facts=facts)


def test_there_is_a_text_for_everything_that_is_said() -> None:
    """R06, X02, X03, M11: each notice, each question and each reminder has its words."""
    written = set(TEXTS)
    for topic in SESSIONS:
        assert {
            (MessageKind.REMINDER, topic, asks) for asks in ("confirm", "information")
        } <= written
    for obligation in ObligationKind:
        topic = Topic.of_obligation(obligation)
        for kind in (MessageKind.CHASE, MessageKind.ESCALATION):
            assert (kind, topic, "information") in written
    assert {kind for kind, _, _ in TEXTS} == set(MessageKind)
    assert {topic for _, topic, _ in TEXTS} == set(Topic)


@each_text
def test_a_text_reads_well_for_everybody(kind: MessageKind, topic: Topic, asks: Asks) -> None:
    """X02: no word of blame, none about people in care, and none that only staff understand."""
    for letter in letters(kind, topic, asks):
        words = wording(letter)
        assert 10 <= len(words.subject) <= 120
        assert words.subject.isprintable()
        said = f"{words.subject}\n{words.text}"
        assert [word for word in NEVER_SAID if word in said.lower()] == []
        assert re.findall(r"  |\{|\}| [.,;:?!]|\.\.|,,", said) == []
        assert words.text.endswith("\n")
        for line in words.text.splitlines():
            assert line == line.strip()


@each_text
def test_html_says_what_the_plain_text_says(kind: MessageKind, topic: Topic, asks: Asks) -> None:
    for letter in letters(kind, topic, asks):
        words = wording(letter)
        plain = [line.removeprefix("- ") for line in words.text.splitlines() if line]
        assert Paragraphs(words.html).lines == plain


@each_text
def test_html_is_simple_and_has_a_language(kind: MessageKind, topic: Topic, asks: Asks) -> None:
    html = wording(a_letter(kind, topic, asks=asks)).html
    assert html.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    allowed = {"html", "head", "meta", "title", "body", "p", "ul", "li", "br"}
    assert set(Paragraphs(html).tags) <= allowed


@each_text
def test_a_fact_that_is_needed_and_missing_is_named(
    kind: MessageKind, topic: Topic, asks: Asks
) -> None:
    for name in source_of(kind, topic, asks).needs:
        without = FULL.model_copy(update={name: type(FULL).model_fields[name].default})
        with pytest.raises(MissingFactError, match=rf"{kind}/.* needs {name}:"):
            wording(a_letter(kind, topic, asks=asks, facts=without))


@each_text
def test_a_subject_names_no_service_and_no_person(
    kind: MessageKind, topic: Topic, asks: Asks
) -> None:
    subject = wording(a_letter(kind, topic, asks=asks)).subject
    named = [FULL.service, FULL.organisation, FULL.coach, FULL.sponsor, FULL.holder, FULL.person]
    assert [name for name in [*named, FULL.phone, "12"] if name and name in subject] == []


@each_text
def test_a_question_says_by_when(kind: MessageKind, topic: Topic, asks: Asks) -> None:
    if kind in {MessageKind.CHASE, MessageKind.ESCALATION} or asks == "confirm":
        assert "by Friday 6 September 2024" in wording(a_letter(kind, topic, asks=asks)).text


@each_text
def test_everybody_is_told_whom_to_ask(kind: MessageKind, topic: Topic, asks: Asks) -> None:
    text = wording(a_letter(kind, topic, asks=asks)).text
    assert "Any questions? Reply to this mail, or ask Coordinator 01, 07700 900900." in text
    assert text.endswith("With best wishes\nProgramme office\nFictional QI programme\n")


def sources() -> Iterator[Any]:
    for path in sorted(TEMPLATES.glob("*.toml")):
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, entry in tree.items():
            for part, text in ({"": entry} if "body" in entry else entry).items():
                yield pytest.param(text, id=f"{path.stem}-{name}-{part}".rstrip("-"))


@pytest.mark.parametrize("source", list(sources()))
def test_a_source_uses_only_words_that_exist(source: dict[str, Any]) -> None:
    """A mistyped name inside ``is defined`` would stay silent for ever."""
    assert set(source) == {"needs", "subject", "body"}
    assert set(source["needs"]) <= set(Facts.model_fields)
    known = set(words_of(a_letter()))
    for text in (source["subject"], source["body"]):
        assert meta.find_undeclared_variables(Environment(autoescape=True).parse(text)) <= known


@pytest.mark.parametrize("source", list(sources()))
def test_a_source_asks_after_every_role_by_its_name(source: dict[str, Any]) -> None:
    compared = re.findall(r'audience == "(\w+)"', source["body"])
    assert set(compared) <= set(Role)


def test_a_text_that_was_never_written_is_named() -> None:
    with pytest.raises(NoTextError, match="there is no text notice/delivery"):
        wording(a_letter(MessageKind.NOTICE, Topic.DELIVERY))


def test_an_independent_provider_is_thanked_and_its_interest_noted() -> None:
    """R06: thanks, where learning is shared, and interest noted for later."""
    text = wording(a_letter(MessageKind.NOTICE, Topic.INELIGIBLE_THANKS)).text
    for said in ("Thank you", "noted your interest", "learning", "are shared openly"):
        assert said in text


def test_a_partner_is_asked_gently() -> None:
    letter = a_letter(topic=Topic.IMPROVEMENT_EVENT, asks="confirm", audience=Role.PARTNER)
    text = wording(letter).text
    assert "you need not give a reason" in text
    assert "large print" in text


def test_an_assistant_reads_whose_diary_it_is() -> None:
    letter = a_letter(topic=Topic.EXECUTIVE, audience=Role.ASSISTANT)
    assert "in the diary that you look after for Executive sponsor 07" in wording(letter).text


def test_redirected_mail_names_the_true_recipient() -> None:
    """M19: what everybody would have got can be read at one address."""
    lead = Party(name="Service lead 12", address="lead12@northmoor.nhs.example")
    office = Party(name="Trial", address="trial@drumbeat.example")
    words = wording(a_letter(recipient=office, true_recipient=lead))
    assert words.text.startswith("[Redirected: this mail is part of a trial. It was meant for ")
    assert (
        "Service lead 12 <lead12@northmoor.nhs.example>.]\n\nDear Service lead 12,\n" in words.text
    )
    assert "meant for Service lead 12 &lt;lead12@northmoor.nhs.example&gt;.</p>" in words.html


@pytest.mark.parametrize(
    ("starts_at", "words"),
    [
        (
            datetime(2024, 9, 3, 9, 0, tzinfo=UTC),
            "Tuesday 3 September 2024, 10:00 to 11:00 (UK time)",
        ),
        (
            datetime(2024, 11, 5, 10, 0, tzinfo=UTC),
            "Tuesday 5 November 2024, 10:00 to 11:00 (UK time)",
        ),
        (
            datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
            "Sunday 27 October 2024, 01:30 to 01:30 (UK time)",
        ),
    ],
)
def test_a_time_is_shown_as_its_zone_has_it(starts_at: datetime, words: str) -> None:
    assert when_words(starts_at, starts_at + timedelta(hours=1), "Europe/London") == words


def test_a_session_over_midnight_or_elsewhere_says_so() -> None:
    ends_at = STARTS_AT + timedelta(hours=15)
    assert when_words(STARTS_AT, ends_at, "America/New_York") == (
        "Tuesday 3 September 2024, 05:00 to 20:00 (New York time)"
    )
    assert when_words(STARTS_AT, ends_at, "Europe/London") == (
        "Tuesday 3 September 2024, 10:00 to Wednesday 4 September 2024, 01:00 (UK time)"
    )
    assert day_words(STARTS_AT) == "Tuesday 3 September 2024"
