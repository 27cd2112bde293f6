"""Sessions, chases and forecasts as short sentences that blame nobody."""

from dataclasses import dataclass
from datetime import datetime

from cli import words
from cli.local_time import LocalTime, day_words
from planning.calendar import WorkingCalendar
from planning.lateness import working_days_since
from planning.phrases import TO_DO
from planning.weekly_forecast import ForecastLine
from schemas.courses import JournalEntry
from schemas.edition import Edition
from schemas.obligations import ObligationState
from schemas.sessions import SessionState
from storage.reads.chase_list import ChaseLine
from storage.reads.session_list import SessionCount, SessionLine


@dataclass(frozen=True)
class Now:
    """The moment of a page, in its edition's calendar."""

    at: datetime
    edition: Edition
    calendar: WorkingCalendar

    @property
    def local(self) -> LocalTime:
        """Shows instants in the edition's zone."""
        return LocalTime(self.edition.zone)


def titles(edition: Edition) -> dict[str, str]:
    """Return the title of each session kind by its id."""
    return {kind.id: kind.title for kind in edition.sessions}


def session_state(one: SessionLine, now: Now) -> str:
    """Return where a session stands; of one that is over, how long its record is waited for."""
    said = words.SESSION_STATES[one.state]
    if one.state is SessionState.HELD and one.held_minutes:
        return f"{said}, {minutes(one.held_minutes)}{_conflict(one)}"
    if one.state is not SessionState.TO_COME:
        said = f"{said}: {words.SESSION_REASONS[one.reason]}" if one.reason else said
        return said + _conflict(one)
    if one.starts_at is None:
        return "waits for a week"
    if one.ends_at is not None and one.ends_at < now.at:
        days = working_days_since(one.ends_at, now.at, now.calendar)
        late = f"over, its record {words.counted(days, 'working day')} late"
        return late if days else "over, not recorded yet"
    if one.confirmed:
        return f"{said}, {one.confirmed} of {one.participants} confirmed"
    return said


def _conflict(one: SessionLine) -> str:
    """Return who says something else of a session, for a coordinator to settle (E37)."""
    if not one.conflict:
        return ""
    others = [other.split(" ", 1) for other in one.conflict.split(", ")]
    return "; " + words.listed([f"{who} says {said}" for said, who in others])


def minutes(count: int) -> str:
    """Return a length as hours and minutes: ``1 h``, ``55 min``, ``1 h 30 min``."""
    hours, rest = divmod(count, 60)
    parts = [f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (rest > 0)
    return " ".join(parts) or "0 min"


def chase_subject(one: ChaseLine, now: Now) -> str:
    """Return what is still to be done, and about which session."""
    task = TO_DO[one.kind]
    if one.session_kind is None:
        return task
    title = titles(now.edition).get(one.session_kind, one.session_kind)
    return f"{task}: {title} {one.session_number}"


def chase_state(one: ChaseLine, now: Now) -> str:
    """Return how a chase stands: for how long, what was promised, who is asked next and when."""
    waited = words.counted(one.working_days, "working day")
    open_for = f"open for {waited}" if one.working_days else "opened today"
    if one.state is ObligationState.STUCK:
        return f"stuck, {open_for}: a person must decide"
    if one.promised_until is not None:
        return f"promised by {now.local.last_day(one.promised_until)}, {open_for}"
    if one.next_at is None:
        return f"{open_for}; rests during the pause"
    when = now.local.instant(one.next_at)
    if one.next_role is None:
        return f"{open_for}; stuck from {when}"
    return f"{open_for}; {words.ROLES[one.next_role]} is asked {when}"


def session_count(one: SessionCount) -> str:
    """Return the sessions of one kind in numbers that add up (C17)."""
    parts = [
        f"{one.held} held ({minutes(one.held_minutes)})",
        f"{one.missed} missed",
        f"{one.cancelled} cancelled",
        f"{one.to_come} to come",
    ]
    total = f"{one.planned} planned"
    if one.catch_up:
        total += f" + {one.catch_up} catch-up"
    return f"{', '.join(parts)} = {total}"


def forecast(one: ForecastLine) -> str:
    """Return what is still possible; a plan and never a pass mark (C04, X10)."""
    possible = min(one.possible, one.planned)
    said = f"{one.held} held, {possible} of {one.planned} possible in the window"
    if one.at_risk:
        return f"{said}: at risk, below the {one.minimum} that the edition wants"
    if one.possible >= one.planned and one.ends_day is not None:
        return f"{said}, all by {day_words(one.ends_day)}"
    if one.after_window and one.ends_day is not None:
        return f"{said}; all {one.planned} only by {day_words(one.ends_day)}, after it closes"
    return said


def journal_line(one: JournalEntry) -> str:
    """Return what a journal entry says: what happened, to what, by whom and why."""
    said = words.plain(one.event.replace(".", " "))
    if one.subject != one.course_id:
        said += f" {one.subject}"
    if one.reason:
        said += f" ({words.plain(one.reason)})"
    return said if one.actor == "programme" else f"{said}, by {one.actor}"
