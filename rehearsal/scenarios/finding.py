"""What a scenario finds in the database when it looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session as Rows

from planning.calendar import WorkingCalendar
from rehearsal.scenarios.asking import course_of, instant
from rehearsal.scenarios.wanted import (
    DutiesWanted,
    JournalWanted,
    MailWanted,
    SessionsWanted,
    Span,
    Wanted,
)
from schemas.sessions import Session
from storage import courses, ledger, places, sessions
from storage.journal import entries_about
from storage.obligations import obligations_of
from storage.reads.message_list import WantedMessages, messages_listed

EVERYTHING = 1_000_000
BEFORE, AFTER = ">=", "<="


@dataclass(frozen=True)
class Finder:
    """Looks at one edition."""

    rows: Rows
    edition: str
    calendar: WorkingCalendar

    def found(self, wanted: Wanted) -> str:
        """Return what is found, as it would stand in a sentence."""
        if wanted.stage_of:
            course = courses.course(self.rows, self._course(wanted.stage_of))
            return course.stage.value if course else "nothing"
        if wanted.sessions is not None and wanted.on is not None:
            return _times(self.calendar.local(at) for at in self._starts(wanted.sessions))
        return str(self._count(wanted))

    def holds(self, wanted: Wanted, found: str) -> bool:
        """Tell whether what was found is what must be."""
        text = self.expected(wanted)
        if text.startswith((BEFORE, AFTER)):
            most = int(text[2:])
            return int(found) >= most if text.startswith(BEFORE) else int(found) <= most
        return found == text

    def expected(self, wanted: Wanted) -> str:
        """Return what must be found, as it would stand in a sentence."""
        if wanted.stage is not None:
            return wanted.stage.value
        if wanted.on is not None:
            return _times(wanted.on)
        return str(wanted.count)

    def _count(self, wanted: Wanted) -> int:
        if wanted.mail is not None:
            return self._mail(wanted.mail)
        if wanted.sessions is not None:
            return len(self._sessions(wanted.sessions))
        if wanted.duties is not None:
            return self._duties(wanted.duties)
        if wanted.journal is not None:
            return self._journal(wanted.journal)
        if wanted.places is not None:
            known = places.places_of(self.rows, self.edition)
            return sum(one.state is wanted.places for one in known)
        interests = courses.interests_of(self.rows, self.edition)
        return sum(one.service_id == wanted.interests_of for one in interests)

    def _course(self, subject: str) -> str:
        return course_of(self.rows, self.edition, subject)

    def _mail(self, wanted: MailWanted) -> int:
        about = self._about(wanted.about)
        found = messages_listed(
            self.rows,
            WantedMessages(
                about=about or wanted.to or None,
                states=[wanted.state] if wanted.state else (),
                kinds=wanted.kinds,
                limit=EVERYTHING,
            ),
        )
        return sum(
            wanted.to in {"", one.person_id}
            and wanted.topic in {"", one.topic}
            and wanted.reason in {None, one.reason}
            and self._step(wanted, one.key)
            and self._within(one.ended_at or one.due_at, wanted.between)
            for one in found
        )

    def _step(self, wanted: MailWanted, key: str) -> bool:
        if not wanted.step:
            return True
        message = ledger.message(self.rows, key)
        return message is not None and message.step == wanted.step

    def _about(self, about: str) -> str:
        if not about:
            return ""
        return f"{self.edition}/{about}" if "/" in about else self._course(about)

    def _sessions(self, wanted: SessionsWanted) -> list[Session]:
        subject, _, one_of_them = wanted.of.partition("/")
        found = sessions.sessions_of(self.rows, self._course(subject), wanted.kind or None)
        return [
            one
            for one in found
            if (not one_of_them or one.id == f"{self.edition}/{wanted.of}")
            and wanted.state in {None, one.state}
            and wanted.reason in {None, one.reason}
            and wanted.undated in {None, one.starts_at is None}
            and wanted.moved in {None, one.moves > 0}
            and wanted.catch_up in {None, one.catch_up_for is not None}
            and self._within(one.starts_at, wanted.between)
            and self._takes_part(one, wanted.with_person)
        ]

    def _takes_part(self, one: Session, person: str) -> bool:
        return not person or sessions.participant(self.rows, one.id, person) is not None

    def _starts(self, wanted: SessionsWanted) -> list[datetime]:
        found = (one.starts_at for one in self._sessions(wanted))
        return sorted(at for at in found if at is not None)

    def _duties(self, wanted: DutiesWanted) -> int:
        return sum(
            one.kind is wanted.kind
            and wanted.state in {None, one.state}
            and wanted.holder in {"", one.holder_id}
            and wanted.reason in {"", one.reason}
            for one in obligations_of(self.rows, self._course(wanted.of))
        )

    def _journal(self, wanted: JournalWanted) -> int:
        return sum(
            one.event == wanted.event
            and wanted.actor in {"", one.actor}
            and self._within(one.at, wanted.between)
            for one in entries_about(self.rows, self._course(wanted.of))
        )

    def _within(self, at: datetime | None, span: Span | None) -> bool:
        if span is None:
            return True
        return at is not None and self._instant(span[0]) <= at < self._instant(span[1], end=True)

    def _instant(self, when: date, *, end: bool = False) -> datetime:
        if isinstance(when, datetime):
            return instant(self.calendar, when)
        return self.calendar.instant(when + timedelta(days=int(end)), time())


def _times(local: Iterable[datetime]) -> str:
    return ", ".join(f"{at:%Y-%m-%d %H:%M}" for at in sorted(local))
