"""A successor signs the executive commitments again, inside a course transaction (P01).

No service waits for it: what was signed before stands, and the programme goes on.
"""

from activities.chasing import close_all, open_obligation
from activities.holders import enrolment_of
from activities.new_sponsor import unsigned_again
from activities.transaction import CourseTransaction, Refusal
from schemas.commands import DecideCommitment
from schemas.courses import CommitmentState, Stage
from schemas.obligations import ObligationKind, ObligationState
from storage import successions

ON_HOLD = "commitment_declined"


def waits_for_signature(transaction: CourseTransaction) -> bool:
    """Tell whether the present sponsor was asked to sign again, whatever they answered."""
    sponsor_id = enrolment_of(transaction).sponsor_id
    return bool(successions.asked_again(transaction.rows, transaction.course.id, sponsor_id))


def decide_again(transaction: CourseTransaction, command: DecideCommitment) -> str:
    """Note what a successor signs or declines of what they were asked to sign again.

    Raises:
        Refusal: There is no commitment of that name to sign again, while nothing else is signed.

    """
    sponsor_id = enrolment_of(transaction).sponsor_id
    asked = successions.asked_again(transaction.rows, transaction.course.id, sponsor_id)
    known = [one.commitment for one in asked]
    committing = transaction.course.stage is Stage.COMMITTING
    if command.commitment and command.commitment not in known and not committing:
        raise Refusal(f"There is no commitment {command.commitment}: there are {', '.join(known)}.")
    for one in asked:
        wanted = command.commitment in {"", one.commitment}
        keeps = not command.commitment and one.state is CommitmentState.SIGNED
        if not wanted or keeps or one.state is command.decision:
            continue
        decided = {
            "state": command.decision,
            "decided_at": transaction.at,
            "recorded_by": command.actor,
        }
        successions.save_asked_again(transaction.rows, one.model_copy(update=decided))
        transaction.note(f"commitment.{command.decision.value}_again", one.commitment)
    if not committing:
        _settle(transaction)
    left = len(unsigned_again(transaction))
    return (
        f"{transaction.course.subject_id}: {len(asked) - left} of {len(asked)} commitments are "
        f"signed again by {sponsor_id}."
    )


def _settle(transaction: CourseTransaction) -> None:
    """Close the chase when all is signed again; put what is declined before a person (R11)."""
    left = unsigned_again(transaction)
    if any(one.state is CommitmentState.DECLINED for one in left):
        close_all(
            transaction,
            ObligationState.CANCELLED,
            kind=ObligationKind.COMMITMENTS,
            reason=ON_HOLD,
        )
        open_obligation(transaction, ObligationKind.COMMITMENT_DECLINED)
        return
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.COMMITMENT_DECLINED)
    if left:
        open_obligation(transaction, ObligationKind.COMMITMENTS)
    else:
        close_all(transaction, ObligationState.DONE, kind=ObligationKind.COMMITMENTS)
