"""Which messages a session calls for, to whom, and under which key."""

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.message_plan import MessagePlan, message_key
from schemas.edition import SessionKind
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.people import Role
from schemas.sessions import Participant, Session, SessionReason
from tests.planning.builders import a_session, at, calendar, edition, kind, shown

JUNE = at("2024-06-17", "10:00")
KEY_OF_VERSION_1 = "a2bc2f40d4f4d0b47e87f3592ce91f69"
IDS = st.from_regex(r"[A-Z]{3}-[0-9]{2,4}", fullmatch=True)


def plan(planned_at: str = "2024-06-17", clock: str = "10:00") -> MessagePlan:
    return MessagePlan("service/wider/SVC-16", edition(), calendar(), at(planned_at, clock))


def a_part(session: Session, person_id: str, role: Role, **changes: object) -> Participant:
    part = Participant(session_id=session.id, person_id=person_id, role=role)
    return part.model_copy(update=changes)


def cast(session: Session, of: SessionKind) -> list[Participant]:
    """Return one person for each role that takes part, named after the role."""
    roles = (of.coach, *of.attends)
    return [a_part(session, f"PER-{role.value}", role) for role in roles]


def of_kind(name: str, day: str, clock: str, **changes: object) -> Session:
    starts_at = at(day, clock)
    return a_session(
        id=f"wider/SVC-16/{name}/1",
        kind=name,
        starts_at=starts_at,
        ends_at=starts_at,
        **changes,
    )


def reminded(rows: tuple[Message, ...]) -> set[tuple[str, str, str, bool]]:
    return {
        (row.step, shown(row.due_at), row.person_id.removeprefix("PER-"), row.asks) for row in rows
    }


# -- keys ------------------------------------------------------------------------------------------


def test_a_key_is_the_same_for_the_same_message_for_ever() -> None:
    """M08: what was written by version 1 must be found again."""
    key = message_key(MessageKind.REMINDER, "wider/SVC-16/delivery/7", 0, "day-before", "PER-0001")
    assert key == KEY_OF_VERSION_1


@given(
    kind_=st.sampled_from(MessageKind),
    sequence=st.integers(0, 9),
    step=st.sampled_from(["", "d7", "day-before"]),
    subject=IDS,
    person=IDS,
)
def test_a_key_is_opaque(
    kind_: MessageKind, sequence: int, step: str, subject: str, person: str
) -> None:
    """M15: 32 hexadecimal digits in which neither person nor subject can be read."""
    key = message_key(kind_, subject, sequence, step, person)
    assert re.fullmatch(r"[0-9a-f]{32}", key)
    assert subject.lower() not in key
    assert person.lower() not in key


def test_whatever_tells_two_messages_apart_is_in_the_key() -> None:
    """M08: kind, subject, version, step, person; and the parts never run into one another."""
    parts = [
        (MessageKind.REMINDER, "a", 1, "d7", "PER-1"),
        (MessageKind.INVITATION, "a", 1, "d7", "PER-1"),
        (MessageKind.REMINDER, "b", 1, "d7", "PER-1"),
        (MessageKind.REMINDER, "a", 11, "d7", "PER-1"),
        (MessageKind.REMINDER, "a", 1, "d7P", "ER-1"),
        (MessageKind.REMINDER, "a", 1, "d7", "PER-11"),
        (MessageKind.REMINDER, 'a",1,"d7', 1, "", "PER-1"),
    ]
    assert len({message_key(*one) for one in parts}) == len(parts)


def test_address_text_attempt_and_clock_stay_out_of_the_key() -> None:
    """M08: a retry, a new address or a later plan finds the row that is there."""
    assert list(inspect.signature(message_key).parameters) == [
        "kind",
        "subject",
        "sequence",
        "step",
        "person_id",
    ]
    session, delivery = a_session(), kind("delivery")
    first = plan().reminders(session, delivery, cast(session, delivery))
    later = plan("2024-09-01").reminders(session, delivery, cast(session, delivery))
    assert [one.key for one in first] == [one.key for one in later]


# -- reminders -------------------------------------------------------------------------------------


def test_of_a_weekly_session_the_lead_is_reminded_once() -> None:
    """M01, M14: the coach has the digest."""
    session = a_session()
    rows = plan().reminders(session, kind("delivery"), cast(session, kind("delivery")))
    assert reminded(rows) == {("day-before", "Tue 2024-10-15 09:05", "service_lead", False)}
    assert {shown(one.useful_until) for one in rows} == {"Wed 2024-10-16 08:00"}


def test_a_member_of_the_team_who_takes_part_has_asked_for_it() -> None:
    """M01, M18: weekly sessions only; to an event the whole team comes."""
    session = a_session()
    member = a_part(session, "PER-0009", Role.TEAM_MEMBER)
    rows = plan().reminders(session, kind("delivery"), [member])
    assert [one.person_id for one in rows] == ["PER-0009"]


def test_of_an_executive_session_three_are_reminded_twice() -> None:
    """M01, M03: the first asks, the last informs."""
    session = of_kind("executive", "2024-10-15", "09:30")
    rows = plan().reminders(session, kind("executive"), cast(session, kind("executive")))
    trio = ("executive_coach", "executive_sponsor", "assistant")
    assert reminded(rows) == {
        *(("d7", "Tue 2024-10-08 09:05", who, True) for who in trio),
        *(("day-before", "Mon 2024-10-14 09:05", who, False) for who in trio),
    }


def test_of_an_event_everybody_is_reminded_five_times() -> None:
    """M01, M02: at 42, 28, 14, 7 days and a working day; a weekend's step on the Friday before."""
    session = of_kind("improvement_event", "2024-11-11", "09:00")
    event = kind("improvement_event")
    rows = plan().reminders(session, event, cast(session, event))
    everybody = ("delivery_coach", "service_lead", "team_member", "partner")
    steps = [
        ("d42", "Mon 2024-09-30 09:05", True),
        ("d28", "Mon 2024-10-14 09:05", True),
        ("d14", "Mon 2024-10-28 09:05", True),
        ("d7", "Mon 2024-11-04 09:05", False),
        ("day-before", "Fri 2024-11-08 09:05", False),
    ]
    assert reminded(rows) == {
        (step, due, who, asks) for step, due, asks in steps for who in everybody
    }


def test_a_step_inside_the_lead_is_too_late_and_not_sent_at_once() -> None:
    """M04: planned a week and an hour ahead, or less; the invitation has told people."""
    session = of_kind("executive", "2024-10-15", "09:30")
    people = cast(session, kind("executive"))[:1]
    states = {}
    for clock in ("09:04", "09:05"):
        for row in plan("2024-10-08", clock).reminders(session, kind("executive"), people):
            states[clock, row.step] = (row.state, row.reason, row.ended_at is None)
    waits = (MessageState.WAITING, None, True)
    assert states == {
        ("09:04", "d7"): waits,
        ("09:04", "day-before"): waits,
        ("09:05", "d7"): (MessageState.TOO_LATE, MessageReason.INSIDE_LEAD, False),
        ("09:05", "day-before"): waits,
    }


def test_a_session_without_a_day_calls_for_nothing() -> None:
    """C17."""
    session = a_session(starts_at=None, ends_at=None)
    people = cast(session, kind("delivery"))
    assert plan().reminders(session, kind("delivery"), people) == ()
    assert plan().invitations(session, kind("delivery"), people) == ()


# -- invitations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("planned", "due"),
    [
        ("2024-06-17", "Wed 2024-09-18 08:00"),
        ("2024-09-18", "Wed 2024-09-18 10:00"),
        ("2024-10-10", "Thu 2024-10-10 10:00"),
    ],
)
def test_weekly_sessions_are_invited_to_four_weeks_ahead(planned: str, due: str) -> None:
    """M18: coach and lead; a session that is nearer, at once."""
    session = a_session()
    rows = plan(planned).invitations(session, kind("delivery"), cast(session, kind("delivery")))
    assert {(shown(one.due_at), one.person_id) for one in rows} == {
        (due, "PER-delivery_coach"),
        (due, "PER-service_lead"),
    }
    assert {one.useful_until for one in rows} == {session.starts_at}


def test_four_weeks_ahead_of_a_bank_holiday_is_the_working_day_before() -> None:
    """M02, M18: Monday 23 September less four weeks is the summer bank holiday."""
    session = of_kind("delivery", "2024-09-23", "10:00")
    (row,) = plan().invitations(
        session, kind("delivery"), [a_part(session, "PER-1", Role.SERVICE_LEAD)]
    )
    assert shown(row.due_at) == "Fri 2024-08-23 08:00"


@pytest.mark.parametrize("name", ["executive", "improvement_event", "midpoint"])
def test_other_sessions_are_invited_to_as_soon_as_they_are_dated(name: str) -> None:
    """M18: everybody who must be there."""
    session = of_kind(name, "2024-12-02", "14:00")
    people = cast(session, kind(name))
    rows = plan().invitations(session, kind(name), people)
    assert {one.due_at for one in rows} == {JUNE}
    assert {one.person_id for one in rows} == {one.person_id for one in people}


def test_who_is_not_invited_gets_no_entry() -> None:
    """M18."""
    session = a_session()
    guest = a_part(session, "PER-0009", Role.TEAM_MEMBER, invited=False)
    assert plan().invitations(session, kind("delivery"), [guest]) == ()


def test_a_correction_tells_of_the_time_before_and_never_comes_too_late() -> None:
    """M05, M17: a move until the session begins; a cancellation stays true."""
    was = a_session()
    now = was.model_copy(
        update={"sequence": 3, "reason": SessionReason.STAFFING, "starts_at": None, "ends_at": None}
    )
    gone = plan().calendar_message(MessageKind.CANCELLATION, now, "PER-1", was=was)
    assert was.starts_at is not None
    assert was.ends_at is not None
    assert gone.facts == {
        "was_starts_at": was.starts_at.isoformat(),
        "was_ends_at": was.ends_at.isoformat(),
        "reason": "staffing",
    }
    assert (gone.sequence, gone.useful_until, gone.due_at) == (3, None, JUNE)
    moved = plan().calendar_message(MessageKind.MOVE, was, "PER-1")
    assert (moved.useful_until, moved.facts) == (was.starts_at, {})


def test_a_row_says_under_which_policy_it_was_planned() -> None:
    """M06."""
    of = edition().model_copy(update={"version": 4})
    planner = MessagePlan("service/wider/SVC-16", of, calendar(), JUNE)
    session = a_session()
    rows = planner.reminders(session, kind("delivery"), cast(session, kind("delivery")))
    assert {(one.policy_version, one.planned_at) for one in rows} == {(4, JUNE)}
