"""Chases: who is asked for what nobody has done, and when; promises, pauses, ends."""

from datetime import date, datetime

import pytest

from planning.edition_chases import chase_findings
from schemas.commands import (
    CloseObligation,
    MoveSession,
    PauseCourse,
    PromiseObligation,
    RecordSession,
    ResumeCourse,
    TakeStep,
)
from schemas.courses import Step
from schemas.forms import ConfirmForm
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.obligations import Obligation, ObligationKind, ObligationState
from schemas.people import Role
from schemas.policies import ChaseStep, EscalationPolicy
from schemas.sessions import Session, SessionState
from storage.confirmations import confirm_participant
from storage.tables.people import AbsenceRow
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
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


async def test_a_session_that_nobody_recorded_is_asked_after(autumn: Posted) -> None:
    """X01: the coach after one and two working days, the coordinator after three, then stuck."""
    play = autumn.play
    await autumn.until(at("2024-10-14", "12:00"))

    assert asked(play) == [
        ("Wed 2024-10-02 11:00", people.COACH, "chase"),
        ("Thu 2024-10-03 11:00", people.COACH, "chase"),
        ("Fri 2024-10-04 11:00", people.COORDINATOR, "escalation"),
    ]
    assert len(autumn.about(the_chase(play).id, *ASKS)) == 3
    assert the_chase(play).state is ObligationState.STUCK
    assert play.course(play.of(SVC_16)).attention == "stuck"


async def test_what_is_stuck_is_settled_by_the_deed(autumn: Posted) -> None:
    """X01, X04: the record ends the chase, and nobody need look at the service any more."""
    play = autumn.play
    play.walk(at("2024-10-14", "12:00"))
    for session in play.sessions(play.of(SVC_16), "delivery")[4:6]:
        record(play, session)

    kinds = [one for one in play.obligations(play.of(SVC_16)) if one.kind == "session_record"]
    assert {one.state for one in kinds} == {ObligationState.DONE}
    for one in play.obligations(play.of(SVC_16)):
        if one.state is ObligationState.STUCK:
            play.do(CloseObligation, play.of(SVC_16), obligation_id=one.id, waived=True)
    assert play.course(play.of(SVC_16)).attention == ""


def record(play: CourseScene, session: Session) -> None:
    play.do(RecordSession, session.course_id, session_id=session.id, outcome=SessionState.HELD)


def test_a_step_that_is_repeated_asks_once(autumn: Posted) -> None:
    """M08, X04: the answer to a lost answer asks nobody."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "10:59"))
    item = play.fresh(course_id).agenda[0]
    play.now = item.at
    play.take(course_id, item)
    again = TakeStep(
        request_id=f"{course_id}@{play.course(course_id).version - 1}/{item.step}/{item.subject}",
        course_id=course_id,
        actor="programme",
        at=item.at,
        recorded_at=item.at,
        step=item.step,
        subject=item.subject,
    )
    before = play.everything()
    play._carry_out(play.steps_of(course_id)[item.step], again)
    assert play.everything() == before
    assert len(asked(play)) == 1


def test_after_an_outage_a_chase_goes_on_from_there(autumn: Posted) -> None:
    """X01: taken up six days late, it asks once and counts from then; nothing bursts."""
    play = autumn.play
    play.walk(at("2024-10-01", "18:00"))
    play.now = at("2024-10-08", "09:00")
    play.walk(at("2024-10-10", "12:00"))
    assert [when for when, _, _ in asked(play)] == [
        "Tue 2024-10-08 09:00",
        "Wed 2024-10-09 09:00",
        "Thu 2024-10-10 09:00",
    ]


# -- pauses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [False, True], ids=["service", "edition"])
@pytest.mark.parametrize(
    ("until_at", "resumed", "asks"),
    [
        (at("2024-10-14", "00:00"), None, "Mon 2024-10-14 10:00"),
        (None, at("2024-10-14", "12:00"), "Mon 2024-10-14 14:00"),
        (at("2024-12-01", "00:00"), at("2024-10-14", "12:00"), "Mon 2024-10-14 14:00"),
    ],
    ids=["with an end", "without an end", "resumed early"],
)
def test_a_step_due_in_a_pause_writes_nothing_and_gets_a_new_instant(
    autumn: Posted, whole: bool, until_at: datetime | None, resumed: datetime | None, asks: str
) -> None:
    """X04, X07, X09: of ten working hours eight had passed; the other two are left."""
    play = autumn.play
    paused = play.course_id if whole else play.of(SVC_16)
    play.walk(at("2024-10-02", "09:00"))
    play.do(PauseCourse, paused, until_at=until_at)
    play.walk(resumed or at("2024-10-13", "12:00"))
    assert play.messages(the_chase(play).id) == ()

    if resumed is not None:
        assert (next_of(play) is None) == (until_at is None)
        play.do(ResumeCourse, paused)
        play.walk(play.now)

    assert next_of(play) == asks
    play.walk(at("2024-10-14", "15:00"))
    assert asked(play) == [(asks, people.COACH, "chase")]


def test_a_pause_between_two_steps_does_not_count_either(autumn: Posted) -> None:
    """X04: the second step was due after the pause, and is due later for it."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "14:00"))
    assert next_of(play) == "Thu 2024-10-03 11:00"

    play.do(PauseCourse, course_id, until_at=at("2024-10-03", "00:00"))

    assert next_of(play) == "Thu 2024-10-03 15:00"
    play.walk(at("2024-10-03", "16:00"))
    assert [when for when, _, _ in asked(play)] == ["Wed 2024-10-02 11:00", "Thu 2024-10-03 15:00"]


def test_a_pause_of_the_edition_holds_what_is_chased_before_the_coaching(
    coached: CourseScene,
) -> None:
    """X04, X07: an offer's chase rests, and goes on by itself; it is not forgotten."""
    course_id = coached.of(SVC_17)
    first = coached.obligation(course_id, ObligationKind.ACCEPT_PLACE).next_at
    assert shown(first) == "Wed 2024-06-19 10:00"
    coached.walk(at("2024-06-18", "10:00"))
    coached.do(PauseCourse, coached.course_id)
    coached.walk(at("2024-06-20", "10:00"))
    assert coached.obligation(course_id, ObligationKind.ACCEPT_PLACE).next_at is None

    coached.do(ResumeCourse, coached.course_id)
    coached.walk(coached.now)

    again = coached.obligation(course_id, ObligationKind.ACCEPT_PLACE)
    assert shown(again.next_at) == "Fri 2024-06-21 10:00"
    coached.walk(at("2024-06-21", "11:00"))
    assert len(coached.messages(again.id)) == 1


async def test_what_a_chase_wrote_before_a_pause_is_not_sent_in_it(autumn: Posted) -> None:
    """X07, X09: it ends as paused, and is not sent when the pause is over."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "11:00"))
    play.do(PauseCourse, course_id, until_at=at("2024-10-04", "00:00"))
    await autumn.deliver()
    (message,) = play.messages(the_chase(play).id)
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, MessageReason.PAUSED)


# -- promises -------------------------------------------------------------------------------------


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


# -- ends -----------------------------------------------------------------------------------------


def test_a_waived_record_is_not_asked_for_again(autumn: Posted) -> None:
    """X04: a person lets it go; it may still be recorded, and asked for on another day."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    play.do(CloseObligation, course_id, obligation_id=the_chase(play).id, waived=True)

    play.walk(at("2024-10-07", "12:00"))
    assert len(play.messages(the_chase(play).id)) == 1
    record(play, unrecorded(play))
    assert unrecorded(play).state is SessionState.HELD


def test_a_chase_of_a_session_that_is_moved_begins_anew_after_it(autumn: Posted) -> None:
    """X01, X04: nobody is asked how a session went that is still to come."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    old = the_chase(play)
    session = unrecorded(play)
    play.do(MoveSession, course_id, session_id=session.id, starts_at=at("2024-10-10", "15:00"))

    play.walk(at("2024-10-11", "15:59"))
    (gone,) = [one for one in play.obligations(course_id) if one.id == old.id]
    assert gone.state is ObligationState.CANCELLED
    assert len(play.messages(old.id)) == 1

    play.walk(at("2024-10-11", "16:00"))
    assert asked(play) == [("Fri 2024-10-11 16:00", people.COACH, "chase")]


def test_what_has_a_deed_of_its_own_is_not_done_by_saying_so(autumn: Posted) -> None:
    """X01, X04: a record that is called done leaves the session as nobody knows how it went."""
    play, course_id = autumn.play, autumn.play.of(SVC_16)
    play.walk(at("2024-10-02", "12:00"))
    one = the_chase(play)
    said = play.refusal(CloseObligation, course_id, obligation_id=one.id)
    assert "record the session" in said

    play.do(CloseObligation, course_id, obligation_id=one.id, waived=True)
    said = play.refusal(CloseObligation, course_id, obligation_id=one.id, waived=True)
    assert "is waived already" in said
    said = play.refusal(CloseObligation, course_id, obligation_id="wider/SVC-16/nothing/1")
    assert "has no obligation" in said
    other = play.of(SVC_17)
    said = play.refusal(CloseObligation, other, obligation_id=one.id, waived=True)
    assert "has no obligation" in said


async def test_what_is_done_while_the_question_waits_is_not_asked(autumn: Posted) -> None:
    """X04, M07."""
    play = autumn.play
    play.walk(at("2024-10-02", "11:00"))
    record(play, unrecorded(play))
    await autumn.deliver()
    (message,) = play.messages(the_chase(play).id)
    assert (message.state, message.reason) == (MessageState.SUPPRESSED, MessageReason.ALREADY_DONE)


# -- who is asked ---------------------------------------------------------------------------------


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


def kinds_of(messages: tuple[Message, ...]) -> list[str]:
    return [one.kind.value for one in messages]


def test_steps_are_named_as_the_agenda_names_them(autumn: Posted) -> None:
    """X04: a chase is one step in the story, whatever it is about."""
    play = autumn.play
    play.walk(at("2024-10-03", "12:00"))
    taken = [step for _, course, step, _ in play.walked if course == play.of(SVC_16)]
    assert Step.ASK_FOR_RECORD in taken
    assert Step.CHASE in taken
