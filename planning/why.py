"""Why a message went or did not, in a sentence or two that a coordinator understands.

Pure: the facts come from the database, and names with them, so what is said here is shown and never
stored, logged or sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from planning.phrases import MESSAGES, Spoken, counted, real_moment
from planning.working_time import Interval
from schemas.messages import Message, MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationState


@dataclass(frozen=True)
class MessageStory:
    """What is known of a message.

    Attributes:
        message: The ledger's row.
        spoken: Puts instants into words.
        person: Whom it is for.
        about: What it is about, as a noun phrase.
        whose: Who paused or left: the service's id, or the edition.
        now: Programme time.
        real_now: Real time.
        pause: The pause in which it fell due.
        digest: The digest that carried it.
        obligation: How the obligation stands that it chases.
        changed_at: When the session was last moved or cancelled.
        held: Whether mail is held.
        rests_until: Real time until which the whole line rests.
        earlier_open: Whether it waits for an earlier calendar message.

    """

    message: Message
    spoken: Spoken
    person: str
    about: str
    whose: str
    now: datetime
    real_now: datetime
    pause: Interval | None = None
    digest: Message | None = None
    obligation: ObligationState | None = None
    changed_at: datetime | None = None
    held: bool = False
    rests_until: datetime | None = None
    earlier_open: bool = False

    @property
    def noun(self) -> str:
        """Return what kind of message it is."""
        return MESSAGES[self.message.kind]

    @property
    def due(self) -> str:
        """Return when it fell due."""
        return self.spoken.moment(self.message.due_at)

    @property
    def ended(self) -> str:
        """Return when it ended."""
        return self.spoken.moment(self.message.ended_at or self.message.due_at)


def why_message(story: MessageStory) -> tuple[str, ...]:
    """Return why a message is in its state: first what happened, then what it was."""
    told = _STATES[story.message.state](story)
    due = story.message.due_at
    when = "" if story.due in told else f", due on {story.spoken.moment(due)}"
    return (told, f"It is for {story.person}, about {story.about}{when}.")


def _waiting(story: MessageStory) -> str:
    message = story.message
    this = f"This {story.noun}"
    if message.due_at > story.now:
        return f"{this} goes on {story.due}, if it is still wanted then."
    if story.held:
        return (
            f"{this} has been due since {story.due} and waits, because mail is held: "
            "it is looked at again when somebody releases mail."
        )
    if story.rests_until is not None and story.rests_until > story.real_now:
        return (
            f"{this} has been due since {story.due} and waits, because our mail rests until "
            f"{real_moment(story.rests_until)}: the mail server did not take it as it came."
        )
    if message.retry_at is not None and message.retry_at > story.real_now:
        return _waits_for_retry(story, message.retry_at)
    if story.earlier_open:
        return (
            f"{this} waits, because an earlier calendar message about the same session "
            "to the same person is not done with yet."
        )
    return f"{this} has been due since {story.due} and goes in a moment."


def _waits_for_retry(story: MessageStory, retry_at: datetime) -> str:
    message, when = story.message, real_moment(retry_at)
    if message.unheard:
        return (
            f"Nobody knows whether this {story.noun} arrived: the mail server did not answer. "
            f"It is sent once more, the same, at {when}."
        )
    if message.attempt == 0 and message.first_tried_at is not None:
        return (
            f"This {story.noun} cannot be put into words, which somebody has to put right; "
            f"it is tried again at {when}."
        )
    tries = counted(message.attempt, "try")
    return (
        f"This {story.noun} was not taken by the mail server after {tries}; "
        f"the next try is at {when}."
    )


def _handing_over(story: MessageStory) -> str:
    return (
        f"This {story.noun} is being handed to the mail server just now "
        f"(try {story.message.attempt})."
    )


def _accepted(story: MessageStory) -> str:
    told = (
        f"This {story.noun} was sent: the mail server took it on {story.ended}. "
        "Whether anybody read it is not known."
    )
    if story.message.unheard:
        told += " It may have arrived twice, because the first time the server did not answer."
    return told


def _bundled(story: MessageStory) -> str:
    told = f"This {story.noun} was not sent on its own: others were due for the same person, "
    told += "so they went together in one mail"
    digest = story.digest
    if digest is None:
        return f"{told}."
    ending = {
        MessageState.ACCEPTED: "which the mail server took",
        MessageState.UNKNOWN: "of which nobody knows whether it arrived",
        MessageState.WAITING: "which still waits",
        MessageState.HANDING_OVER: "which is on its way",
    }.get(digest.state, f"which ended as {digest.state.value.replace('_', ' ')}")
    return f"{told}, {digest.key[:8]}, {ending}."


def _not_sent(story: MessageStory) -> str:
    told = _REASONS.get(story.message.reason or MessageReason.NOTHING_TO_SAY, _nothing_to_say)
    if story.message.unheard:
        return (
            f"Nobody knows whether this {story.noun} arrived the first time it was sent. "
            f"It was not sent again: {told(story)}"
        )
    return f"This {story.noun} was not sent: {told(story)}"


def _refused(story: MessageStory) -> str:
    if story.message.reason is MessageReason.BAD_ADDRESS:
        return (
            f"This {story.noun} did not arrive: on {story.ended} the mail server said that there "
            f"is no such address. Nothing more is sent to it, and a coordinator is asked to find "
            "the right one."
        )
    return (
        f"This {story.noun} did not arrive: on {story.ended} the mail server refused it for good, "
        "though not because of the address."
    )


def _unknown(story: MessageStory) -> str:
    told = f"Nobody knows whether this {story.noun} arrived: "
    if story.message.reason is MessageReason.DATABASE_RESTORED:
        return told + (
            "the database was put back to an older copy, and it may have gone out before that. "
            "It was not sent again."
        )
    if story.message.kind.at_most_once:
        return told + (
            "the mail server was reached and did not answer. It was not sent again, because "
            f"a {story.noun} goes once at most."
        )
    if story.message.unheard > 1:
        return told + (
            "the mail server did not answer, and neither did it when the same mail was sent once "
            "more. It goes twice at most."
        )
    return told + (
        "the mail server was reached and did not answer, and before it could go once more it was "
        "no longer wanted, or nobody took it."
    )


def _failed(story: MessageStory) -> str:
    tries = counted(story.message.attempt, "try")
    return (
        f"This {story.noun} was given up on {story.ended}: no mail server took it, "
        f"after {tries} since {story.due}."
    )


def _paused(story: MessageStory) -> str:
    if story.pause is None:
        return f"{story.whose} was paused when it fell due on {story.due}."
    return (
        f"{story.whose} was paused {story.spoken.stretch(story.pause)}, "
        f"and it fell due on {story.due}."
    )


def _withdrawn(story: MessageStory) -> str:
    return f"{story.whose} had left the programme by {story.ended}."


def _confirmed(story: MessageStory) -> str:
    return f"it asked for a confirmation, and {story.person} had already given it."


def _already_done(story: MessageStory) -> str:
    waived = story.obligation is ObligationState.WAIVED
    cancelled = story.obligation is ObligationState.CANCELLED
    what = "waived" if waived else "no longer needed" if cancelled else "done"
    return f"what it asks for was {what} before it fell due on {story.due}."


def _session_cancelled(story: MessageStory) -> str:
    return f"the session was cancelled{_changed(story)}, before it was due to go."


def _session_moved(story: MessageStory) -> str:
    changed = f"the session got another time, place or coach{_changed(story)}"
    return f"{changed}, and newer messages took the place of this one."


def _changed(story: MessageStory) -> str:
    return "" if story.changed_at is None else f" on {story.spoken.day(story.changed_at)}"


def _session_over(story: MessageStory) -> str:
    return f"it was due on {story.due}, and by {story.ended} the session had begun or was over."


def _nearer_step(story: MessageStory) -> str:
    return (
        f"it was late on {story.ended}, and a reminder nearer to the session was due as well; "
        "of several that are late only the nearest goes."
    )


def _inside_lead(story: MessageStory) -> str:
    if story.message.due_at <= story.message.planned_at:
        return (
            f"it would have been due on {story.due}, and the session was only put on its day "
            f"after that, on {story.spoken.moment(story.message.planned_at)}. "
            "The invitation has told people."
        )
    return (
        f"it was due on {story.due} and could not go in time; by {story.ended} it was too close "
        "to the session to be of use."
    )


def _bad_address(story: MessageStory) -> str:
    return (
        f"the address that we hold for {story.person} does not work. "
        "A coordinator is asked to find the right one."
    )


def _no_address(story: MessageStory) -> str:
    return f"there is no address for {story.person}, or for whoever reads their mail."


def _prefers_phone(story: MessageStory) -> str:
    return f"{story.person} would rather be rung. A coordinator is asked to do so."


def _mail_held(story: MessageStory) -> str:
    return f"mail was held when it fell due on {story.due}, and later it was of no use any more."


def _no_server_took_it(story: MessageStory) -> str:
    tries = counted(story.message.attempt, "try")
    return (
        f"no mail server took it, after {tries} since {story.due}, and another would have come "
        "too late."
    )


def _never_invited(story: MessageStory) -> str:
    return f"no invitation had gone to {story.person}, so there was nothing to take back."


def _edition_ended(story: MessageStory) -> str:
    return f"the edition had ended by {story.ended}."


def _merged(story: MessageStory) -> str:
    return f"the service had become one with another by {story.ended}."


def _policy_changed(story: MessageStory) -> str:
    return (
        f"a new version of the edition, taken up on {story.ended}, no longer plans it; what that "
        "version plans instead has messages of its own."
    )


def _nothing_to_say(story: MessageStory) -> str:
    if story.obligation is ObligationState.PROMISED:
        return "it was promised for a later day, and nobody is asked again before that."
    if story.message.kind is MessageKind.DIGEST:
        return "there was nothing to tell when it fell due."
    return "something newer had taken its place, so there was nothing left to say."


_REASONS: dict[MessageReason, Callable[[MessageStory], str]] = {
    MessageReason.PAUSED: _paused,
    MessageReason.WITHDRAWN: _withdrawn,
    MessageReason.CONFIRMED: _confirmed,
    MessageReason.ALREADY_DONE: _already_done,
    MessageReason.SESSION_CANCELLED: _session_cancelled,
    MessageReason.SESSION_MOVED: _session_moved,
    MessageReason.SESSION_OVER: _session_over,
    MessageReason.NEARER_STEP: _nearer_step,
    MessageReason.INSIDE_LEAD: _inside_lead,
    MessageReason.BAD_ADDRESS: _bad_address,
    MessageReason.NO_ADDRESS: _no_address,
    MessageReason.PREFERS_PHONE: _prefers_phone,
    MessageReason.MAIL_HELD: _mail_held,
    MessageReason.NO_SERVER_TOOK_IT: _no_server_took_it,
    MessageReason.NEVER_INVITED: _never_invited,
    MessageReason.NOTHING_TO_SAY: _nothing_to_say,
    MessageReason.EDITION_ENDED: _edition_ended,
    MessageReason.MERGED: _merged,
    MessageReason.POLICY_CHANGED: _policy_changed,
}

_STATES: dict[MessageState, Callable[[MessageStory], str]] = {
    MessageState.WAITING: _waiting,
    MessageState.HANDING_OVER: _handing_over,
    MessageState.ACCEPTED: _accepted,
    MessageState.BUNDLED: _bundled,
    MessageState.SUPPRESSED: _not_sent,
    MessageState.SUPERSEDED: _not_sent,
    MessageState.TOO_LATE: _not_sent,
    MessageState.REFUSED: _refused,
    MessageState.UNKNOWN: _unknown,
    MessageState.FAILED: _failed,
}
