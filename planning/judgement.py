"""The dispatcher's conditions: may this message go now, later, or not at all.

They are asked at the moment of sending and never when the message is planned (M07), as one pure
function of what the database says then. The order of the questions decides which reason is told.
That calendar messages go to one person in order is seen to where messages are claimed.
"""

from dataclasses import dataclass, field
from datetime import datetime

from planning.calendar import WorkingCalendar
from planning.working_time import elapsed, in_window, into_window_later
from schemas.edition import MailRules
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.obligations import Obligation, ObligationState
from schemas.people import AddressState, Channel
from schemas.sessions import Session, SessionState

CORRECTIONS = {MessageKind.CANCELLATION, MessageKind.NOTICE}
"""What still goes when a service has withdrawn or its edition has ended (X13)."""

CHASES = {MessageKind.CHASE, MessageKind.ESCALATION}
RESTING = {MessageKind.REMINDER, MessageKind.DIGEST} | CHASES
"""What a pause silences (X07); answers to what people do go on."""


@dataclass(frozen=True)
class Recipient:
    """Whoever reads the mail: the person, or the assistant where that is preferred (M20).

    Attributes:
        channel: How the person wants to be reached.
        has_address: Whether there is an address to send to.
        address: Whether mail to it arrives (M11).

    """

    channel: Channel = Channel.MAIL
    has_address: bool = True
    address: AddressState = AddressState.GOOD


@dataclass(frozen=True)
class MessageFacts:
    """What the database says of a message and of all that it depends on, at one moment.

    Attributes:
        message: The ledger's row.
        session: The session that it is about, if any.
        obligation: The obligation that it chases, if any.
        recipient: Who would get it.
        confirmed: Whether the recipient said that they will be there (M03).
        paused: Whether a pause of the service or the edition covers the moment, or covered the one
            at which the message fell due (X09).
        withdrawn: Whether the service has withdrawn (X13).
        edition_ended: Whether the edition is over.
        nearer_step_due: Whether a later step of the same session for the same person is due as
            well (M04).
        was_invited: Whether an invitation was accepted for the person, or may have been.
        says_something: Whether a digest has anything to tell.

    """

    message: Message
    session: Session | None = None
    obligation: Obligation | None = None
    recipient: Recipient = field(default_factory=Recipient)
    confirmed: bool = False
    paused: bool = False
    withdrawn: bool = False
    edition_ended: bool = False
    nearer_step_due: bool = False
    was_invited: bool = True
    says_something: bool = True


@dataclass(frozen=True)
class Rules:
    """What an edition says of sending."""

    calendar: WorkingCalendar
    mail: MailRules


@dataclass(frozen=True)
class Send:
    """The message may go now."""


@dataclass(frozen=True)
class Wait:
    """The message may go, but not before ``until_at``."""

    until_at: datetime


@dataclass(frozen=True)
class End:
    """The message must not go; ``state`` and ``reason`` say what became of it."""

    state: MessageState
    reason: MessageReason


Verdict = Send | Wait | End


def judge(facts: MessageFacts, at: datetime, rules: Rules) -> Verdict:
    """Decide what becomes of a message at ``at``, programme time (M07).

    Judging the same facts twice gives the same verdict; judging a ``Wait`` again at its end may end
    the message.
    """
    if at < facts.message.due_at:
        return Wait(facts.message.due_at)
    for ask in (_about_the_course, _about_the_session, _about_what_it_asks, _about_the_recipient):
        ended = ask(facts, at)
        if ended is not None:
            return ended
    return _about_the_moment(facts, at, rules)


def latest_useful(facts: MessageFacts, mail: MailRules) -> datetime | None:
    """Return the moment after which the message is too late; none: it stays true.

    A reminder must leave its reader the time that the edition says before the session (M10).
    """
    ends = [facts.message.useful_until]
    if facts.message.kind is MessageKind.REMINDER and facts.session is not None:
        starts_at = facts.session.starts_at
        ends.append(starts_at and starts_at - elapsed(mail.latest_before_start))
    return min((end for end in ends if end is not None), default=None)


def _about_the_course(facts: MessageFacts, _at: datetime) -> End | None:
    kind = facts.message.kind
    if kind not in CORRECTIONS and facts.withdrawn:
        return End(MessageState.SUPPRESSED, MessageReason.WITHDRAWN)
    if kind not in CORRECTIONS and facts.edition_ended:
        return End(MessageState.SUPPRESSED, MessageReason.EDITION_ENDED)
    if kind is MessageKind.CANCELLATION and not facts.was_invited:
        return End(MessageState.SUPPRESSED, MessageReason.NEVER_INVITED)
    return None


def _about_the_session(facts: MessageFacts, at: datetime) -> End | None:
    """M05: nothing of an occurrence that has changed goes out after the change."""
    session = facts.session
    if session is None or facts.message.kind in CORRECTIONS | CHASES:
        return None
    if session.state is SessionState.CANCELLED:
        return End(MessageState.SUPERSEDED, MessageReason.SESSION_CANCELLED)
    if facts.message.sequence != session.sequence or session.starts_at is None:
        return End(MessageState.SUPERSEDED, MessageReason.SESSION_MOVED)
    if session.state is not SessionState.TO_COME or at >= session.starts_at:
        return End(MessageState.TOO_LATE, MessageReason.SESSION_OVER)
    return None


def _about_what_it_asks(facts: MessageFacts, _at: datetime) -> End | None:
    obligation = facts.obligation
    if obligation is not None and facts.message.kind in CHASES:
        if not obligation.state.is_open:
            return End(MessageState.SUPPRESSED, MessageReason.ALREADY_DONE)
        if obligation.state is ObligationState.PROMISED:
            return End(MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY)
        if facts.message.sequence != obligation.generation:
            return End(MessageState.SUPERSEDED, MessageReason.NOTHING_TO_SAY)
    if facts.message.asks and facts.confirmed:
        return End(MessageState.SUPPRESSED, MessageReason.CONFIRMED)
    if not facts.says_something:
        return End(MessageState.SUPPRESSED, MessageReason.NOTHING_TO_SAY)
    return None


def _about_the_recipient(facts: MessageFacts, _at: datetime) -> End | None:
    recipient = facts.recipient
    if recipient.channel in {Channel.PHONE, Channel.EASY_READ}:
        return End(MessageState.SUPPRESSED, MessageReason.PREFERS_PHONE)
    if not recipient.has_address:
        return End(MessageState.SUPPRESSED, MessageReason.NO_ADDRESS)
    if recipient.address is AddressState.BAD:
        return End(MessageState.SUPPRESSED, MessageReason.BAD_ADDRESS)
    return None


def _about_the_moment(facts: MessageFacts, at: datetime, rules: Rules) -> Verdict:
    kind = facts.message.kind
    if facts.paused and kind in RESTING:
        return End(MessageState.SUPPRESSED, MessageReason.PAUSED)
    if facts.nearer_step_due and kind is MessageKind.REMINDER:
        return End(MessageState.SUPERSEDED, MessageReason.NEARER_STEP)
    goes_at = _goes_at(kind, at, rules)
    latest = latest_useful(facts, rules.mail)
    if latest is not None and goes_at >= latest:
        return End(MessageState.TOO_LATE, MessageReason.INSIDE_LEAD)
    return Send() if goes_at == at else Wait(goes_at)


def _goes_at(kind: MessageKind, at: datetime, rules: Rules) -> datetime:
    """M02: the window binds all but calendar entries, which follow what people have just done."""
    if kind.is_calendar or in_window(at, rules.calendar, rules.mail):
        return at
    return into_window_later(at, rules.calendar, rules.mail)
