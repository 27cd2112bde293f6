"""A coach is away, and what is proposed for each session is done, as the command asks it (E01)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session as Rows

from runtime.bulk_absence import TouchedSession, absence_plan
from runtime.bulk_arranging import Choice, begin_absence
from schemas.absences import Away, ChangeAct
from schemas.operations import Operation
from storage.editions import latest_edition


@dataclass(frozen=True)
class Wish:
    """How the sessions of a coach who is away are seen to.

    Attributes:
        cover: Who may cover, and nothing else is done; empty: whoever coaches in the edition.
        move: Whether each goes to its nearest free time instead.

    """

    cover: Collection[str] = ()
    move: bool = False


AS_PROPOSED = Wish()


def begin_arranged(
    rows: Rows, away: Away, said: Operation, wish: Wish = AS_PROPOSED, request_id: str = ""
) -> Operation:
    """Write down that a coach is away and that what is proposed is done; a repeat finds the first.

    Args:
        rows: The transaction.
        away: Who, and when.
        said: Who says it, when and why.
        wish: What is asked for besides.
        request_id: Name of the act, where it has one.

    """
    plan = absence_plan(rows, latest_edition(rows, said.edition_id), away, said.at, wish.cover)
    choices = [_choice(one, wish) for one in plan.touched]
    return begin_absence(rows, plan, choices, said, request_id=request_id or None)


def _choice(one: TouchedSession, wish: Wish) -> Choice:
    """Take what is proposed: whoever can cover, else the nearest free time.

    Where somebody was named and is not free, another time is not taken for granted.
    """
    if one.cover is not None and not wish.move:
        return Choice(touched=one, act=ChangeAct.COVER, coach=one.cover)
    if one.slots and not wish.cover:
        return Choice(touched=one, act=ChangeAct.MOVE, starts_at=one.slots[0])
    return Choice(touched=one)
