"""Codes in plain words: what people read instead of ``to_come`` or ``commitments``."""

from schemas.courses import CommitmentState, PlaceState, Stage
from schemas.messages import MailMode, MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationState
from schemas.people import Role
from schemas.sessions import SessionReason, SessionState

STAGES = {
    Stage.APPLIED: "applied",
    Stage.ELIGIBLE: "eligible",
    Stage.WAITLISTED: "waitlisted",
    Stage.OFFERED: "offered a place",
    Stage.COMMITTING: "signing",
    Stage.ONBOARDING: "onboarding",
    Stage.COACHING: "in coaching",
    Stage.COMPLETED: "completed",
    Stage.INELIGIBLE: "not eligible",
    Stage.DECLINED: "declined its place",
    Stage.NOT_PLACED: "not placed",
    Stage.WITHDRAWN: "withdrawn",
    Stage.MERGED: "merged",
    Stage.RECRUITING: "taking interest",
    Stage.SELECTING: "selecting",
    Stage.PLACING: "placing",
    Stage.FINISHED: "finished",
    Stage.IDLE: "resting",
}

SESSION_STATES = {
    SessionState.TO_COME: "to come",
    SessionState.HELD: "held",
    SessionState.MISSED: "missed",
    SessionState.CANCELLED: "cancelled",
}

SESSION_REASONS = {
    SessionReason.STAFFING: "staffing",
    SessionReason.ACUITY: "acuity on the ward",
    SessionReason.ANNUAL_LEAVE: "annual leave",
    SessionReason.COACH_UNAVAILABLE: "coach not available",
    SessionReason.EXECUTIVE_UNAVAILABLE: "executive not available",
    SessionReason.TECHNICAL: "technical",
    SessionReason.CLASH: "clash",
    SessionReason.NO_WEEK_LEFT: "no week left",
    SessionReason.PAUSED: "pause",
    SessionReason.WITHDRAWN: "withdrawn",
    SessionReason.SPONSOR_CHANGED: "executive sponsor changed",
    SessionReason.MERGED: "merged",
    SessionReason.OTHER: "other",
}

OBLIGATION_STATES = {
    ObligationState.OPEN: "open",
    ObligationState.PROMISED: "promised",
    ObligationState.STUCK: "stuck",
    ObligationState.DONE: "done",
    ObligationState.WAIVED: "waived",
    ObligationState.CANCELLED: "cancelled",
}

ROLES = {
    Role.COORDINATOR: "coordinator",
    Role.PROGRAMME_LEAD: "programme lead",
    Role.OPS: "ops",
    Role.DELIVERY_COACH: "delivery coach",
    Role.EXECUTIVE_COACH: "executive coach",
    Role.EXECUTIVE_SPONSOR: "executive sponsor",
    Role.SENIOR_OPERATIONAL_LEADER: "senior operational leader",
    Role.ASSISTANT: "assistant",
    Role.SERVICE_LEAD: "service lead",
    Role.TEAM_MEMBER: "team member",
    Role.PARTNER: "lived-experience partner",
}

PLACES = {
    PlaceState.FREE: "free",
    PlaceState.OFFERED: "offered",
    PlaceState.TAKEN: "taken",
    PlaceState.CLOSED: "closed",
}

COMMITMENTS = {
    CommitmentState.OPEN: "not signed yet",
    CommitmentState.SIGNED: "signed",
    CommitmentState.DECLINED: "declined",
}

MESSAGE_KINDS = {
    MessageKind.REMINDER: "reminder",
    MessageKind.DIGEST: "weekly digest",
    MessageKind.CHASE: "chase",
    MessageKind.ESCALATION: "escalation",
    MessageKind.NOTICE: "notice",
    MessageKind.INVITATION: "invitation",
    MessageKind.MOVE: "move",
    MessageKind.CANCELLATION: "cancellation",
}

MESSAGE_STATES = {
    MessageState.WAITING: "waiting",
    MessageState.HANDING_OVER: "being handed over",
    MessageState.ACCEPTED: "accepted",
    MessageState.BUNDLED: "bundled",
    MessageState.SUPPRESSED: "suppressed",
    MessageState.SUPERSEDED: "superseded",
    MessageState.TOO_LATE: "too late",
    MessageState.REFUSED: "refused",
    MessageState.UNKNOWN: "unknown",
    MessageState.FAILED: "failed",
}

MESSAGE_REASONS = {
    MessageReason.PAUSED: "the service or edition was paused",
    MessageReason.WITHDRAWN: "the service has withdrawn",
    MessageReason.CONFIRMED: "confirmed already",
    MessageReason.ALREADY_DONE: "done already",
    MessageReason.SESSION_CANCELLED: "the session was cancelled",
    MessageReason.SESSION_MOVED: "the session was moved",
    MessageReason.SESSION_OVER: "the session was over",
    MessageReason.NEARER_STEP: "a nearer reminder took its place",
    MessageReason.INSIDE_LEAD: "its moment had passed",
    MessageReason.BAD_ADDRESS: "the address does not work",
    MessageReason.NO_ADDRESS: "there is no address",
    MessageReason.PREFERS_PHONE: "the person prefers no mail",
    MessageReason.MAIL_HELD: "mail was held",
    MessageReason.NO_SERVER_TOOK_IT: "no server took it in time",
    MessageReason.REFUSED_BY_SERVER: "the mail server refused it",
    MessageReason.OUTCOME_NOT_KNOWN: "its outcome is not known",
    MessageReason.DATABASE_RESTORED: "it may have gone before the database was restored",
    MessageReason.NEVER_INVITED: "the person was never invited",
    MessageReason.NOTHING_TO_SAY: "there was nothing to say",
    MessageReason.EDITION_ENDED: "the edition has ended",
    MessageReason.MERGED: "the service has merged with another",
    MessageReason.POLICY_CHANGED: "the edition's policy has changed",
}

MAIL_MODES = {
    MailMode.HELD: "held: nothing leaves",
    MailMode.REDIRECT: "redirected to one address",
    MailMode.LIVE: "live",
}

ATTENTION = {
    "": "",
    "stuck": "a chase is stuck: decide",
    "commitment_declined": "a commitment was declined: decide",
    "conflicting_records": "two people say different things of a session: settle it",
    "selection": "confirm the order of places",
    "sponsor_vacant": "nobody is executive sponsor: name a successor",
}
"""What a course's attention code asks for; the chases name the ids."""


def plain(code: str) -> str:
    """Return a code without words of its own as text: ``too_early`` becomes ``too early``."""
    return code.replace("_", " ")


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 chase``, ``3 chases``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(words: list[str], last: str = "and") -> str:
    """Return words as a list: ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def attention(code: str) -> str:
    """Return what a course's attention code asks for."""
    return ATTENTION.get(code, plain(code))
