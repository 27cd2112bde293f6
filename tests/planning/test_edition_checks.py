"""Faults of sense: what is well written and still can never work."""

import re

import pytest

from planning.edition_file import faults
from schemas.obligations import ObligationKind
from tests.planning.edition_texts import WIDER, changed, only


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        # steps that are never reached
        (
            '{ id = "second", after = "4wd", to = "executive_sponsor" }',
            '{ id = "second", after = "0wd", to = "executive_sponsor" }',
            "chases[commitments].steps[second].after",
            "goes at the same moment as step 'first'",
        ),
        (
            'offer_valid = "5wd"',
            'offer_valid = "4wd"',
            "chases[accept_place].steps[second].after",
            "never reached: the offer expires after 4wd",
        ),
        (
            'before = "42d"',
            'before = "63d"',
            "sessions[improvement_event].reminders[d42].before",
            "longer ahead than the 8w at which the session may be dated",
        ),
        (
            "days = -42",
            "days = -70",
            "sessions[improvement_event].stages[event_prepared].days",
            "longer ahead than the 8w at which the session may be dated",
        ),
        (
            'before = "28d"',
            'before = "43d"',
            "sessions[improvement_event].reminders[d28].before",
            "43d is not nearer to the session than 42d before it",
        ),
        (
            'at = 09:05:00, to = ["service_lead"], asks = "information"',
            'at = 19:05:00, to = ["service_lead"], asks = "information"',
            "sessions[delivery].reminders[day-before].at",
            "outside the mail window",
        ),
        (
            'to = ["service_lead"], asks = "information"',
            'to = ["service_lead"], asks = "confirm"',
            "sessions[delivery].reminders[day-before].asks",
            "the last step must inform",
        ),
        (
            "due_by_week = 11",
            "due_by_week = 31",
            "sessions[improvement_event].due_by_week",
            "2025-04-07, after the window closes",
        ),
        (
            "due_by_week = 20",
            "due_by_week = 13",
            "sessions[midpoint].due_by_week",
            "not after week 13",
        ),
        (
            'lead = "8w"',
            'lead = "26w"',
            "sessions[improvement_event].due_by_week",
            "never reached: with a lead of 26w the first day is 2024-12-14",
        ),
        (
            "invite_ahead_days = 28",
            'invite_ahead_days = 28\nlead = "8w"',
            "sessions[delivery].lead",
            "a weekly kind of session does not use this",
        ),
        # nobody to ask
        (
            'to = ["delivery_coach", "service_lead", "executive_sponsor"]',
            'to = ["delivery_coach", "service_lead", "partner"]',
            "sessions[midpoint].reminders[d7].to[3]",
            "nobody comes to this session as partner",
        ),
        (
            'to = ["service_lead"]',
            "to = []",
            "sessions[delivery].reminders[day-before].to",
            "this step reminds nobody",
        ),
        (
            'held_with = ["executive_sponsor", "senior_operational_leader"]',
            'held_with = ["partner"]',
            "sessions[executive].held_with",
            "none of these roles attends",
        ),
        (
            'coach = "executive_coach"\nmost',
            'coach = "ops"\nmost',
            "caseloads[ops].coach",
            "this role leads no kind of session",
        ),
        (
            'promise_max = "10wd"',
            'promise_max = "10wd"\nnobody = "service_lead"',
            "chases[commitments].nobody",
            "nobody in this edition is service_lead",
        ),
        (
            '{ id = "coordinator", after = "3wd", to = "coordinator", escalates = true }',
            '{ id = "coordinator", after = "3wd", to = "coordinator" }',
            "chases[commitments].steps[coordinator].escalates",
            "asks coordinator, while the holder is executive_sponsor",
        ),
        # coaches who are not handed over
        (
            'attends = ["service_lead", "executive_sponsor"]',
            'attends = ["service_lead", "executive_sponsor", "executive_coach"]',
            "sessions[midpoint].attends[3]",
            "a once session is a service's, and when a sponsor's coach changes only",
        ),
        # ids
        (
            'id = "midpoint"',
            'id = "executive"',
            "sessions[executive].id",
            "'executive' stands here more than once",
        ),
        (
            'id = "second", after = "4wd"',
            'id = "first", after = "4wd"',
            "chases[commitments].steps[first].id",
            "'first' stands here more than once",
        ),
        (
            'id = "d28"',
            'id = "d42"',
            "sessions[improvement_event].reminders[d42].id",
            "'d42' stands here more than once",
        ),
        (
            'id = "change-ideas"',
            'id = "involvement"',
            "recruitment.commitments[involvement].id",
            "'involvement' stands here more than once",
        ),
        # dates and times
        (
            "closes = 2025-01-03",
            "closes = 2025-04-03",
            "pauses[1].closes",
            "outside the coaching window, 2024-09-02 to 2025-03-28",
        ),
        (
            "opens = 2024-12-23",
            "opens = 2025-01-23",
            "pauses[1].closes",
            "closes before it opens on 2025-01-23",
        ),
        (
            "opens = 2024-06-03",
            "opens = 2024-06-17",
            "recruitment.providers[independent].opens",
            "outside recruitment, 2024-04-15 to 2024-06-14",
        ),
        (
            "deadline = 2024-06-14",
            "deadline = 2024-09-02",
            "recruitment.deadline",
            "not before coaching begins",
        ),
        (
            "extra_days_off = []",
            "extra_days_off = [2035-05-08]",
            "extra_days_off[1]",
            "outside the edition",
        ),
        (
            "starts = 10:00:00",
            "starts = 01:30:00",
            "sessions[delivery].starts",
            "a change of the clocks can skip or repeat this time",
        ),
        (
            "starts = 09:00:00",
            "starts = 16:30:00",
            "sessions[improvement_event].minutes",
            "the session would end after midnight",
        ),
        ('zone = "Europe/London"', 'zone = "Europe/Londen"', "zone", "no time zone has this name"),
        ('zone = "Europe/London"', 'zone = "../etc"', "zone", "no time zone has this name"),
        ("closes = 18:00:00", "closes = 07:00:00", "mail.closes", "closes before it opens"),
        (
            "digest_at = 14:00:00",
            "digest_at = 18:00:00",
            "mail.digest_at",
            "outside the mail window",
        ),
        ("digest_weekday = 4", "digest_weekday = 6", "mail.digest_weekday", "nobody works"),
        # delays and numbers
        ('undo = "1d"', 'undo = "1wd"', "recruitment.undo", "1wd cannot be counted here"),
        ('offer_valid = "5wd"', 'offer_valid = "0wd"', "recruitment.offer_valid", "0wd is no time"),
        ('"2h" ', '"2wh"', "mail.latest_before_start", "2wh cannot be counted here"),
        (
            'before = "7d"',
            'before = "7h"',
            "sessions[improvement_event].reminders[d7].before",
            "7h",
        ),
        ('then = "3wd"', 'then = "3d"', "chases[selection_decision].then", "3d cannot be counted"),
        ('then = "3wd"', 'then = "0wd"', "chases[selection_decision].then", "0wd is no time"),
        (
            "planned = 26",
            "planned = 29",
            "sessions[delivery].planned",
            "the window has only 28 weeks for 29 sessions",
        ),
        (
            "planned = 6 ",
            "planned = 8 ",
            "sessions[executive].planned",
            "the window has only 7 months for 8 sessions",
        ),
        ("minimum = 20", "minimum = 27", "sessions[delivery].minimum", "more than the 26 planned"),
        (
            'not_after_editions = ["pilot"]',
            'not_after_editions = ["wider"]',
            "recruitment.not_after_editions",
            "names this edition",
        ),
    ],
)
def test_a_fault_of_sense_is_told_with_its_place(
    old: str, new: str, place: str, problem: str
) -> None:
    text = changed((old, new))
    found = [fault for fault in faults(text) if fault.place == place]
    assert any(problem in fault.problem for fault in found), [str(one) for one in faults(text)]
    assert all(fault.remedy and not fault.remedy.endswith(".") for fault in found)
    assert all(fault.line is not None for fault in found)


@pytest.mark.parametrize("kind", list(ObligationKind))
def test_a_kind_of_obligation_without_a_policy_is_named(kind: ObligationKind) -> None:
    """X04: nothing is opened that nobody would chase."""
    first, *tables = re.split(r"(?m)^(?=\[\[chases\]\])", WIDER)
    text = first + "".join(one for one in tables if f'obligation = "{kind}"' not in one)
    assert len(text) < len(WIDER)
    assert only(text).problem == f"no policy says how {kind.value!r} is chased"


def test_a_year_whose_holidays_are_not_known_is_named() -> None:
    """C09: at the door, and not in the middle of the programme."""
    text = re.sub(r"\b2025-0([13])-", r"2031-0\1-", WIDER)
    found = [fault for fault in faults(text) if "not known" in fault.problem]
    assert [(fault.place, fault.problem) for fault in found] == [
        ("window.closes", "the public holidays of 2031 are not known")
    ]


PARTNERS = """
[[chases]]
obligation = "event_partner"
holder = "partner"
steps = [
    { id = "first", after = "2wd", to = "partner" },
    { id = "second", after = "2wd", to = "TO", escalates = true },
]
then = "3wd"
promise_max = "5wd"
nobody = "NOBODY"
"""


@pytest.mark.parametrize("to", ["service_lead", "executive_sponsor", "programme_lead", "ops"])
def test_a_partners_chase_cannot_be_written_to_go_beyond_the_coordinator(to: str) -> None:
    """X12, and the lived-experience rule: it cannot be configured away."""
    without = re.sub(
        r'(?s)\[\[chases\]\]\nobligation = "event_partner".*?(?=\[\[chases)', "", WIDER
    )
    fine = PARTNERS.replace("TO", "coordinator").replace("NOBODY", "coordinator")
    assert faults(without + fine) == ()
    beyond = only(without + PARTNERS.replace("TO", to).replace("NOBODY", "coordinator"))
    assert beyond.place == "chases[event_partner].steps[second].to"
    assert beyond.problem == "a lived-experience partner's chase never goes beyond the coordinator"
    nobody = faults(without + PARTNERS.replace("TO", "coordinator").replace("NOBODY", "ops"))
    assert [fault.place for fault in nobody] == ["chases[event_partner].nobody"]


def test_an_executive_coach_leads_what_is_a_sponsors_and_nothing_else() -> None:
    """P01, C07: what belongs to a service would stay with a sponsor's coach of before."""
    reminded = 'to = ["delivery_coach", "service_lead", "executive_sponsor"]'
    swapped = (
        ('coach = "delivery_coach"                 # [A]', 'coach = "executive_coach"'),
        (reminded, reminded.replace("delivery", "executive")),
        (reminded, reminded.replace("delivery", "executive")),
    )
    found = only(changed(*swapped))
    assert found.place == "sessions[midpoint].coach"
    assert found.remedy == 'write delivery_coach, or cadence = "monthly"'

    mine = ('coach = "executive_coach"\nattends', 'coach = "delivery_coach"\nattends')
    found = next(one for one in faults(changed(mine)) if one.place == "sessions[executive].coach")
    assert "a monthly session is a sponsor's" in found.problem
    assert found.remedy == "write one of executive_coach"
