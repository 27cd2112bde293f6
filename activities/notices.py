"""Notices inside a course transaction: somebody is told of something once."""

from dataclasses import replace

from activities.transaction import CourseTransaction
from planning.working_time import into_window_later
from schemas.letters import Topic
from schemas.messages import MessageKind
from storage import ledger


def tell(
    transaction: CourseTransaction,
    topic: Topic,
    *person_ids: str | None,
    subject: str = "",
    step: str = "",
    course_id: str = "",
    **facts: str | int,
) -> None:
    """Plan a notice to each person, in the mail window (M02).

    Args:
        transaction: What has happened.
        topic: What the notice says.
        person_ids: Whom it tells; none is nobody.
        subject: Session or obligation that it is about; empty: the course.
        step: Tells two notices of one topic about one subject apart.
        course_id: Course whose service it is about; empty: the one that tells.
        facts: Codes and instants that the text needs.

    """
    due_at = into_window_later(transaction.at, transaction.calendar, transaction.edition.mail)
    plan = transaction.messages
    if course_id:
        plan = replace(plan, course_id=course_id)
    notices = [
        plan.message(
            MessageKind.NOTICE,
            topic,
            subject or transaction.course.id,
            person_id,
            step=f"{topic.value}:{step}" if step else topic.value,
            due_at=due_at,
            facts=facts,
        )
        for person_id in dict.fromkeys(person_ids)
        if person_id is not None
    ]
    transaction.plan(notices)
    ledger.revive_taken_back(transaction.rows, [one.key for one in notices])


def take_back(transaction: CourseTransaction, subject: str, *topics: Topic) -> None:
    """Let notices that wait and are no longer true not go; told again, they go after all."""
    ledger.take_back(transaction.rows, subject, topics, transaction.at)
