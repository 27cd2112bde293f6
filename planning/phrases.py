"""Codes and instants as a coordinator reads them in an explanation."""

from datetime import UTC, datetime, timedelta

from planning.calendar import WorkingCalendar
from planning.working_time import Interval
from schemas.courses import Stage
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind
from schemas.sessions import SessionReason

MESSAGES = {
    MessageKind.REMINDER: "reminder",
    MessageKind.DIGEST: "digest",
    MessageKind.CHASE: "chase",
    MessageKind.ESCALATION: "escalation",
    MessageKind.NOTICE: "notice",
    MessageKind.INVITATION: "invitation",
    MessageKind.MOVE: "calendar update",
    MessageKind.CANCELLATION: "calendar cancellation",
}

TO_DO = {
    ObligationKind.SELECTION_DECISION: "confirm the order of places",
    ObligationKind.PLACE_DECISION: "extend an expired offer or let it lapse",
    ObligationKind.ACCEPT_PLACE: "accept the place or decline it",
    ObligationKind.COMMITMENTS: "sign the executive commitments",
    ObligationKind.COMMITMENT_DECLINED: "decide after a declined commitment",
    ObligationKind.TEAM_NAMED: "name the project team",
    ObligationKind.PARTNER_SOUGHT: "look for a lived-experience partner",
    ObligationKind.COACH_ASSIGNED: "assign a delivery coach",
    ObligationKind.SLOT_CHOSEN: "choose the weekly slot",
    ObligationKind.EVENT_DATED: "date the improvement event",
    ObligationKind.SPONSOR_SESSION_SET: "set the sponsor's first session",
    ObligationKind.SESSION_RECORD: "say how a session went",
    ObligationKind.EVENT_PREPARED: "prepare the improvement event",
    ObligationKind.EVENT_PARTNER: "confirm a partner for the improvement event",
    ObligationKind.EVENT_REPORT_OUT: "report what came out of the improvement event",
    ObligationKind.EVENT_FOLLOW_UP: "follow the improvement event up",
    ObligationKind.CATCH_UP: "agree another time for a session",
    ObligationKind.EXECUTIVE_SLOT: "offer another time in the month",
    ObligationKind.BAD_ADDRESS: "find an address that works",
    ObligationKind.PHONE_CALL: "ring somebody who prefers the phone",
    ObligationKind.SPONSOR_NAMED: "name an executive sponsor",
    ObligationKind.RECORD_CONFLICT: "settle what two people say of a session",
}

BECAUSE = {
    SessionReason.STAFFING: "because the ward needed its people elsewhere",
    SessionReason.ACUITY: "because the ward had to be with the people in its care",
    SessionReason.ANNUAL_LEAVE: "because of annual leave",
    SessionReason.COACH_UNAVAILABLE: "because the coach was not available",
    SessionReason.EXECUTIVE_UNAVAILABLE: "because the executive was not available",
    SessionReason.TECHNICAL: "for a technical reason",
    SessionReason.CLASH: "because it clashed with something else",
    SessionReason.NO_WEEK_LEFT: "because there was no week left for it",
    SessionReason.PAUSED: "because of a pause",
    SessionReason.WITHDRAWN: "because the service left the programme",
    SessionReason.SPONSOR_CHANGED: "because the executive sponsor changed",
    SessionReason.MERGED: "because the service became one with another",
    SessionReason.OTHER: "for another reason",
}

STAGES = {
    Stage.APPLIED: "has applied, and its eligibility is being looked at",
    Stage.ELIGIBLE: "is eligible and waits for the order of places to be confirmed",
    Stage.WAITLISTED: "is on the waiting list and gets the next place that becomes free",
    Stage.OFFERED: "was offered a place and has not answered yet",
    Stage.COMMITTING: "has accepted its place, and its sponsor is asked to sign",
    Stage.ONBOARDING: "is settling what is needed before its first session",
    Stage.COACHING: "is being coached",
    Stage.COMPLETED: "has completed its coaching",
    Stage.INELIGIBLE: "cannot take a place in this edition",
    Stage.DECLINED: "declined its place",
    Stage.NOT_PLACED: "got no place in this edition",
    Stage.WITHDRAWN: "has left the programme",
    Stage.MERGED: "has become one with another service",
}

JUST_BEFORE = timedelta(microseconds=1)


class Spoken:
    """Instants in the words of one place and time: the year is left out where it is this year."""

    def __init__(self, calendar: WorkingCalendar, now: datetime) -> None:
        """Speak in the calendar's zone, as of programme time ``now``."""
        self._calendar = calendar
        self._year = calendar.local(now).year

    def day(self, at: datetime) -> str:
        """Return ``21 January``."""
        local = self._calendar.local(at)
        return f"{local.day} {local:%B}" + ("" if local.year == self._year else f" {local.year}")

    def moment(self, at: datetime) -> str:
        """Return ``21 January at 09:05``."""
        return f"{self.day(at)} at {self._calendar.local(at):%H:%M}"

    def stretch(self, interval: Interval) -> str:
        """Return ``from 20 January to 7 February``; its last day is the one before it ends."""
        if interval.until_at is None:
            return f"from {self.day(interval.from_at)} until it is resumed"
        last = interval.until_at - JUST_BEFORE
        return f"from {self.day(interval.from_at)} to {self.day(last)}"


def real_moment(at: datetime) -> str:
    """Return an instant of real time, which is no programme time, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC of real time"


def counted(number: int, one: str) -> str:
    """Return ``1 try`` or ``3 tries``."""
    many = f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"
    return f"{number} {one if number == 1 else many}"
