"""What people's diaries show of a session, inside a course transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from activities.transaction import CourseTransaction
from schemas.messages import Message, MessageKind, MessageState
from schemas.sessions import Session, SessionState
from storage import ledger

REACHED = {MessageState.ACCEPTED, MessageState.UNKNOWN, MessageState.HANDING_OVER}
"""States in which a calendar entry may stand in somebody's diary."""


def diaries_of(transaction: CourseTransaction, session: Session) -> dict[str, Session | None]:
    """Return the session as the diary of each person may show it, by the ids of the people.

    None stands for whoever took it out again; whoever never had an entry is left out. Ask before
    what waits is superseded and before the session is saved.
    """
    rows: defaultdict[str, list[Message]] = defaultdict(list)
    for row in ledger.messages_about(transaction.rows, session.id):
        if row.kind.is_calendar:
            rows[row.person_id].append(row)
    shown: dict[str, Session | None] = {}
    for person_id, theirs in sorted(rows.items()):
        theirs.sort(key=lambda row: row.sequence)
        arrived = [n for n, row in enumerate(theirs) if _may_have_arrived(row)]
        if arrived:
            latest, behind = theirs[arrived[-1]], theirs[arrived[-1] + 1 :]
            gone = latest.kind is MessageKind.CANCELLATION
            shown[person_id] = None if gone else _as_it_was(session, behind)
    return shown


def corrections(
    transaction: CourseTransaction,
    diaries: Mapping[str, Session | None],
    now: Session,
    cast: Collection[str],
) -> Iterator[Message]:
    """Yield what puts diaries right: a move, a cancellation, nothing where they are right (M05).

    Whoever is in the ``cast`` no longer gets a cancellation, whatever became of the session.
    """
    takes_place = now.state is SessionState.TO_COME and now.starts_at is not None
    for person_id, shown in diaries.items():
        stands = takes_place and person_id in cast
        if shown is None or (stands and _is_right(shown, now)):
            continue
        if not stands and shown.ends_at is not None and shown.ends_at <= transaction.at:
            continue  # Nobody needs to hear that what is over does not take place.
        kind = MessageKind.MOVE if stands else MessageKind.CANCELLATION
        yield transaction.messages.calendar_message(kind, now, person_id, was=shown)


def _is_right(shown: Session, now: Session) -> bool:
    return (shown.starts_at, shown.place) == (now.starts_at, now.place)


def _may_have_arrived(row: Message) -> bool:
    return row.state in REACHED or row.unheard > 0


def _as_it_was(session: Session, behind: list[Message]) -> Session:
    """Return the session before the first change that a person never heard of."""
    place = next((row.facts["was_place"] for row in behind if "was_place" in row.facts), None)
    was = session if place is None else session.model_copy(update={"place": str(place)})
    for row in behind:
        starts, ends = row.facts.get("was_starts_at"), row.facts.get("was_ends_at")
        if starts is not None and ends is not None:
            at = {
                "starts_at": datetime.fromisoformat(str(starts)),
                "ends_at": datetime.fromisoformat(str(ends)),
            }
            return was.model_copy(update=at)
    return was
