"""What is chosen for the sessions of an absence, and how it is taken back, as operations (E01)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session as Rows

from activities.absence import TAKEN_BACK
from runtime.bulk import begin, close
from runtime.bulk_absence import AbsencePlan, TouchedSession
from schemas.absences import Away, ChangeAct, SessionChange
from schemas.base import Record
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from schemas.sessions import SessionState
from storage import operations, sessions
from storage.absences import absences_of, end_absence, write_absence

BACK = {
    ChangeAct.COVER: ChangeAct.GIVE_BACK,
    ChangeAct.MOVE: ChangeAct.MOVE_BACK,
    ChangeAct.CANCEL: ChangeAct.RESTORE,
}


class Choice(Record):
    """What is to become of one session; no act: it stays as it is."""

    touched: TouchedSession
    act: ChangeAct | None = None
    coach: str = ""
    starts_at: datetime | None = None

    @property
    def change(self) -> SessionChange | None:
        """What its course is asked for; nothing where it stays as it is."""
        if self.act is None:
            return None
        session = self.touched.session
        said = {"coach": self.coach} if self.coach else {}
        return SessionChange(
            session_id=session.id,
            act=self.act,
            starts_at=self.starts_at,
            was_starts_at=session.starts_at if self.act is ChangeAct.MOVE else None,
            **said,
        )


def begin_absence(
    rows: Rows,
    plan: AbsencePlan,
    choices: Iterable[Choice],
    said: Operation,
    **naming: Any,
) -> Operation:
    """Write down that a coach is away and what is arranged: an item for each course.

    Args:
        rows: The transaction.
        plan: What the absence touches.
        choices: What becomes of each session.
        said: Who asks, when and why.
        naming: ``request_id`` and ``note``, as ``runtime.bulk.begin`` takes them.

    """
    away = Away(person_id=plan.coach, from_day=plan.from_day, until_day=plan.until_day)
    is_new = write_absence(rows, away)
    wish = _days(plan.coach, plan.from_day, plan.until_day) | {"noted": "yes" if is_new else "no"}
    chosen = [(one.touched, one.change) for one in choices]
    changes = [(one.session.course_id, change) for one, change in chosen if change is not None]
    operation = said.model_copy(
        update={"act": OperationAct.ABSENCE, "scope": f"coach:{plan.coach}", "wish": wish}
    )
    written = begin(rows, operation, _items(changes, wish), **naming)
    close(rows, written, said.recorded_at)  # Where nothing is to be arranged it has ended.
    return written


def begin_undo(
    rows: Rows, undone: Operation, said: Operation, day: date, **naming: Any
) -> Operation:
    """Write down that an arrangement is taken back, as far as it has not happened yet.

    Args:
        rows: The transaction.
        undone: The arrangement.
        said: Who asks, when and why.
        day: Today: the coach is back on it.
        naming: ``request_id`` and ``note``, as ``runtime.bulk.begin`` takes them.

    """
    changes = []
    for item in operations.items_of(rows, undone.id):
        if item.state is not ItemState.REFUSED:
            back = (_back(rows, one, said.recorded_at) for one in operations.changes_of(item))
            changes += [(item.course_id, one) for one in back if one is not None]
        if item.state is ItemState.WAITING:
            ended = {"state": ItemState.REFUSED, "answer": TAKEN_BACK, "ended_at": said.recorded_at}
            operations.save_item(rows, item.model_copy(update=ended))
    close(rows, undone, said.recorded_at)
    if undone.wish.get("noted") == "yes":
        _end_absence(rows, undone, day)
    wish = {name: undone.wish[name] for name in ("coach", "from_day", "until_day")}
    operation = said.model_copy(
        update={
            "act": OperationAct.UNDO_ABSENCE,
            "scope": undone.scope,
            "wish": wish,
            "undoes": undone.id,
        }
    )
    written = begin(rows, operation, _items(changes, wish, undoes=undone.id), **naming)
    close(rows, written, said.recorded_at)
    return written


def _end_absence(rows: Rows, undone: Operation, day: date) -> None:
    first = date.fromisoformat(undone.wish["from_day"])
    for one in absences_of(rows, [undone.wish["coach"]]):
        if one.from_day == first:
            end_absence(rows, one, date.fromordinal(day.toordinal() - 1))


def _back(rows: Rows, change: SessionChange, now: datetime) -> SessionChange | None:
    """Return what takes a change back; nothing where the session has been, or would have been."""
    session = sessions.session(rows, change.session_id)
    if session is None or session.state in {SessionState.HELD, SessionState.MISSED}:
        return None
    if session.starts_at is not None and session.starts_at <= now:
        return None
    if change.was_starts_at is not None and change.was_starts_at <= now:
        return None
    starts_at = change.was_starts_at if change.act is ChangeAct.MOVE else None
    return SessionChange(session_id=change.session_id, act=BACK[change.act], starts_at=starts_at)


def _items(
    changes: Iterable[tuple[str, SessionChange]], wish: dict[str, str], undoes: str = ""
) -> list[OperationItem]:
    """Return an item for each course, with all that changes in it."""
    days = {name: wish[name] for name in ("coach", "from_day", "until_day")}
    ordered = sorted(changes, key=lambda pair: pair[0])
    found = []
    for number, (course_id, pairs) in enumerate(groupby(ordered, key=lambda pair: pair[0]), 1):
        theirs = [change for _, change in pairs]
        fields: dict[str, object] = {
            "course": course_id,
            **days,
            "changes": [one.model_dump(mode="json", exclude_defaults=True) for one in theirs],
        }
        if undoes:
            fields["undoes"] = undoes
        found.append(
            OperationItem(
                operation_id="",
                number=number,
                course_id=course_id,
                subject=course_id,
                wish=fields,
                summary=_summary(theirs),
            )
        )
    return found


def _summary(changes: Sequence[SessionChange]) -> str:
    acts = [one.act for one in changes]
    said = [f"{acts.count(act)} {act.value.replace('_', ' ')}" for act in ChangeAct if act in acts]
    return ", ".join(said)


def _days(coach: str, first: date, last: date) -> dict[str, str]:
    return {"coach": coach, "from_day": first.isoformat(), "until_day": last.isoformat()}
