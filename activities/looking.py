"""Looking again: the one remedy for a lost signal, a lost answer and an older history."""

from activities.transaction import CourseActivities, course_transaction, known_course, state_of
from schemas.courses import CourseState
from schemas.inputs import ReadAgenda
from storage import commands


class AgendaActivities(CourseActivities):
    """Reads a course without changing it."""

    @course_transaction
    def read_agenda(self, question: ReadAgenda) -> CourseState:
        """Return the course as it is, and note that its workflow has seen it.

        Raises:
            ApplicationError: ``UnknownCourse``.

        """
        with self._database.transaction() as rows:
            course = known_course(rows, question.course_id)
            commands.acknowledge(rows, course.id, course.version)
            return state_of(rows, course, question.at)
