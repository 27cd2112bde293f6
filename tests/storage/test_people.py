import time
from datetime import date
from functools import partial

from schemas.people import AddressState, Role
from storage import ledger, people
from storage.database import Database
from storage.tables.people import AbsenceRow, RoleRow
from tests.databases import on_postgresql
from tests.storage.scene import COACH, COORDINATOR, LEAD, SPONSOR, a_message, set_scene
from tests.storage.together import together


def test_people_are_found_by_id_and_unknown_ones_left_out(database: Database) -> None:
    with database.transaction() as rows:
        set_scene(rows)
        found = people.people(rows, [LEAD, "PER-9999", LEAD])

    assert list(found) == [LEAD]
    assert found[LEAD].email == "PER-0001@ward.example"


def test_a_bad_address_is_remembered(database: Database) -> None:
    """M11: the address is marked; the person stays."""
    with database.transaction() as rows:
        set_scene(rows)
        people.mark_address(rows, LEAD, AddressState.BAD)
        people.mark_address(rows, "PER-9999", AddressState.BAD)

    with database.reading() as rows:
        lead = people.person(rows, LEAD)
    assert lead is not None
    assert lead.address_state is AddressState.BAD


def test_holders_of_a_role_are_found_by_scope_in_the_order_of_their_ids(
    database: Database,
) -> None:
    with database.transaction() as rows:
        set_scene(rows)
        for person, role, scope in (
            (COORDINATOR, Role.COORDINATOR, "*"),
            (COACH, Role.COORDINATOR, "wider-2024"),
            (LEAD, Role.COORDINATOR, "other-2024"),
            (SPONSOR, Role.EXECUTIVE_SPONSOR, "*"),
        ):
            rows.add(RoleRow(person_id=person, role=role, scope=scope))
        rows.flush()

        held = people.holders(rows, Role.COORDINATOR, [people.PROGRAMME, "wider-2024"])

    assert [one.person_id for one in held] == [COACH, COORDINATOR]


def test_an_absence_counts_on_its_first_and_its_last_day(database: Database) -> None:
    """X05: whoever is away is passed over."""
    with database.transaction() as rows:
        set_scene(rows)
        days = {"from_day": date(2024, 9, 2), "until_day": date(2024, 9, 6)}
        rows.add(AbsenceRow(person_id=LEAD, **days))
        rows.flush()
        away = {day: people.absent(rows, [LEAD, COACH], date(2024, 9, day)) for day in (1, 2, 6, 7)}

    assert away == {1: set(), 2: {LEAD}, 6: {LEAD}, 7: set()}


def test_people_who_are_held_in_any_order_are_never_waited_for_in_a_circle(
    database: Database,
) -> None:
    with database.transaction() as rows:
        set_scene(rows)

    def hold(ids: list[str]) -> None:
        for _ in range(10):
            with database.transaction() as rows:
                people.lock_people(rows, ids)
                time.sleep(0.002)

    orders = [[LEAD, SPONSOR, COACH], [COACH, SPONSOR, LEAD], [SPONSOR, COACH, LEAD]]
    assert together([partial(hold, one) for one in orders]) == [None] * 3


@on_postgresql
def test_a_message_to_a_held_person_is_planned_meanwhile(database: Database) -> None:
    """Booking a coach's hour must not hold up all that is written about that coach."""
    with database.transaction() as rows:
        set_scene(rows)

    with database.transaction() as rows:
        people.lock_people(rows, [LEAD])
        with database.transaction() as others:
            assert ledger.plan(others, [a_message("a" * 32)]).total() == 1
