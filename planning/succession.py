"""Successions: who follows whom, what cannot be, and what it means for whom (P01-P03, E02-E05)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from schemas.courses import Enrolment, Stage
from schemas.successions import Succession, SuccessionKind

PLACED = (Stage.COMMITTING, Stage.ONBOARDING, Stage.COACHING)
"""Stages of a service that has taken its place."""


@dataclass(frozen=True)
class World:
    """What there is when a succession is said.

    Attributes:
        last_day: The edition's last day of coaching.
        known: Ids of the people, organisations or services that exist, of those named.
        before: Successions of the same kind, the earliest first.
        services: Services concerned that are under way, with their stage; of a sponsor those that
            are theirs until the day.
        organisations: The organisation of each service named, on the day.
        sessions: How many sessions to come are cancelled.
        chases: How many open chases change hands, or end.
        commitments: How many commitments are to be signed again, by each service.

    """

    last_day: date
    known: frozenset[str]
    before: Sequence[Succession] = ()
    services: Mapping[str, Stage] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)
    sessions: int = 0
    chases: int = 0
    commitments: int = 0


def successor_at(successions: Iterable[Succession], first: str, at: datetime) -> str:
    """Return who or what stands in the place of ``first`` at an instant."""
    return chain_at(successions, first, at)[-1]


def chain_at(successions: Iterable[Succession], first: str, at: datetime) -> tuple[str, ...]:
    """Return ``first`` and all that took its place by an instant, in order."""
    chain = [first]
    for one in sorted(successions, key=lambda one: (one.from_at, one.id)):
        if one.from_at <= at and one.old_id == chain[-1] and one.new_id is not None:
            chain.append(one.new_id)
    return tuple(dict.fromkeys(chain))


def predecessors_at(successions: Iterable[Succession], last: str, at: datetime) -> tuple[str, ...]:
    """Return all whose place ``last`` has taken by an instant, directly or not."""
    return tuple(sorted(followed_at(successions, last, at)))


def followed_at(successions: Iterable[Succession], last: str, at: datetime) -> dict[str, datetime]:
    """Return all whose place ``last`` has taken by an instant, and when each was followed.

    Of somebody who took a place after having been followed, that place stays with them (P01).
    """
    past = [one for one in successions if one.from_at <= at and one.new_id is not None]
    found: dict[str, datetime] = {}
    looked_at = [(one, one.from_at) for one in past if one.new_id == last]
    while looked_at:
        one, before = looked_at.pop()
        if one.old_id == last or found.get(one.old_id, before) > before:
            continue
        found[one.old_id] = before
        looked_at += [
            (other, other.from_at)
            for other in past
            if other.new_id == one.old_id and other.from_at < before
        ]
    return found


def sponsor_before(
    successions: Iterable[Succession], sponsor_id: str, since: datetime | None, at: datetime
) -> str:
    """Return who sponsors a service just before an instant, as far as it was said (P01).

    Args:
        successions: All that were said of sponsors and stand.
        sponsor_id: Who sponsors it now; of a vacant post whoever left it.
        since: From when; none: from its beginning.
        at: The instant.

    Returns:
        Their id; empty for an instant before they began.

    """
    if since is not None and since >= at:
        return ""
    for one in sorted(successions, key=lambda one: (one.from_at, one.id)):
        begun = since is None or one.from_at > since
        if begun and one.from_at < at and one.old_id == sponsor_id and one.new_id is not None:
            sponsor_id, since = one.new_id, one.from_at
    return sponsor_id


def concerns(one: Succession, enrolment: Enrolment, organisation_ids: Iterable[str] = ()) -> bool:
    """Tell whether a succession changes a service, which its course then takes up."""
    if one.kind is SuccessionKind.SPONSOR:
        return enrolment.sponsor_id == one.old_id
    if one.kind is SuccessionKind.ORGANISATION:
        return one.old_id in organisation_ids
    return enrolment.service_id in {one.old_id, one.new_id}


def said_before(new: Succession, world: World) -> Succession | None:
    """Return the succession that says just this, where one was said already."""
    return next((one for one in world.before if one.says(new)), None)


def refusal(new: Succession, world: World) -> str:
    """Return why a succession cannot be; empty where it can."""
    for check in (_unknown, _about_time, _contradiction, RULES[new.kind]):
        said = check(new, world)
        if said:
            return said
    return ""


def too_late(one: Succession) -> str:
    """Return why a succession whose day has come is not taken back, and what corrects it."""
    since = f"since {one.from_day:%d %B %Y}"
    if one.kind is SuccessionKind.SERVICE:
        return (
            f"{one.old_id} is one with {one.new_id} {since} and its course has ended: that stands. "
            f"Only another edition can take {one.old_id} in again."
        )
    if one.kind is SuccessionKind.ORGANISATION:
        command = f"merge organisation {one.new_id} OTHER"
        said = f"{one.old_id} goes on as {one.new_id} {since}"
    elif one.new_id is None:
        command, said = f"successor {one.old_id} WHO", f"The post of {one.old_id} is vacant {since}"
    else:
        command = f"successor {one.new_id} {one.old_id}"
        said = f"{one.new_id} is executive sponsor instead of {one.old_id} {since}"
    return (
        f"{said}: people were told. Correct it by another succession from a later day: "
        f"drumbeat {command} --from DAY."
    )


def _unknown(new: Succession, world: World) -> str:
    noun = NOUNS[new.kind]
    for named in (new.old_id, new.new_id):
        if named is not None and named not in world.known:
            return f"There is no {noun} {named}: import it first."
    return ""


def _about_time(new: Succession, world: World) -> str:
    if new.from_day > world.last_day:
        return f"The edition ends on {world.last_day}: say a day before that."
    return ""


def _contradiction(new: Succession, world: World) -> str:
    for one in world.before:
        if one.old_id != new.old_id or _is_over(one, new, world):
            continue
        sponsor = new.kind is SuccessionKind.SPONSOR
        if sponsor and not world.services and one.from_at <= new.said_at:
            continue  # Told below in better words: nobody has this sponsor any more.
        if one.new_id is None:
            return f"{one.old_id} leaves on {one.from_day} already: say a later day."
        return f"{one.old_id} goes on as {one.new_id} from {one.from_day} already."
    return ""


def _is_over(one: Succession, new: Succession, world: World) -> bool:
    """Tell whether what was said no longer binds: a post was vacant, or its holder is back.

    Two services of which one had left the programme on the day did not become one (P03).
    """
    if one.new_id is None and one.from_day < new.from_day:
        return True
    if one.kind is SuccessionKind.SERVICE:
        return one.from_at <= new.said_at and world.services.get(one.old_id) in PLACED
    if one.kind is not SuccessionKind.SPONSOR:
        return False
    back = (other.from_day for other in world.before if other.new_id == one.old_id)
    return one.new_id == one.old_id or any(day > one.from_day for day in back)


def _about_sponsor(new: Succession, world: World) -> str:
    begins = [one.from_day for one in world.before if one.new_id == new.old_id]
    if not world.services and begins and new.from_day <= max(begins):
        return f"{new.old_id} takes the post up on {max(begins)}: say a later day."
    if not world.services:
        return f"{new.old_id} is executive sponsor of no service under way in this edition."
    vacant = any(one.old_id == new.old_id and one.new_id is None for one in world.before)
    if new.new_id == new.old_id and not vacant:
        return f"{new.old_id} is executive sponsor already: name who follows."
    return ""


def _about_organisation(new: Succession, world: World) -> str:
    if new.new_id is None:
        return "Name the organisation as which it goes on."
    if new.new_id == new.old_id:
        return f"{new.old_id} cannot go on as itself: name another organisation."
    if new.old_id in chain_at(world.before, new.new_id, new.from_at):
        return f"{new.new_id} goes on as {new.old_id} already: the two would go round in a ring."
    for one in world.before:
        if one.old_id == new.new_id and one.from_day <= new.from_day:
            return f"{one.old_id} goes on as {one.new_id} from {one.from_day}: name {one.new_id}."
        if one.new_id == new.old_id and one.from_day >= new.from_day:
            return f"{one.old_id} goes on as {one.new_id} on {one.from_day}: say a later day."
    return ""


def _about_service(new: Succession, world: World) -> str:
    if new.new_id is None:
        return "Name the service that goes on."
    if new.new_id == new.old_id:
        return f"{new.old_id} cannot become one with itself: name another service."
    for named in (new.old_id, new.new_id):
        stage = world.services.get(named)
        if stage not in PLACED:
            now = "is not under way here" if stage is None else f"is {stage.replace('_', ' ')}"
            return f"{named} {now}: only two services with a place can become one."
    for one in world.before:
        goes = new.new_id == one.old_id and one.from_day <= new.from_day
        comes = new.old_id == one.new_id and one.from_day >= new.from_day
        if (goes or comes) and not _is_over(one, new, world):
            return f"{one.old_id} becomes one with {one.new_id} on {one.from_day} already."
    theirs = {world.organisations.get(named) for named in (new.old_id, new.new_id)}
    if len(theirs) > 1:
        return f"{new.old_id} and {new.new_id} belong to two organisations on {new.from_day}."
    return ""


RULES = {
    SuccessionKind.SPONSOR: _about_sponsor,
    SuccessionKind.ORGANISATION: _about_organisation,
    SuccessionKind.SERVICE: _about_service,
}
NOUNS = {
    SuccessionKind.SPONSOR: "person",
    SuccessionKind.ORGANISATION: "organisation",
    SuccessionKind.SERVICE: "service",
}


def sentences(new: Succession, world: World) -> tuple[str, ...]:
    """Return what a succession means for whom: a dry run prints it, the act answers with it."""
    return tuple(SAID[new.kind](new, world))


def _said_of_sponsor(new: Succession, world: World) -> Iterator[str]:
    wards, day = ", ".join(sorted(world.services)), f"{new.from_day:%d %B %Y}"
    sessions = _counted(world.sessions, "executive session")
    if new.new_id is None:
        yield f"From {day} nobody is executive sponsor of {wards}: {new.old_id} has left."
        yield f"{sessions} of {new.old_id} from then on end with one cancellation each."
        yield "A coordinator is asked to name a successor; the services go on meanwhile."
        return
    yield f"{new.new_id} is executive sponsor of {wards} from {day}, instead of {new.old_id}."
    yield (
        f"{sessions} of {new.old_id} from then on end with one cancellation each; {new.new_id} "
        "is introduced in the first of the months that are left, and the count goes on."
    )
    if world.commitments:
        asked = _counted(world.commitments, "commitment")
        yield f"{new.new_id} is asked to sign {asked} again; no service waits for that."
    if world.chases:
        yield f"{_counted(world.chases, 'open chase')} go to {new.new_id}."


def _said_of_organisation(new: Succession, world: World) -> Iterator[str]:
    yield f"{new.old_id} goes on as {new.new_id} from {new.from_day:%d %B %Y}."
    wards = ", ".join(sorted(world.services)) or "No service under way"
    yield f"{wards}: ids, places, sessions and history stay as they are."
    yield f"What is told of the days before shows {new.old_id}."


def _said_of_service(new: Succession, world: World) -> Iterator[str]:
    yield f"{new.old_id} becomes one with {new.new_id} on {new.from_day:%d %B %Y}."
    yield (
        f"{new.old_id} ends as merged: {_counted(world.sessions, 'session')} to come are "
        f"cancelled and {_counted(world.chases, 'open chase')} end. Its place is not given again."
    )
    yield f"{new.new_id} keeps its place and its count; the team of {new.old_id} joins it."


SAID = {
    SuccessionKind.SPONSOR: _said_of_sponsor,
    SuccessionKind.ORGANISATION: _said_of_organisation,
    SuccessionKind.SERVICE: _said_of_service,
}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
