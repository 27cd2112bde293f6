"""Looking again: the one remedy for a lost signal, a lost answer and an older history."""

from sqlalchemy.orm import Session

from activities.transaction import CourseActivities, course_transaction, known_course, state_of
from schemas.courses import Course, CourseState, JournalEntry
from schemas.inputs import ReadAgenda
from storage import commands, editions, journal, restoring


class AgendaActivities(CourseActivities):
    """Reads a course without changing it."""

    @course_transaction
    def read_agenda(self, question: ReadAgenda) -> CourseState:
        """Return the course as it is, and note that its workflow has seen it.

        Where the workflow knows a higher version than there is, the database is an older copy:
        whether a person has dealt with that since decides whether it is to be believed.

        Raises:
            ApplicationError: ``UnknownCourse``.

        """
        with self._database.transaction() as rows:
            course = known_course(rows, question.course_id)
            commands.acknowledge(rows, course.id, course.version)
            state = state_of(rows, course, question.at)
            if question.known_at is None or question.known_version <= course.version:
                return state
            restored = restoring.last_restored(rows)
            if restored is None or restored.at <= question.known_at:
                _note(rows, course, question, restoring.LOST)
                return state
            _note(rows, course, question, restoring.RECONCILED)
            return state.model_copy(update={"restored": True})


def _note(rows: Session, course: Course, question: ReadAgenda, event: str) -> None:
    """Write down, once, what the workflow knew that the database does not."""
    request_id = f"{event}/{question.known_version}/{course.id}"
    entries = journal.entries_about(rows, course.id)
    if any(one.event == event and one.request_id == request_id for one in entries):
        return
    entry = JournalEntry(
        course_id=course.id,
        edition_id=course.edition_id,
        event=event,
        subject=course.id,
        actor="programme",
        at=question.at,
        recorded_at=question.at,
        request_id=request_id,
        policy_version=editions.latest_edition(rows, course.edition_id).version,
        facts={"known": question.known_version, "version": course.version},
    )
    journal.write(rows, [entry])
