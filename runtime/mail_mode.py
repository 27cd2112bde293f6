"""Hold, redirect or release mail: a fact of the installation that a person changes (M19)."""

from datetime import datetime

from schemas.courses import JournalEntry
from schemas.forms import ActForm
from schemas.ids import INSTALLATION
from schemas.messages import MailMode
from storage.database import Database
from storage.installation import installation, set_mail_mode
from storage.journal import write

EVENTS = {
    MailMode.HELD: "mail.held",
    MailMode.REDIRECT: "mail.redirected",
    MailMode.LIVE: "mail.released",
}


def change_mail_mode(
    database: Database, form: ActForm, mode: MailMode, redirect_to: str | None, now: datetime
) -> bool:
    """Change the mode and journal it in one commit; return false where nothing was to change.

    What became due while mail was held is judged anew when it is released: what is no longer useful
    does not go. The address stands in the installation's row and not in the journal.
    """
    with database.transaction() as rows:
        present = installation(rows)
        if (present.mail_mode, present.redirect_to) == (mode, redirect_to):
            return False
        set_mail_mode(rows, mode, redirect_to)
        entry = JournalEntry(
            course_id=INSTALLATION,
            edition_id="",
            event=EVENTS[mode],
            subject=INSTALLATION,
            actor=form.actor,
            at=form.at or now,
            recorded_at=now,
            reason=form.reason or None,
            request_id=form.request_id or f"mail/{mode}/{now.isoformat()}",
            policy_version=0,
        )
        write(rows, [entry])
    return True
