"""Notes: what a person wrote; it travels as its id."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from storage.tables.ledger import NoteRow


def keep_note(rows: Session, request_id: str, text: str, actor: str, at: datetime) -> str:
    """Write a note down and return its id; the same request keeps one note."""
    note_id = f"note-{hashlib.sha256(request_id.encode()).hexdigest()[:32]}"
    if rows.get(NoteRow, note_id) is None:
        rows.add(NoteRow(id=note_id, text=text, written_by=actor, written_at=at))
        rows.flush()
    return note_id


def note_text(rows: Session, note_id: str) -> str:
    """Return what a note says.

    Raises:
        LookupError: There is no such note.

    """
    note = rows.get(NoteRow, note_id)
    if note is None:
        raise LookupError(f"no note {note_id}")
    return note.text
