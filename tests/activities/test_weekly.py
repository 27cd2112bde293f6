from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.planning.builders import at, shown


def test_it_walks(coached: CourseScene) -> None:
    for one in coached.sessions(coached.executive):
        print(one.id, one.starts_at and shown(one.starts_at), one.state)
    for one in coached.sessions(coached.of(SVC_16)):
        print(one.id, one.starts_at and shown(one.starts_at), one.state)
    print(coached.known[coached.course_id])
    coached.accepted(SVC_17)
    coached.signed(SVC_17)
    coached.onboarded(SVC_17, weekday=0, day=__import__("datetime").date(2024, 11, 14))
    coached.walk(at("2025-04-20"))
    print(len(coached.walked), coached.stage(SVC_16), coached.known)
