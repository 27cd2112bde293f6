"""The numbers of a report, from what was known (E38)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from planning.report import Known, KnownChase, KnownSession, PlannedSession, TakenPlace, known_at
from planning.report_numbers import AsAt, Frame, numbers
from planning.working_time import Interval
from schemas.courses import JournalEntry
from schemas.sessions import Cadence
from tests.planning.builders import at, calendar, edition

WARD = "service/wider/SVC-16"
LATE = at("2025-03-20", "12:00")
GONE = ("service.withdrew", "service.merged")


def report(known: Known, when: datetime = LATE) -> AsAt:
    return numbers(known, Frame(edition(), calendar(), when, {}))


def entry(event: str) -> JournalEntry:
    then = datetime(2025, 1, 6, tzinfo=UTC)
    return JournalEntry(
        course_id=WARD,
        edition_id="wider",
        event=event,
        subject=WARD,
        actor="PER-0001",
        at=then,
        recorded_at=then,
        request_id="request",
        policy_version=1,
    )


def struggling(*events: str) -> Known:
    """Return a ward that has held nothing by March, and an escalation about it."""
    known = known_at([entry(one) for one in events], (), LATE)
    known.places["wider/place/1"] = TakenPlace(WARD)
    known.slots[WARD] = 1
    chase = KnownChase("chase", WARD, "session_record", LATE, at("2025-01-13", "09:00"))
    known.chases[chase.id] = chase
    return known


def test_a_ward_below_the_minimum_is_at_risk_and_its_late_escalation_told() -> None:
    """C04, X10."""
    found = report(struggling())
    assert [one.service_id for one in found.at_risk] == ["SVC-16"]
    assert [one.id for one in found.escalations] == ["chase"]


@pytest.mark.parametrize("event", GONE)
def test_a_ward_that_has_gone_is_neither_at_risk_nor_late(event: str) -> None:
    """R13, P03: its place counts until it is free, and nobody is asked about it any more."""
    found = report(struggling(event))
    assert (found.at_risk, found.escalations, found.filled) == ((), (), 1)


def test_a_ward_that_came_back_is_told_of_again() -> None:
    """E40: whatever it was before."""
    assert len(report(struggling("service.withdrew", "service.returned")).at_risk) == 1


@pytest.mark.parametrize(("day", "told"), [("2025-01-20", ()), ("2025-01-21", (6,))])
def test_an_escalation_is_late_after_more_than_five_working_days(
    day: str, told: tuple[int, ...]
) -> None:
    """E38: on the fifth one nobody is late yet."""
    found = report(struggling(), at(day, "09:00"))
    assert tuple(one.working_days for one in found.escalations) == told


@pytest.mark.parametrize(("catch_up", "moves"), [(False, 1), (True, 0)])
def test_the_day_that_a_person_chose_for_a_catch_up_is_no_move(catch_up: bool, moves: int) -> None:
    """X11."""
    planned = PlannedSession(
        id="event/1",
        course_id=WARD,
        kind="improvement_event",
        cadence=Cadence.FULL_DAY,
        number=1,
        planned_day=date(2024, 11, 7),
        catch_up=catch_up,
    )
    known = Known(sessions={planned.id: KnownSession(planned, planned.planned_day, moves=1)})
    found = report(known).moved_events
    assert (found.events, found.moves, found.twice) == (moves, moves, 0)
    twice = replace(known.sessions[planned.id], moves=3)
    known.sessions[planned.id] = twice
    assert report(known).moved_events.twice == 1


@pytest.mark.parametrize("scope", [WARD, "edition/wider"])
def test_days_in_a_pause_are_no_days_of_an_escalation(scope: str) -> None:
    """X04, X07, X08: the ward's own pause, or everybody's."""
    known = struggling()
    known.pauses[scope] = {
        "pause/1": Interval(at("2025-01-14", "00:00"), at("2025-01-16", "00:00"))
    }
    assert report(known, at("2025-01-22", "09:00")).escalations == ()
    assert [one.working_days for one in report(known, at("2025-01-23", "09:00")).escalations] == [6]
