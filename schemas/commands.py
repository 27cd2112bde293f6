"""Commands: what people ask of a course, and the steps that fall due in it.

Each is the one argument of a workflow update or a course transaction. It names things by opaque ids
and codes; a note is written to the database first and travels as its id.
"""

from datetime import date, time

from pydantic import AwareDatetime

from schemas.absences import SessionChange
from schemas.base import Payload
from schemas.courses import CommitmentState, Step
from schemas.sessions import SessionReason, SessionState
from schemas.successions import SuccessionKind


class Command(Payload):
    """A change of one course.

    Attributes:
        request_id: Names the command; a repeat of it is answered and changes nothing.
        course_id: The course, which is also the id of the workflow that owns it.
        actor: Who asks: a person's id, or ``programme`` for a step that fell due.
        at: Programme time from which it counts.
        recorded_at: Programme time at which it was asked.
        reason: Code of why.
        note_id: What the person wrote, in the database.
        expected_version: Version of the course that the workflow knows; filled in by it.

    """

    request_id: str
    course_id: str
    actor: str
    at: AwareDatetime
    recorded_at: AwareDatetime
    reason: str = ""
    note_id: str = ""
    expected_version: int = -1


class TakeStep(Command):
    """An agenda item that fell due.

    Attributes:
        step: What is due.
        subject: Id of what it is due for.
        due_at: When it fell due, where it is taken up late and ``at`` says when that is.

    """

    step: Step
    subject: str = ""
    due_at: AwareDatetime | None = None


class AcceptPlace(Command):
    """The service takes the place that it was offered."""


class DeclinePlace(Command):
    """The service does not take its place."""


class DecideCommitment(Command):
    """The sponsor signs one executive commitment, or declines it (R09, R11)."""

    commitment: str
    decision: CommitmentState


class NameTeam(Command):
    """The service names its project team (R16)."""

    people: tuple[str, ...] = ()


class SeekPartner(Command):
    """A lived-experience partner joins the service's team, or none is found yet (R16)."""

    partner: str = ""


class AssignCoach(Command):
    """A delivery coach is assigned (R16, C16)."""

    coach: str


class AssignExecutiveCoach(Command):
    """Another executive coach of a sponsor is assigned (C15, C16)."""

    coach: str


class ChooseSlot(Command):
    """The weekly slot is chosen (R16)."""

    weekday: int
    clock_time: time


class DateEvent(Command):
    """The improvement event is dated (R16, X12)."""

    day: date
    kind: str = "improvement_event"


class SetSponsorSession(Command):
    """The sponsor's first executive session is set (R16).

    Attributes:
        coach: Executive coach; empty: whoever of the edition's has the fewest sponsors (C16).

    """

    starts_at: AwareDatetime
    coach: str = ""


class RecordSession(Command):
    """Somebody says how a session went."""

    session_id: str
    outcome: SessionState
    minutes: int | None = None
    why: SessionReason | None = None
    attended: tuple[str, ...] | None = None


class MoveSession(Command):
    """A session is put on another instant, in another place, or both (C19).

    Attributes:
        session_id: Which session.
        starts_at: None: it begins when it did.
        why: A code.
        place_id: Note that says where; a meeting's link does not belong in a history. None: where
            it was.

    """

    session_id: str
    starts_at: AwareDatetime | None
    why: SessionReason = SessionReason.OTHER
    place_id: str | None = None


class CancelSession(Command):
    """A session will not take place."""

    session_id: str
    why: SessionReason = SessionReason.OTHER


class BookCatchUp(Command):
    """A session is added to make up for a missed one (X02)."""

    session_id: str
    starts_at: AwareDatetime


class ArrangeSessions(Command):
    """Sessions of a coach who is away are covered, moved or cancelled, or that is taken back.

    Attributes:
        operation: The operation that it belongs to; people are told once of all of it.
        coach: Who is away.
        from_day: First day of the absence.
        until_day: Last day of it.
        changes: All are made, or none.
        undoes: The operation that is taken back.

    """

    operation: str
    coach: str
    from_day: date
    until_day: date
    changes: tuple[SessionChange, ...]
    undoes: str = ""


class PauseCourse(Command):
    """The course stands still from ``at`` until it is resumed or ``until_at`` is reached."""

    until_at: AwareDatetime | None = None


class ResumeCourse(Command):
    """The pause ends now."""


class Withdraw(Command):
    """The service leaves the programme; it can be undone for a while (R13)."""


class Undo(Command):
    """What was done last is taken back: a withdrawal, or the cancellation of a session."""

    session_id: str = ""


class PromiseObligation(Command):
    """The holder promises to have done it by the end of a day; a promise lapses (X04)."""

    obligation_id: str
    until_day: date


class CloseObligation(Command):
    """An obligation is done, or a person waives it."""

    obligation_id: str
    waived: bool = False


class ConfirmSelection(Command):
    """A coordinator or panel confirms the order in which places are offered (R07)."""

    order: tuple[str, ...] = ()


class DecideOffer(Command):
    """A coordinator extends an expired offer, or lets it lapse (R13)."""

    service: str
    extend: bool


class EndEdition(Command):
    """The edition is ended before its time."""


class Succeed(Command):
    """From a day on somebody, or something, takes the place of another (P01-P03).

    Attributes:
        kind: Of what: a sponsor's post, an organisation, a service.
        old: Id of whose place is taken.
        new: Id of who takes it; empty: the post is vacant.
        from_day: The first day of it.

    """

    kind: SuccessionKind
    old: str
    new: str = ""
    from_day: date


class TakeBackSuccession(Command):
    """A succession that was said is taken back before its day; ``succession`` names it."""

    succession: str


class MergeInterest(Command):
    """A second expression of interest of the service is merged, and its contacts adopted (R12)."""

    interest: str


class ChangeEdition(Command):
    """The edition goes on under another version of its file (M06); ``proposal`` names it."""

    proposal: str
