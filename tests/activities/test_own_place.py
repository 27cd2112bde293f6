"""A session's own place: said of one session, it stands in its invitation and nowhere else."""

from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from icalendar import Calendar
from pydantic import ValidationError

from schemas.commands import MoveSession
from schemas.forms import MoveForm
from schemas.messages import MessageKind
from schemas.sessions import Session
from storage.notes import keep_note
from tests.activities.autumn_days import confirm, sixth, tenth, weekly
from tests.activities.posting import Got, Posted
from tests.activities.scene import SVC_16
from tests.journeys import cast as people
from tests.planning.builders import at

LEAD = people.lead_of(SVC_16)
LIBRARY = "Library, second floor"
THURSDAY = at("2024-10-10", "15:00")


def relocate(post: Posted, session: Session, place: str = LIBRARY, **said: Any) -> str:
    """Let the coordinator say where a session is."""
    play = post.play
    with play.database.transaction() as rows:
        place_id = keep_note(rows, place, place, people.COORDINATOR, play.now)
    known = {"session_id": session.id, "starts_at": None, "place_id": place_id, **said}
    return play.do(MoveSession, session.course_id, **known)


def location_of(got: Got) -> str:
    """Return where the calendar part of a mail says the session is."""
    for part in BytesParser(policy=policy.default).parsebytes(got.parcel.content).walk():
        if part.get_content_type() == "text/calendar":
            (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
            return str(event["LOCATION"])
    raise AssertionError("it carries no calendar part")


async def test_a_session_has_its_own_place_and_those_invited_get_it(autumn: Posted) -> None:
    """C19, M17: one entry each, a version on, at the time that it had."""
    play, session = autumn.play, sixth(autumn.play)
    confirm(play, session, LEAD)
    autumn.forget()

    said = relocate(autumn, session)
    await autumn.deliver()

    assert said == f"Session {session.id} has another place. Those invited get it."
    after = play.session(session.id)
    assert (after.place, after.starts_at, after.moves) == (LIBRARY, session.starts_at, 0)
    (got,) = autumn.to(LEAD, MessageKind.MOVE)
    assert got.entry.sequence > session.sequence
    assert got.entry.starts_at == session.starts_at
    assert location_of(got) == LIBRARY
    assert b"Subject: New place: Delivery" in got.parcel.content
    (part,) = [one for one in play.participants(after.id) if one.person_id == LEAD]
    assert part.confirmed_at is not None
    others = [one.place for one in weekly(play) if one.id != session.id]
    assert LIBRARY not in others


async def test_whoever_was_not_invited_yet_is_invited_to_the_new_place(autumn: Posted) -> None:
    """C19, M18: and hears of no change."""
    play, session = autumn.play, tenth(autumn.play)
    autumn.forget()

    relocate(autumn, session)
    await autumn.until(at("2024-11-05", "09:00"), recording=True)

    (got,) = [
        one for one in autumn.to(LEAD, MessageKind.INVITATION) if one.message.subject == session.id
    ]
    assert location_of(got) == LIBRARY
    assert autumn.about(session.id, MessageKind.MOVE) == []
    assert play.session(session.id).starts_at == session.starts_at


async def test_a_place_that_is_taken_back_before_its_mail_went_tells_nobody(
    autumn: Posted,
) -> None:
    """M05: a diary that is right gets no mail."""
    session = sixth(autumn.play)
    autumn.forget()

    relocate(autumn, session)
    relocate(autumn, session, session.place)
    await autumn.deliver()

    assert autumn.about(session.id) == []


async def test_time_and_place_change_in_one_mail(autumn: Posted) -> None:
    """C19, M05."""
    session = sixth(autumn.play)
    autumn.forget()

    relocate(autumn, session, starts_at=THURSDAY)
    await autumn.deliver()

    (got,) = autumn.to(LEAD, MessageKind.MOVE)
    assert got.entry.starts_at == THURSDAY
    assert location_of(got) == LIBRARY
    assert autumn.play.session(session.id).moves == 1


def test_what_has_begun_or_is_there_already_changes_nothing(autumn: Posted) -> None:
    """C19, C17."""
    play, session = autumn.play, sixth(autumn.play)
    version = play.session(session.id).sequence
    assert "at that time and place already" in relocate(autumn, session, session.place)
    assert play.session(session.id).sequence == version
    play.walk(at("2024-10-08", "10:30"))
    known = {"session_id": session.id, "starts_at": None, "place_id": "note-none"}
    with pytest.raises(LookupError, match="note-none"):
        play.do(MoveSession, session.course_id, **known)


def test_a_move_says_when_or_where() -> None:
    with pytest.raises(ValidationError, match="another time, another place, or both"):
        MoveForm(actor=people.COORDINATOR, session="wider/SVC-16/delivery/6", place="  ")
