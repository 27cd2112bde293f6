"""A running edition goes on under another version of its file (M06, E31)."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from runtime.edition_change import proposed
from schemas import commands
from schemas.courses import PlaceState, Stage
from schemas.delays import Delay
from schemas.edition import Edition, PlannedPause
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind, ObligationState
from schemas.policies import EscalationPolicy
from tests.activities.scene import SVC_16, SVC_17, SVC_18, CourseScene
from tests.planning.builders import at

NOVEMBER = at("2024-11-18", "09:00")


def changed(of: Edition, **changes: Any) -> Edition:
    return of.model_copy(update={"version": of.version + 1, **changes})


def reminders(of: Edition, kind_id: str, *steps: dict[str, Any]) -> dict[str, Any]:
    """Return the sessions of an edition with another reminder policy of one kind."""
    kinds = []
    for kind in of.sessions:
        if kind.id != kind_id:
            kinds.append(kind)
            continue
        base = kind.reminders[0]
        policy = tuple(base.model_copy(update=step) for step in steps)
        kinds.append(kind.model_copy(update={"reminders": policy}))
    return {"sessions": tuple(kinds)}


def chase(of: Edition, kind: ObligationKind, *ids: str, days: str = "1wd") -> dict[str, Any]:
    """Return the chases of an edition with other steps of one policy, each after some days."""

    def changed_policy(one: EscalationPolicy) -> EscalationPolicy:
        after = one.steps[0].model_copy(update={"after": delay(days)})
        steps = tuple(after.model_copy(update={"id": name}) for name in ids)
        return one.model_copy(update={"steps": steps})

    return {"chases": tuple(changed_policy(c) if c.obligation == kind else c for c in of.chases)}


def delay(text: str) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Delay).validate_python(text)


def change(play: CourseScene, new: Edition) -> str:
    with play.database.transaction() as rows:
        name = proposed(rows, new, play.now)
    answer = play.do(commands.ChangeEdition, play.course_id, proposal=name)
    play.edition = play.invariants._edition = new
    play.walk(play.now)
    return answer


def refused(play: CourseScene, new: Edition) -> str:
    with play.database.transaction() as rows:
        name = proposed(rows, new, play.now)
    return play.refusal(commands.ChangeEdition, play.course_id, proposal=name)


def weekly(play: CourseScene) -> list[Message]:
    ids = {one.id for one in play.sessions(play.of(SVC_16), "delivery")}
    return [
        one
        for one in play.all_messages()
        if one.subject in ids and one.kind is MessageKind.REMINDER
    ]


def test_every_course_goes_by_the_new_version_once_it_has_looked_again(
    coached: CourseScene,
) -> None:
    """M06, E31: the journal says under which version each thing happened."""
    answer = change(coached, changed(coached.edition, title="Once more"))

    assert "version 2: 1 difference to version 1" in answer
    for course_id in (coached.course_id, coached.of(SVC_16), coached.executive):
        assert coached.course(course_id).edition_version == 2
        assert "edition.taken_up" in coached.events(course_id)
    entry = next(e for e in coached.journal(coached.course_id) if e.event == "edition.changed")
    assert entry.facts["version"] == 2
    coached.do(commands.NameTeam, coached.of(SVC_16))
    assert coached.journal(coached.of(SVC_16))[-1].policy_version == 2


def test_reminders_that_wait_follow_the_new_policy_and_sent_ones_stay(
    coached: CourseScene,
) -> None:
    """M06: each step once overall, under the old or the new policy."""
    first, *others = coached.sessions(coached.of(SVC_16), "delivery")
    coached.accept_mail(first.id)
    before = {one.key: one for one in weekly(coached)}
    step = {"before": delay("2wd")}
    change(coached, changed(coached.edition, **reminders(coached.edition, "delivery", step)))

    after = {one.key: one for one in weekly(coached)}
    assert set(after) == set(before), "the same steps for the same people"
    for key, one in after.items():
        if one.subject == first.id:
            assert one == before[key]
        else:
            assert one.due_at < before[key].due_at
            assert one.policy_version == 2
    assert {one.subject for one in after.values()} == {one.id for one in (first, *others)}


def test_a_step_that_goes_is_retired_and_a_new_one_is_planned(coached: CourseScene) -> None:
    """M06: and when it is taken back, the step of before waits again."""
    old = coached.edition
    new = changed(old, **reminders(old, "delivery", {"id": "week-before", "before": delay("5wd")}))
    before = {one.key: one.due_at for one in weekly(coached)}
    change(coached, new)
    now = weekly(coached)
    retired = {one.key for one in now if one.reason is MessageReason.POLICY_CHANGED}
    assert retired == set(before)
    assert {one.step for one in now if one.state is MessageState.WAITING} == {"week-before"}

    change(coached, changed(old, version=3))
    waits = {one.key: one.due_at for one in weekly(coached) if one.state is MessageState.WAITING}
    assert waits == before


def test_a_version_that_changes_no_policy_touches_no_message(coached: CourseScene) -> None:
    """M06: a title is a title."""
    before = coached.all_messages()
    change(coached, changed(coached.edition, title="Once more"))
    assert coached.all_messages() == before


def test_an_open_chase_keeps_its_steps_and_goes_on_with_the_next(coached: CourseScene) -> None:
    """M06: no step is asked twice, whatever stands before it now."""
    coached.walk(at("2024-06-20", "12:00"))
    kind = ObligationKind.ACCEPT_PLACE
    before = coached.obligation(coached.of(SVC_17), kind)
    taken = coached.edition.policy(kind).steps[before.steps_done - 1].id
    assert before.steps_done == 1
    change(
        coached,
        changed(coached.edition, **chase(coached.edition, kind, "x", taken, "y", days="2wd")),
    )

    now = coached.obligation(coached.of(SVC_17), kind)
    assert now.steps_done == 2
    coached.walk(at("2024-06-21", "12:00"))
    asked = Counter(one.step for one in coached.messages(now.id))
    assert asked[taken] == 1
    assert asked["x"] == 0
    assert asked["y"] == 1


def test_a_pause_that_is_new_in_the_file_displaces_sessions(coached: CourseScene) -> None:
    """M06, X07: every course looks again, so the sessions find other weeks."""
    rest = PlannedPause(opens=date(2024, 10, 7), closes=date(2024, 10, 11), reason="winter")
    change(coached, changed(coached.edition, pauses=(*coached.edition.pauses, rest)))

    days = {coached.day(one.starts_at) for one in coached.sessions(coached.of(SVC_16), "delivery")}
    assert not days & {date(2024, 10, 7) + timedelta(days=n) for n in range(5)}
    assert len(days) == 26


def test_a_course_that_looks_late_goes_by_the_old_version_until_then(
    coached: CourseScene,
) -> None:
    """M06, E28: a chase never counts its steps by a policy that it has not taken up."""
    ward = coached.known.pop(coached.of(SVC_16))
    change(coached, changed(coached.edition, title="Once more"))
    coached.known[coached.of(SVC_16)] = ward  # The signal was lost.
    version = coached.course(coached.of(SVC_16)).edition_version

    coached.look(coached.of(SVC_16))
    coached.walk(coached.now)

    assert version in {1, 2}
    assert coached.course(coached.of(SVC_16)).edition_version == 2


def test_more_places_are_offered_and_fewer_take_none_away(coached: CourseScene) -> None:
    """M06, R14: places below those taken are refused; free ones that nobody has go."""
    more = changed(coached.edition, places=3)
    change(coached, more)
    assert [one.state for one in coached.places()][2] is PlaceState.FREE

    change(coached, changed(more, places=2))
    assert len(coached.places()) == 2
    sentence = refused(coached, changed(more, version=4, places=1))
    assert "places cannot be 1: 2 are taken or offered." in sentence


def test_a_place_that_is_new_goes_to_whoever_waits(play: CourseScene) -> None:
    """M06, R01: the third in the order gets it at once."""
    play.open(SVC_16, SVC_17, SVC_18)
    play.selected()
    before = play.stage(SVC_18)
    change(play, changed(play.edition, places=3))

    assert (before, play.stage(SVC_18)) == (Stage.WAITLISTED, Stage.OFFERED)


def test_a_deadline_that_is_put_off_opens_recruitment_again(play: CourseScene) -> None:
    """R08, M06: for all, until the order has been confirmed."""
    play.open(SVC_16)
    play.walk(at("2024-06-17", "10:00"))
    later = play.edition.recruitment.model_copy(update={"deadline": date(2024, 6, 28)})
    change(play, changed(play.edition, recruitment=later))

    course = play.course(play.course_id)
    decision = play.obligation(play.course_id, ObligationKind.SELECTION_DECISION)
    assert (course.stage, course.attention) == (Stage.RECRUITING, "")
    assert decision.state is ObligationState.CANCELLED
    play.walk(at("2024-07-01", "10:00"))
    assert play.course(play.course_id).stage is Stage.SELECTING


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"zone": "Europe/Paris"}, "zone stays Europe/London"),
        ({"version": 1, "title": "Sneaked in"}, "raise it in the file"),
        ({"places": 1}, "places cannot be 1"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    coached: CourseScene, changes: dict[str, Any], sentence: str
) -> None:
    """M06, E31: with a sentence for each thing."""
    assert sentence in refused(coached, changed(coached.edition, **changes))


def test_the_same_version_again_is_no_change(coached: CourseScene) -> None:
    """M06: repeated safely."""
    assert "goes by version 1 already" in change(coached, coached.edition)


def test_the_policy_edit_of_november_sends_each_step_once(coached: CourseScene) -> None:
    """E31, M06: the planted edit of 18 November, walked to the end of the month."""
    coached.walk(NOVEMBER)
    step = {"before": delay("3wd")}
    change(coached, changed(coached.edition, **reminders(coached.edition, "delivery", step)))
    coached.walk(at("2024-11-29"))

    steps = Counter((one.subject, one.sequence, one.step, one.person_id) for one in weekly(coached))
    assert set(steps.values()) == {1}


def test_how_a_session_went_is_asked_for_by_the_new_version(coached: CourseScene) -> None:
    """M06, X01: of the sessions to come; the instant is the session's own."""
    of = coached.edition
    later = chase(of, ObligationKind.SESSION_RECORD, "first", "second", days="3wd")
    before = coached.sessions(coached.of(SVC_16), "delivery")
    change(coached, changed(of, **later))
    coached.walk(coached.now + timedelta(hours=1))
    after = coached.sessions(coached.of(SVC_16), "delivery")
    pairs = [(was.record_due_at, now.record_due_at) for was, now in zip(before, after, strict=True)]
    assert all(was is not None and now is not None and was < now for was, now in pairs)
