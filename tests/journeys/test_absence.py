"""A coach is away for two weeks in autumn, on the real workflows (E01)."""

from datetime import date, timedelta

from runtime.bulk import carry_on
from runtime.bulk_absence import absence_plan
from runtime.bulk_arranging import Choice, begin_absence, begin_undo
from schemas.absences import Away, ChangeAct
from schemas.forms import ExecutiveCoachForm
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from schemas.people import Held, Person, Role
from storage import operations
from storage.records import add
from storage.tables.people import PersonRow, RoleRow
from tests.journeys import cast as people
from tests.journeys.servers import SkippedWorld
from tests.journeys.world import SVC_16, SVC_17, World
from tests.planning.builders import at

AWAY = Away(person_id=people.COACH, from_day=date(2024, 9, 9), until_day=date(2024, 9, 13))


def said(world: World) -> Operation:
    return Operation(
        id="",
        edition_id=world.edition.id,
        act=OperationAct.ABSENCE,
        scope="",
        actor=people.COORDINATOR,
        at=world.now,
        recorded_at=world.now,
    )


def leads(world: World, session_id: str) -> list[str]:
    cast = world.participants(session_id)
    return [one.person_id for one in cast if one.role is Role.DELIVERY_COACH]


async def went_on(world: World, operation: Operation) -> tuple[OperationItem, ...]:
    """Carry an operation on, and return its items."""
    told: list[OperationItem] = []
    await carry_on(world.programme, world.database, operation, lambda: world.now, told.append)
    with world.database.reading() as rows:
        return operations.items_of(rows, operation.id)


async def test_another_coach_covers_a_week_and_the_week_after_is_as_it_was(
    skipped: SkippedWorld,
) -> None:
    """E01, C15: two wards in one step; of what has happened nothing is taken back."""
    await skipped.open(SVC_16, SVC_17)
    await skipped.coaching(SVC_16, SVC_17)
    await skipped.go(at("2024-09-06", "12:07"))
    with skipped.database.transaction() as rows:
        plan = absence_plan(rows, skipped.edition, AWAY, skipped.now)
        choices = [
            Choice(touched=one, act=ChangeAct.COVER, coach=one.cover or "") for one in plan.touched
        ]
        operation = begin_absence(rows, plan, choices, said(skipped))
    items = await went_on(skipped, operation)
    assert [one.state for one in items] == [ItemState.DONE, ItemState.DONE]
    for service in (SVC_16, SVC_17):
        first, second, third = skipped.weekly(service)[:3]
        assert [leads(skipped, one) for one in (first, second, third)] == [
            [people.COACH],
            [people.OTHER_COACH],
            [people.COACH],
        ]

    await skipped.go(at("2024-09-10", "10:37"))
    with skipped.database.transaction() as rows:
        undo = begin_undo(rows, operation, said(skipped), skipped.day(skipped.now))
    (item,) = await went_on(skipped, undo)
    # The session at ten has begun; that at eleven is still to come.
    assert (item.course_id, item.state) == (skipped.of(SVC_17), ItemState.DONE)
    assert leads(skipped, skipped.weekly(SVC_16)[1]) == [people.OTHER_COACH]
    assert leads(skipped, skipped.weekly(SVC_17)[1]) == [people.COACH]
    await skipped.go(skipped.now + timedelta(days=1))
    assert skipped.due(skipped.now) == {}


async def test_another_executive_coach_takes_a_sponsor_over(skipped: SkippedWorld) -> None:
    """E01, C16: by the sponsor's own workflow, which leads what is to come from then on."""
    await skipped.open(SVC_16)
    role, new = Role.EXECUTIVE_COACH, "PER-EC2"
    with skipped.database.transaction() as rows:
        add(rows, PersonRow, [Person(id=new, name="Name of another executive coach")])
        add(rows, RoleRow, [Held(person_id=new, role=role, scope=skipped.edition.id)])
    await skipped.coaching(SVC_16)
    form = ExecutiveCoachForm(
        **skipped.said(edition=skipped.edition.id, request_id="swap"),
        sponsor=people.SPONSOR,
        coach=new,
    )
    answer = await skipped.programme.assign_executive_coach(form)
    again = await skipped.programme.assign_executive_coach(form)

    assert answer.text == f"{new} coaches {people.SPONSOR}, one of 1 sponsors."
    assert again == answer, "the same request is answered and not done again"
    found = skipped.sessions(skipped.executive)
    assert len(found) == 6
    for one in found:
        cast = [part.person_id for part in skipped.participants(one.id) if part.role is role]
        assert cast == [new]
