"""A coach is away, and what is proposed for each session is done, as the command asks it (E01)."""

from collections.abc import Collection

from sqlalchemy.orm import Session as Rows

from runtime.bulk_absence import TouchedSession, absence_plan
from runtime.bulk_arranging import Choice, begin_absence
from schemas.absences import Away, ChangeAct
from schemas.operations import Operation
from storage.editions import latest_edition


def begin_arranged(
    rows: Rows, away: Away, said: Operation, cover: Collection[str] = (), request_id: str = ""
) -> Operation:
    """Write down that a coach is away and that what is proposed is done; a repeat finds the first.

    Args:
        rows: The transaction.
        away: Who, and when.
        said: Who says it, when and why.
        cover: Who may cover; empty: whoever coaches in the edition.
        request_id: Name of the act, where it has one.

    """
    plan = absence_plan(rows, latest_edition(rows, said.edition_id), away, said.at, cover)
    choices = [_choice(one) for one in plan.touched]
    return begin_absence(rows, plan, choices, said, request_id=request_id or None)


def _choice(one: TouchedSession) -> Choice:
    """Take what is proposed: whoever can cover, else the nearest free time."""
    if one.cover is not None:
        return Choice(touched=one, act=ChangeAct.COVER, coach=one.cover)
    if one.slots:
        return Choice(touched=one, act=ChangeAct.MOVE, starts_at=one.slots[0])
    return Choice(touched=one)
