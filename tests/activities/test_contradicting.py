"""Two people say different things of one session: kept, shown, settled by a person (E37)."""

from datetime import timedelta
from typing import Any

from schemas.commands import CloseObligation, RecordSession
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import Contradiction, Session, SessionReason
from storage import contradictions
from storage.reads.service_list import services_of
from storage.reads.service_page import service_page
from storage.reads.session_list import Wanted, sessions_listed
from tests.activities.autumn_days import COACH_AWAY, HELD, MISSED, STAFFING, offers, record, weekly
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, CourseScene
from tests.journeys import cast as people

COACH, LEAD = people.COACH, people.lead_of(SVC_16)


def unsettled(play: CourseScene, session: Session) -> tuple[Contradiction, ...]:
    with play.database.reading() as rows:
        return contradictions.unsettled(rows, session.id)


def in_conflict(play: CourseScene, **lead_says: Any) -> Session:
    """Let the coach say that a session was held, and the lead something else."""
    session = weekly(play)[4]
    record(play, session, HELD, actor=COACH)
    record(play, session, **{"outcome": MISSED, "actor": LEAD, **lead_says})
    return play.session(session.id)


def last_events(play: CourseScene, session: Session, count: int) -> list[str]:
    return [one for one in play.events(session.id) if one.startswith("session.")][-count:]


def test_held_says_the_coach_and_missed_the_lead(autumn: Posted) -> None:
    """E37: the first record stands, nothing follows from the other, and it is kept with its why."""
    play = autumn.play
    session = in_conflict(play, why=STAFFING)
    assert (session.state, session.recorded_by, session.reason) == (HELD, COACH, None)
    (said,) = unsettled(play, session)
    assert (said.person_id, said.outcome, said.reason) == (LEAD, MISSED, STAFFING)
    assert play.course(session.course_id).attention == "conflicting_records"
    assert offers(play, session.course_id, ObligationKind.CATCH_UP) == []
    assert last_events(play, session, 2) == ["session.recorded", "session.contradicted"]


def test_a_conflict_is_shown_wherever_somebody_looks(autumn: Posted) -> None:
    """E37: in the list of sessions, in the list of services, on the service's page."""
    play = autumn.play
    session = in_conflict(play)
    with play.database.reading() as rows:
        listed = sessions_listed(rows, Wanted(play.edition.id, [session.course_id]))
        page = service_page(rows, play.edition.id, SVC_16, play.now)
        (first, *_) = services_of(rows, play.edition.id, play.now)
    assert {one.id: one.conflict for one in listed if one.conflict} == {
        session.id: f"missed {LEAD}"
    }
    assert [one.id for one in page.conflicts] == [session.id]
    assert (first.service_id, first.attention) == (SVC_16, "conflicting_records")


def test_saying_it_again_is_no_second_conflict(autumn: Posted) -> None:
    """E37: neither side wins by repeating itself."""
    play = autumn.play
    session = in_conflict(play)
    record(play, session, MISSED, actor=LEAD)
    assert "is recorded as held already" in record(play, session, HELD, actor=COACH)
    assert len(unsettled(play, session)) == 1
    assert last_events(play, session, 2) == ["session.recorded", "session.contradicted"]


def test_a_coordinators_record_settles(autumn: Posted) -> None:
    """E37: whichever way; what follows from a missed session follows now."""
    play = autumn.play
    session = in_conflict(play)
    record(play, session, MISSED, why=STAFFING)
    settled = play.session(session.id)
    assert (settled.state, settled.reason) == (MISSED, STAFFING)
    assert unsettled(play, session) == ()
    assert play.course(session.course_id).attention == ""
    assert len(offers(play, session.course_id, ObligationKind.CATCH_UP)) == 1
    assert last_events(play, session, 1) == ["session.settled"]


def test_a_coordinator_who_agrees_with_the_first_record_settles_too(autumn: Posted) -> None:
    """E37: it is not waved away as said already."""
    play = autumn.play
    session = in_conflict(play)
    assert "is recorded as held." in record(play, session, HELD)
    assert play.session(session.id).state is HELD
    assert unsettled(play, session) == ()
    assert last_events(play, session, 1) == ["session.settled"]
    assert "is recorded as held already" in record(play, session, HELD)


def test_whoever_comes_round_ends_the_conflict(autumn: Posted) -> None:
    """E37: the lead takes it back, or the coach corrects what the coach said."""
    play = autumn.play
    session = in_conflict(play)
    record(play, session, HELD, actor=LEAD)
    assert unsettled(play, session) == ()
    assert play.course(session.course_id).attention == ""

    record(play, session, MISSED, actor=LEAD)
    assert len(unsettled(play, session)) == 1, "the lead may think again"
    record(play, play.session(session.id), MISSED, actor=play.session(session.id).recorded_by)
    assert unsettled(play, session) == ()
    assert play.session(session.id).state is MISSED


def test_a_correction_by_the_same_person_or_a_coordinator_is_none(autumn: Posted) -> None:
    """E37, E38: nobody contradicts themselves."""
    play, session = autumn.play, weekly(autumn.play)[4]
    record(play, session, HELD, actor=COACH)
    record(play, session, MISSED, actor=COACH)
    record(play, session, HELD)
    assert unsettled(play, session) == ()
    assert last_events(play, session, 3) == [
        "session.recorded",
        "session.corrected",
        "session.corrected",
    ]


def test_saying_more_is_no_contradiction(autumn: Posted) -> None:
    """C12, E37: the length, who came, and a reason where none was given."""
    play, session = autumn.play, weekly(autumn.play)[4]
    record(play, session, HELD, actor=COACH)
    record(play, session, HELD, actor=LEAD, minutes=50, attended=(LEAD,))
    assert play.session(session.id).held_minutes == 50
    missed = weekly(play)[5]
    record(play, missed, MISSED, actor=COACH)
    record(play, missed, MISSED, actor=LEAD, why=SessionReason.ACUITY)
    assert play.session(missed.id).reason is SessionReason.ACUITY
    assert unsettled(play, session) == unsettled(play, missed) == ()


def test_whose_doing_it_was_can_be_in_conflict_too(autumn: Posted) -> None:
    """E37, X06: the coach says staffing, the lead that the coach did not come."""
    play, session = autumn.play, weekly(autumn.play)[4]
    record(play, session, MISSED, actor=COACH, why=STAFFING)
    record(play, session, MISSED, actor=LEAD, why=COACH_AWAY)
    assert play.session(session.id).reason is STAFFING
    assert [one.reason for one in unsettled(play, session)] == [COACH_AWAY]
    assert len(offers(play, session.course_id, ObligationKind.CATCH_UP)) == 1
    record(play, session, MISSED, why=COACH_AWAY)
    assert offers(play, session.course_id, ObligationKind.CATCH_UP) == []


def test_an_answer_says_who_settles(autumn: Posted) -> None:
    """E37: the person who contradicts is not left thinking that it is changed."""
    play, session = autumn.play, weekly(autumn.play)[4]
    record(play, session, HELD, actor=COACH)
    said = {"session_id": session.id, "outcome": MISSED, "actor": LEAD}
    answer = play.do(RecordSession, session.course_id, **said)
    assert f"was recorded as held by {COACH}" in answer
    assert "a coordinator settles it" in answer


def test_a_coordinator_is_asked_to_settle_and_chased(autumn: Posted) -> None:
    """E37, X04: once for a session, after a working day; then the programme lead is told."""
    play = autumn.play
    session = in_conflict(play)
    record(play, session, MISSED, actor=LEAD, why=STAFFING)
    (asked,) = offers(play, session.course_id, ObligationKind.RECORD_CONFLICT)
    assert (asked.subject, asked.holder_id) == (session.id, people.COORDINATOR)
    assert play.messages(asked.id) == ()

    play.walk(play.now + timedelta(days=2))
    assert {one.person_id for one in play.messages(asked.id)} == {people.COORDINATOR}
    play.walk(play.now + timedelta(days=28))
    mails = play.messages(asked.id)
    assert [(one.kind, one.person_id) for one in mails] == [
        (MessageKind.CHASE, people.COORDINATOR),
        (MessageKind.CHASE, people.COORDINATOR),
        (MessageKind.ESCALATION, people.PROGRAMME_LEAD),
    ]
    (stuck,) = play.obligations(session.course_id, ObligationKind.RECORD_CONFLICT)
    assert stuck.state is ObligationState.STUCK
    assert play.course(session.course_id).attention == "conflicting_records"


def test_whatever_settles_it_ends_the_chase(autumn: Posted) -> None:
    """E37, X04: a coordinator's record, or somebody who comes round; a new conflict asks anew."""
    play = autumn.play
    session = in_conflict(play)
    record(play, session, HELD, actor=LEAD)
    record(play, session, MISSED, actor=LEAD)
    record(play, session, MISSED, why=STAFFING)
    kind = ObligationKind.RECORD_CONFLICT
    known = play.obligations(session.course_id, kind)
    assert [one.state for one in known] == [ObligationState.DONE, ObligationState.DONE]


def test_only_a_record_settles_and_a_waiver_lets_the_first_one_stand(autumn: Posted) -> None:
    """E37, X04: nobody calls it done without looking."""
    play = autumn.play
    session = in_conflict(play)
    (asked,) = offers(play, session.course_id, ObligationKind.RECORD_CONFLICT)
    said = {"obligation_id": asked.id}
    refused = play.refusal(CloseObligation, session.course_id, **said)
    assert refused.endswith("record how the session went.")

    play.do(CloseObligation, session.course_id, **said, waived=True)
    assert unsettled(play, session) == ()
    assert play.session(session.id).state is HELD
    assert play.course(session.course_id).attention == ""
    assert last_events(play, session, 1) == ["session.settled"]


def test_an_edition_that_does_not_say_how_only_shows_it(autumn: Posted) -> None:
    """E37, M06: a file of before has no policy for it, and nobody is refused for that."""
    play = autumn.play
    kind = ObligationKind.RECORD_CONFLICT
    chases = tuple(one for one in play.edition.chases if one.obligation is not kind)
    play.use(play.edition.model_copy(update={"chases": chases, "version": 2}))
    session = in_conflict(play)
    assert play.obligations(session.course_id, kind) == ()
    assert play.course(session.course_id).attention == "conflicting_records"
