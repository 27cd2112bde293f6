"""What a whole edition does while its services are coached: digests, and its end."""

from datetime import date

from schemas import commands
from schemas.courses import Stage
from schemas.letters import Topic
from schemas.messages import MessageKind, MessageState
from storage import courses
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at, shown


def digests(play: CourseScene) -> list[tuple[str, str, str]]:
    rows = play.messages(play.course_id, MessageKind.DIGEST)
    return [(shown(row.due_at), row.step, row.person_id) for row in rows]


def test_a_coach_hears_on_friday_of_the_week_to_come(coached: CourseScene) -> None:
    """M14: with every session; the executive coach in the weeks that have one."""
    coached.walk(at("2024-09-16"))
    assert digests(coached) == [
        ("Fri 2024-08-30 14:00", "2024-09-02", people.COACH),
        ("Fri 2024-09-06 14:00", "2024-09-09", people.COACH),
        ("Fri 2024-09-06 14:00", "2024-09-09", people.EXECUTIVE_COACH),
        ("Fri 2024-09-13 14:00", "2024-09-16", people.COACH),
    ]
    (first, *_) = coached.messages(coached.course_id, MessageKind.DIGEST)
    assert first.topic == Topic.COACH_WEEK
    assert first.useful_until is not None
    assert shown(first.useful_until) == "Mon 2024-09-02 12:00"
    assert first.facts == {"week": "2024-09-02"}


def test_a_coach_without_a_session_in_the_week_gets_no_digest(coached: CourseScene) -> None:
    """M14: a session that is cancelled is none."""
    first = coached.sessions(coached.of(SVC_16), "delivery")[0]
    coached.do(commands.CancelSession, coached.of(SVC_16), session_id=first.id)
    coached.walk(at("2024-09-03"))
    assert digests(coached) == []


def test_coaches_hear_of_the_week_after_the_break_on_its_first_morning(
    coached: CourseScene,
) -> None:
    """M14, X07: the Friday before lies in the pause; the weeks in it are not told of at all."""
    coached.edition_only()
    coached.walk(at("2025-01-11"))
    assert [row[:2] for row in digests(coached) if row[2] == people.COACH][-3:] == [
        ("Fri 2024-12-13 14:00", "2024-12-16"),
        ("Mon 2025-01-06 08:00", "2025-01-06"),
        ("Fri 2025-01-10 14:00", "2025-01-13"),
    ]


def test_a_digest_that_an_outage_made_late_still_tells_of_its_own_week(
    coached: CourseScene,
) -> None:
    """M14, E28: on Monday morning; once that has gone by it is left out, the next one goes."""
    coached.edition_only()
    coached.walk(at("2024-09-12"))
    before = len(digests(coached))
    coached.now = at("2024-09-16", "09:20")
    coached.walk(coached.now)
    assert digests(coached)[before:] == [("Mon 2024-09-16 09:20", "2024-09-16", people.COACH)]

    coached.now = at("2024-09-23", "12:00")
    coached.walk(at("2024-09-27", "14:00"))
    assert [row[1] for row in digests(coached)[before:]] == ["2024-09-16", "2024-09-30"] + [
        "2024-09-30"
    ] * (len(digests(coached)) - before - 2)


def test_a_phase_that_is_taken_late_leaves_the_digest_that_fell_due_meanwhile(
    coached: CourseScene,
) -> None:
    """M14: it opened on Tuesday, the digest was due on Friday, the worker is back on Sunday."""
    phase = coached.edition.phases[1]
    coaching = phase.model_copy(update={"id": "coaching", "opens": date(2024, 9, 3)})
    phases = (*coached.edition.phases, coaching)
    coached.use(coached.edition.model_copy(update={"version": 2, "phases": phases}))
    coached.edition_only()
    coached.walk(at("2024-09-02"))
    coached.now = at("2024-09-08")
    coached.walk(coached.now)
    assert coached.events("coaching") == ["phase.opened"]
    weeks = {row.step for row in coached.messages(coached.course_id, MessageKind.DIGEST)}
    assert weeks == {"2024-09-02", "2024-09-09"}


def test_the_edition_ends_after_its_services_have_completed(coached: CourseScene) -> None:
    """C03: the last records have five working days, and the edition two more."""
    coached.edition_only()
    coached.walk(at("2025-04-30"))
    course = coached.course(coached.course_id)
    assert course.stage is Stage.FINISHED
    assert course.ended_at is not None
    assert shown(course.ended_at) == "Tue 2025-04-08 12:00"
    assert coached.stage(SVC_16) is Stage.COMPLETED


def test_an_edition_that_ends_early_ends_everything_that_belongs_to_it(
    coached: CourseScene,
) -> None:
    """X14: wherever each of them stands; nothing is chased on, and every workflow returns."""
    coached.do(commands.EndEdition, coached.course_id, reason="funding")
    coached.walk(coached.now)

    assert coached.stage(SVC_16) is Stage.COMPLETED
    assert coached.stage(SVC_17) is Stage.NOT_PLACED
    with coached.reading() as rows:
        everybody = courses.courses_of(rows, coached.edition.id)
    assert [one.id for one in everybody if one.ended_at is None] == []
    still_open = [
        one for course in everybody for one in coached.obligations(course.id) if one.state.is_open
    ]
    assert still_open == []
    waiting = [one for one in coached.all_messages() if one.state is MessageState.WAITING]
    assert {one.kind for one in waiting} <= {MessageKind.NOTICE, MessageKind.CANCELLATION}
