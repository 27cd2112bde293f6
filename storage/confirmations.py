"""A participant says that they will be there: a fact that changes no course (M03)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from schemas.courses import JournalEntry
from schemas.forms import ConfirmForm
from schemas.sessions import SessionState
from storage import editions, journal, sessions


@dataclass(frozen=True)
class Confirmed:
    """What became of a confirmation: a sentence, or why nothing was done."""

    course_id: str = ""
    text: str = ""
    refused: str = ""


def confirm_participant(
    rows: Session, form: ConfirmForm, at: datetime, recorded_at: datetime
) -> Confirmed:
    """Note that somebody will come; saying it twice is one confirmation."""
    session = sessions.session(rows, form.session)
    if session is None:
        return Confirmed(refused=f"There is no session {form.session}.")
    one = sessions.participant(rows, form.session, form.person)
    if one is None:
        return Confirmed(refused=f"{form.person} does not take part in session {form.session}.")
    if session.state is not SessionState.TO_COME:
        state = session.state.value.replace("_", " ")
        return Confirmed(refused=f"Session {form.session} is {state}: nothing is to be confirmed.")
    if session.starts_at is None:
        return Confirmed(refused=f"Session {form.session} has no day yet: confirm when it has.")
    if session.starts_at <= at:
        return Confirmed(refused=f"Session {form.session} has begun already.")
    if one.confirmed_at is not None:
        said = f"{form.person} had confirmed session {form.session} already."
        return Confirmed(session.course_id, said)
    sessions.save_participant(rows, one.model_copy(update={"confirmed_at": at}))
    edition = editions.latest_edition(rows, session.edition_id)
    entry = JournalEntry(
        course_id=session.course_id,
        edition_id=session.edition_id,
        event="session.confirmed",
        subject=session.id,
        actor=form.actor,
        at=at,
        recorded_at=recorded_at,
        reason=form.reason or None,
        request_id=form.request_id or f"confirm/{session.id}/{form.person}/{session.sequence}",
        policy_version=edition.version,
        facts={"person": form.person, "sequence": session.sequence},
    )
    journal.write(rows, [entry])
    return Confirmed(session.course_id, f"{form.person} will be at session {form.session}.")
