"""What must be done next in an edition: its deadline, its places, its digests and its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from planning.agenda import CLOSING_WORKING_DAYS, CourseRecords, changes, chases, shortened
from planning.calendar import WorkingCalendar
from planning.eligibility import deadline_day
from planning.places import refill_ends, to_offer
from planning.slots import ONE_WEEK
from planning.working_time import Interval, next_open
from schemas.courses import (
    AgendaItem,
    Place,
    PlaceState,
    Selection,
    SelectionOutcome,
    Stage,
    Step,
)
from schemas.edition import Edition
from schemas.obligations import ObligationKind


@dataclass(frozen=True)
class EditionRecords:
    """What the agenda of an edition is derived from, besides.

    Attributes:
        places: All places.
        waiting: Selected and waitlisted services without a place, best first.
        leaving: Whether a service that leaves gives its place back to be offered again (R13).
        tasks_missing: Ids of people whose bad address or wish for a call nobody was told of yet.

    """

    places: Sequence[Place] = ()
    waiting: Sequence[Selection] = ()
    leaving: bool = False
    tasks_missing: Sequence[str] = field(default=())


def edition_agenda(records: CourseRecords, edition: EditionRecords) -> tuple[AgendaItem, ...]:
    """Return what is next for an edition: its deadline, places, digests, phases and end."""
    course, rules, calendar = records.course, records.edition, records.calendar
    items = [*chases(records), *changes(records)]
    walked_to = course.walked_to or course.opened_at
    if course.stage is Stage.RECRUITING:
        at = closing_of_recruitment(rules, calendar)
        items.append(AgendaItem(at=at, step=Step.CLOSE_RECRUITMENT))
    else:
        items += next_digest(rules, calendar, walked_to, records.pauses)
    if course.stage is Stage.PLACING:
        items += _allocation(records, edition)
        items += _closing_of_waitlist(records, edition)
    items += [
        AgendaItem(at=records.at, step=Step.OPEN_TASK, subject=one) for one in edition.tasks_missing
    ]
    for phase in rules.phases:
        opens_at = calendar.instant(phase.opens, time())
        if opens_at > walked_to:
            items.append(AgendaItem(at=opens_at, step=Step.OPEN_PHASE, subject=phase.id))
    items.append(AgendaItem(at=end_of_edition(rules, calendar), step=Step.FINISH_EDITION))
    return shortened(items)


def closing_of_recruitment(edition: Edition, calendar: WorkingCalendar) -> datetime:
    """Return the first instant at which interest is no longer taken: midnight after it (R08)."""
    day = deadline_day(edition.recruitment, calendar)
    return calendar.instant(day + timedelta(days=1), time())


def end_of_edition(edition: Edition, calendar: WorkingCalendar) -> datetime:
    """Return when the edition itself ends, some working days after its services have completed."""
    day = calendar.add_working_days(edition.window.closes, CLOSING_WORKING_DAYS + 2)
    return calendar.instant(day, time(12))


def next_digest(
    edition: Edition, calendar: WorkingCalendar, after: datetime, pauses: Sequence[Interval]
) -> tuple[AgendaItem, ...]:
    """Return when the coaches are next told of a week, if one is still to come (M14).

    On a day off the digest goes at an earlier working moment. One that would go in a pause goes
    after it instead, on the morning of the week's first day of work. The subject of the item is
    the week's Monday.
    """
    opens = edition.window.opens
    monday = max(_monday_of(opens), _monday_of(calendar.day_of(after)))
    while monday <= edition.window.closes:
        at = _digest_instant(edition, calendar, monday, pauses)
        if at is not None and at > after:
            return (AgendaItem(at=at, step=Step.DIGEST, subject=monday.isoformat()),)
        monday += ONE_WEEK
    return ()


def digest_ends(
    edition: Edition, calendar: WorkingCalendar, monday: date, pauses: Sequence[Interval]
) -> datetime | None:
    """Return until when it is worth telling of a week: noon of its first day of work, if any."""
    opens_at = next_open(calendar.instant(monday, time()), calendar, edition.mail, pauses)
    if opens_at is None or calendar.day_of(opens_at) >= monday + ONE_WEEK:
        return None
    return calendar.instant(calendar.day_of(opens_at), time(12))


def _digest_instant(
    edition: Edition, calendar: WorkingCalendar, monday: date, pauses: Sequence[Interval]
) -> datetime | None:
    mail = edition.mail
    friday = monday - ONE_WEEK + timedelta(days=mail.digest_weekday)
    at = calendar.instant(calendar.previous_working_day(friday), mail.digest_at)
    if not any(pause.covers(at) for pause in pauses):
        return at
    later = next_open(at, calendar, mail, pauses)
    ends = digest_ends(edition, calendar, monday, pauses)
    return later if later is not None and ends is not None and later < ends else None


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _allocation(records: CourseRecords, edition: EditionRecords) -> list[AgendaItem]:
    """Offer what is free to whoever waits; ask about offers that have expired (R13).

    While a pause without an end runs nobody can say until when an offer stands: then no offer goes
    out and none expires.
    """
    endless = any(pause.until_at is None and pause.covers(records.at) for pause in records.pauses)
    items = []
    if not endless and offers_due(records.edition, edition.places, edition.waiting):
        items.append(AgendaItem(at=records.at, step=Step.ALLOCATE))
    decisions = [one for one in records.obligations if one.kind is ObligationKind.PLACE_DECISION]
    asked = {one.subject: one for one in decisions}
    for place in edition.places:
        if place.state is PlaceState.OFFERED and place.expires_at is not None:
            about = asked.pop(decision_about(place), None)
            if about is None and not endless:
                at = place.expires_at
                items.append(AgendaItem(at=at, step=Step.OFFER_EXPIRES, subject=place.id))
    items += [
        AgendaItem(at=records.at, step=Step.OFFER_EXPIRES, subject=subject.partition("@")[0])
        for subject, one in asked.items()
        if one.state.is_open
    ]
    return items


def _closing_of_waitlist(records: CourseRecords, edition: EditionRecords) -> list[AgendaItem]:
    """Let nobody hope on once the weeks in which places are refilled are over (R13)."""
    ends = refill_ends(records.edition)
    at = max(records.at, ends)
    untold = any(one.outcome is not SelectionOutcome.NOT_SELECTED for one in edition.waiting)
    over = no_place_comes_free(records.edition, edition.places, at) and not edition.leaving
    return [AgendaItem(at=at, step=Step.CLOSE_WAITLIST)] if untold and over else []


def no_place_comes_free(edition: Edition, places: Sequence[Place], at: datetime) -> bool:
    """Tell whether no place can come free at an instant, unless a service is leaving (R13).

    An offer that is still open may be declined, and goes to the next who waits.
    """
    settled = {PlaceState.TAKEN, PlaceState.CLOSED}
    return at >= refill_ends(edition) and all(one.state in settled for one in places)


def offers_due(
    edition: Edition, places: Sequence[Place], waiting: Sequence[Selection]
) -> tuple[tuple[str, str], ...]:
    """Return which free place is offered to which course now (R01, R14)."""
    free = [one.id for one in places if one.state is PlaceState.FREE]
    offered = sum(one.state is PlaceState.OFFERED for one in places)
    taken = len(places) - len(free) - offered
    chosen = to_offer(edition.places, taken, offered, [one.course_id for one in waiting])
    return tuple(zip(free, chosen, strict=False))


def decision_about(place: Place) -> str:
    """Return what a decision about an expired offer is about: that very offer (R13)."""
    return f"{place.id}@{place.expires_at.isoformat() if place.expires_at else ''}"
