"""Put a letter's facts into words: days, times and short phrases that every text may use."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from messaging.plain import one_line
from schemas.letters import Facts, Letter, SessionLine
from schemas.messages import MessageKind

ITEM = "\x01"
"""Begins a line that is an item of a list; a control, so that no fact can hold it."""

_ZONE_WORDS = {"Europe/London": "UK time", "UTC": "UTC"}

_PATIENT_KINDS = {MessageKind.CHASE, MessageKind.ESCALATION, MessageKind.NOTICE}
"""Kinds whose answer may take some days; a session's answer is wanted soon."""


def words_of(letter: Letter) -> dict[str, Any]:
    """Return the words that a text may use; a fact that is absent has no entry.

    Everything in it is on one line, so no fact can begin a paragraph or a list of its own.
    """
    facts = letter.facts
    words: dict[str, Any] = {
        name: one_line(value)
        for name, value in facts
        if isinstance(value, str) and name != "zone" and one_line(value)
    }
    for name in ("reason", "task"):
        if name in words:
            words[name] = words[name].rstrip(".")
    words["audience"] = letter.audience.value if letter.audience else ""
    words["who"] = words.get("holder", "the person who was asked")
    words["waiting"] = f" for {_working_days(facts.days_waiting)}"
    words["by_when"] = _by_when(letter)
    words |= _days(facts) | _session(facts) | _lists(facts)
    return words


def day_words(day: date) -> str:
    """Return a day as people write it: ``Tuesday 3 September 2024``."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def when_words(starts_at: datetime, ends_at: datetime | None, zone: str) -> str:
    """Return a stretch of time as its zone shows it: day, from, to and the zone's name."""
    local = starts_at.astimezone(ZoneInfo(zone))
    begins = f"{day_words(local)}, {local:%H:%M}"
    name = _ZONE_WORDS.get(zone, f"{zone.rsplit('/', 1)[-1].replace('_', ' ')} time")
    if ends_at is None:
        return f"{begins} ({name})"
    until = ends_at.astimezone(ZoneInfo(zone))
    end = f"{until:%H:%M}" if until.date() == local.date() else f"{day_words(until)}, {until:%H:%M}"
    return f"{begins} to {end} ({name})"


def _by_when(letter: Letter) -> str:
    if letter.facts.deadline_day is not None:
        return f" by {day_words(letter.facts.deadline_day)}"
    if letter.kind in _PATIENT_KINDS:
        return " in the next few working days"
    return " as soon as you can"


def _working_days(count: int | None) -> str:
    if not count:
        return "a little while"
    return "one working day" if count == 1 else f"{count} working days"


def _days(facts: Facts) -> dict[str, str]:
    named = {"deadline": facts.deadline_day, "from_day": facts.from_day}
    return {name: day_words(day) for name, day in named.items() if day is not None}


def _session(facts: Facts) -> dict[str, str]:
    """Return when the session is, and ``details``: what, when and where as lines of a list."""
    if facts.starts_at is None:
        return {}
    when = when_words(facts.starts_at, facts.ends_at, facts.zone)
    local = facts.starts_at.astimezone(ZoneInfo(facts.zone))
    what = ", ".join(one_line(part) for part in (facts.session, facts.service) if part)
    lines = [("What", what), ("When", when)]
    until_now = _until_now(facts)
    if until_now:
        lines.append(("Until now", until_now))
    lines += [("Where", one_line(facts.place or "")), ("Coach", one_line(facts.coach or ""))]
    return {
        "starts_at": when,
        "news": "New time" if facts.was_starts_at != facts.starts_at else "New place",
        "short_day": f"{local:%A} {local.day} {local:%B}",
        "details": "\n".join(f"{ITEM}{label}: {text}" for label, text in lines if text),
    }


def _until_now(facts: Facts) -> str:
    """Return when and where a session was, as far as that has changed (C19)."""
    changed = []
    if facts.was_starts_at is not None and facts.was_starts_at != facts.starts_at:
        changed.append(when_words(facts.was_starts_at, facts.was_ends_at, facts.zone))
    if facts.was_place:
        changed.append(one_line(facts.was_place))
    return ", ".join(changed)


def _lists(facts: Facts) -> dict[str, list[str]]:
    lists = {
        "items": [one_line(item) for item in facts.items],
        "sessions": [_line(line, facts.zone) for line in facts.sessions],
    }
    return {name: lines for name, lines in lists.items() if lines}


def _line(line: SessionLine, zone: str) -> str:
    parts = ", ".join(one_line(part) for part in (line.title, line.service, line.place) if part)
    note = f" ({one_line(line.note)})" if line.note else ""
    return f"{when_words(line.starts_at, line.ends_at, zone)}: {parts}{note}"
