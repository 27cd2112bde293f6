"""The dispatcher's questions about one message, answered from what the database says of it."""

from datetime import datetime

from planning.calendar import calendar_of
from planning.judgement import End, MessageFacts, Recipient, Rules, Send, Verdict, judge
from planning.working_time import Interval, planned_pauses
from schemas.courses import Stage
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.letters import Topic
from schemas.messages import Message, MessageKind
from schemas.people import Channel, Person
from schemas.sessions import Participant
from storage.circumstances import Circumstances


def verdict_of(
    message: Message, around: Circumstances, at: datetime, *, says_something: bool = True
) -> Verdict:
    """Decide what becomes of a message at an instant of the programme (M07).

    A digest of reminders goes as long as one of them still would, and otherwise ends as they do.
    """
    rules = rules_of(around.editions[message.edition_id])
    facts = facts_of(message, around, at, says_something=says_something)
    if not is_bundle(message):
        return judge(facts, at, rules)
    carried = [verdict for _, verdict in _carried(message, around, at)]
    if any(isinstance(one, Send) for one in carried):
        return Send()
    return next((one for one in carried if isinstance(one, End)), judge(facts, at, rules))


def still_carried(digest: Message, around: Circumstances, at: datetime) -> tuple[Message, ...]:
    """Return the reminders of a digest that would still go."""
    return tuple(one for one, said in _carried(digest, around, at) if isinstance(said, Send))


def _carried(digest: Message, around: Circumstances, at: datetime) -> list[tuple[Message, Verdict]]:
    """Judge what a digest carries, none of it before its own instant."""
    members = around.bundled.get(digest.key, ())
    return [(one, verdict_of(one, around, max(at, one.due_at))) for one in members]


def facts_of(
    message: Message, around: Circumstances, at: datetime, *, says_something: bool = True
) -> MessageFacts:
    """Return what the rules need to know of a message at ``at``."""
    obligation = around.obligations.get(message.subject)
    part = part_in(around, message.subject, message.person_id)
    steps = around.steps_due.get((message.subject, message.person_id, message.sequence), ())
    return MessageFacts(
        message=message,
        session=around.sessions.get(message.subject),
        obligation=obligation,
        recipient=recipient_of(message, around),
        confirmed=part is not None and part.confirmed_at is not None,
        # What fell due in a pause stays unsaid when the pause is over (X09).
        paused=any(is_paused(message, around, moment) for moment in (at, message.due_at)),
        withdrawn=_has_withdrawn(message, around),
        edition_ended=_edition_has_ended(message, around),
        nearer_step_due=any(message.due_at < due_at <= at for due_at in steps),
        was_invited=message.kind is not MessageKind.CANCELLATION
        or (message.subject, message.person_id) in around.invited,
        says_something=says_something,
    )


def rules_of(edition: Edition) -> Rules:
    """Return what an edition says of sending."""
    return Rules(calendar_of(edition), edition.mail)


def is_bundle(message: Message) -> bool:
    """Tell whether a message is a digest of what would have been several reminders."""
    return message.kind is MessageKind.DIGEST and message.topic == Topic.BUNDLE


def reader_of(message: Message, around: Circumstances) -> Person | None:
    """Return who reads the mail: the person, or the assistant where that is preferred (M20)."""
    person = around.people.get(message.person_id)
    if person is None or person.channel is not Channel.ASSISTANT:
        return person
    return around.people.get(person.assistant_id or "")


def recipient_of(message: Message, around: Circumstances) -> Recipient:
    """Return how, and whether, the recipient can be reached (M11, M20)."""
    person = around.people.get(message.person_id)
    reader = reader_of(message, around)
    if person is None or reader is None:
        return Recipient(has_address=False)
    return Recipient(person.channel, bool(reader.email), reader.address_state)


def part_in(around: Circumstances, session_id: str, person_id: str) -> Participant | None:
    """Return a person's part in a session, if there is one."""
    for part in around.participants.get(session_id, ()):
        if part.person_id == person_id:
            return part
    return None


def is_paused(message: Message, around: Circumstances, at: datetime) -> bool:
    """Tell whether a pause of the message's course, or of its edition, covers ``at`` (X07, X08).

    A sponsor's course is one of its own: the pause of a service does not touch it.
    """
    edition = around.editions[message.edition_id]
    scopes = {message.course_id, edition_course_id(message.edition_id)}
    stored = [pause for scope in scopes for pause in around.pauses.get(scope, ())]
    pauses = [Interval(pause.from_at, pause.until_at) for pause in stored]
    return any(
        pause.covers(at) for pause in (*pauses, *planned_pauses(edition, calendar_of(edition)))
    )


def _has_withdrawn(message: Message, around: Circumstances) -> bool:
    course = around.courses.get(message.course_id)
    enrolment = around.enrolments.get(message.course_id)
    if course is not None and course.stage is Stage.WITHDRAWN:
        return True
    return (
        enrolment is not None
        and enrolment.course_id == message.course_id
        and enrolment.withdrawn_at is not None
    )


def _edition_has_ended(message: Message, around: Circumstances) -> bool:
    course = around.courses.get(edition_course_id(message.edition_id))
    return course is not None and course.ended_at is not None
