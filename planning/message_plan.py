"""Which messages a session calls for, as ledger rows.

A row's key names what it says to whom and nothing that may change: no address, text, attempt or
clock (M08, M15).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from planning.calendar import WorkingCalendar
from planning.reminders import asks_to_confirm, planned_step, reminder_instants
from planning.working_time import elapsed, into_window_earlier
from schemas.edition import Edition, SessionKind
from schemas.letters import Topic
from schemas.messages import Message, MessageKind, MessageState
from schemas.people import Role
from schemas.policies import ReminderStep
from schemas.sessions import Cadence, Participant, Session

MAIL = "mail"
KEY_LENGTH = 32


def message_key(kind: MessageKind, subject: str, sequence: int, step: str, person_id: str) -> str:
    """Return the ledger's key of a message: the same for the same message, for ever."""
    parts = [1, kind.value, subject, sequence, step, person_id, MAIL]
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


class Details(TypedDict, total=False):
    """What a ledger row says besides: see ``schemas.messages.Message``."""

    step: str
    sequence: int
    due_at: datetime | None
    useful_until: datetime | None
    facts: dict[str, str | int]


@dataclass(frozen=True)
class MessagePlan:
    """Makes ledger rows for one course.

    Attributes:
        course_id: The course that calls for them.
        edition: In the version that plans them.
        calendar: Of the edition.
        at: Programme time of the change that calls for them.

    """

    course_id: str
    edition: Edition
    calendar: WorkingCalendar
    at: datetime

    def message(
        self,
        kind: MessageKind,
        topic: Topic,
        subject: str,
        person_id: str,
        **details: Unpack[Details],
    ) -> Message:
        """Return one row; it is due at once unless told otherwise."""
        sequence, step = details.get("sequence", 0), details.get("step", "")
        return Message(
            key=message_key(kind, subject, sequence, step, person_id),
            course_id=self.course_id,
            edition_id=self.edition.id,
            kind=kind,
            topic=topic,
            subject=subject,
            sequence=sequence,
            step=step,
            person_id=person_id,
            due_at=details.get("due_at") or self.at,
            useful_until=details.get("useful_until"),
            planned_at=self.at,
            policy_version=self.edition.version,
            facts=details.get("facts", {}),
        )

    def reminders(
        self, session: Session, kind: SessionKind, people: Sequence[Participant]
    ) -> tuple[Message, ...]:
        """Return a row for each reminder of a session to each person it is for (M01, M04)."""
        if session.starts_at is None:
            return ()
        latest = session.starts_at - elapsed(self.edition.mail.latest_before_start)
        steps = {step.id: step for step in kind.reminders}
        planned = []
        for step_id, due_at in reminder_instants(
            session.starts_at, kind.reminders, self.calendar, self.edition.mail
        ):
            step = steps[step_id]
            state, reason = planned_step(due_at, self.at)
            for one in people:
                if not _is_reminded(one, step, kind):
                    continue
                row = self.message(
                    MessageKind.REMINDER,
                    Topic.of_session(session.kind),
                    session.id,
                    one.person_id,
                    step=step_id,
                    sequence=session.sequence,
                    due_at=due_at,
                    useful_until=latest,
                )
                planned.append(
                    row.model_copy(
                        update={
                            "asks": asks_to_confirm(step, kind.reminders),
                            "state": state,
                            "reason": reason,
                            "ended_at": None if state is MessageState.WAITING else self.at,
                        }
                    )
                )
        return tuple(planned)

    def invitations(
        self, session: Session, kind: SessionKind, people: Iterable[Participant]
    ) -> tuple[Message, ...]:
        """Return an invitation for each person, a rolling stretch ahead or at once (M18)."""
        if session.starts_at is None:
            return ()
        due_at = self.invite_at(session.starts_at, kind)
        return tuple(
            self.calendar_message(MessageKind.INVITATION, session, one.person_id, due_at=due_at)
            for one in people
            if one.invited
        )

    def invite_at(self, starts_at: datetime, kind: SessionKind) -> datetime:
        """Return when the invitation to a session goes."""
        if kind.invite_ahead_days is None:
            return self.at
        day = self.calendar.day_of(starts_at) - timedelta(days=kind.invite_ahead_days)
        opening = self.calendar.instant(day, self.edition.mail.opens)
        return max(self.at, into_window_earlier(opening, self.calendar, self.edition.mail))

    def calendar_message(
        self,
        kind: MessageKind,
        session: Session,
        person_id: str,
        *,
        due_at: datetime | None = None,
        was: Session | None = None,
    ) -> Message:
        """Return an invitation, a move or a cancellation (M17).

        Args:
            kind: Which of the three.
            session: The session as it is after the change.
            person_id: Whose calendar it is for.
            due_at: When it goes; none: at once.
            was: The session before a move or cancellation; its instants and place travel with the
                row, because the session no longer knows them.

        """
        facts: dict[str, str | int] = {}
        if was is not None and was.starts_at is not None and was.ends_at is not None:
            facts["was_starts_at"] = was.starts_at.isoformat()
            facts["was_ends_at"] = was.ends_at.isoformat()
        if was is not None and was.place != session.place:
            facts["was_place"] = was.place
        if session.reason is not None:
            facts["reason"] = session.reason.value
        ends_with = session.starts_at if kind is not MessageKind.CANCELLATION else None
        return self.message(
            kind,
            Topic.of_session(session.kind),
            session.id,
            person_id,
            sequence=session.sequence,
            due_at=due_at,
            useful_until=ends_with,
            facts=facts,
        )


def _is_reminded(one: Participant, step: ReminderStep, kind: SessionKind) -> bool:
    # A team member takes part in a weekly session only by opting in to its mail (M01).
    opted_in = one.role is Role.TEAM_MEMBER and kind.cadence is Cadence.WEEKLY
    return one.role in step.to or opted_in
