"""Who comes to sessions to come when a new version lets others attend (M06, E31)."""

from datetime import timedelta
from typing import Any

from schemas import commands
from schemas.absences import ChangeAct, SessionChange
from schemas.edition import Edition
from schemas.messages import MessageKind, MessageState
from schemas.people import Held, Role
from schemas.sessions import Session, SessionState
from storage.records import add
from storage.tables.people import RoleRow
from tests.activities.autumn_days import sixth, tenth, the_event, weekly
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, CourseScene
from tests.activities.test_casting import sequences
from tests.activities.test_edition_change import change, changed
from tests.journeys import cast as people
from tests.planning.builders import at

LEAD = people.lead_of(SVC_16)
TEAM = set(people.team_of(SVC_16))


def attended_by(of: Edition, kind_id: str, *roles: Role) -> dict[str, Any]:
    """Return the sessions of an edition with others who attend one kind."""
    kinds = (
        one.model_copy(update={"attends": roles}) if one.id == kind_id else one
        for one in of.sessions
    )
    return {"sessions": tuple(kinds)}


def attend(play: CourseScene, kind_id: str, *roles: Role) -> str:
    return change(play, changed(play.edition, **attended_by(play.edition, kind_id, *roles)))


def cast(play: CourseScene, session: Session) -> dict[str, Role]:
    return {one.person_id: one.role for one in play.participants(session.id)}


def got(post: Posted, session: Session) -> list[tuple[str, MessageKind]]:
    mails = post.about(session.id, *(kind for kind in MessageKind if kind.is_calendar))
    return sorted((one.message.person_id, one.message.kind) for one in mails)


async def test_whoever_is_new_is_invited_and_whoever_stays_hears_nothing(autumn: Posted) -> None:
    """M06, E31, M18: sessions to come follow the version, those that were stay as they were."""
    play, near, far = autumn.play, sixth(autumn.play), tenth(autumn.play)
    past = next(one for one in weekly(play) if one.state is SessionState.HELD)
    before = cast(play, past)
    attend(play, "delivery", Role.SERVICE_LEAD, Role.TEAM_MEMBER)
    await autumn.until(play.now + timedelta(hours=1))

    expected = {people.COACH, LEAD} | TEAM
    assert set(cast(play, near)) == set(cast(play, far)) == expected
    assert cast(play, past) == before
    assert got(autumn, near) == [(one, MessageKind.INVITATION) for one in sorted(TEAM)]
    assert got(autumn, far) == [], "four weeks ahead, as for everybody"
    reminded = {
        one.person_id
        for one in play.messages(near.id, MessageKind.REMINDER)
        if one.state is MessageState.WAITING
    }
    assert reminded >= TEAM


async def test_whoever_comes_no_longer_gets_one_cancellation(autumn: Posted) -> None:
    """M06, E31, M05: and nothing more of it; when the version is taken back they are invited."""
    play, event = autumn.play, the_event(autumn.play)
    assert set(cast(play, event)) > TEAM
    kept = play.edition.session_kind("improvement_event").attends
    attend(play, "improvement_event", *(one for one in kept if one is not Role.TEAM_MEMBER))
    await autumn.until(play.now + timedelta(hours=1))

    assert not set(cast(play, event)) & TEAM
    assert got(autumn, event) == [(one, MessageKind.CANCELLATION) for one in sorted(TEAM)]
    waits = {one.person_id for one in play.messages(event.id) if one.state is MessageState.WAITING}
    assert not waits & TEAM

    attend(play, "improvement_event", *kept)
    await autumn.until(play.now + timedelta(hours=1))
    member = min(TEAM)
    assert set(cast(play, event)) > TEAM
    assert sequences(autumn, event, member) == [("CANCEL", 1), ("REQUEST", 2)]
    assert LEAD not in {person for person, _ in got(autumn, event)}


async def test_a_session_that_somebody_covers_keeps_who_leads_it(autumn: Posted) -> None:
    """E01, E31: what a person has arranged is no policy's to change."""
    play, session = autumn.play, sixth(autumn.play)
    covered = SessionChange(session_id=session.id, act=ChangeAct.COVER, coach=people.OTHER_COACH)
    play.do(
        commands.ArrangeSessions,
        play.of(SVC_16),
        operation="OP-1",
        coach=people.COACH,
        from_day=play.day(session.starts_at),
        until_day=play.day(session.starts_at),
        changes=(covered,),
    )
    attend(play, "delivery", Role.SERVICE_LEAD, Role.TEAM_MEMBER)

    leads = [one for one, role in cast(play, session).items() if role is Role.DELIVERY_COACH]
    assert leads == [people.OTHER_COACH]
    assert set(cast(play, session)) > TEAM


def test_whoever_asked_for_the_mail_of_a_session_keeps_it(coached: CourseScene) -> None:
    """M01, M18, E31: a member of the team who opted in comes whatever the kind says."""
    member = min(TEAM)
    coached.opt_in(member, SVC_16)
    attend(coached, "delivery", Role.SERVICE_LEAD, Role.TEAM_MEMBER)
    attend(coached, "delivery", Role.SERVICE_LEAD)

    for session in weekly(coached):
        assert set(cast(coached, session)) == {people.COACH, LEAD, member}


def test_a_change_of_role_alone_tells_nobody(coached: CourseScene) -> None:
    """E31: whoever comes as something else has the same entry."""
    held = Held(person_id=LEAD, role=Role.TEAM_MEMBER, scope=SVC_16)
    coached.write(lambda rows: add(rows, RoleRow, [held]))
    (midpoint,) = coached.sessions(coached.of(SVC_16), "midpoint")
    coached.accept_mail(midpoint.id)
    before = len(coached.messages(midpoint.id, MessageKind.INVITATION))
    attend(coached, "midpoint", Role.TEAM_MEMBER, Role.EXECUTIVE_SPONSOR)

    assert cast(coached, midpoint)[LEAD] is Role.TEAM_MEMBER
    theirs = [one for one in coached.messages(midpoint.id) if one.person_id == LEAD]
    assert MessageKind.CANCELLATION not in {one.kind for one in theirs}
    assert len(coached.messages(midpoint.id, MessageKind.INVITATION)) == before + len(TEAM)


def test_whoever_is_elsewhere_at_that_time_is_left_out_and_the_session_stays(
    coached: CourseScene,
) -> None:
    """C15, E31: a policy moves no session; the journal says who is left out."""
    first, _, third, *_ = weekly(coached)
    assert first.starts_at is not None
    assert first.ends_at is not None
    coached.book(people.SPONSOR, first.starts_at, first.ends_at)
    attend(coached, "delivery", Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR)

    assert people.SPONSOR not in cast(coached, first)
    assert people.SPONSOR in cast(coached, third)
    assert coached.session(first.id) == first
    assert coached.events(first.id)[-1] == "participant.left_out"


def test_the_sessions_of_a_sponsor_follow_too(coached: CourseScene) -> None:
    """C18, E31: monthly sessions belong to a course of their own."""
    monthly = coached.sessions(coached.executive, "executive")
    before = {one.id: set(cast(coached, one)) for one in monthly}
    attend(coached, "executive", Role.EXECUTIVE_SPONSOR, Role.SERVICE_LEAD)
    added = {one.id: set(cast(coached, one)) - before[one.id] for one in monthly}
    assert all(people.SPONSOR in cast(coached, one) for one in monthly)
    assert set().union(*added.values()) == set(), "nobody leads a service of a sponsor"


def test_taking_the_version_up_twice_changes_nothing(coached: CourseScene) -> None:
    """M06, E28: a course that looks again finds nothing to do."""
    attend(coached, "delivery", Role.SERVICE_LEAD, Role.TEAM_MEMBER)
    messages = coached.all_messages()
    coached.look(coached.of(SVC_16))
    coached.walk(coached.now)
    assert coached.all_messages() == messages
    assert coached.now < at("2024-09-02")


def test_a_partner_named_anew_after_the_role_came_back_has_one_entry(
    coached: CourseScene,
) -> None:
    """M17, X12: whoever joins late and had been taken out comes to a new version."""
    play, event = coached, the_event(coached)
    kept = play.edition.session_kind("improvement_event").attends
    play.do(commands.SeekPartner, play.of(SVC_16), partner=people.PARTNER)
    play.accept_mail(event.id)
    attend(play, "improvement_event", *(one for one in kept if one is not Role.PARTNER))
    play.accept_mail(event.id)
    assert people.PARTNER not in cast(play, event)

    attend(play, "improvement_event", *kept)
    play.do(commands.SeekPartner, play.of(SVC_16), partner=people.PARTNER)
    theirs = [
        (one.kind, one.sequence)
        for one in play.messages(event.id)
        if one.person_id == people.PARTNER and one.kind.is_calendar
    ]
    numbers = [number for _, number in theirs]
    assert len(set(numbers)) == len(numbers) == 3
    assert sorted(theirs, key=lambda one: one[1])[-1][0] is MessageKind.INVITATION
