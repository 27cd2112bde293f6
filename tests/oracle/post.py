"""The oracle's post: which messages there are, and what becomes of each when it falls due."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from schemas.letters import Topic
from schemas.messages import MessageKind
from schemas.people import Channel
from tests.oracle.days import PLAIN
from tests.oracle.world import OPEN, Course, Mail, Meeting, Ward, World

CHASES = {MessageKind.CHASE, MessageKind.ESCALATION}
STAYS_TRUE = {MessageKind.CANCELLATION, MessageKind.NOTICE}
RESTS = {MessageKind.REMINDER, MessageKind.DIGEST, *CHASES}
BAD = "bad-address-"
"""An address that begins so is refused for good by whoever takes the rehearsal's mail."""


def plan(world: World, mail: Mail) -> None:
    """Write a message down; one that was planned before stays as it is (M08)."""
    if mail.key in world.mails:
        return
    world.mails[mail.key] = mail
    world.written.add(mail.person)
    if mail.kind.is_calendar:
        for who in ("", mail.person):
            known = world.versions.get((mail.subject, who), -1)
            world.versions[mail.subject, who] = max(known, mail.sequence)
    if mail.kind is MessageKind.REMINDER:
        world.steps[mail.subject, mail.person, mail.sequence].append(mail)
    if mail.state == "waiting":
        _wait(world, mail)


def _wait(world: World, mail: Mail) -> None:
    world.wait(mail)
    world.when(mail.due, lambda: deliver(world), rank=1)


def tell(
    world: World,
    course: Course,
    topic: Topic,
    *persons: str | None,
    about: str = "",
    step: str = "",
) -> None:
    """Plan a notice to each person, in the window (M02)."""
    for person in dict.fromkeys(persons):
        if person:
            mail = Mail(
                MessageKind.NOTICE,
                topic.value,
                about or course.id,
                0,
                f"{topic.value}:{step}" if step else topic.value,
                person,
                course,
                world.days.later(world.now),
            )
            taken_back = world.mails.get(mail.key)
            plan(world, mail)
            if taken_back is not None and taken_back.reason == "nothing_to_say":
                revive(world, taken_back)


def end(world: World, mail: Mail, state: str, reason: str = "") -> None:
    """End a message."""
    mail.state, mail.reason = state, reason
    world.waiting.pop(mail.key, None)


def revive(world: World, mail: Mail, *, whatever: bool = False) -> None:
    """Let a message wait again that never went."""
    if whatever or mail.state in {"suppressed", "superseded"}:
        mail.state, mail.reason = "waiting", ""
        _wait(world, mail)


def end_about(world: World, subject: str, reason: str) -> None:
    """Supersede what waits about a subject (M05)."""
    for mail in [one for one in world.waiting.values() if one.subject == subject]:
        end(world, mail, "superseded", reason)


def end_of_course(world: World, course: Course, reason: str, *, notices: bool) -> None:
    """Suppress what waits for a course that is over, or leaves (X13)."""
    stays = {MessageKind.CANCELLATION} if notices else STAYS_TRUE
    for mail in [one for one in world.waiting.values() if one.course is course]:
        if mail.kind not in stays and mail.topic != Topic.BUNDLE:
            end(world, mail, "suppressed", reason)


def deliver(world: World) -> None:
    """Judge all that is due now, and hand over what may go (M07)."""
    going: list[Mail] = []
    for mail in world.due():
        verdict = _judged(world, mail)
        if isinstance(verdict, datetime):
            mail.due = verdict
            _wait(world, mail)
        elif verdict is None:
            going.append(mail)
        else:
            end(world, mail, *verdict)
            if verdict[1] == "prefers_phone":
                world.phoned[mail.person] = world.now
    for mail in _bundled(world, going):
        _hand_over(world, mail)


def _judged(world: World, mail: Mail) -> tuple[str, str] | datetime | None:
    """Return how a message ends without going, until when it waits, or none: it goes."""
    for ask in (_of_the_course, _of_the_session, _of_what_it_asks, _of_the_reader):
        said = ask(world, mail)
        if said is not None:
            return said
    if mail.kind in RESTS and (
        world.rests_now(mail.course) or world.rests_now(mail.course, mail.due)
    ):
        return "suppressed", "paused"
    if mail.kind is MessageKind.REMINDER and _is_nearer(world, mail):
        return "superseded", "nearer_step"
    goes = world.now if mail.kind.is_calendar else world.days.later(world.now)
    if mail.useful is not None and goes >= mail.useful:
        return "too_late", "inside_lead"
    return None if goes == world.now else goes


def _of_the_course(world: World, mail: Mail) -> tuple[str, str] | None:
    if mail.kind in STAYS_TRUE:
        return None
    if isinstance(mail.course, Ward) and mail.course.withdrawn is not None:
        return "suppressed", "withdrawn"
    return ("suppressed", "edition_ended") if world.home.ended else None


def _of_the_session(world: World, mail: Mail) -> tuple[str, str] | None:
    one = world.meetings.get(mail.subject)
    if one is None or mail.kind in STAYS_TRUE | CHASES:
        return None
    if one.state == "cancelled":
        return "superseded", "session_cancelled"
    if mail.sequence != one.sequence or one.starts is None:
        return "superseded", "session_moved"
    if one.state != "to_come" or world.now >= one.starts:
        return "too_late", "session_over"
    return None


def _of_what_it_asks(world: World, mail: Mail) -> tuple[str, str] | None:
    task = world.tasks.get(mail.subject)
    if task is not None and mail.kind in CHASES:
        if task.state not in OPEN:
            return "suppressed", "already_done"
        if task.state == "promised" or mail.sequence != task.generation:
            return "superseded", "nothing_to_say"
    one = world.meetings.get(mail.subject)
    if mail.asks and one is not None and mail.person in one.confirmed:
        return "suppressed", "confirmed"
    return None


def _of_the_reader(world: World, mail: Mail) -> tuple[str, str] | None:
    person = world.people.persons[mail.person]
    if person.channel in {Channel.PHONE, Channel.EASY_READ}:
        return "suppressed", "prefers_phone"
    reader = _reader(world, mail)
    if not world.people.persons[reader].email:
        return "suppressed", "no_address"
    return ("suppressed", "bad_address") if reader in world.bad else None


def _reader(world: World, mail: Mail) -> str:
    person = world.people.persons[mail.person]
    by_assistant = person.channel is Channel.ASSISTANT and person.assistant
    return person.assistant or "" if by_assistant else mail.person


def _is_nearer(world: World, mail: Mail) -> bool:
    """Tell whether a later step of the same session is due as well (M04)."""
    steps = world.steps[mail.subject, mail.person, mail.sequence]
    return any(mail.due < one.due <= world.now and one.state == "waiting" for one in steps)


def _bundled(world: World, going: list[Mail]) -> list[Mail]:
    """Put reminders that go to one person together into one mail."""
    reminders: defaultdict[str, list[Mail]] = defaultdict(list)
    for mail in going:
        if mail.kind is MessageKind.REMINDER:
            reminders[mail.person].append(mail)
    alone = [
        one
        for one in going
        if one.kind is not MessageKind.REMINDER or len(reminders[one.person]) == 1
    ]
    for person, theirs in reminders.items():
        if len(theirs) > 1:
            first = min(theirs, key=lambda one: one.due)
            subject = f"{world.edition.id}/{person}/bundle/{world.days.day(world.now)}"
            digest = Mail(
                MessageKind.DIGEST,
                Topic.BUNDLE.value,
                subject,
                0,
                first.due.isoformat(),
                person,
                first.course,
                world.now,
            )
            for one in theirs:
                end(world, one, "bundled")
            world.mails[digest.key] = digest
            alone.append(digest)
    return alone


def _hand_over(world: World, mail: Mail) -> None:
    reader = _reader(world, mail)
    if (world.people.persons[reader].email or "").startswith(BAD):
        end(world, mail, "refused", "bad_address")
        world.bad.add(reader)
        world.written.add(reader)
        return
    end(world, mail, "accepted")
    one = world.meetings.get(mail.subject)
    if one is not None and mail.kind.is_calendar:
        gone = mail.kind is MessageKind.CANCELLATION
        one.diaries[mail.person] = None if gone else one.starts


# -- what a session calls for --------------------------------------------------------------------


def remind(world: World, one: Meeting, persons: list[str]) -> None:
    """Plan the reminders of a session (M01-M04)."""
    for mail in reminders(world, one, persons):
        plan(world, mail)


def reminders(world: World, one: Meeting, persons: list[str]) -> Iterator[Mail]:
    """Yield the reminders that a session calls for, those that are too late as such."""
    if one.starts is None:
        return
    latest = one.starts - _span(world)
    steps = one.kind.reminders
    for step in steps:
        day = world.days.before(world.days.day(one.starts), step.before)
        due = world.days.earlier(world.days.at(day, step.at))
        for person in persons:
            weekly_team = one.kind.cadence == "weekly" and one.people[person] == "team_member"
            if one.people[person] not in step.to and not weekly_team:
                continue
            late = due <= world.now
            yield Mail(
                MessageKind.REMINDER,
                one.kind.id,
                one.id,
                one.sequence,
                step.id,
                person,
                one.course,
                due,
                useful=latest,
                asks=step.asks == "confirm" and step is not steps[-1],
                state="too_late" if late else "waiting",
                reason="inside_lead" if late else "",
            )


def _span(world: World) -> timedelta:
    delay = world.edition.mail.latest_before_start
    return delay.amount * PLAIN[delay.unit]


def invite(world: World, one: Meeting, persons: list[str], *, at_once: bool = False) -> None:
    """Plan an invitation for each person: a rolling stretch ahead, or at once (M18)."""
    if one.starts is None:
        return
    due = world.now if at_once else invites_at(world, one)
    for person in persons:
        plan(world, calendar_entry(MessageKind.INVITATION, one, person, due))


def invites_at(world: World, one: Meeting) -> datetime:
    """Return when people are invited to a session that has a day."""
    assert one.starts is not None
    if one.kind.invite_ahead_days is None:
        return world.now
    day = world.days.day(one.starts) - timedelta(days=one.kind.invite_ahead_days)
    return max(world.now, world.days.earlier(world.days.at(day, world.days.opens)))


def correct(world: World, one: Meeting, *persons: str) -> None:
    """Put right each diary, or some people's, that shows something else (M05, M17)."""
    takes_place = one.state == "to_come" and one.starts is not None
    for person, shown in sorted(one.diaries.items()):
        stands = takes_place and person in one.people
        if persons and person not in persons:
            continue
        if shown is None or (stands and shown == one.starts):
            continue
        length = timedelta(minutes=one.kind.minutes)
        if stands:
            plan(world, calendar_entry(MessageKind.MOVE, one, person, world.now))
        elif shown + length > world.now:
            plan(world, calendar_entry(MessageKind.CANCELLATION, one, person, world.now))


def calendar_entry(
    kind: MessageKind, one: Meeting, person: str, due: datetime, *, step: str = ""
) -> Mail:
    """Return what changes somebody's diary."""
    useful = None if kind is MessageKind.CANCELLATION else one.starts
    return Mail(
        kind, one.kind.id, one.id, one.sequence, step, person, one.course, due, useful=useful
    )
