"""Who could cover, and where a session could go, while a coach is away (E01, E11)."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from planning.absence import Absence, Proposed, StandIn, Touched, is_away, propose
from planning.placing import Busy, whole_day
from planning.working_time import Interval
from schemas.edition import Window
from tests.planning.builders import CHRISTMAS, at, calendar, edition, kind, rest, shown

ENGLAND, WINDOW = calendar(), edition().window
WEEKLY, EVENT, EXECUTIVE = kind("delivery"), kind("improvement_event"), kind("executive")
NOW = at("2025-01-31", "12:00")
AWAY = Window(opens=date(2025, 2, 3), closes=date(2025, 2, 14))
HOUR = timedelta(hours=1)
DC_04, DC_05 = StandIn("DC-04", 2, 4), StandIn("DC-05", 3, 4)


def absence(*busy: Busy, days: tuple[Window, ...] = (AWAY,)) -> Absence:
    return Absence("DC-03", days, NOW, WINDOW, ENGLAND, busy)


def touched(
    day: str, clock: str = "10:00", service: str = "SVC-16", what: object = WEEKLY
) -> Touched:
    starts_at = at(day, clock)
    assert what in {WEEKLY, EVENT, EXECUTIVE}
    chosen = next(one for one in (WEEKLY, EVENT, EXECUTIVE) if one == what)
    return Touched(
        session=f"{service}/{day}",
        course=service,
        kind=chosen,
        starts_at=starts_at,
        people=frozenset({f"lead of {service}"}),
        pauses=(CHRISTMAS,),
        taken=frozenset({ENGLAND.day_of(starts_at)}),
    )


def busy(person: str, day: str, clock: str = "10:00") -> Busy:
    return Busy(person, at(day, clock), at(day, clock) + HOUR)


def covers(found: tuple[Proposed, ...]) -> list[str | None]:
    return [one.cover for one in found]


TWO_WEEKS = (touched("2025-02-04"), touched("2025-02-11"))


def test_one_coach_covers_all_sessions_of_a_service_and_whoever_has_fewest_is_asked() -> None:
    """E01."""
    assert covers(propose(TWO_WEEKS, [DC_05, DC_04], absence())) == ["DC-04", "DC-04"]


def test_who_is_free_for_all_of_them_comes_before_who_has_fewer_services() -> None:
    """E01, C15."""
    found = propose(TWO_WEEKS, [DC_04, DC_05], absence(busy("DC-04", "2025-02-11")))
    assert covers(found) == ["DC-05", "DC-05"]


def test_two_share_where_nobody_is_free_for_both() -> None:
    """E01, C15."""
    taken = (busy("DC-04", "2025-02-11", "09:30"), busy("DC-05", "2025-02-04", "10:30"))
    assert covers(propose(TWO_WEEKS, [DC_04, DC_05], absence(*taken))) == ["DC-04", "DC-05"]


def test_nobody_covers_who_is_away_or_has_an_event_on_that_day() -> None:
    """E01, E11: an event takes its coach's whole day."""
    away = StandIn("DC-04", 0, 4, (Window(opens=date(2025, 2, 11), closes=date(2025, 2, 11)),))
    event = whole_day("DC-05", date(2025, 2, 4), ENGLAND)
    found = propose(TWO_WEEKS, [away, DC_05], absence(event))
    assert covers(found) == ["DC-04", "DC-05"]
    assert covers(propose(TWO_WEEKS, [], absence())) == [None, None]


def test_an_event_is_covered_only_by_who_has_the_whole_day() -> None:
    """E11, C15."""
    event = touched("2025-02-05", "09:00", what=EVENT)
    evening = busy("DC-04", "2025-02-05", "18:00")
    assert covers(propose([event], [DC_04, DC_05], absence(evening))) == ["DC-05"]
    assert covers(propose([event], [DC_04], absence(evening))) == [None]


def test_beyond_the_usual_caseload_is_a_warning_and_the_last_choice() -> None:
    """C16: a warning, not a refusal."""
    full = StandIn("DC-01", 4, 4)
    (one,) = propose(TWO_WEEKS[:1], [full], absence())
    assert (one.cover, one.beyond) == ("DC-01", 5)
    (other,) = propose(TWO_WEEKS[:1], [full, DC_05], absence())
    assert (other.cover, other.beyond) == ("DC-05", 0)


def test_the_wards_of_a_coach_are_spread_over_those_who_have_room() -> None:
    """E01, C15, C16: what is proposed for one ward counts for the next."""
    wards = [touched("2025-02-04", service=f"SVC-{n}") for n in (16, 17, 18)]
    found = propose(wards, [DC_04, DC_05, StandIn("DC-06", 3, 4)], absence())
    assert covers(found) == ["DC-04", "DC-05", "DC-06"]


def test_the_nearest_free_times_lie_outside_the_absence_and_keep_the_hour_if_they_can() -> None:
    """E01, C09: Monday is the nearest; on Tuesday the ward meets already."""
    second = touched("2025-02-11")
    taken = Touched(**{**vars(second), "taken": frozenset({date(2025, 2, 11), date(2025, 2, 18)})})
    (one,) = propose([taken], [], absence(busy("DC-03", "2025-02-17"), busy("DC-03", "2025-02-19")))
    assert [shown(slot) for slot in one.slots] == [
        "Mon 2025-02-17 09:00",
        "Wed 2025-02-19 09:00",
        "Thu 2025-02-20 10:00",
    ]


def test_nothing_is_proposed_for_today_or_on_a_day_that_a_pause_takes() -> None:
    """E01, C09, E24: people must hear of it."""
    session = touched("2025-02-03")
    paused = Touched(**{**vars(session), "pauses": (rest("2025-02-15", "2025-02-18"),)})
    (one,) = propose([paused], [], absence())
    assert [shown(slot) for slot in one.slots] == [
        "Wed 2025-02-19 10:00",
        "Thu 2025-02-20 10:00",
        "Fri 2025-02-21 10:00",
    ]


def test_a_monthly_session_stays_in_its_month() -> None:
    """C07, E01."""
    session = touched("2025-02-12", "09:30", "EX-07", EXECUTIVE)
    (one,) = propose([session], [], absence(days=(Window(opens=AWAY.opens, closes=WINDOW.closes),)))
    assert one.slots == ()
    (one,) = propose([session], [], absence())
    assert {slot.month for slot in one.slots} == {2}


def test_an_event_moves_to_a_day_with_the_lead_that_teams_need() -> None:
    """X12, E11."""
    now = at("2024-09-30")
    away = Window(opens=date(2024, 10, 7), closes=date(2024, 10, 11))
    event = touched("2024-10-08", "09:00", what=EVENT)
    around = Absence("DC-03", (away,), now, WINDOW, ENGLAND, (busy("DC-03", "2024-11-26"),))
    (one,) = propose([event], [], around)
    assert shown(one.slots[0]) == "Wed 2024-11-27 09:00"


days = st.integers(0, 11).map(lambda n: AWAY.opens + timedelta(days=n))
working = days.filter(ENGLAND.is_working_day)
clocks = st.sampled_from(["09:00", "09:30", "10:00", "10:30", "14:00"])
times = st.tuples(working, clocks)
wards = st.lists(times, min_size=1, max_size=6, unique_by=lambda one: one[0])


@given(
    plans=st.lists(wards, min_size=1, max_size=3),
    taken=st.lists(st.tuples(st.sampled_from(["DC-04", "DC-05", "DC-03", "lead of SVC-0"]), times)),
    loads=st.tuples(st.integers(0, 5), st.integers(0, 5)),
)
def test_all_that_is_proposed_can_be_done_together(
    plans: list[list[tuple[date, str]]],
    taken: list[tuple[str, tuple[date, str]]],
    loads: tuple[int, int],
) -> None:
    """E01, C15, C16: nobody is in two places, whichever of the two is chosen for each session."""
    sessions = [
        touched(day.isoformat(), clock, f"SVC-{number}")
        for number, plan in enumerate(plans)
        for day, clock in plan
    ]
    stand_ins = [StandIn("DC-04", loads[0], 4), StandIn("DC-05", loads[1], 4)]
    around = absence(*(busy(who, day.isoformat(), clock) for who, (day, clock) in taken))

    found = propose(sessions, stand_ins, around)

    leading: list[tuple[str, datetime]] = [(one.person, one.starts_at) for one in around.busy]
    moved = list(leading)
    for session, one in zip(sessions, found, strict=True):
        assert one.session == session.session
        if one.cover is not None:
            assert _is_free(one.cover, session.starts_at, leading)
            leading.append((one.cover, session.starts_at))
        for slot in one.slots:
            day = ENGLAND.day_of(slot)
            assert ENGLAND.is_working_day(day)
            assert not is_away(day, around.days)
            assert WINDOW.opens <= day <= WINDOW.closes
            assert slot > NOW
        for who in ("DC-03", *session.people) if one.slots else ():
            assert _is_free(who, one.slots[0], moved)
            moved.append((who, one.slots[0]))


def _is_free(person: str, starts_at: datetime, taken: list[tuple[str, datetime]]) -> bool:
    wanted = Interval(starts_at, starts_at + HOUR)
    return not any(who == person and wanted.touches(at, at + HOUR) for who, at in taken)
