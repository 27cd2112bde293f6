"""Whom a chase asks, and how a promise holds it."""

from datetime import date, datetime

import pytest

from planning.edition_chases import chase_findings
from schemas.commands import (
    CloseObligation,
    PauseCourse,
    PromiseObligation,
    ResumeCourse,
)
from schemas.forms import ConfirmForm
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.obligations import Obligation, ObligationKind, ObligationState
from schemas.people import Role
from schemas.policies import ChaseStep, EscalationPolicy
from schemas.sessions import Session
from storage.confirmations import confirm_participant
from storage.tables.people import AbsenceRow
from tests.activities.autumn_days import record
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at, delay, shown

LAPSED = "Mon 2024-10-07 08:00"
ASKS = (MessageKind.CHASE, MessageKind.ESCALATION)


def unrecorded(play: CourseScene) -> Session:
    """Return the session of 1 October at ten, which nobody records."""
    return play.sessions(play.of(SVC_16), "delivery")[4]


def the_chase(play: CourseScene) -> Obligation:
    (one,) = [
        one
        for one in play.obligations(play.of(SVC_16), ObligationKind.SESSION_RECORD)
        if one.subject == unrecorded(play).id and one.state is not ObligationState.CANCELLED
    ]
    return one


def asked(play: CourseScene) -> list[tuple[str, str, str]]:
    """Return what the chase has asked so far: when, whom, and as what."""
    return [
        (shown(one.planned_at), one.person_id, one.kind.value)
        for one in play.messages(the_chase(play).id)
    ]


def next_of(play: CourseScene) -> str | None:
    one = the_chase(play)
    return None if one.next_at is None else shown(one.next_at)


def promise(play: CourseScene, day: str) -> str:
    return play.do(
        PromiseObligation,
        play.of(SVC_16),
        obligation_id=the_chase(play).id,
        until_day=date.fromisoformat(day),
    )


async def test_a_promise_holds_the_chase_and_lapses(autumn: Posted) -> None:
    """X04: nothing until the promised day is over; then it is asked for again from the start."""
    play = autumn.play
    await autumn.until(at("2024-10-02", "12:00"))
    promise(play, "2024-10-04")

    assert the_chase(play).promised_until == at("2024-10-05", "00:00")
    assert next_of(play) == LAPSED
    await autumn.until(at("2024-10-08", "09:00"))

    assert asked(play) == [
        ("Wed 2024-10-02 11:00", people.COACH, "chase"),
        (LAPSED, people.COACH, "chase"),
        ("Tue 2024-10-08 08:00", people.COACH, "chase"),
    ]
    mails = autumn.about(the_chase(play).id, *ASKS)
    assert len({one.message.key for one in mails}) == len(mails) == 3
    assert the_chase(play).generation == 1


def test_a_promise_that_is_kept_is_never_asked_for_again(autumn: Posted) -> None:
    """X04."""
    play = autumn.play
    play.walk(at("2024-10-02", "12:00"))
    promise(play, "2024-10-04")
    play.walk(at("2024-10-03", "12:00"))
    record(play, unrecorded(play))
    play.walk(at("2024-10-08", "09:00"))
    assert the_chase(play).state is ObligationState.DONE
    assert len(asked(play)) == 1


async def test_what_was_asked_just_before_a_promise_is_not_sent_after_it(autumn: Posted) -> None:
    """X04, M07: the question that waits says nothing any more, and is not revived by the lapse."""
    play = autumn.play
    play.walk(at("2024-10-02", "11:00"))
    promise(play, "2024-10-04")
    await autumn.until(at("2024-10-07", "09:00"))

    first, again = play.messages(the_chase(play).id)
    assert (first.state, first.reason) == (MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY)
    assert (again.state, again.sequence) == (MessageState.ACCEPTED, 1)


def test_a_second_promise_may_follow_and_a_third_may_not(autumn: Posted) -> None:
    """X04: two of them, each no further than the edition says."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    known = {"obligation_id": the_chase(play).id}
    too_far, past = date(2024, 10, 10), date(2024, 10, 1)
    said = play.refusal(PromiseObligation, course_id, until_day=too_far, **known)
    assert "2024-10-09 is the last day to promise" in said
    said = play.refusal(PromiseObligation, course_id, until_day=past, **known)
    assert "has passed" in said

    promise(play, "2024-10-02")
    play.walk(at("2024-10-03", "09:00"))
    assert the_chase(play).state is ObligationState.OPEN
    promise(play, "2024-10-03")
    play.walk(at("2024-10-04", "09:00"))

    said = play.refusal(PromiseObligation, course_id, until_day=date(2024, 10, 7), **known)
    assert "promised 2 times" in said


@pytest.mark.parametrize("until_at", [at("2024-10-14", "00:00"), None])
def test_a_promise_does_not_lapse_in_a_pause(autumn: Posted, until_at: datetime | None) -> None:
    """X04, X07: it lapses on the first working morning after it."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    promise(play, "2024-10-04")
    play.walk(at("2024-10-03", "12:00"))
    play.do(PauseCourse, course_id, until_at=until_at)
    play.walk(at("2024-10-13", "12:00"))
    assert the_chase(play).state is ObligationState.PROMISED

    if until_at is None:
        play.do(ResumeCourse, course_id)
    play.walk(at("2024-10-14", "12:00"))

    assert [when for when, _, _ in asked(play)][1:] == ["Mon 2024-10-14 08:00"]


def test_a_promise_made_in_a_pause_without_an_end_lapses_after_it(autumn: Posted) -> None:
    """X04: never silence."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    play.do(PauseCourse, course_id)
    promise(play, "2024-10-04")
    assert next_of(play) is None
    play.walk(at("2024-10-10", "12:00"))
    play.do(ResumeCourse, course_id)
    play.walk(play.now)
    assert the_chase(play).generation == 1
    assert [when for when, _, _ in asked(play)][1:] == ["Thu 2024-10-10 12:00"]


def test_what_is_stuck_may_be_promised_and_needs_nobody_until_then(autumn: Posted) -> None:
    """X04: a person has decided; the course no longer says that it is stuck."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    record(play, play.sessions(course_id, "delivery")[3])
    play.walk(at("2024-10-11", "12:00"))
    others = [
        one
        for one in play.obligations(course_id)
        if one.state is ObligationState.STUCK and one.id != the_chase(play).id
    ]
    for one in others:
        play.do(CloseObligation, course_id, obligation_id=one.id, waived=True)
    assert play.course(course_id).attention == "stuck"

    promise(play, "2024-10-14")

    assert play.course(course_id).attention == ""
    play.walk(at("2024-10-15", "09:00"))
    assert asked(play)[-1] == ("Tue 2024-10-15 08:00", people.COACH, "chase")


def away(play: CourseScene, person_id: str, first: str, last: str) -> None:
    absence = AbsenceRow(
        person_id=person_id,
        from_day=date.fromisoformat(first),
        until_day=date.fromisoformat(last),
    )
    play.write(lambda rows: rows.add(absence))


def test_a_step_goes_to_the_next_person_while_the_holder_is_away(autumn: Posted) -> None:
    """X05: nobody covers for the coach, so the coordinator is asked, on that day only."""
    play = autumn.play
    away(play, people.COACH, "2024-10-02", "2024-10-02")
    play.walk(at("2024-10-03", "12:00"))
    assert asked(play) == [
        ("Wed 2024-10-02 11:00", people.COORDINATOR, "escalation"),
        ("Thu 2024-10-03 11:00", people.COACH, "chase"),
    ]


def test_a_step_is_never_lost_even_if_everybody_is_away(autumn: Posted) -> None:
    """X05: then whoever stands behind the policy is asked all the same."""
    play = autumn.play
    for person in (people.COACH, people.COORDINATOR):
        away(play, person, "2024-10-01", "2024-10-04")
    play.walk(at("2024-10-04", "12:00"))
    assert [whom for _, whom, _ in asked(play)] == [people.COORDINATOR] * 3


def partners_policy(*steps: tuple[str, Role]) -> EscalationPolicy:
    return EscalationPolicy(
        obligation=ObligationKind.EVENT_PARTNER,
        holder=Role.PARTNER,
        steps=tuple(
            ChaseStep(id=name, after=delay("1wd"), to=role, escalates=role is not Role.PARTNER)
            for name, role in steps
        ),
        then=delay("1wd"),
        promise_max=delay("5wd"),
    )


@pytest.mark.parametrize("is_away", [False, True])
def test_a_partners_chase_ends_with_the_coordinator(autumn: Posted, is_away: bool) -> None:
    """X12: a lived-experience partner is no member of staff; nobody above hears of it."""
    play = autumn.play
    policy = partners_policy(("first", Role.PARTNER), ("coordinator", Role.COORDINATOR))
    others = [one for one in play.edition.chases if one.obligation != policy.obligation]
    changed = {"version": 2, "chases": (*others, policy)}
    play.use(play.edition.model_copy(update=changed))
    if is_away:
        away(play, people.PARTNER, "2024-10-01", "2024-12-01")

    play.walk(at("2024-10-25", "12:00"))

    one = play.obligation(play.of(SVC_16), ObligationKind.EVENT_PARTNER)
    asked_first = people.COORDINATOR if is_away else people.PARTNER
    assert [told.person_id for told in play.messages(one.id)] == [asked_first, people.COORDINATOR]
    assert (one.holder_id, one.state) == (people.PARTNER, ObligationState.STUCK)


def test_an_edition_cannot_send_a_partners_chase_any_further(autumn: Posted) -> None:
    """X12: a rule of the file and no convention."""
    edition = autumn.play.edition
    policy = partners_policy(("first", Role.PARTNER), ("sponsor", Role.EXECUTIVE_SPONSOR))
    others = [one for one in edition.chases if one.obligation != policy.obligation]
    changed = edition.model_copy(update={"chases": (*others, policy)})
    found = [one.problem for one in chase_findings(changed)]
    assert found == ["a lived-experience partner's chase never goes beyond the coordinator"]


async def test_a_partner_who_confirms_ends_the_question(autumn: Posted) -> None:
    """X12, M03: nobody is told any more that no partner has said they will come."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-17", "12:00"))
    one = play.obligation(course_id, ObligationKind.EVENT_PARTNER)
    assert [told.person_id for told in play.messages(one.id)] == [people.COORDINATOR]

    form = ConfirmForm(actor=people.PARTNER, person=people.PARTNER, session=one.subject)
    play.write(lambda rows: confirm_participant(rows, form, play.now, play.now))
    play.walk(at("2024-10-25", "12:00"))

    found = play.obligation(course_id, ObligationKind.EVENT_PARTNER)
    assert (found.id, found.state) == (one.id, ObligationState.DONE)
    assert len(play.messages(one.id)) == 1
