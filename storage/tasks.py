"""Tasks that the ledger leaves to a coordinator: an address that fails, a person to ring."""

from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from schemas.messages import MessageReason, MessageState
from schemas.obligations import ObligationKind
from schemas.people import AddressState, Channel
from storage.statements import Statement
from storage.tables.columns import Instant
from storage.tables.ledger import MessageRow
from storage.tables.people import PersonRow
from storage.tables.sessions import ObligationRow


def people_without_task(rows: Session, edition_id: str) -> tuple[str, ...]:
    """Return ``kind:person`` for each person whom nobody was asked to look after yet.

    After a task was closed the person is told of again only when something new has happened: a
    further message that could not go by mail (M20). A bad address is told of once (M11).
    """
    about = {"edition": edition_id}
    wanted: dict[tuple[ObligationKind, str], datetime | None] = {
        (ObligationKind.BAD_ADDRESS, row[0]): None for row in _BAD.ask(rows, about)
    }
    wanted |= {(ObligationKind.PHONE_CALL, one): last for one, last in _PHONE.ask(rows, about)}
    if not wanted:
        return ()
    for kind, person_id, closed_at in _TASKS.ask(rows, about):
        last = wanted.get((kind, person_id))
        if last is None or closed_at is None or closed_at >= last:
            wanted.pop((kind, person_id), None)
    return tuple(sorted(f"{kind}:{person_id}" for kind, person_id in wanted))


_IN_EDITION = col(MessageRow.edition_id) == bindparam("edition")
# Asked person by person: few addresses are bad, and an edition's messages are many.
_WRITTEN_TO_IN = select(col(MessageRow.edition_id)).where(
    col(MessageRow.person_id) == col(PersonRow.id)
)
_OTHER = aliased(PersonRow)
_WRITTEN_TO_FOR_ANOTHER_IN = (
    select(col(MessageRow.edition_id))
    .join(_OTHER, col(_OTHER.id) == col(MessageRow.person_id))
    .where(
        col(_OTHER.assistant_id) == col(PersonRow.id),
        col(_OTHER.channel) == Channel.ASSISTANT,
    )
)
_BAD = Statement(
    select(col(PersonRow.id)).where(
        col(PersonRow.address_state) == AddressState.BAD,
        or_(
            bindparam("edition").in_(_WRITTEN_TO_IN),
            bindparam("edition").in_(_WRITTEN_TO_FOR_ANOTHER_IN),
        ),
    )
)
_PHONE = Statement(
    select(col(MessageRow.person_id), func.max(col(MessageRow.ended_at), type_=Instant()))
    .where(
        _IN_EDITION,
        # The reason says so too; the state has an index, and few of a ledger's messages have it.
        col(MessageRow.state) == MessageState.SUPPRESSED,
        col(MessageRow.reason) == MessageReason.PREFERS_PHONE,
    )
    .group_by(col(MessageRow.person_id))
)
_TASKS = Statement(
    select(col(ObligationRow.kind), col(ObligationRow.subject), col(ObligationRow.closed_at)).where(
        col(ObligationRow.edition_id) == bindparam("edition"),
        col(ObligationRow.kind).in_([ObligationKind.BAD_ADDRESS, ObligationKind.PHONE_CALL]),
    )
)
