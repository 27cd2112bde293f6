"""What a plan reads of coaches (C16)."""

from runtime.bulk_coaches import loads_of
from schemas.people import Role
from tests.activities.scene import SVC_16, CourseScene


def test_a_sponsor_counts_as_coached_while_another_ward_of_theirs_is_not_begun(
    coached: CourseScene,
) -> None:
    """C16: SVC-17 has the same sponsor, an offer, and no executive coach of its own yet."""
    coach = coached.enrolment(SVC_16).executive_coach_id
    with coached.reading() as rows:
        loads = loads_of(rows, coached.edition, Role.EXECUTIVE_COACH)
    assert loads == {coach: 1}
