"""The shipped editions are sound and carry the values that the domain gives."""

import re
from datetime import date, time
from pathlib import Path

import pytest

from planning.calendar import calendar_of
from planning.edition_file import faults, read_edition
from planning.edition_sessions import session_findings
from planning.slots import is_paused, weekly_days
from planning.working_time import planned_pauses
from schemas.edition import Edition
from schemas.obligations import ObligationKind
from schemas.people import Role
from schemas.sessions import Cadence

EDITIONS = sorted((Path(__file__).parents[2] / "editions").glob("*.toml"))
NAMES = [path.stem for path in EDITIONS]


def shipped(name: str) -> Edition:
    path = next(path for path in EDITIONS if path.stem == name)
    return read_edition(path.read_text(encoding="utf-8"), path.name)


def test_the_three_editions_are_there() -> None:
    assert NAMES == ["example-other", "mha-qi-pilot", "mha-qi-wider"]


@pytest.mark.parametrize("path", EDITIONS, ids=NAMES)
def test_a_shipped_edition_has_no_fault(path: Path) -> None:
    assert [str(fault) for fault in faults(path.read_text(encoding="utf-8"))] == []


def test_the_programme_has_52_places_in_its_two_editions() -> None:
    """R02: 15 in the pilot and 37 in the wider implementation (R01)."""
    assert (shipped("mha-qi-pilot").places, shipped("mha-qi-wider").places) == (15, 37)
    assert shipped("mha-qi-wider").recruitment.not_after_editions == ("pilot",)
    assert shipped("mha-qi-pilot").id == "pilot"


def test_the_lengths_of_the_sessions_are_those_of_each_edition() -> None:
    """C01, C02."""
    wider, pilot = shipped("mha-qi-wider"), shipped("mha-qi-pilot")
    assert [(one.id, one.cadence, one.minutes) for one in wider.sessions] == [
        ("delivery", Cadence.WEEKLY, 60),
        ("improvement_event", Cadence.FULL_DAY, 480),
        ("executive", Cadence.MONTHLY, 60),
        ("midpoint", Cadence.ONCE, 60),
    ]
    assert [(one.id, one.cadence, one.minutes) for one in pilot.sessions] == [
        ("delivery", Cadence.WEEKLY, 90),
        ("executive", Cadence.MONTHLY, 120),
    ]


def test_the_wider_edition_plans_26_and_6_and_one_and_says_when_a_service_is_at_risk() -> None:
    """C04."""
    wider = shipped("mha-qi-wider")
    assert {one.id: one.planned for one in wider.sessions} == {
        "delivery": 26,
        "improvement_event": 1,
        "executive": 6,
        "midpoint": 1,
    }
    assert wider.session_kind("delivery").minimum == 20


def test_the_dates_of_the_wider_edition() -> None:
    """C03, R08, X07."""
    wider = shipped("mha-qi-wider")
    assert (wider.window.opens, wider.window.closes) == (date(2024, 9, 2), date(2025, 3, 28))
    assert wider.recruitment.deadline == date(2024, 6, 14)
    (pause,) = wider.pauses
    assert (pause.opens, pause.closes) == (date(2024, 12, 23), date(2025, 1, 3))


def test_the_phases_of_pilot_and_recruitment_overlap() -> None:
    """The pilot ran until May 2024, when the wider edition was recruiting."""
    pilot = next(one for one in shipped("mha-qi-pilot").phases if one.id == "pilot")
    recruitment = next(one for one in shipped("mha-qi-wider").phases if one.id == "recruitment")
    assert recruitment.opens < pilot.closes


def test_the_mail_rules_of_the_wider_edition() -> None:
    """M02, M10, M14."""
    mail = shipped("mha-qi-wider").mail
    assert (mail.opens, mail.closes) == (time(8), time(18))
    assert (mail.digest_weekday, mail.digest_at) == (4, time(14))
    assert str(mail.latest_before_start) == "2h"


def test_the_limits_that_warn_and_tell() -> None:
    """C14, C16, X02, X11, X12, M18."""
    wider = shipped("mha-qi-wider")
    event = wider.session_kind("improvement_event")
    assert {one.coach: one.most for one in wider.caseloads} == {
        Role.DELIVERY_COACH: 4,
        Role.EXECUTIVE_COACH: 12,
    }
    assert wider.session_kind("executive").minimum_gap_days == 14
    assert (str(event.lead), str(event.late_change), event.moves_told) == ("8w", "5wd", 2)
    assert [(stage.obligation, stage.days) for stage in event.stages][:2] == [
        ("event_prepared", -42),
        ("event_partner", -21),
    ]
    assert wider.session_kind("delivery").invite_ahead_days == 28
    assert (wider.missed.in_a_row, wider.missed.within, wider.missed.within_weeks) == (2, 3, 6)


def test_a_session_with_its_sponsor_is_held_with_a_senior_leader_too() -> None:
    """C18."""
    held_with = shipped("mha-qi-wider").session_kind("executive").held_with
    assert held_with == (Role.EXECUTIVE_SPONSOR, Role.SENIOR_OPERATIONAL_LEADER)


def test_every_session_has_a_place() -> None:
    """C19."""
    assert all(kind.place for name in NAMES for kind in shipped(name).sessions)


def test_the_pilot_shows_the_bank_holidays_that_the_wider_edition_does_not() -> None:
    """C10: so that the rule can be proved."""
    lost = {}
    for name in ("mha-qi-pilot", "mha-qi-wider"):
        edition = shipped(name)
        calendar = calendar_of(edition)
        pauses = planned_pauses(edition, calendar)
        days = [
            day
            for day in calendar.days_off
            if edition.window.opens <= day <= edition.window.closes and day.weekday() < 5
        ]
        lost[name] = [day for day in days if not is_paused(day, pauses, calendar)]
        assert weekly_days(edition.window, 0, pauses, calendar, edition.window.opens)
    assert len(lost["mha-qi-pilot"]) == 5
    assert lost["mha-qi-wider"] == []


def test_another_programme_needs_no_executive_coaching_and_no_weekly_slot() -> None:
    other = shipped("example-other")
    assert {kind.cadence for kind in other.sessions} == {Cadence.ONCE, Cadence.FULL_DAY}
    team_coaching = other.session_kind("team_coaching")
    assert team_coaching.planned * team_coaching.minutes == 5 * 60
    assert list(session_findings(other)) == []


def test_a_partners_chase_stays_with_the_partner_and_the_coordinator() -> None:
    """The lived-experience rule, shown on an edition that chases a partner."""
    policy = shipped("example-other").policy(ObligationKind.EVENT_PARTNER)
    assert policy.holder is Role.PARTNER
    assert {step.to for step in policy.steps} == {Role.PARTNER, Role.COORDINATOR}


@pytest.mark.parametrize("name", ["mha-qi-pilot", "mha-qi-wider"])
def test_every_assumption_is_marked_as_one(name: str) -> None:
    """A value says where it comes from: on its line, or in the comment above its table or list."""
    text = next(path for path in EDITIONS if path.stem == name).read_text(encoding="utf-8")
    body = text[text.index("places =") : text.index("# ----", text.index("[mail]"))]
    plain = {"id", "title", "coach", "kind", "text", "reason", "most"}
    unmarked, above = [], ""
    for line in body.splitlines():
        if not line.strip():
            above = ""
        elif line.startswith(("#", "[")):
            above += line
        elif found := re.match(r"(\w+) =", line):
            marked = re.search(r"\[(A|S1|S2|P|I|P/I)\]|\b[A-Z]\d\d", line + above)
            if not marked and found[1] not in plain:
                unmarked.append(line)
    assert unmarked == []
