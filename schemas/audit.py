"""What an audit finds: sentences with ids, so that they may stand in a history and a log."""

from enum import StrEnum

from pydantic import Field

from schemas.base import Payload


class Check(StrEnum):
    """What an audit looks at (architecture §7)."""

    OBLIGATION_WITHOUT_NEXT = "obligation_without_next"
    OBLIGATION_OVERDUE = "obligation_overdue"
    OBLIGATION_OF_ENDED_COURSE = "obligation_of_ended_course"
    SESSION_WITHOUT_REMINDER = "session_without_reminder"
    SESSION_WITHOUT_INVITATION = "session_without_invitation"
    WORKFLOW_BEHIND = "workflow_behind"
    WORKFLOW_MISSING = "workflow_missing"
    HAND_OVER_LOST = "hand_over_lost"
    MESSAGE_UNEXPLAINED = "message_unexplained"
    MESSAGE_UNWRITTEN = "message_unwritten"
    LEDGER_UNBALANCED = "ledger_unbalanced"
    DATABASE_OLDER = "database_older"
    WORKFLOW_AHEAD = "workflow_ahead"


class AuditFinding(Payload):
    """One thing that is not as it must be.

    Attributes:
        check: Which check found it.
        about: Id of what it is about.
        sentence: What is amiss and what to do, for a person.

    """

    check: Check
    about: str
    sentence: str


class AuditRequest(Payload):
    """Ask for an audit."""


class AuditReport(Payload):
    """What an audit found.

    Attributes:
        findings: The first of them; none when everything is in order.
        total: How many there are.
        states: How many messages are in each state.

    """

    findings: tuple[AuditFinding, ...] = ()
    total: int = 0
    states: dict[str, int] = Field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether everything is in order."""
        return self.total == 0
