"""One service's page on paper."""

from collections.abc import Iterable
from itertools import groupby

from cli import paper, words
from cli.desk import Desk
from cli.local_time import day_words
from cli.sentences import (
    Now,
    chase_state,
    chase_subject,
    forecast,
    journal_line,
    session_count,
    session_state,
    titles,
)
from schemas.courses import CommitmentState, Pause, PlaceState
from schemas.people import AddressState, Channel
from schemas.successions import Sponsorship
from storage.reads.service_page import PersonLine, ServicePage
from storage.reads.session_list import SessionLine

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
LATE_SHOWN = 8
"""Sessions without a record that a page lists."""

CHANNELS = {
    Channel.PHONE: "prefers the phone",
    Channel.EASY_READ: "easy read",
    Channel.ASSISTANT: "mail goes to the assistant",
}


def print_page(desk: Desk, now: Now, page: ServicePage) -> None:
    """Print who, where it stands, what is next, what waits, and what happened lately."""
    desk.say(f"{page.service.id}  {page.service.name}, {page.organisation.name}")
    paper.pairs(desk, _standing(now, page))
    _list(desk, "People", _people(page))
    _list(desk, "Sessions", _sessions(now, page))
    late = [_session(now, one) for one in page.unrecorded]
    ahead = [_session(now, one) for one in page.next_sessions]
    _table(desk, "Without a record", ("=session", "=when", "how it stands"), late[:LATE_SHOWN])
    if len(late) > LATE_SHOWN:
        more = len(late) - LATE_SHOWN
        desk.say(f"and {more} more: drumbeat sessions {page.service.id} --unrecorded")
    conflicts = [_session(now, one) for one in page.conflicts]
    _table(
        desk, "Conflicting records: settle them", ("=session", "=when", "who says what"), conflicts
    )
    _table(desk, "Next", ("=session", "=when", "how it stands"), ahead)
    chases = [
        (one.id, f"{chase_subject(one, now)}; {chase_state(one, now)}") for one in page.chases
    ]
    _table(desk, "Still to be done", ("=id", "what, and how it stands"), chases)
    lately = [(now.local.instant(one.at), journal_line(one)) for one in page.journal]
    _table(desk, "Lately", ("=when", "what"), lately)


def _standing(now: Now, page: ServicePage) -> list[tuple[str, str]]:
    enrolment, course = page.enrolment, page.course
    stage = words.STAGES[course.stage]
    if enrolment.ineligible_because:
        stage += f": {words.plain(enrolment.ineligible_because)}"
    lines = [("edition", f"{now.edition.title} ({now.edition.id})"), ("stage", stage)]
    if course.attention:
        lines.append(("to look at", words.attention(course.attention)))
    lines.append(("applied", _applied(now, page)))
    if page.place is not None:
        lines.append(("place", _place(now, page)))
    if page.commitments:
        lines.append(("commitments", _commitments(page)))
    lines += _followed(now, page)
    if enrolment.slot_weekday is not None and enrolment.slot_time is not None:
        slot = f"{WEEKDAYS[enrolment.slot_weekday]} {enrolment.slot_time:%H:%M}"
        lines.append(("weekly slot", slot))
    if enrolment.event_day is not None:
        lines.append(("event", day_words(enrolment.event_day)))
    if enrolment.withdrawn_at is not None:
        lines.append(("withdrawn", _withdrawn(now, page)))
    lines += [("pause", _pause(now, one)) for one in page.pauses]
    return lines


def _followed(now: Now, page: ServicePage) -> list[tuple[str, str]]:
    """Return who was executive sponsor until when, and what a successor has signed (P01)."""
    lines = []
    if page.again:
        signed = sum(one.state is CommitmentState.SIGNED for one in page.again)
        said = f"{signed} of {len(page.again)} by {page.again[0].sponsor_id}"
        lines.append(("signed again", said))
    if page.sponsors:
        lines.append(("sponsors", "; ".join(_sponsor(now, one) for one in page.sponsors)))
    return lines


def _sponsor(now: Now, one: Sponsorship) -> str:
    who = one.sponsor_id or "nobody"
    if one.until_at is None:
        return f"{who} from {now.local.day(one.from_at)}"
    return f"{who} until {now.local.last_day(one.until_at)}"


def _applied(now: Now, page: ServicePage) -> str:
    said = now.local.instant(page.enrolment.submitted_at)
    if page.enrolment.earlier_interest:
        said += ", after earlier interest"
    if page.selection is not None:
        said += f"; number {page.selection.rank} of the confirmed order"
    return said


def _place(now: Now, page: ServicePage) -> str:
    assert page.place is not None
    place = page.place
    if place.state is PlaceState.OFFERED:
        over = place.expires_at is not None and place.expires_at < now.at
        until = "the offer expired" if over else "the offer stands until"
        return f"number {place.number}, {until} {now.local.instant(place.expires_at)}"
    return f"number {place.number}, {words.PLACES[place.state]} {now.local.instant(place.taken_at)}"


def _commitments(page: ServicePage) -> str:
    signed = sum(one.state is CommitmentState.SIGNED for one in page.commitments)
    others = [
        f"{one.commitment} {words.COMMITMENTS[one.state]}"
        for one in page.commitments
        if one.state is not CommitmentState.SIGNED
    ]
    return "; ".join([f"{signed} of {len(page.commitments)} signed", *others])


def _withdrawn(now: Now, page: ServicePage) -> str:
    said = now.local.instant(page.enrolment.withdrawn_at)
    until = page.enrolment.undo_until
    if until is not None and until >= now.at:
        said += f"; can be undone until {now.local.instant(until)}: drumbeat undo {page.service.id}"
    return said


def _pause(now: Now, one: Pause) -> str:
    whose = "the whole edition, " if one.scope.startswith("edition/") else ""
    until = f"until {now.local.last_day(one.until_at)}" if one.until_at else "until it is resumed"
    return f"{whose}{now.local.day(one.from_at)} {until} ({words.plain(one.reason)})"


def _people(page: ServicePage) -> Iterable[tuple[str, str]]:
    for role, people in groupby(page.people, key=lambda one: one.role):
        yield words.ROLES[role], "; ".join(_person(one) for one in people)


def _person(one: PersonLine) -> str:
    said = [f"{one.name} ({one.person_id})"]
    if one.channel in CHANNELS:
        said.append(CHANNELS[one.channel])
    if one.address_state is AddressState.BAD:
        said.append("the address does not work")
    return ", ".join(said)


def _sessions(now: Now, page: ServicePage) -> Iterable[tuple[str, str]]:
    names = titles(now.edition)
    for one in (*page.sessions, *page.executive):
        name = names.get(one.kind, one.kind)
        if one in page.executive and len(page.executive) > 1:
            name = f"{name}, {one.course_id.rpartition('/')[2]}"
        yield name, session_count(one)
    if page.forecast is not None:
        yield "Forecast", forecast(page.forecast)


def _session(now: Now, one: SessionLine) -> tuple[str, str, str]:
    moved = f"; moved {words.counted(one.moves, 'time')}" if one.moves else ""
    made_up = f"; for {one.catch_up_for}" if one.catch_up_for else ""
    said = f"{session_state(one, now)}{moved}{made_up}"
    return one.id, now.local.instant(one.starts_at), said


def _list(desk: Desk, title: str, lines: Iterable[tuple[str, str]]) -> None:
    found = list(lines)
    if found:
        paper.heading(desk, title)
        paper.pairs(desk, found)


def _table(
    desk: Desk,
    title: str,
    columns: tuple[str, ...],
    rows: list[tuple[str, str, str]] | list[tuple[str, str]],
) -> None:
    if rows:
        paper.heading(desk, title)
        paper.table(desk, columns, rows)
