"""Another version of a running edition: what changes, what stays, what cannot be (M06, E31)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schemas.courses import Stage
from schemas.edition import Edition
from schemas.policies import EscalationPolicy

NAMES = ("id", "obligation", "kind", "coach", "opens")
"""Keys by which an element of a list is called, the first that it has."""

FIXED = ("id", "zone", "holidays")
"""What no version of a running edition changes: ids, and the clock and calendar of all instants."""

FIXED_OF_A_KIND = ("cadence", "planned", "coach")
"""What a kind of session keeps once there are sessions of it."""


@dataclass(frozen=True)
class Running:
    """How far an edition has come.

    Attributes:
        used_places: Places taken, and offers open.
        sessions: How many sessions there are of each kind.
        first_day: The first day with a session of any kind.
        last_day: The last day with a session to come.
        promised: Whether any sponsor was asked to sign the commitments.
        to_come: Sessions to come.
        reminders: Reminders that wait.
        chases: Chases that are open.

    """

    stage: Stage
    used_places: int = 0
    sessions: Mapping[str, int] = field(default_factory=dict)
    first_day: date | None = None
    last_day: date | None = None
    promised: bool = False
    to_come: int = 0
    reminders: int = 0
    chases: int = 0


def refusals(old: Edition, new: Edition, running: Running) -> tuple[str, ...]:
    """Return, a sentence each, what of a new version cannot be while the edition runs."""
    return tuple(_refusals(old, new, running))


def _refusals(old: Edition, new: Edition, running: Running) -> Iterator[str]:
    for key in FIXED:
        if getattr(old, key) != getattr(new, key):
            was, now = getattr(old, key), getattr(new, key)
            yield f"{key} stays {was}: a running edition cannot become {now}."
    if new.version <= old.version:
        yield f"version {new.version} is not newer than {old.version}: raise it in the file."
    if new.places < running.used_places:
        yield (
            f"places cannot be {new.places}: {running.used_places} are taken or offered. "
            "Withdraw services or let offers lapse first."
        )
    yield from _about_the_window(old, new, running)
    yield from _about_recruitment(old, new, running)
    yield from _about_kinds(old, new, running)


def _about_the_window(old: Edition, new: Edition, running: Running) -> Iterator[str]:
    if running.first_day is not None and old.window.opens != new.window.opens:
        yield (
            f"window.opens stays {old.window.opens}: sessions are planned from it, and weeks "
            "are counted from it."
        )
    if running.last_day is not None and new.window.closes < running.last_day:
        yield (
            f"window.closes cannot be {new.window.closes}: sessions lie as late as "
            f"{running.last_day}. Move or cancel them first."
        )


def _about_recruitment(old: Edition, new: Edition, running: Running) -> Iterator[str]:
    before, after = old.recruitment, new.recruitment
    closed = running.stage not in {Stage.RECRUITING, Stage.SELECTING}
    if closed and (before.opens, before.deadline) != (after.opens, after.deadline):
        yield f"recruitment.deadline stays {before.deadline}: places have been given."
    if running.promised and _ids(before.commitments) != _ids(after.commitments):
        yield "recruitment.commitments stay the same: sponsors have been asked to sign them."


def _about_kinds(old: Edition, new: Edition, running: Running) -> Iterator[str]:
    known = {one.id: one for one in new.sessions}
    for was in old.sessions:
        if not running.sessions.get(was.id):
            continue
        now = known.get(was.id)
        if now is None:
            yield f"sessions[{was.id}] cannot go: there are {running.sessions[was.id]} of them."
            continue
        for key in FIXED_OF_A_KIND:
            before, after = getattr(was, key), getattr(now, key)
            if before != after:
                yield (
                    f"sessions[{was.id}].{key} stays {before}: {running.sessions[was.id]} "
                    f"sessions are planned by it, so it cannot be {after}."
                )


def _ids(listed: Iterable[Any]) -> tuple[str, ...]:
    return tuple(one.id for one in listed)


def differences(old: Edition, new: Edition) -> tuple[str, ...]:
    """Return, a sentence each, where two versions differ; the places are those of the file."""
    was, now = old.model_dump(mode="json"), new.model_dump(mode="json")
    was.pop("version"), now.pop("version")
    return tuple(_differences("", was, now))


def _differences(place: str, was: Any, now: Any) -> Iterator[str]:
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*was, *now)):
            inner = f"{place}.{key}" if place else key
            yield from _differences(inner, was.get(key), now.get(key))
    elif _is_named(was) and _is_named(now):
        yield from _in_a_list(place, _by_name(was), _by_name(now))
    else:
        yield f"{place}: {_shown(was)} becomes {_shown(now)}."


def _in_a_list(place: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys((*was, *now)):
        inner = f"{place}[{name}]"
        if name not in now:
            yield f"{inner} goes."
        elif name not in was:
            yield f"{inner} is new."
        else:
            yield from _differences(inner, was[name], now[name])
    if set(was) == set(now) and list(was) != list(now):
        yield f"{place} come in another order: {', '.join(now)}."


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and all(_name(one) for one in value)


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return next((str(value[key]) for key in NAMES if value.get(key)), "")


def _by_name(listed: Sequence[Any]) -> dict[str, Any]:
    return {_name(one): one for one in listed}


def _shown(value: Any) -> str:
    if value is None or value in ([], ()):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    if isinstance(value, dict):
        if value.keys() == {"amount", "unit"}:
            return f"{value['amount']}{value['unit']}"
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
    return str(value)


def consequences(old: Edition, new: Edition, running: Running) -> tuple[str, ...]:
    """Return what a new version means for what is under way: a dry run prints it."""
    known = {one.id: one for one in new.sessions}
    others = sorted(
        one.title
        for one in old.sessions
        if one.id in known and set(one.attends) != set(known[one.id].attends)
    )
    return (
        f"{running.to_come} sessions to come keep their day, length and place; "
        f"{running.reminders} reminders that wait follow the new policy, each step once; "
        "what was sent stays sent.",
        f"{running.chases} open chases keep the steps that were taken, and go on with the next "
        "one of the new policy.",
        *(
            f"{title}: whoever comes by the new version only is invited to the sessions to come, "
            "whoever comes no longer gets one cancellation, and whoever stays hears nothing."
            for title in others
        ),
    )


def steps_taken(old: EscalationPolicy, new: EscalationPolicy, done: int) -> int:
    """Return how many steps of the new policy count as taken, so that none is taken twice (M06).

    A chase goes on behind the last step that was taken and that the new policy has as well. Where
    it has none of them, as many of its steps count as taken as were.
    """
    taken = [step.id for step in old.steps[:done]]
    places = [place for place, step in enumerate(new.steps, start=1) if step.id in taken]
    return max(places) if places else min(done, len(new.steps))
