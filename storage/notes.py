"""Notes: what a person wrote; it travels as its id."""

from datetime import datetime

from sqlalchemy.orm import Session

from storage.tables.ledger import NoteRow


def keep_note(rows: Session, request_id: str, text: str, actor: str, at: datetime) -> str:
    """Write a note down and return its id; the same request keeps one note."""
    note_id = f"note-{request_id}"[:40]
    if rows.get(NoteRow, note_id) is None:
        rows.add(NoteRow(id=note_id, text=text, written_by=actor, written_at=at))
        rows.flush()
    return note_id
