"""Keeps the dispatcher from handing over what a database calls for that is an older copy."""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session as Rows

from schemas.dispatch import DispatchMark
from schemas.messages import MessageState
from storage import restoring

log = structlog.get_logger(__name__)


class Guard:
    """Knows how far the database had come, and lets nothing out while it does not bear that out.

    What it knows outlives this process where the dispatcher's workflow keeps it.
    """

    def __init__(self) -> None:
        """Know nothing yet: the first look is believed."""
        self._mark: DispatchMark | None = None
        self._stopped = False

    @property
    def mark(self) -> DispatchMark | None:
        """How far the database has come."""
        return self._mark

    def remember(self, mark: DispatchMark | None) -> None:
        """Take over what another dispatcher knew, where that is newer."""
        if mark is not None and (self._mark is None or mark.at > self._mark.at):
            self._mark = mark

    def may_look(self, rows: Rows) -> bool:
        """Tell, without holding anybody up, whether dispatch may have been let go on."""
        return not self._stopped or restoring.stopped(rows) is None

    def admits(self, rows: Rows, at: datetime) -> bool:
        """Tell whether the database may be dispatched from at ``at``, programme time.

        Ask it in the transaction that takes messages up, before anything else is written there. A
        database that is an older copy is stopped, and its journal says so.
        """
        known, present = self._mark, restoring.mark_of(rows, at)
        if known is not None and not self._is_borne_out(rows, known, present):
            restored = restoring.last_restored(rows)
            if restored is None or restored.to_at < known.at:
                self._stop(rows, known, at)
                return False
            known = None
        elif restoring.stopped(rows) is not None:
            self._stopped = True
            return False
        if self._stopped:
            log.info("dispatch.resumed")
        self._stopped = False
        went = {} if known is None else {"message": known.message, "unheard": known.unheard}
        self._mark = present.model_copy(update=went)
        return True

    def went(self, key: str, state: object, unheard: int) -> None:
        """Remember a message that went or may have gone, once that is committed."""
        if self._mark is None:
            return
        if state == MessageState.WAITING and not unheard:
            return  # it surely did not go
        again = unheard if state == MessageState.WAITING else 0
        self._mark = self._mark.model_copy(update={"message": key, "unheard": again})

    def _is_borne_out(self, rows: Rows, known: DispatchMark, present: DispatchMark) -> bool:
        same = (known.entry, known.seal) == (present.entry, present.seal)
        if same and not known.message:
            return True
        return restoring.bears_out(rows, known)

    def _stop(self, rows: Rows, known: DispatchMark, at: datetime) -> None:
        self._stopped = True
        if restoring.note_stopped(rows, known, at):
            log.error("dispatch.stopped", known_entry=known.entry)
