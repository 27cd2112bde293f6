"""What was known at an instant: the journal read up to it, whatever came later (E38)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from planning.report import Known, PlannedSession, known_at
from schemas.courses import JournalEntry
from schemas.sessions import Cadence, SessionState

WARD, SPONSOR = "service/wider/SVC-16", "executive-coaching/wider/EX-01"
START = datetime(2024, 9, 2, 9, tzinfo=UTC)
FIRST_DAY = date(2024, 9, 3)


def session(number: int, course_id: str = WARD, **said: object) -> PlannedSession:
    known: dict[str, object] = {
        "id": f"{course_id}#{number}",
        "course_id": course_id,
        "kind": "delivery",
        "cadence": Cadence.WEEKLY,
        "number": number,
        "planned_day": FIRST_DAY + timedelta(weeks=number - 1),
    }
    return PlannedSession(**{**known, **said})  # type: ignore[arg-type]


def entry(event: str, subject: str = WARD, hours: int = 0, **facts: str | int) -> JournalEntry:
    at = START + timedelta(hours=hours)
    return JournalEntry(
        course_id=WARD,
        edition_id="wider",
        event=event,
        subject=subject,
        actor="PER-0001",
        at=at,
        recorded_at=at,
        request_id="request",
        policy_version=1,
        facts=facts,
    )


PLANNED = (session(1), session(2), session(3, catch_up=True))
ALL_PLANNED = entry("sessions.planned", weekly=2)


def known(*entries: JournalEntry, hours: int = 1000) -> Known:
    return known_at([ALL_PLANNED, *entries], PLANNED, START + timedelta(hours=hours))


def first(found: Known) -> tuple[SessionState, str, date | None]:
    one = found.sessions[PLANNED[0].id]
    return one.state, one.reason, one.day


def test_nothing_recorded_later_is_known() -> None:
    """E38: the instant itself is included, and when it happened does not matter."""
    late = entry("session.recorded", PLANNED[0].id, 5, outcome="held")
    late = late.model_copy(update={"at": START - timedelta(days=1)})
    assert first(known(late, hours=4))[0] is SessionState.TO_COME
    assert first(known(late, hours=5))[0] is SessionState.HELD


def test_a_catch_up_is_known_once_it_is_booked() -> None:
    """E38, C17: it belongs to no plan of weeks."""
    assert set(known().sessions) == {PLANNED[0].id, PLANNED[1].id}
    booked = entry("session.planned", PLANNED[2].id, 2, day="2024-09-12")
    assert known(booked).sessions[PLANNED[2].id].day == date(2024, 9, 12)


def test_months_that_are_planned_later_are_not_known_before() -> None:
    """E38, C07: a sponsor whose second ward begins late gets further months."""
    months = [session(n, SPONSOR, cadence=Cadence.MONTHLY, kind="executive") for n in (1, 2, 3)]
    early, late = (
        entry("sessions.planned", hours=hours, monthly=count).model_copy(
            update={"course_id": SPONSOR}
        )
        for hours, count in ((0, 1), (10, 2))
    )
    assert len(known_at([early, late], months, START).sessions) == 1
    assert len(known_at([early, late], months, START + timedelta(days=1)).sessions) == 3


def test_sessions_held_before_a_ward_came_are_held_from_the_start() -> None:
    """R17, E38."""
    past = [session(1, held_before=True), session(2)]
    found = known_at([entry("sessions.planned", weekly=1)], past, START)
    assert [one.state for one in found.sessions.values()] == [
        SessionState.HELD,
        SessionState.TO_COME,
    ]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((), (SessionState.TO_COME, "", FIRST_DAY)),
        (
            (entry("session.moved", PLANNED[0].id, day="2024-09-05", moves=1),),
            (SessionState.TO_COME, "", date(2024, 9, 5)),
        ),
        ((entry("session.displaced", PLANNED[0].id),), (SessionState.TO_COME, "", None)),
        (
            (entry("session.cancelled", PLANNED[0].id, because="technical"),),
            (SessionState.CANCELLED, "technical", FIRST_DAY),
        ),
        (
            (
                entry("session.cancelled", PLANNED[0].id, because="technical"),
                entry("session.restored", PLANNED[0].id, 1, day="2024-09-03"),
            ),
            (SessionState.TO_COME, "", FIRST_DAY),
        ),
        (
            (
                entry("session.recorded", PLANNED[0].id, outcome="missed", why="staffing"),
                entry("session.corrected", PLANNED[0].id, 1, outcome="held", minutes=55),
            ),
            (SessionState.HELD, "", FIRST_DAY),
        ),
    ],
    ids=["planned", "moved", "displaced", "cancelled", "on again", "corrected"],
)
def test_a_session_is_what_was_said_of_it_last(
    entries: tuple[JournalEntry, ...], expected: tuple[SessionState, str, date | None]
) -> None:
    """E38, C17."""
    assert first(known(*entries)) == expected


def test_an_escalation_ends_with_its_chase_and_begins_anew_with_it() -> None:
    """X04, E38."""
    chase = "wider/SVC-16/commitments/1"
    opened = entry("obligation.opened", chase, 0, kind="commitments")
    told = entry("chase.escalated", chase, 2, step="coordinator")
    done = entry("obligation.done", chase, 3, kind="commitments")
    again = entry("obligation.reopened", chase, 4, kind="commitments")
    assert known(opened).chases[chase].escalated_at is None
    assert known(opened, told).chases[chase].escalated_at == told.at
    assert known(opened, told, done).chases == {}
    assert known(opened, told, done, again).chases[chase].escalated_at is None


def test_a_pause_ends_when_it_was_said_to_or_when_it_was_resumed() -> None:
    """X07, E38."""
    end = START + timedelta(days=10)
    paused = entry("course.paused", "pause/1", 1, until_at=end.isoformat())
    resumed = entry("course.resumed", "pause/1", 24)
    assert known(paused, resumed, hours=23).pauses[WARD]["pause/1"].until_at == end
    assert known(paused, resumed).pauses[WARD]["pause/1"].until_at == resumed.at


def test_a_place_goes_with_its_organisation_to_another_region() -> None:
    """P02, E38: reports before the day show the old world."""
    taken = entry("place.accepted", "wider/place/1", 1, type="picu", region="london")
    merged = entry(
        "organisation.changed", "SVC-16", 9, old="ORG-05", new="ORG-06", region="midlands"
    )
    assert known(taken, merged, hours=8).places["wider/place/1"].region == "london"
    assert known(taken, merged).places["wider/place/1"].region == "midlands"
    freed = entry("place.freed", "wider/place/1", 10)
    assert known(taken, merged, freed).places == {}


@pytest.mark.parametrize("event", ["freed", "closed", "declined", "lapsed"])
def test_a_place_that_nobody_has_any_more_is_not_filled(event: str) -> None:
    """R13, R14."""
    taken = entry("place.accepted", "wider/place/1", 1)
    ended = entry(f"place.{event}", "wider/place/1", 2)
    assert known(taken, ended, hours=1).places != {}
    assert known(taken, ended).places == {}


def test_a_session_that_was_planned_without_a_day_has_none() -> None:
    """C07, C08: until a person dates it; the day of its row is only where it belongs."""
    once = (session(1), session(2, cadence=Cadence.ONCE))
    planned = entry("session.planned", once[1].id)
    undated = entry("session.undated", once[0].id)
    dated = entry("session.moved", once[0].id, 5, day="2024-10-01", moves=0)
    entries = [ALL_PLANNED, planned, undated, dated]
    before = known_at(entries, once, START + timedelta(hours=4)).sessions
    assert [one.day for one in before.values()] == [None, None]
    after = known_at(entries, once, START + timedelta(hours=6)).sessions
    assert after[once[0].id].day == date(2024, 10, 1)


def test_a_chase_that_is_stuck_is_an_escalation_from_then_on() -> None:
    """R10: nobody else was told before, and now a person decides."""
    chase = "wider/SVC-16/commitments/1"
    opened = entry("obligation.opened", chase, 1, kind="commitments")
    stuck = entry("obligation.stuck", chase, 9, kind="commitments")
    assert known(opened).chases[chase].escalated_at is None
    assert known(opened, stuck).chases[chase].escalated_at == stuck.at
