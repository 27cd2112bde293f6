"""The answer key: what must be true of the planted cases when the year has been played."""

from collections.abc import Iterator

from rehearsal.sample.expected_changes import CHANGES, Cases
from rehearsal.sample.providers import WIDER
from rehearsal.script import ExpectationLine

CASES: Cases = (
    (
        "places",
        WIDER,
        "R01, R02, R14: 61 applied, 53 were eligible, 37 got a place, one place was not refilled",
        (
            ("interests", "61"),
            ("selections", "53"),
            ("places:taken", "36"),
            ("places:closed", "1"),
            ("places:offered", "0"),
            ("executive courses", "29"),
        ),
    ),
    (
        "declined offer",
        "SVC-50",
        "R13: declines its place, which goes to the first who waits",
        (("stage", "declined"), ("journal:place.declined", "1")),
    ),
    ("WL-01", "WL-01", "R13: takes the declined place", (("stage", "completed"),)),
    (
        "left before the start",
        "SVC-49",
        "E14: withdraws in August, before its first session",
        (("stage", "withdrawn"), ("journal:place.freed", "1"), ("sessions:delivery:held", "0")),
    ),
    (
        "WL-02",
        "WL-02",
        "E18, R13: does not answer; its offer expires and the coordinator lets it lapse",
        (("stage", "not_placed"), ("sessions:delivery:all", "0")),
    ),
    (
        "WL-03",
        "WL-03",
        "E15: takes the lapsed place in September and starts late",
        (("stage", "completed"), ("sessions between:2024-09-02:2024-09-10", "0")),
    ),
    (
        "SVC-16",
        "SVC-16",
        "R13, X13: withdraws on 11 October, in the fifth week: the place is offered again",
        (
            ("stage", "withdrawn"),
            ("journal:place.freed", "1"),
            ("journal:place.closed", "0"),
            ("held since:2024-10-12", "0"),
        ),
    ),
    (
        "WL-04",
        "WL-04",
        "E15: takes the place of SVC-16, too late for all sessions",
        (("stage", "completed"), ("sessions:delivery:held", "<=20")),
    ),
    (
        "SVC-17",
        "SVC-17",
        "R13: withdraws on 14 October, when the sixth week has begun: the place stays free",
        (
            ("stage", "withdrawn"),
            ("journal:place.freed", "0"),
            ("journal:place.closed", "1"),
            ("held since:2024-10-15", "0"),
        ),
    ),
    (
        "undone withdrawal",
        "SVC-18",
        "E40: withdraws, and is back an hour later as if nothing had been",
        (
            ("stage", "completed"),
            ("journal:service.withdrew", "1"),
            ("journal:service.returned", "1"),
        ),
    ),
    (
        "SVC-21",
        "SVC-21",
        "X02: misses two sessions running and no catch-up suits: coach and coordinator are told",
        (
            ("sessions:delivery:missed", "2"),
            ("messages:missed_twice:all", "2"),
            ("obligations:catch_up:waived", "2"),
        ),
    ),
    (
        "SVC-22",
        "SVC-22",
        "X06: two sessions running are not held because of the coach: nobody is told",
        (
            ("sessions:delivery:missed", "2"),
            ("messages:missed_twice:all", "0"),
            ("obligations:catch_up:all", "0"),
        ),
    ),
    (
        "SVC-23",
        "SVC-23",
        "X11, E13: moves its improvement event twice: the sponsor is told the second time",
        (
            ("moves:improvement_event", "2"),
            ("days:improvement_event", "2024-11-15"),
            ("messages:event_moved_late:all", "1"),
            ("sessions:improvement_event:held", "1"),
        ),
    ),
    (
        "SVC-24",
        "SVC-24",
        "X11, E13: moves its improvement event three working days ahead: the sponsor is told",
        (
            ("moves:improvement_event", "1"),
            ("days:improvement_event", "2024-11-01"),
            ("messages:event_moved_late:all", "1"),
            ("sessions:improvement_event:held", "1"),
        ),
    ),
    (
        "five past nine",
        "SVC-26",
        "C11, E29: meets at 09:05 before and after the clocks change",
        (("local times:delivery", "09:05"), ("sessions:delivery:held", "26")),
    ),
    (
        "Wednesdays",
        "SVC-27",
        "C10, X07, E06: no session on 25 December and 1 January; spare weeks take them",
        (("sessions between:2024-12-23:2025-01-03", "0"), ("sessions:delivery:held", "26")),
    ),
    (
        "moved session",
        "SVC-29",
        "M05, M17: one weekly session is moved to the next day, and stays one session",
        (("state:delivery/7", "held"), ("sequence:delivery/7", ">=1")),
    ),
    (
        "called off and on",
        "SVC-30",
        "E40: the coach calls a session off and on again",
        (("state:delivery/5", "held"), ("journal:session.restored", "1")),
    ),
    (
        "SVC-31",
        "SVC-31",
        "X08, X09, E08: pauses from 20 January to 7 February",
        (
            ("stage", "completed"),
            ("journal:course.paused", "1"),
            ("journal:course.resumed", "1"),
            ("sessions between:2025-01-20:2025-02-07", "0"),
        ),
    ),
    (
        "corrected record",
        "SVC-32",
        "E38, C17: recorded as held, and corrected as missed after the report of 13 December",
        (("state:delivery/15", "missed"), ("journal:session.corrected", "1")),
    ),
    (
        "a region pauses",
        "SVC-39",
        "X08, E08: with all wards of the East of England it pauses from 6 to 17 January",
        (
            ("stage", "completed"),
            ("journal:course.paused", "1"),
            ("journal:course.resumed", "1"),
            ("sessions between:2025-01-06:2025-01-17", "0"),
        ),
    ),
    (
        "the region's other coach",
        "SVC-46",
        "X08, E08: pauses with its region, though its coach goes on elsewhere",
        (
            ("stage", "completed"),
            ("journal:course.paused", "1"),
            ("sessions between:2025-01-06:2025-01-17", "0"),
        ),
    ),
    (
        "SVC-35",
        "SVC-35",
        "M11, E26: none of its addresses works: each is marked, and the coordinator is asked",
        (
            ("stage", "completed"),
            ("messages:*:refused", ">=1"),
            ("tasks about lead:bad_address:all", "1"),
        ),
    ),
    (
        "SVC-36",
        "SVC-36",
        "X12, E34: has no lived-experience partner until the ninth week",
        (
            ("obligations:event_partner:done", "1"),
            ("journal:partner.sought", "2"),
            ("days:improvement_event", "2024-11-15"),
        ),
    ),
    (
        "SVC-41",
        "SVC-41",
        "R11, E21: its sponsor declines one commitment; a person settles it",
        (
            ("stage", "completed"),
            ("journal:commitment.declined", "1"),
            ("obligations:commitment_declined:done", "1"),
        ),
    ),
    (
        "silent sponsor",
        "SVC-43",
        "R10, R18: nobody signs until it is stuck; the coordinator records it by phone",
        (
            ("stage", "completed"),
            ("journal:obligation.stuck", ">=1"),
            ("obligations:commitments:done", "1"),
        ),
    ),
    (
        "prefers the phone",
        "SVC-44",
        "M20: its lead gets no mail; the coordinator rings",
        (("messages to lead:accepted", "0"), ("tasks about lead:phone_call:all", ">=1")),
    ),
    (
        "promise",
        "SVC-47",
        "X04: its lead promises the team's names by a day, and keeps it",
        (("journal:obligation.promised", "1"), ("obligations:team_named:done", "1")),
    ),
    (
        "EX-02",
        "EX-02",
        "C07: sponsors four wards and has six executive sessions, not 24",
        (("sessions:executive:all", "6"), ("sessions:executive:held", "6")),
    ),
    (
        "IND-01",
        "IND-01",
        "R06, E19: an independent provider applies before its day",
        (("stage", "ineligible"), ("because", "provider_not_yet")),
    ),
    (
        "IND-02",
        "IND-02",
        "R06, E19: an independent provider applies after its day and gets the last place",
        (("stage", "completed"),),
    ),
    (
        "half a minute before",
        "WL-14",
        "R08: interest at 23:59:30 on the deadline counts; no place is left",
        (("stage", "not_placed"),),
    ),
    (
        "ten seconds after",
        "LATE-01",
        "R08: interest at 00:00:10 after the deadline does not count",
        (("stage", "ineligible"), ("because", "after_deadline")),
    ),
    (
        "out of scope",
        "OUT-01",
        "R04: a type of service that the edition does not take",
        (("stage", "ineligible"), ("because", "service_type")),
    ),
    (
        "nobody detained",
        "OUT-02",
        "R05: a service that cares for nobody who is detained",
        (("stage", "ineligible"), ("because", "not_for_detained_people")),
    ),
    (
        "applied twice",
        "SVC-38",
        "R12: the second expression of interest waits, and starts nothing",
        (("stage", "completed"), ("interests", "2")),
    ),
    *CHANGES,
)
"""Case, subject, rule and story, and the facts with what each must be."""


def expectations() -> Iterator[ExpectationLine]:
    """Yield expected/cases.csv."""
    for case, subject, because, facts in CASES:
        for fact, expected in facts:
            yield ExpectationLine(
                case=case, subject=subject, fact=fact, expected=expected, because=because
            )
