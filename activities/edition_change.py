"""Course transactions of a new version of a running edition (M06, E31).

The edition takes it first; every course then goes by the old one until it has taken up the new one
in a transaction of its own, so that no chase ever counts its steps by the wrong policy.
"""

from collections.abc import Iterator, Sequence

from activities.chasing import close_all, next_instant
from activities.edition_people import let_people_follow
from activities.pausing import wake_everybody
from activities.scheduling import on
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from planning.edition_agenda import closing_of_recruitment
from planning.edition_change import differences, refusals, steps_taken
from planning.followed import followed
from schemas.commands import ChangeEdition, TakeStep
from schemas.courses import CourseState, Stage
from schemas.edition import Edition
from schemas.messages import Message, MessageKind
from schemas.obligations import ObligationKind, ObligationState
from schemas.sessions import Session, SessionState
from storage import editions, obligations, policy_change, sessions


class EditionChangeActivities(CourseActivities):
    """How a running edition goes on under another version of its file."""

    @course_transaction
    def change_edition(self, command: ChangeEdition) -> CourseState:
        """Take a new version of the edition; every course looks again (M06)."""
        return self.carry_out(command, _change)

    @course_transaction
    def take_up_edition(self, command: TakeStep) -> CourseState:
        """Let a course go by the newest version of its edition (M06)."""
        return self.carry_out(command, _take_up)


def _change(transaction: CourseTransaction, command: ChangeEdition) -> str:
    new = policy_change.proposal(transaction.rows, command.proposal)
    if new is None:
        raise Refusal(f"No version of the edition was handed in as {command.proposal}.")
    old = transaction.edition
    if new == old:
        return f"Edition {old.id} goes by version {old.version} already."
    refused = refusals(old, new, policy_change.running(transaction.rows, old.id))
    if refused:
        raise Refusal(f"Nothing is changed. {' '.join(refused)}")
    editions.store_edition(transaction.rows, new, transaction.at)
    told = differences(old, new)
    _go_by(transaction, new)
    transaction.note("edition.changed", version=new.version, differences=len(told))
    if transaction.course.stage is not Stage.RECRUITING:
        policy_change.fit_places(transaction.rows, new)
        _open_recruitment_again(transaction)
    wake_everybody(transaction)
    count = "1 difference" if len(told) == 1 else f"{len(told)} differences"
    return (
        f"Edition {new.id} goes on under version {new.version}: {count} to version {old.version}."
    )


def _open_recruitment_again(transaction: CourseTransaction) -> None:
    """Take interest again where the deadline was put off before any order was confirmed (R08)."""
    closes_at = closing_of_recruitment(transaction.edition, transaction.calendar)
    if transaction.course.stage is Stage.SELECTING and transaction.at < closes_at:
        close_all(
            transaction,
            ObligationState.CANCELLED,
            kind=ObligationKind.SELECTION_DECISION,
            reason="deadline_extended",
        )
        transaction.save(stage=Stage.RECRUITING, attention="")
        transaction.note("recruitment.reopened")


def _take_up(transaction: CourseTransaction, _command: TakeStep) -> str:
    newest = editions.latest_edition(transaction.rows, transaction.course.edition_id)
    _go_by(transaction, newest)
    return f"version {newest.version}"


def _go_by(transaction: CourseTransaction, new: Edition) -> None:
    """Let the course go by a version: its chases, who comes to its sessions, its reminders."""
    old = transaction.edition
    transaction.go_by(new.version)
    chases = _let_chases_follow(transaction, old)
    people = let_people_follow(transaction, old)
    messages = _let_messages_follow(transaction, old)
    counts = {"chases": chases, "people": people, "messages": messages}
    transaction.note("edition.taken_up", "", version=new.version, **counts)


def _let_chases_follow(transaction: CourseTransaction, old: Edition) -> int:
    """Let each open chase go on behind the steps that were taken (M06)."""
    changed = 0
    for one in obligations.obligations_of(transaction.rows, transaction.course.id):
        if not one.state.is_open:
            continue
        done = steps_taken(
            old.policy(one.kind), transaction.edition.policy(one.kind), one.steps_done
        )
        now = one.model_copy(update={"steps_done": done})
        now = now.model_copy(update={"next_at": next_instant(transaction, now)})
        if now != one:
            obligations.save_obligation(transaction.rows, now)
            changed += 1
    return changed


def _let_messages_follow(transaction: CourseTransaction, old: Edition) -> int:
    """Let what waits of sessions to come follow the policy; what was sent stays (M06)."""
    if _rules_of_messages(old) == _rules_of_messages(transaction.edition):
        return 0
    known: dict[str, list[Message]] = {}
    for one in policy_change.messages_ruled(transaction.rows, transaction.course.id):
        known.setdefault(one.subject, []).append(one)
    changed = 0
    for session in _to_come(transaction):
        now = on(transaction, session, session.starts_at)
        if session.record_due_at is not None and now.record_due_at != session.record_due_at:
            sessions.save_session(transaction.rows, now)
        mine = [one for one in known.get(session.id, ()) if one.sequence == session.sequence]
        follow = followed(mine, _planned(transaction, session, mine), transaction.at)
        transaction.plan(follow.new)
        changed += len(follow.new) + policy_change.change(transaction.rows, follow.changed)
        retired = [one.key for one in follow.retired]
        changed += policy_change.retire(transaction.rows, retired, transaction.at)
    return changed


def _rules_of_messages(edition: Edition) -> tuple[object, ...]:
    kinds = tuple(
        (one.id, one.reminders, one.invite_ahead_days, one.attends) for one in edition.sessions
    )
    record = edition.policy(ObligationKind.SESSION_RECORD).steps[0]
    return kinds, record, edition.mail, edition.extra_days_off, edition.weekend, edition.pauses


def _to_come(transaction: CourseTransaction) -> Iterator[Session]:
    for one in sessions.sessions_of(transaction.rows, transaction.course.id):
        ahead = one.starts_at is not None and one.starts_at > transaction.at
        if one.state is SessionState.TO_COME and ahead:
            yield one


def _planned(
    transaction: CourseTransaction, session: Session, known: Sequence[Message]
) -> Iterator[Message]:
    """Yield what the version plans for a session; whoever is new in it was invited before."""
    kind = transaction.edition.session_kind(session.kind)
    part = sessions.participants(transaction.rows, [session.id])
    yield from transaction.messages.reminders(session, kind, part)
    told = {one.person_id for one in known if one.kind is MessageKind.INVITATION}
    invited = [one for one in part if one.person_id in told]
    yield from transaction.messages.invitations(session, kind, invited)
