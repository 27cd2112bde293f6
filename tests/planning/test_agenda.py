"""What is next in a service's and a sponsor's course, derived from their records."""

from datetime import datetime, timedelta

import pytest

from planning import agenda
from planning.agenda import (
    CourseRecords,
    ExecutiveRecords,
    ServiceRecords,
    executive_agenda,
    onboarding_of,
    service_agenda,
    shortened,
)
from schemas.courses import (
    AgendaItem,
    CommitmentState,
    Course,
    CourseKind,
    Enrolment,
    Place,
    PlaceState,
    Selection,
    SelectionOutcome,
    SignedCommitment,
    Stage,
    Step,
)
from schemas.edition import Edition
from schemas.obligations import ONBOARDING, ObligationKind, ObligationState
from schemas.sessions import SessionState
from tests.planning.builders import (
    CHRISTMAS,
    a_session,
    an_obligation,
    at,
    calendar,
    edition,
    rest,
    shown,
)

OPENED_AT = at("2024-05-08", "10:00")
NOW = at("2024-09-20", "09:00")
COURSE_ID = "service/wider/SVC-16"


@pytest.fixture(autouse=True)
def _whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the whole agenda be seen; what travels is only its head."""
    monkeypatch.setattr(agenda, "AGENDA_LENGTH", 99)


def records(stage: Stage, of: Edition | None = None, **known: object) -> CourseRecords:
    course = Course(
        id=COURSE_ID,
        kind=CourseKind.SERVICE,
        edition_id="wider",
        subject_id="SVC-16",
        stage=stage,
        opened_at=OPENED_AT,
    )
    values = {"course": course, "edition": of or edition(), "calendar": calendar(), "at": NOW}
    return CourseRecords(**values | known)  # type: ignore[arg-type]


def an_enrolment(**changes: object) -> Enrolment:
    enrolment = Enrolment(
        course_id=COURSE_ID,
        edition_id="wider",
        service_id="SVC-16",
        submitted_at=OPENED_AT,
        sponsor_id="PER-0003",
        lead_id="PER-0004",
    )
    return enrolment.model_copy(update=changes)


def next_of(of: CourseRecords, **known: object) -> list[tuple[str, str, str]]:
    service = ServiceRecords(**{"enrolment": an_enrolment(), **known})  # type: ignore[arg-type]
    return said(service_agenda(of, service))


def said(items: tuple[AgendaItem, ...]) -> list[tuple[str, str, str]]:
    return [(item.step.value, shown(item.at), item.subject) for item in items]


def a_place(state: PlaceState = PlaceState.OFFERED) -> Place:
    return Place(
        id="wider/place/1",
        edition_id="wider",
        number=1,
        state=state,
        course_id=COURSE_ID,
        offered_at=at("2024-06-17", "10:00"),
        expires_at=at("2024-06-24", "10:00"),
    )


def selected(outcome: SelectionOutcome) -> Selection:
    return Selection(course_id=COURSE_ID, edition_id="wider", rank=40, outcome=outcome)


def commitments(*states: CommitmentState) -> tuple[SignedCommitment, ...]:
    return tuple(
        SignedCommitment(
            course_id=COURSE_ID,
            commitment=f"commitment-{number}",
            state=state,
            decided_at=OPENED_AT + timedelta(days=number),
        )
        for number, state in enumerate(states)
    )


def test_only_the_head_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step returns a new agenda; what is further off would only fill histories."""
    monkeypatch.undo()
    items = [
        AgendaItem(at=OPENED_AT + timedelta(hours=hours), step=Step.CHASE, subject=f"{hours}")
        for hours in (3, 1, 2)
    ]
    assert [item.subject for item in shortened(items)] == ["1"]


def test_of_equal_instants_the_order_is_always_the_same() -> None:
    """A replay must meet the steps in the order in which they were taken."""
    items = [
        AgendaItem(at=OPENED_AT, step=step, subject=subject)
        for step, subject in ((Step.CHASE, "b"), (Step.ASK_FOR_RECORD, "c"), (Step.CHASE, "a"))
    ]
    assert shortened(items) == shortened(reversed(items))
    assert shortened(items)[0].step is Step.ASK_FOR_RECORD


def test_an_application_is_checked_from_the_moment_it_is_there() -> None:
    """R04."""
    assert next_of(records(Stage.APPLIED)) == [("check_eligibility", "Wed 2024-05-08 10:00", "")]


def test_who_is_eligible_waits_for_the_edition() -> None:
    """R07: a place that is offered is taken up; only who has none is on the waitlist."""
    eligible, waitlisted = records(Stage.ELIGIBLE), selected(SelectionOutcome.WAITLISTED)
    assert next_of(eligible) == []
    assert next_of(eligible, selection=selected(SelectionOutcome.SELECTED)) == []
    assert next_of(eligible, selection=waitlisted) == [("take_up_waitlist", shown(NOW), "")]
    offered = [("take_up_offer", "Mon 2024-06-17 10:00", "wider/place/1")]
    assert next_of(eligible, selection=waitlisted, place=a_place()) == offered
    assert next_of(records(Stage.WAITLISTED), selection=waitlisted) == []


def test_an_offer_that_is_gone_is_taken_up() -> None:
    """R13."""
    assert next_of(records(Stage.OFFERED)) == [("take_up_lapse", shown(NOW), "")]
    assert next_of(records(Stage.OFFERED), place=a_place()) == []


@pytest.mark.parametrize(
    "stage",
    [Stage.ELIGIBLE, Stage.WAITLISTED, Stage.OFFERED, Stage.COMMITTING],
)
def test_nobody_waits_for_an_edition_that_has_ended(stage: Stage) -> None:
    ended_at = at("2024-09-01")
    ended = next_of(records(stage, edition_ended_at=ended_at), place=a_place())
    assert ended == [("take_up_lapse", shown(ended_at), "")]


def test_onboarding_begins_with_the_last_of_all_signatures() -> None:
    """R09: of none, of some, with one declined, of all."""
    signed, declined = CommitmentState.SIGNED, CommitmentState.DECLINED
    stage = records(Stage.COMMITTING)
    assert next_of(stage) == []
    assert next_of(stage, commitments=commitments(signed, CommitmentState.OPEN)) == []
    assert next_of(stage, commitments=commitments(signed, declined, signed)) == []
    everything = commitments(signed, signed, signed)
    assert next_of(stage, commitments=everything) == [
        ("begin_onboarding", shown(OPENED_AT + timedelta(days=2)), "")
    ]


def settled(*kinds: ObligationKind, **changes: object) -> list[object]:
    return [
        an_obligation(
            kind,
            id=f"wider/SVC-16/{kind}/1",
            state=ObligationState.DONE,
            closed_at=at("2024-07-01") + timedelta(days=number),
            **changes,
        )
        for number, kind in enumerate(kinds)
    ]


def test_sessions_are_planned_when_everything_is_settled_or_waived() -> None:
    """R16."""
    done = settled(*ONBOARDING)
    planned = ("plan_sessions", "Sat 2024-07-06 10:00", "")
    assert next_of(records(Stage.ONBOARDING, obligations=done))[0] == planned
    some = next_of(records(Stage.ONBOARDING, obligations=done[:-1]))
    assert [step for step, *_ in some] == ["complete"]


def test_what_has_been_opened_again_is_not_settled() -> None:
    """R16, X07: the event had a day, and a pause has taken it."""
    again = an_obligation(
        ObligationKind.EVENT_DATED, id="wider/SVC-16/event_dated/2", subject="the event"
    )
    of = records(Stage.ONBOARDING, obligations=[*settled(*ONBOARDING), again])
    assert "plan_sessions" not in {step for step, *_ in next_of(of)}


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("mha-qi-wider", set()),
        ("mha-qi-pilot", {ObligationKind.EVENT_DATED}),
        ("example-other", {ObligationKind.SLOT_CHOSEN, ObligationKind.SPONSOR_SESSION_SET}),
    ],
)
def test_an_edition_settles_only_what_it_has(name: str, left_out: set[ObligationKind]) -> None:
    """R16: no slot without weekly sessions, no day without an event."""
    assert set(ONBOARDING) - set(onboarding_of(edition(name))) == left_out


def test_a_withdrawal_is_closed_when_it_can_no_longer_be_undone() -> None:
    """R13: and nothing else is done meanwhile."""
    gone = an_enrolment(withdrawn_at=NOW, undo_until=NOW + timedelta(days=1))
    busy = records(Stage.WITHDRAWN, obligations=[an_obligation(next_at=NOW)])
    assert next_of(busy, enrolment=gone) == [("close_withdrawal", "Sat 2024-09-21 09:00", "")]


def test_a_session_is_asked_after_until_somebody_has_been_asked() -> None:
    """X01."""
    due = a_session(record_due_at=at("2024-10-17", "11:00"))
    ask = ("ask_for_record", "Thu 2024-10-17 11:00", due.id)
    assert next_of(records(Stage.COACHING, sessions=[due]))[0] == ask
    asked = an_obligation(subject=due.id, state=ObligationState.STUCK)
    later = next_of(records(Stage.COACHING, sessions=[due], obligations=[asked]))
    assert ask not in later
    held = due.model_copy(update={"state": SessionState.HELD})
    assert ask not in next_of(records(Stage.COACHING, sessions=[held]))


def test_a_course_completes_five_working_days_after_the_window() -> None:
    """C03: at once where the edition has ended before."""
    assert next_of(records(Stage.COACHING)) == [("complete", "Fri 2025-04-04 12:00", "")]
    ended = records(Stage.COACHING, edition_ended_at=at("2024-12-01"))
    assert next_of(ended) == [("complete", "Sun 2024-12-01 10:00", "")]


def test_each_stage_of_an_event_opens_at_its_working_morning() -> None:
    """X12: 42 days before a Sunday's date is the Friday, 30 days after a Saturday the Monday."""
    event = a_session(
        id="wider/SVC-16/improvement_event/1",
        kind="improvement_event",
        starts_at=at("2024-11-07", "09:00"),
        ends_at=at("2024-11-07", "17:00"),
    )
    opened: list[object] = []
    found = []
    for _ in range(4):
        item = next_of(records(Stage.COACHING, sessions=[event], obligations=opened))[0]
        found.append(item)
        kind = ObligationKind(item[2].partition("#")[2])
        opened.append(
            an_obligation(
                kind,
                subject=event.id,
                state=ObligationState.DONE,
                opened_at=_instant(item[1]),
            )
        )
    assert [(when, what.partition("#")[2]) for _, when, what in found] == [
        ("Thu 2024-09-26 08:00", "event_prepared"),
        ("Thu 2024-10-17 08:00", "event_partner"),
        ("Thu 2024-11-07 08:00", "event_report_out"),
        ("Mon 2024-12-09 08:00", "event_follow_up"),
    ]


def _instant(text: str) -> datetime:
    _, day, clock = text.split()
    return at(day, clock)


# -- a sponsor's coaching --------------------------------------------------------------------------


def participation(
    stage: Stage, *taking_part: Enrolment, of: Edition | None = None, may_return: bool = False
) -> bool:
    items = executive_agenda(
        records(stage, of), ExecutiveRecords(taking_part, may_return=may_return)
    )
    return Step.TAKE_UP_PARTICIPATION in {item.step for item in items}


def test_coaching_begins_and_stops_with_who_takes_part() -> None:
    """C07, X13, E40: it waits for the end of an undo; each step clears its own item."""
    one = an_enrolment()
    assert participation(Stage.IDLE, one)
    assert not participation(Stage.COACHING, one)
    assert participation(Stage.COACHING)
    assert not participation(Stage.COACHING, may_return=True)
    assert not participation(Stage.IDLE)
    assert not participation(Stage.IDLE, may_return=True)


def test_an_edition_without_monthly_sessions_coaches_no_sponsor() -> None:
    """C07: nothing is due for ever."""
    other = edition("example-other")
    assert not participation(Stage.IDLE, an_enrolment(), of=other)


@pytest.mark.parametrize("pauses", [(), (rest("2024-10-16", "2024-10-18"),), (CHRISTMAS,)])
def test_a_monthly_session_loses_its_day_only_to_a_pause_over_it(
    pauses: tuple[object, ...],
) -> None:
    """X07."""
    session = a_session(id="wider/PER-0003/executive/2", kind="executive")
    of = records(Stage.COACHING, sessions=[session], pauses=pauses)
    items = executive_agenda(of, ExecutiveRecords((an_enrolment(),)))
    replanned = Step.REPLAN in {item.step for item in items}
    assert replanned == (len(pauses) == 1 and pauses[0] is not CHRISTMAS)
