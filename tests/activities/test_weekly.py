from tests.activities.scene import SVC_16, CourseScene
from tests.planning.builders import at


def test_it_walks(coached: CourseScene) -> None:
    coached.walk(at("2024-10-20"))
    print(len(coached.walked), coached.stage(SVC_16), coached.known[coached.executive])
