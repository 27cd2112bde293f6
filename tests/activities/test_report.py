"""Reports as at an instant, made of a programme that people keep correcting (E38)."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from planning.report_lines import report_lines
from planning.report_numbers import AsAt, KindNumbers
from rehearsal.report.writing import Finished, write_report
from schemas.commands import CancelSession, PauseCourse, RecordSession, Withdraw
from schemas.sessions import SessionReason, SessionState
from storage.reads.edition_page import edition_page
from storage.reads.report_as_at import as_at
from storage.reads.service_page import service_page
from tests.activities.autumn_days import (
    HELD,
    MISSED,
    STAFFING,
    missed,
    monthly,
    move,
    record,
    the_event,
    weekly,
)
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.activities.test_edition_change import change, changed
from tests.journeys import cast as people
from tests.planning.builders import at

FRIDAY = at("2024-10-11", "12:00")


def report(play: CourseScene, then: datetime | None = None) -> AsAt:
    with play.database.reading() as rows:
        return as_at(rows, play.edition.id, then or play.now)


def kind(found: AsAt, name: str = "delivery") -> KindNumbers:
    return next(one for one in found.sessions if one.kind == name)


def test_a_late_correction_changes_no_report_of_before(autumn: Posted) -> None:
    """E38: the same bytes before and after; the correction is a new row and counts from then on."""
    play = autumn.play
    missed(play, 5)
    record(play, weekly(play)[5], HELD)
    play.walk(FRIDAY)
    before = report(play, FRIDAY)
    bytes_before = before.model_dump_json(), report_lines(before)

    play.walk(at("2024-10-15", "09:00"))
    said = {"session_id": weekly(play)[4].id, "outcome": HELD, "at": at("2024-10-01", "12:00")}
    play.do(RecordSession, play.of(SVC_16), **said)

    again = report(play, FRIDAY)
    assert (again.model_dump_json(), report_lines(again)) == bytes_before
    late = report(play)
    assert kind(late).held == kind(before).held + 1
    assert kind(late).missed == kind(before).missed - 1 == 0


def test_neither_do_moves_pauses_withdrawals_or_anything_else(autumn: Posted) -> None:
    """E38: whatever happens later, to the past or to what was to come."""
    play = autumn.play
    missed(play, 5)
    play.walk(FRIDAY)
    before = report(play, FRIDAY).model_dump_json()

    play.walk(FRIDAY + timedelta(hours=1))
    move(play, the_event(play), at("2024-11-21", "09:30"))
    play.do(CancelSession, play.of(SVC_16), session_id=weekly(play)[9].id)
    play.do(PauseCourse, play.of(SVC_16), until_at=at("2024-12-02", "00:00"))
    play.do(Withdraw, play.of(SVC_17))
    play.walk(at("2024-12-05", "09:00"))
    record(play, weekly(play)[4], HELD, minutes=90)
    assert report(play, FRIDAY).model_dump_json() == before
    assert report(play).model_dump_json() != before


def test_numbers_of_now_are_those_of_the_tables(autumn: Posted) -> None:
    """C12, C17: what the journal says adds up to what every page shows."""
    play = autumn.play
    missed(play, 5)
    record(play, weekly(play)[5], HELD, minutes=75)
    for session in monthly(play)[:2]:
        record(play, session, HELD)
    play.do(CancelSession, play.of(SVC_16), session_id=weekly(play)[11].id)
    move(play, weekly(play)[12], at("2024-12-05", "15:00"))
    play.do(PauseCourse, play.of(SVC_16), until_at=at("2025-01-20", "00:00"))
    play.walk(at("2025-01-20", "09:00"))
    with play.database.reading() as rows:
        page = edition_page(rows, play.edition.id, play.now)
        ward = service_page(rows, play.edition.id, SVC_16, play.now)
    found = report(play)
    for one in found.sessions:
        states = page.sessions.get(one.kind, {})
        counted = [states.get(state, 0) for state in SessionState]
        assert [one.to_come, one.held, one.missed, one.cancelled] == counted, one.kind
        assert one.held + one.missed + one.cancelled + one.to_come == one.planned + one.catch_up
    minutes = {count.kind: count.held_minutes for count in (*ward.sessions, *ward.executive)}
    other = play.sessions(play.of(SVC_17), "delivery")
    held_there = sum(one.held_minutes or 0 for one in other if one.state is HELD)
    assert kind(found).minutes == minutes["delivery"] + held_there
    assert kind(found, "executive").minutes == minutes["executive"]


def test_places_are_counted_by_region_and_type(autumn: Posted) -> None:
    """E38, P02: as they were when the place was taken."""
    found = report(autumn.play)
    assert (found.places, found.filled) == (2, 2)
    assert sum(found.by_region.values()) == sum(found.by_type.values()) == 2
    early = report(autumn.play, at("2024-05-20"))
    assert (early.filled, early.by_region, early.by_type) == (0, {}, {})


def test_a_withdrawal_frees_its_place_a_day_later_in_the_report_too(autumn: Posted) -> None:
    """R13: when its undo period ends."""
    play = autumn.play
    play.do(Withdraw, play.of(SVC_16))
    assert report(play).filled == 2
    play.walk(play.now + timedelta(days=2))
    assert report(play).filled == 1


def test_why_sessions_were_missed_is_told_and_by_nobodys_name(autumn: Posted) -> None:
    """E38, X02: reasons are codes; a report has no names and no ids of people."""
    play = autumn.play
    missed(play, 5)
    record(play, weekly(play)[5], MISSED, why=SessionReason.ACUITY)
    record(play, weekly(play)[6], MISSED)
    found = report(play)
    assert kind(found).missed_because == {"acuity": 1, "not_said": 1, "staffing": 1}
    text = found.model_dump_json()
    assert [
        one for one in (people.COACH, people.SPONSOR, people.lead_of(SVC_16)) if one in text
    ] == []


def test_who_came_is_counted(autumn: Posted) -> None:
    """C18, P04, E38: of the sessions that say it."""
    play = autumn.play
    first, second = monthly(play)[:2]
    record(play, first, HELD, attended=(people.SPONSOR, people.EXECUTIVE_COACH))
    record(play, second, MISSED, attended=(people.EXECUTIVE_COACH,))
    executives = report(play).executives
    assert (executives.noted, executives.with_one, executives.came, executives.of) == (2, 1, 1, 2)
    assert (executives.missed, executives.held) == (1, executives.sessions - 1)


def test_a_conflict_is_counted_as_first_recorded_until_it_is_settled(autumn: Posted) -> None:
    """E37, E38."""
    play, session = autumn.play, weekly(autumn.play)[4]
    record(play, session, HELD, actor=people.COACH)
    held = kind(report(play)).held
    record(play, session, MISSED, actor=people.lead_of(SVC_16))
    disputed = kind(report(play))
    assert (disputed.held, disputed.in_conflict) == (held, 1)
    play.walk(play.now + timedelta(hours=1))
    record(play, session, MISSED, why=STAFFING)
    settled = kind(report(play))
    assert (settled.held, settled.in_conflict) == (held - 1, 0)


def test_an_escalation_of_more_than_five_working_days_is_in_it(autumn: Posted) -> None:
    """X01, X04, E38: a record that nobody gives."""
    play, session = autumn.play, weekly(autumn.play)[4]
    assert session.ends_at is not None
    play.walk(session.ends_at + timedelta(days=8))
    assert report(play).escalations == ()
    play.walk(session.ends_at + timedelta(days=20))
    late = [one for one in report(play).escalations if one.subject_id == SVC_16]
    assert late
    assert {one.kind for one in late} == {"session_record"}
    assert min(one.working_days for one in late) > 5
    record(play, session, HELD)
    assert len([one for one in report(play).escalations if one.subject_id == SVC_16]) < len(late)


def test_a_service_that_can_no_longer_have_the_minimum_is_at_risk(autumn: Posted) -> None:
    """C04, X10, E38: with what took its sessions; the page of the service says the same."""
    play = autumn.play
    assert report(play).at_risk == ()
    play.do(PauseCourse, play.of(SVC_16), until_at=at("2025-02-03", "00:00"))
    for number in (5,):
        assert weekly(play)[number].state is not HELD
    (risk,) = report(play).at_risk
    with play.database.reading() as rows:
        forecast = service_page(rows, play.edition.id, SVC_16, play.now).forecast
    assert forecast is not None
    assert forecast.at_risk
    assert (risk.service_id, risk.held, risk.possible) == (
        SVC_16,
        forecast.held,
        forecast.possible,
    )


@pytest.mark.parametrize("times", [1, 2])
def test_moved_improvement_days_are_counted(autumn: Posted, times: int) -> None:
    """X11, E38."""
    play = autumn.play
    for day in ("2024-11-21", "2024-11-28")[:times]:
        move(play, the_event(play), at(day, "09:30"))
    found = report(play).moved_events
    assert (found.events, found.moves, found.twice) == (1, times, int(times > 1))


def test_a_report_is_the_same_on_either_database(play: CourseScene, tmp_path: Path) -> None:
    """E37, E38: a record, a conflict and its settlement, from recruitment on."""
    play.open(SVC_16, SVC_17)
    play.coaching(SVC_16, day=date(2024, 10, 17))
    session = weekly(play)[0]
    record(play, session, HELD, actor=people.COACH, attended=(people.COACH,))
    record(play, session, MISSED, actor=people.lead_of(SVC_16), why=STAFFING)
    then, disputed = play.now, report(play)
    play.walk(then + timedelta(hours=1))
    record(play, session, MISSED, why=STAFFING)

    assert (kind(disputed).held, kind(disputed).in_conflict) == (1, 1)
    assert report(play, then) == disputed
    assert (kind(report(play)).missed_because, kind(report(play)).in_conflict) == (
        {"staffing": 1},
        0,
    )
    page = write_report(Finished(play.database.url, play.edition.id, play.now), tmp_path).page
    assert f"ward-{SVC_16}" in page.read_text()


def test_a_session_without_a_day_is_not_left_unrecorded(play: CourseScene) -> None:
    """E38, C07: a month in which nobody is free has a session that waits, and no day before."""
    (usual,) = play.edition.pauses
    november = {"opens": date(2024, 11, 1), "closes": date(2024, 11, 30)}
    pauses = (usual, usual.model_copy(update=november))
    play.use(play.edition.model_copy(update={"pauses": pauses}))
    play.open(SVC_16)
    play.coaching(SVC_16, day=date(2024, 10, 17))
    waits = [one for one in play.sessions(play.executive, "executive") if one.starts_at is None]
    play.walk(at("2024-11-15"))
    over = [
        one
        for one in play.sessions(play.executive, "executive")
        if one.starts_at is not None and one.starts_at < at("2024-11-15", "00:00")
    ]
    assert [one.planned_day for one in waits] == [date(2024, 11, 1)]
    assert kind(report(play), "executive").unrecorded == len(over)


def test_another_version_of_the_edition_changes_no_report_of_before(coached: CourseScene) -> None:
    """M06, E31, E38: places, minimum and title are those by which the programme went then."""
    then = coached.now
    before = report(coached, then).model_dump_json()
    coached.walk(then + timedelta(days=1))
    renamed = {"title": "Another name", "places": coached.edition.places + 1}
    change(coached, changed(coached.edition, **renamed))
    assert report(coached, then).model_dump_json() == before
    now = report(coached)
    assert (now.title, now.places) == ("Another name", renamed["places"])
