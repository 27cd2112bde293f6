"""What is next in an edition: its deadline, its places, its digests and its end."""

from datetime import datetime, timedelta

import pytest

from planning import agenda
from planning.agenda import CourseRecords
from planning.edition_agenda import (
    EditionRecords,
    closing_of_recruitment,
    edition_agenda,
    end_of_edition,
    next_digest,
)
from planning.working_time import Interval
from schemas.courses import (
    Course,
    CourseKind,
    Place,
    PlaceState,
    Selection,
    SelectionOutcome,
    Stage,
)
from schemas.edition import Edition
from schemas.obligations import ObligationKind, ObligationState
from tests.planning.builders import CHRISTMAS, an_obligation, at, calendar, edition, rest, shown

NOW = at("2024-06-20", "10:00")
EXPIRES = at("2024-06-24", "10:00")
TWO = edition().model_copy(update={"places": 2})


@pytest.fixture(autouse=True)
def _whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the whole agenda be seen; what travels is only its head."""
    monkeypatch.setattr(agenda, "AGENDA_LENGTH", 99)


def records(stage: Stage = Stage.PLACING, **known: object) -> CourseRecords:
    course = Course(
        id="edition/wider",
        kind=CourseKind.EDITION,
        edition_id="wider",
        subject_id="wider",
        stage=stage,
        opened_at=at("2024-04-15", "08:00"),
        walked_to=at("2024-07-02"),
    )
    values = {"course": course, "edition": TWO, "calendar": calendar(), "at": NOW}
    return CourseRecords(**values | known)  # type: ignore[arg-type]


def places(*states: PlaceState) -> list[Place]:
    return [
        Place(
            id=f"wider/place/{number}",
            edition_id="wider",
            number=number,
            state=state,
            course_id=None if state is PlaceState.FREE else f"service/wider/SVC-{number}",
            offered_at=EXPIRES - timedelta(days=7),
            expires_at=EXPIRES if state is PlaceState.OFFERED else None,
        )
        for number, state in enumerate(states, start=1)
    ]


def waiting(count: int) -> list[Selection]:
    return [
        Selection(
            course_id=f"service/wider/WL-{number}",
            edition_id="wider",
            rank=number,
            outcome=SelectionOutcome.WAITLISTED,
        )
        for number in range(1, count + 1)
    ]


def next_of(of: CourseRecords, known: EditionRecords | None = None) -> list[tuple[str, str, str]]:
    items = edition_agenda(of, known or EditionRecords())
    return [(item.step.value, shown(item.at), item.subject) for item in items]


@pytest.mark.parametrize(
    ("changes", "closes"),
    [
        ({}, "Sat 2024-06-15 00:00"),
        ({"deadline": at("2024-05-27").date()}, "Tue 2024-05-28 00:00"),
        (
            {
                "deadline": at("2024-05-27").date(),
                "deadline_on_non_working_day": "rolls_forward",
            },
            "Wed 2024-05-29 00:00",
        ),
    ],
)
def test_interest_closes_at_the_midnight_after_its_last_day(
    changes: dict[str, object], closes: str
) -> None:
    """R08, E36: a bank holiday stays, unless the edition rolls it forward."""
    recruitment = edition().recruitment.model_copy(update=changes)
    of = TWO.model_copy(update={"recruitment": recruitment})
    assert shown(closing_of_recruitment(of, calendar())) == closes
    items = next_of(records(Stage.RECRUITING, edition=of))
    assert items[0] == ("close_recruitment", closes, "")


def test_a_free_place_is_offered_while_somebody_waits() -> None:
    """R01, R13."""
    free, taken = PlaceState.FREE, PlaceState.TAKEN
    allocate = ("allocate", shown(NOW), "")
    assert next_of(records(), EditionRecords(places(free, taken), waiting(1)))[0] == allocate
    assert allocate not in next_of(records(), EditionRecords(places(free, taken), ()))
    assert allocate not in next_of(records(), EditionRecords(places(taken, taken), waiting(1)))
    selecting = records(Stage.SELECTING)
    assert allocate not in next_of(selecting, EditionRecords(places(free, taken), waiting(1)))


def test_a_free_place_beyond_the_capacity_is_not_due_for_ever() -> None:
    """R14: a newer version of the file has fewer places than were made."""
    known = EditionRecords(places(PlaceState.FREE, PlaceState.TAKEN), waiting(1))
    one = records(edition=TWO.model_copy(update={"places": 1}))
    assert "allocate" not in {step for step, *_ in next_of(one, known)}


def test_a_pause_without_an_end_stops_offers_and_expiries() -> None:
    """R13, X07: none with an end does; the step then looks how far the clock has come."""
    known = EditionRecords(places(PlaceState.OFFERED, PlaceState.FREE), waiting(1))
    endless = Interval(NOW - timedelta(days=1), None)
    stopped = {step for step, *_ in next_of(records(pauses=(endless,)), known)}
    assert stopped.isdisjoint({"allocate", "offer_expires"})
    assert next_of(records(pauses=(rest("2024-06-19", "2024-06-28"),)), known)[:2] == [
        ("allocate", shown(NOW), ""),
        ("offer_expires", "Mon 2024-06-24 10:00", "wider/place/1"),
    ]


def test_each_expiry_is_asked_about_once() -> None:
    """R13: an extended offer is another question."""
    known = EditionRecords(places(PlaceState.OFFERED))
    asked = an_obligation(
        ObligationKind.PLACE_DECISION,
        subject=f"wider/place/1@{EXPIRES.isoformat()}",
        state=ObligationState.STUCK,
    )
    expires = ("offer_expires", "Mon 2024-06-24 10:00", "wider/place/1")
    assert expires in next_of(records(), known)
    assert expires not in next_of(records(obligations=[asked]), known)
    before = asked.model_copy(
        update={"subject": "wider/place/1@earlier", "state": ObligationState.DONE}
    )
    assert expires in next_of(records(obligations=[before]), known)


@pytest.mark.parametrize("state", [PlaceState.TAKEN, PlaceState.FREE, PlaceState.CLOSED])
def test_what_was_asked_about_an_offer_that_is_over_is_settled(state: PlaceState) -> None:
    """R13: nobody is chased about it."""
    asked = an_obligation(
        ObligationKind.PLACE_DECISION,
        subject=f"wider/place/1@{EXPIRES.isoformat()}",
        state=ObligationState.STUCK,
    )
    known = EditionRecords(places(state))
    assert next_of(records(obligations=[asked]), known)[0] == (
        "offer_expires",
        shown(NOW),
        "wider/place/1",
    )


def test_a_person_whom_mail_does_not_reach_is_put_before_a_coordinator() -> None:
    """M11, M20."""
    known = EditionRecords(tasks_missing=["bad_address:PER-0007"])
    assert next_of(records(), known)[0] == ("open_task", shown(NOW), "bad_address:PER-0007")


def test_a_phase_opens_at_midnight_of_its_first_day() -> None:
    course = records().course.model_copy(update={"walked_to": None})
    assert ("open_phase", "Mon 2024-07-01 00:00", "wider-implementation") in next_of(
        records(course=course)
    )


def test_an_edition_ends_after_its_services() -> None:
    """C03."""
    assert shown(end_of_edition(edition(), calendar())) == "Tue 2025-04-08 12:00"
    over = records().course.model_copy(update={"walked_to": at("2025-04-01")})
    assert next_of(records(course=over)) == [("finish_edition", "Tue 2025-04-08 12:00", "")]


# -- digests ---------------------------------------------------------------------------------------


def digests(count: int, after: datetime, *pauses: Interval, of: Edition | None = None) -> list[str]:
    found = []
    for _ in range(count):
        for item in next_digest(of or edition(), calendar(), after, pauses):
            found.append(f"{shown(item.at)} for {item.subject}")
            after = item.at
    return found


def test_the_first_digest_tells_of_the_first_week() -> None:
    """M14."""
    assert digests(2, at("2024-05-01")) == [
        "Fri 2024-08-30 14:00 for 2024-09-02",
        "Fri 2024-09-06 14:00 for 2024-09-09",
    ]


def test_no_digest_follows_the_last_week() -> None:
    """M14."""
    assert digests(2, at("2025-03-20")) == ["Fri 2025-03-21 14:00 for 2025-03-24"]
    assert digests(1, at("2025-03-21", "14:00")) == []


def test_a_digest_on_a_day_off_goes_at_an_earlier_working_moment() -> None:
    """M02, M14: Good Friday 2024, in the pilot."""
    pilot = edition("mha-qi-pilot")
    assert digests(1, at("2024-03-25"), of=pilot) == ["Thu 2024-03-28 14:00 for 2024-04-01"]


def test_a_week_after_a_pause_is_told_of_on_its_first_morning() -> None:
    """M14, X07: what lies in the pause is not told of at all."""
    assert digests(3, at("2024-12-13", "14:00"), CHRISTMAS) == [
        "Fri 2024-12-20 14:00 for 2024-12-23",
        "Mon 2025-01-06 08:00 for 2025-01-06",
        "Fri 2025-01-10 14:00 for 2025-01-13",
    ]


def test_a_pause_that_ends_in_the_week_is_told_of_on_the_next_morning() -> None:
    """M14: the rest of the week from Thursday on."""
    until_wednesday = rest("2024-10-10", "2024-10-16")
    assert digests(2, at("2024-10-09"), until_wednesday) == [
        "Thu 2024-10-17 08:00 for 2024-10-14",
        "Fri 2024-10-18 14:00 for 2024-10-21",
    ]


def test_in_a_pause_without_an_end_no_digest_is_due() -> None:
    """M14."""
    assert digests(1, at("2024-10-09"), Interval(at("2024-10-08"), None)) == []
