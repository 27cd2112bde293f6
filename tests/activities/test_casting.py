"""Who comes to a session in another's place: told once, with a SEQUENCE that rises (M05, M17)."""

from datetime import date, timedelta

from schemas import commands
from schemas.messages import MessageKind, MessageReason, MessageState
from schemas.people import Person, Role
from schemas.sessions import Session
from schemas.successions import SuccessionKind
from storage.records import add, save
from storage.tables.people import PersonRow
from tests.activities.autumn_days import move, sixth, tenth
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, CourseScene
from tests.activities.test_edition_change import change, changed
from tests.journeys import cast as people
from tests.planning.builders import at

LEAD = people.lead_of(SVC_16)
SUCCESSOR, PA = "PER-SP2", "PER-PA2"
CALENDAR = [kind for kind in MessageKind if kind.is_calendar]


def assign(play: CourseScene, coach: str) -> None:
    play.do(commands.AssignCoach, play.of(SVC_16), coach=coach)


def sequences(post: Posted, session: Session, person_id: str) -> list[tuple[str, int]]:
    """Return method and SEQUENCE of each calendar mail as it arrived."""
    mails = post.about(session.id, *CALENDAR)
    theirs = [one for one in mails if one.message.person_id == person_id]
    return [(one.entry.method, one.entry.sequence) for one in theirs]


async def test_whoever_goes_and_comes_back_sees_a_sequence_that_rises(autumn: Posted) -> None:
    """M17, E01: one number for each change that one person sees, and one mail for each."""
    play, session = autumn.play, sixth(autumn.play)
    for coach, hours in ((people.OTHER_COACH, 1), (people.COACH, 2), (people.OTHER_COACH, 3)):
        assign(play, coach)
        await autumn.until(play.now + timedelta(hours=hours))

    told = {
        person: sequences(autumn, session, person) for person in (people.COACH, people.OTHER_COACH)
    }
    methods = {person: [method for method, _ in mails] for person, mails in told.items()}
    assert methods == {
        people.COACH: ["CANCEL", "REQUEST", "CANCEL"],
        people.OTHER_COACH: ["REQUEST", "CANCEL", "REQUEST"],
    }
    for mails in told.values():
        numbers = [number for _, number in mails]
        assert numbers == sorted(set(numbers)), mails
    assert sequences(autumn, session, LEAD) == [], "nobody else's diary changes"


async def test_a_change_of_coach_taken_back_before_the_mail_goes_says_nothing(
    autumn: Posted,
) -> None:
    """M05, M17: the cancellation that waits does not go, and the entry stays."""
    play, session = autumn.play, sixth(autumn.play)
    assign(play, people.OTHER_COACH)
    assign(play, people.COACH)
    await autumn.until(play.now + timedelta(hours=1))

    assert sequences(autumn, session, people.COACH) == []
    assert sequences(autumn, session, people.OTHER_COACH) == []
    (goes,) = [
        one
        for one in play.messages(session.id, MessageKind.CANCELLATION)
        if one.person_id == people.COACH
    ]
    assert (goes.state, goes.reason) == (MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY)
    assert people.COACH in {one.person_id for one in play.participants(session.id)}


async def test_whoever_was_taken_out_is_not_moved_with_the_session(autumn: Posted) -> None:
    """M05: moved before their cancellation went, the session leaves their diary all the same."""
    play, session = autumn.play, sixth(autumn.play)
    assign(play, people.OTHER_COACH)
    move(play, session, at("2024-10-10", "15:00"))
    await autumn.until(play.now + timedelta(hours=1))

    assert [method for method, _ in sequences(autumn, session, people.COACH)] == ["CANCEL"]
    assert [method for method, _ in sequences(autumn, session, LEAD)] == ["REQUEST"]
    assert [method for method, _ in sequences(autumn, session, people.OTHER_COACH)] == ["REQUEST"]


async def test_a_later_move_is_above_what_was_sent_to_anybody(autumn: Posted) -> None:
    """M17: those who stayed get the number that those who went have passed."""
    play, session = autumn.play, sixth(autumn.play)
    assign(play, people.OTHER_COACH)
    await autumn.until(play.now + timedelta(hours=1))
    move(play, session, at("2024-10-10", "15:00"))
    assign(play, people.COACH)
    await autumn.until(play.now + timedelta(hours=1))

    (first, last) = sequences(autumn, session, people.COACH)
    assert (first, last[0]) == (("CANCEL", 1), "REQUEST")
    assert last[1] > 1
    assert sequences(autumn, session, LEAD) == [last], "the move had not gone: it goes once"


async def test_whoever_comes_back_before_any_invitation_gets_one(autumn: Posted) -> None:
    """M17, M18: of a session that is weeks ahead nobody has heard yet."""
    play, session = autumn.play, tenth(autumn.play)
    assign(play, people.OTHER_COACH)
    assign(play, people.COACH)
    invited = [
        (one.person_id, one.sequence)
        for one in play.messages(session.id, MessageKind.INVITATION)
        if one.state is MessageState.WAITING
    ]
    assert sorted(invited) == sorted([(people.COACH, 0), (LEAD, 0)])


def test_an_assistant_of_both_sponsors_stays(coached: CourseScene) -> None:
    """P01, M05: one diary, one entry, no cancellation."""
    play = coached
    known = [
        Person(id=PA, name="Name of the assistant"),
        Person(id=SUCCESSOR, name="Name of the successor", assistant_id=PA),
    ]
    play.write(lambda rows: add(rows, PersonRow, known))
    with play.reading() as rows:
        sponsor = rows.get(PersonRow, people.SPONSOR)
        assert sponsor is not None
        kept = Person.model_validate(sponsor.model_dump()).model_copy(update={"assistant_id": PA})
    play.write(lambda rows: save(rows, PersonRow, kept))
    kinds = tuple(
        one.model_copy(update={"attends": (*one.attends, Role.ASSISTANT)})
        if one.id == "midpoint"
        else one
        for one in play.edition.sessions
    )
    change(play, changed(play.edition, sessions=kinds))
    (midpoint,) = play.sessions(play.of(SVC_16), "midpoint")
    play.accept_mail(midpoint.id)
    play.do(
        commands.Succeed,
        play.course_id,
        kind=SuccessionKind.SPONSOR,
        old=people.SPONSOR,
        new=SUCCESSOR,
        from_day=date(2024, 9, 16),
    )
    play.walk(at("2024-09-17"))

    cast = {one.person_id for one in play.participants(midpoint.id)}
    assert {SUCCESSOR, PA} <= cast
    goes = play.messages(midpoint.id, MessageKind.CANCELLATION)
    assert {one.person_id for one in goes} == {people.SPONSOR}
    assert PA in {one.person_id for one in play.messages(midpoint.id, MessageKind.INVITATION)}
