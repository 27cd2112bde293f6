"""How a session, an obligation or a service came to stand where it stands, in a few sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from planning.phrases import BECAUSE, STAGES, TO_DO, Spoken
from planning.working_time import Interval
from schemas.courses import Course, Enrolment, Stage
from schemas.obligations import Obligation, ObligationState
from schemas.sessions import Session, SessionState


@dataclass(frozen=True)
class SessionStory:
    """What is known of a session.

    Attributes:
        session: As it stands.
        title: Its kind, of whom, for example ``Delivery coaching 7 of Willow Ward (SVC-16)``.
        spoken: Puts instants into words.
        now: Programme time.
        moved_at: When it was moved or lost its day, oldest first.
        cancelled_at: When it was cancelled.
        recorded_by: Who said how it went.
        confirmed: Who said that they will be there.
        messages: Its messages by state.

    """

    session: Session
    title: str
    spoken: Spoken
    now: datetime
    moved_at: Sequence[datetime] = ()
    cancelled_at: datetime | None = None
    recorded_by: str = ""
    confirmed: Sequence[str] = ()
    messages: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ObligationStory:
    """What is known of an obligation.

    Attributes:
        obligation: As it stands.
        about: What it is about, as a noun phrase.
        holder: Who has to do it.
        spoken: Puts instants into words.
        closed_by: Who closed it.
        asked: Who was asked by mail, and when, oldest first.
        paused: The pause without an end that stops its clock.

    """

    obligation: Obligation
    about: str
    holder: str
    spoken: Spoken
    closed_by: str = ""
    asked: Sequence[tuple[str, datetime]] = ()
    paused: Interval | None = None


@dataclass(frozen=True)
class ServiceStory:
    """What is known of a service in an edition.

    Attributes:
        course: As it stands.
        name: The service's name and id.
        edition: Title of the edition.
        spoken: Puts instants into words.
        now: Programme time.
        pause: The pause in which it is.
        expires_at: Until when its offer stands.
        sessions: Its sessions by state.
        next_session: The next one, as a noun phrase.
        to_do: What is still to be done.

    """

    course: Course
    name: str
    edition: str
    spoken: Spoken
    now: datetime
    enrolment: Enrolment | None = None
    pause: Interval | None = None
    expires_at: datetime | None = None
    sessions: Mapping[str, int] = field(default_factory=dict)
    next_session: str = ""
    to_do: Sequence[Obligation] = ()


def why_session(story: SessionStory) -> tuple[str, ...]:
    """Return how a session came to stand where it stands."""
    told = [_session_stands(story)]
    if story.moved_at:
        days = _listed([story.spoken.day(at) for at in story.moved_at])
        told.append(f"Its day was changed on {days}.")
    if story.session.catch_up_for:
        told.append(f"It makes up for {story.session.catch_up_for}.")
    if story.confirmed and story.session.state is SessionState.TO_COME:
        told.append(f"{_listed(story.confirmed)} said that they will be there.")
    if story.messages:
        counts = (f"{count} {state.replace('_', ' ')}" for state, count in story.messages.items())
        told.append(f"Messages about it: {', '.join(counts)}.")
    return tuple(told)


def why_obligation(story: ObligationStory) -> tuple[str, ...]:
    """Return how an obligation came to stand where it stands."""
    told = [_obligation_stands(story)]
    if story.asked:
        asked = [f"{person} on {story.spoken.day(at)}" for person, at in story.asked]
        told.append(f"Asked by mail so far: {_listed(asked)}.")
    elif story.obligation.state.is_open:
        told.append("Nobody has been asked by mail yet.")
    return tuple(told)


def why_service(story: ServiceStory) -> tuple[str, ...]:
    """Return how a service came to stand where it stands."""
    told = [_service_stands(story)]
    if story.pause is not None:
        told.append(f"It is paused {story.spoken.stretch(story.pause)}.")
    if story.sessions:
        counts = (f"{count} {state.replace('_', ' ')}" for state, count in story.sessions.items())
        told.append(f"Its sessions: {', '.join(counts)}.")
    if story.next_session:
        told.append(f"The next one is {story.next_session}.")
    stuck = [one for one in story.to_do if one.state is ObligationState.STUCK]
    if stuck:
        things = _listed([TO_DO[one.kind] for one in stuck])
        told.append(f"A person has to decide how to go on: somebody has still to {things}.")
    others = [TO_DO[one.kind] for one in story.to_do if one not in stuck]
    if others:
        told.append(f"Still to be done: {_listed(list(dict.fromkeys(others)))}.")
    return tuple(told)


def _session_stands(story: SessionStory) -> str:
    session, title = story.session, story.title
    when = "" if session.starts_at is None else f" on {story.spoken.moment(session.starts_at)}"
    because = "" if session.reason is None else f", {BECAUSE[session.reason]}"
    by = f"; {story.recorded_by} said so" if story.recorded_by else ""
    if session.state is SessionState.HELD:
        minutes = session.held_minutes or session.minutes
        return f"{title} was held{when} and lasted {minutes} minutes{by}."
    if session.state is SessionState.MISSED:
        return f"{title} did not take place{when}{because}{by}."
    if session.state is SessionState.CANCELLED:
        cancelled = story.cancelled_at
        day = "" if cancelled is None else f" on {story.spoken.day(cancelled)}"
        return f"{title} was cancelled{day}{because}."
    if session.starts_at is None:
        return f"{title} waits for a spare week{because}; it has no day now."
    if session.starts_at > story.now:
        return f"{title} is to come{when}."
    return f"{title} was to be{when}, and nobody has said yet how it went."


def _obligation_stands(story: ObligationStory) -> str:
    one = story.obligation
    has_to = f"{story.holder} has to {TO_DO[one.kind]}, about {story.about}"
    since = f" It has been open since {story.spoken.day(one.opened_at)}."
    by = f" by {story.closed_by}" if story.closed_by else ""
    closed = "" if one.closed_at is None else f" on {story.spoken.day(one.closed_at)}"
    if one.state is ObligationState.STUCK:
        return (
            f"{has_to}. Everybody who could be asked was asked, so it is stuck: "
            f"a person has to decide.{since}"
        )
    if one.state is ObligationState.PROMISED and one.promised_until is not None:
        return f"{has_to}, and promised it until {story.spoken.day(one.promised_until)}.{since}"
    if one.state.is_open:
        return f"{has_to}. {_next_asked(story)}{since}"
    ending = {
        ObligationState.DONE: "was done",
        ObligationState.WAIVED: "was let go",
    }.get(one.state, "was no longer needed")
    return f"To {TO_DO[one.kind]}, about {story.about}, {ending}{closed}{by}."


def _next_asked(story: ObligationStory) -> str:
    if story.obligation.next_at is None:
        resting = story.paused
        whole = "" if resting is None else f" {story.spoken.stretch(resting)}"
        return f"The clock stands still{whole}."
    return f"The next step is due on {story.spoken.moment(story.obligation.next_at)}."


def _service_stands(story: ServiceStory) -> str:
    course, enrolment = story.course, story.enrolment
    told = f"{story.name} {STAGES.get(course.stage, 'is ' + course.stage.replace('_', ' '))}"
    if course.stage is Stage.OFFERED and story.expires_at is not None:
        ended = story.expires_at <= story.now
        verb = "ran out" if ended else "stands until"
        told += f"; the offer {verb} {story.spoken.moment(story.expires_at)}"
    if enrolment is not None and enrolment.withdrawn_at is not None:
        told = f"{story.name} left the programme on {story.spoken.day(enrolment.withdrawn_at)}"
        if enrolment.undo_until is not None and enrolment.undo_until > story.now:
            told += f", which can be undone until {story.spoken.moment(enrolment.undo_until)}"
    if enrolment is not None and enrolment.ineligible_because:
        told += f" ({enrolment.ineligible_because.replace('_', ' ')})"
    return f"{told} (edition {story.edition})."


def _listed(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
