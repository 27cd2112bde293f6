"""The answer key of what changes for good and of what breaks: people, organisations, machines."""

from rehearsal.sample.providers import WIDER

Cases = tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...]

CHANGES: Cases = (
    (
        "DC-07 leaves",
        "SVC-22",
        "E01, C15: its coach leaves on 30 November; another takes over, and all are told once",
        (
            ("coach", "DC-08"),
            ("with:DC-07:2024-11-30:2025-03-28", "0"),
            ("messages:coach_changed:accepted", "3"),
        ),
    ),
    (
        "DC-07's second ward",
        "SVC-32",
        "C15: its check-in is moved first, because the new coach is elsewhere then",
        (
            ("coach", "DC-04"),
            ("days:midpoint", "2024-12-06"),
            ("with:DC-07:2024-11-30:2025-03-28", "0"),
        ),
    ),
    (
        "DC-07's third ward",
        "SVC-42",
        "E01: goes to a coach who has a weekday free",
        (("coach", "DC-01"), ("with:DC-07:2024-11-30:2025-03-28", "0")),
    ),
    (
        "DC-07's fourth ward",
        "WL-01",
        "E01: goes to a coach who has a weekday free",
        (("coach", "DC-02"), ("with:DC-07:2024-11-30:2025-03-28", "0")),
    ),
    (
        "EX-04 leaves",
        "EX-04",
        "P01, E04: has a successor from 15 January and nothing to come after it",
        (
            ("sessions:executive:held", "5"),
            ("sessions:executive:cancelled", "1"),
            ("sessions between:2025-01-15:2025-03-28", "0"),
        ),
    ),
    (
        "EX-34 follows EX-04",
        "EX-34",
        "P01: has the month that is left: the count goes on, five and one",
        (("sessions:executive:held", "1"), ("sessions:executive:all", "1")),
    ),
    (
        "a ward of EX-04",
        "SVC-23",
        "P01: its sponsor is another one from 15 January, and signs the commitments again",
        (
            ("sponsor:2025-01-14", "EX-04"),
            ("sponsor:2025-01-15", "EX-34"),
            ("journal:commitment.signed_again", "3"),
        ),
    ),
    (
        "EX-04's other ward",
        "SVC-24",
        "P01: has the same successor, who signs for it too",
        (("sponsor:2025-01-15", "EX-34"), ("journal:commitment.signed_again", "3")),
    ),
    (
        "EX-09 leaves",
        "EX-09",
        "E05: nobody follows in October and November, and there are no executive sessions",
        (("sessions:executive:held", "1"), ("sessions between:2024-10-01:2024-11-30", "0")),
    ),
    (
        "the ward of EX-09",
        "SVC-40",
        "E05, P01: goes on without a sponsor; the one who follows in December signs again",
        (
            ("sponsor:2024-09-30", "EX-09"),
            ("sponsor:2024-10-01", "nobody"),
            ("sponsor:2024-12-02", "EX-35"),
            ("journal:commitment.signed_again", "3"),
            ("stage", "completed"),
        ),
    ),
    (
        "EX-35 follows EX-09",
        "EX-35",
        "E05, C07: has a session in each of the four months that are left",
        (("sessions:executive:held", "4"),),
    ),
    (
        "who follows EX-09",
        WIDER,
        "E05: the coordinator is asked who follows, until somebody does",
        (("obligations:sponsor_named:done", "1"),),
    ),
    (
        "a policy that changes",
        WIDER,
        "M06, E31: from 18 November on another version: reminders go two working days ahead",
        (("journal:edition.changed", "1"), ("journal:edition.taken_up", "1")),
    ),
    (
        "reminded before and after",
        "SVC-34",
        "M06: what had gone is not sent again, what is to come goes by the new version, once",
        (
            ("journal:edition.taken_up", "1"),
            ("reminded:delivery/12", "2024-11-18"),
            ("reminded:delivery/13", "2024-11-22"),
        ),
    ),
    (
        "reminded in between",
        "SVC-36",
        "M06: where the new moment has passed the old one stands: nobody misses the reminder",
        (("reminded:delivery/12", "2024-11-19"), ("reminded:delivery/13", "2024-11-25")),
    ),
    (
        "ORG-06 goes on as ORG-05",
        "SVC-27",
        "P02, E03: belongs to another organisation from 1 November, and to its own before",
        (
            ("organisation:2024-10-31", "ORG-06"),
            ("organisation:2024-11-01", "ORG-05"),
            ("journal:organisation.changed", "1"),
            ("stage", "completed"),
        ),
    ),
    (
        "the other ward of ORG-06",
        "SVC-30",
        "P02: keeps its id, its place and its sponsor",
        (
            ("organisation:2024-11-01", "ORG-05"),
            ("sponsor:2024-11-01", "EX-06"),
            ("stage", "completed"),
        ),
    ),
    (
        "SVC-29 goes up in SVC-28",
        "SVC-29",
        "P03, E02: ends as merged on 6 January; its place is not given again",
        (
            ("stage", "merged"),
            ("journal:service.merged", "1"),
            ("journal:place.freed", "0"),
            ("messages:merged:all", "3"),
            ("held since:2025-01-06", "0"),
        ),
    ),
    (
        "SVC-28 goes on",
        "SVC-28",
        "P03: keeps its count, and takes in the team of the other ward",
        (("stage", "completed"), ("journal:service.absorbed", "1")),
    ),
    (
        "DC-03 is sick",
        "SVC-18",
        "E01, X05, X06: others lead both sessions of 3 to 14 February; then its own coach is back",
        (
            ("with:DC-03:2025-02-03:2025-02-14", "0"),
            ("with:DC-04:2025-02-03:2025-02-14", "2"),
            ("with:DC-03:2025-02-17:2025-02-21", "1"),
            ("messages:coach_away:all", "3"),
        ),
    ),
    (
        "DC-03's second ward",
        "SVC-28",
        "E01: is covered by the other coach, because the first is elsewhere then",
        (
            ("with:DC-09:2025-02-03:2025-02-14", "2"),
            ("with:DC-03:2025-02-17:2025-02-21", "1"),
        ),
    ),
    (
        "DC-03's third ward",
        "SVC-38",
        "E01, M08: is covered; every member of the team who asked for mail is told once",
        (("with:DC-04:2025-02-03:2025-02-14", "2"), ("messages:coach_away:all", "9")),
    ),
    (
        "DC-03's fourth ward",
        "SVC-48",
        "E01, M08: is covered; who covers another ward too is told of all in one notice",
        (("with:DC-09:2025-02-03:2025-02-14", "2"), ("messages:coach_away:all", "1")),
    ),
    (
        "a weekend without workers",
        WIDER,
        "M10, E28: what fell due between Friday at 18:00 and Monday at 10:20 ends all the same",
        (
            ("due:2025-02-28T1800:3860:waiting", "0"),
            ("due:2025-02-28T1800:3860:failed", "0"),
            ("due:2025-02-28T1800:3860:accepted", ">=1"),
        ),
    ),
    (
        "four minutes of 421",
        WIDER,
        "M11: what the mail server puts off on 7 October at 09:05 goes when it takes mail again",
        (
            ("due:2024-10-07T0905:4:waiting", "0"),
            ("due:2024-10-07T0905:4:failed", "0"),
            ("due:2024-10-07T0905:4:accepted", ">=1"),
        ),
    ),
)
"""Case, subject, rule and story, and the facts with what each must be."""
