"""One commit of the dispatcher: messages are judged, ended, put off, bundled or claimed.

What is decided here is the linearisation point of a message: what changes after the commit is
followed by its correction (architecture §2).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session as Rows

from activities.dispatching.bundles import bundle, in_bundles
from activities.dispatching.conditions import verdict_of
from activities.dispatching.details import details_of
from activities.dispatching.letters import Sender, Writer, addressee_of
from activities.dispatching.moments import Moment
from messaging.channel import Parcel
from messaging.mail import compose
from planning.judgement import End, Verdict, Wait
from schemas.ids import edition_course_id
from schemas.letters import Topic
from schemas.messages import MailMode, Message, MessageReason, MessageState
from storage import dispatching
from storage.circumstances import Circumstances, circumstances_of
from storage.dispatching import Lease
from storage.installation import Installation

log = structlog.get_logger(__name__)

UNWRITTEN = timedelta(hours=1)
"""How long a message waits that could not be put into words; somebody has to see to it."""


@dataclass(frozen=True)
class Claim:
    """A message whose hand-over may begin.

    Attributes:
        message: As claimed, with the hand-over to come counted.
        parcel: What is handed over; none: only find out what became of the last hand-over.
        addressee_id: Whose address it goes to; none while mail is redirected.

    """

    message: Message
    lease: Lease
    parcel: Parcel | None = field(default=None, repr=False)
    addressee_id: str | None = None


@dataclass
class Batch:
    """What one commit does with messages that are due.

    Attributes:
        claims: Hand-overs that may begin once it is committed.
        states: How many messages came into each state.
        wake: Ids of courses that must look again once it is committed.
        touched: Messages that were changed in any way.

    """

    rows: Rows
    moment: Moment
    installed: Installation
    sender: Sender
    lease: Lease
    claims: list[Claim] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    wake: set[str] = field(default_factory=set)
    touched: int = 0

    def recover(self, limit: int) -> None:
        """Take over hand-overs that outlived their lease, to find out what became of them.

        Those whose turn had not come wait as before: nothing of them can have been sent.
        """
        lost = dispatching.expired(self.rows, self.moment.real_now, limit)
        begun = [one for one in lost if one.begun]
        given_back = [one.key for one in lost if not one.begun]
        dispatching.give_back(self.rows, given_back)
        dispatching.renew(self.rows, [one.key for one in begun], self.lease)
        self.claims += [Claim(one, self.lease) for one in begun]
        self.states.update(MessageState.WAITING for _ in given_back)
        self.touched += len(lost)

    def take(self, limit: int) -> None:
        """Judge up to ``limit`` due messages, and what is due for the same people (M07)."""
        messages = self._due(limit)
        if not messages:
            return
        around = circumstances_of(self.rows, messages)
        going: list[Message] = []
        ending: defaultdict[End, list[Message]] = defaultdict(list)
        waiting: defaultdict[Wait, list[Message]] = defaultdict(list)
        for one in messages:
            verdict = self._verdict(one, around)
            if isinstance(verdict, End):
                ending[self._end_of(one, verdict)].append(one)
            elif isinstance(verdict, Wait):
                waiting[verdict].append(one)
            else:
                going.append(one)
        for end, ended in ending.items():
            self._end(ended, end)
        for wait, put_off in waiting.items():
            self._write(put_off, due_at=wait.until_at)
        self._claim(*self._bundled(going, around))

    def _due(self, limit: int) -> tuple[Message, ...]:
        at, real_now = self.moment.at, self.moment.real_now
        messages = {one.key: one for one in dispatching.due(self.rows, at, real_now, limit)}
        reminded = {one.person_id for one in messages.values() if one.kind == "reminder"}
        if reminded:
            others = dispatching.due_reminders(self.rows, reminded, at, real_now)
            messages |= {one.key: one for one in others}
        return tuple(messages.values())

    def _verdict(self, message: Message, around: Circumstances) -> Verdict:
        at = self.moment.counts_from(message.due_at)
        says_something = message.topic != Topic.COACH_WEEK or bool(
            details_of(self.rows, message, around, at).sessions
        )
        return verdict_of(message, around, at, says_something=says_something)

    def _end_of(self, message: Message, verdict: End) -> End:
        """Return how a message ends; nobody can say that one did not go which may have arrived."""
        if message.unheard:
            return End(MessageState.UNKNOWN, MessageReason.OUTCOME_NOT_KNOWN)
        return verdict

    def _end(self, messages: Sequence[Message], end: End) -> None:
        self._write(
            messages,
            state=end.state,
            reason=end.reason,
            ended_at=self.moment.at,
            retry_at=None,
        )
        self.states[end.state] += len(messages)
        if end.reason is MessageReason.PREFERS_PHONE:
            self.wake |= {edition_course_id(one.edition_id) for one in messages}

    def _bundled(
        self, going: Sequence[Message], around: Circumstances
    ) -> tuple[list[Message], Circumstances]:
        """Return what goes, with digests in the place of what they carry."""
        alone, together = in_bundles(going)
        for reminders in together:
            digest = bundle(self.rows, reminders, self.moment, around.editions)
            if digest is None:
                alone += reminders
                continue
            alone.append(digest)
            around = replace(around, bundled={**around.bundled, digest.key: reminders})
            self.states[MessageState.BUNDLED] += len(reminders)
            self.touched += len(reminders)
        return alone, around

    def _claim(self, going: Sequence[Message], around: Circumstances) -> None:
        """Write the mails and begin the hand-overs; a second copy is the first one's bytes."""
        again = dispatching.contents(self.rows, [one.key for one in going if one.unheard])
        composed: dict[str, bytes] = {}
        claims = []
        for one in going:
            at = self.moment.counts_from(one.due_at)
            writer = Writer(self.rows, around, self.sender, at)
            claim = self._written(one, writer, again.get(one.key))
            if claim is None or claim.parcel is None:
                self._put_aside(one)
                continue
            claims.append(claim)
            if one.key not in again:
                composed[one.key] = claim.parcel.content
        keys = [claim.message.key for claim in claims]
        dispatching.claim(self.rows, keys, self.lease, self.moment.real_now)
        dispatching.keep_contents(self.rows, composed, self.moment.at)
        self.claims += claims
        self.touched += len(claims)

    def _written(self, message: Message, writer: Writer, content: bytes | None) -> Claim | None:
        claimed = message.model_copy(
            update={
                "attempt": message.attempt + 1,
                "first_tried_at": message.first_tried_at or self.moment.real_now,
            }
        )
        redirect_to = self.installed.redirect_to if self._is_redirected else None
        try:
            to = addressee_of(claimed, writer.around, redirect_to)
            content = content or compose(writer.letter(claimed, to))
        except Exception as error:  # one text that cannot be written must not hold up the others
            # The error may quote a name, so only its kind is told.
            kind, topic = message.kind.value, message.topic
            fault = type(error).__name__
            log.warning("message.put_aside", key=message.key, kind=kind, topic=topic, fault=fault)
            return None
        parcel = Parcel(
            key=message.key,
            reference=reference(claimed.key, claimed.attempt),
            sender=self.sender.address,
            recipient=to.address,
            content=content,
        )
        return Claim(claimed, self.lease, parcel, None if to.redirected_to else to.person_id)

    def _put_aside(self, message: Message) -> None:
        """Leave a message for later that cannot be put into words; the audit names it."""
        real_now = self.moment.real_now
        first = message.first_tried_at or real_now
        self._write([message], retry_at=real_now + UNWRITTEN, first_tried_at=first)

    @property
    def _is_redirected(self) -> bool:
        return self.installed.mail_mode is MailMode.REDIRECT

    def _write(self, messages: Sequence[Message], **values: object) -> None:
        dispatching.write_waiting(self.rows, [one.key for one in messages], values)
        self.touched += len(messages)


def reference(key: str, attempt: int) -> str:
    """Return the id of one hand-over; it names nobody (M15)."""
    return f"{key}.{attempt}"


def may_claim(installed: Installation) -> bool:
    """Tell whether mail goes at all: it is held until a person releases it (M19)."""
    redirected = installed.mail_mode is MailMode.REDIRECT and installed.redirect_to is not None
    return redirected or installed.mail_mode is MailMode.LIVE
