"""One act on many courses: item by item, and again after whatever happens in between (E08)."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from runtime.asking import EngineDown, Refused
from runtime.bulk import begin, carry_on
from runtime.bulk_absence import absence_plan
from runtime.bulk_arranging import Choice, begin_absence, begin_undo
from runtime.bulk_plans import BulkLine, BulkReader, Scope
from schemas.absences import Away, ChangeAct
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from storage import journal, operations
from storage.absences import absences_of
from storage.pauses import pauses_of
from tests.activities.autumn_days import weekly
from tests.activities.posting import Posted
from tests.activities.posting import autumn as autumn
from tests.activities.posting import autumn_template as autumn_template
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.activities.test_successions import merge_organisations
from tests.journeys import cast as people
from tests.runtime.played import PlayedProgramme

AWAY = Away(person_id=people.COACH, from_day=date(2024, 10, 7), until_day=date(2024, 10, 18))


@pytest.fixture
def engine(autumn: Posted) -> PlayedProgramme:
    return PlayedProgramme(autumn.play)


def said(play: CourseScene, act: OperationAct = OperationAct.PAUSE) -> Operation:
    return Operation(
        id="",
        edition_id=play.edition.id,
        act=act,
        scope="edition",
        actor=people.COORDINATOR,
        at=play.now,
        recorded_at=play.now,
        reason="acuity",
    )


def lines(play: CourseScene, **scope: str) -> tuple[BulkLine, ...]:
    with play.database.reading() as rows:
        reader = BulkReader.of(rows, play.edition, Scope(**scope), play.now)
        return reader.pausing(None)


def pausing(play: CourseScene, request_id: str | None = None) -> Operation:
    """Write the pause of every ward down."""
    items = [
        OperationItem(
            operation_id="",
            number=number,
            course_id=one.course_id,
            subject=one.subject,
            wish=one.wish or {},
        )
        for number, one in enumerate(lines(play), start=1)
    ]
    with play.database.transaction() as rows:
        return begin(rows, said(play), items, request_id=request_id, note="Winter pressure.")


def items_of(play: CourseScene, operation: Operation) -> tuple[OperationItem, ...]:
    with play.database.reading() as rows:
        return operations.items_of(rows, operation.id)


async def went_on(engine: PlayedProgramme, operation: Operation) -> list[tuple[int, ItemState]]:
    """Carry an operation on; return what was told of each item."""
    told: list[tuple[int, ItemState]] = []
    play = engine.play
    await carry_on(
        engine,
        play.database,
        operation,
        lambda: play.now,
        lambda item: told.append((item.number, item.state)),
    )
    return told


async def test_each_item_is_a_request_of_its_own_and_the_journal_ties_them_together(
    engine: PlayedProgramme,
) -> None:
    """E08: a region pauses, ward by ward."""
    play = engine.play
    operation = pausing(play)

    assert await went_on(engine, operation) == [(1, ItemState.DONE), (2, ItemState.DONE)]

    assert engine.asked == ["OP-1/1", "OP-1/2"]
    for number, service in enumerate((SVC_16, SVC_17), start=1):
        with play.database.reading() as rows:
            entries = journal.entries_about(rows, play.of(service))
        paused = next(one for one in entries if one.event == "course.paused")
        assert (paused.request_id, paused.reason) == (f"OP-1/{number}", "acuity")
        assert paused.note_id is not None
    with play.database.reading() as rows:
        about = journal.entries_about(rows, "OP-1")
        ended = operations.operation(rows, "OP-1")
    assert [one.event for one in about] == ["operation.began", "operation.ended"]
    assert ended is not None
    assert ended.ended_at is not None


async def test_it_goes_on_where_the_engine_stopped_answering(engine: PlayedProgramme) -> None:
    play = engine.play
    operation = pausing(play)
    engine.left = 1
    with pytest.raises(EngineDown):
        await went_on(engine, operation)
    assert [one.state for one in items_of(play, operation)] == [ItemState.DONE, ItemState.WAITING]

    engine.left = None
    assert await went_on(engine, operation) == [(2, ItemState.DONE)]
    assert await went_on(engine, operation) == []


async def test_what_was_committed_without_our_hearing_of_it_is_not_done_twice(
    engine: PlayedProgramme,
) -> None:
    """M08: a kill between the commit and the note of it."""
    play = engine.play
    operation = pausing(play)
    engine.left, engine.deaf = 1, True
    with pytest.raises(EngineDown):
        await went_on(engine, operation)
    before = (play.all_messages(), play.course(play.of(SVC_17)))

    engine.left = None
    assert await went_on(engine, operation) == [(2, ItemState.DONE)]

    assert engine.asked == ["OP-1/1", "OP-1/2", "OP-1/2"]
    assert (play.all_messages(), play.course(play.of(SVC_17))) == before
    assert items_of(play, operation)[1].answer.startswith("SVC-17 is paused until")


async def test_what_is_refused_is_left_and_the_others_are_done(engine: PlayedProgramme) -> None:
    play = engine.play
    operation = pausing(play)
    again = pausing(play)
    await went_on(engine, operation)
    assert await went_on(engine, again) == [(1, ItemState.REFUSED), (2, ItemState.REFUSED)]
    assert items_of(play, again)[0].answer == "SVC-16 is paused already."


def test_an_act_that_is_named_is_written_down_once(engine: PlayedProgramme) -> None:
    play = engine.play
    first, second = pausing(play, "winter"), pausing(play, "winter")
    assert first == second
    assert pausing(play).id != first.id


def test_a_scope_means_the_services_of_which_all_of_it_is_true(engine: PlayedProgramme) -> None:
    """E08."""
    play = engine.play
    everybody = [SVC_16, SVC_17]
    assert [one.service_id for one in lines(play)] == everybody
    assert [one.service_id for one in lines(play, region="north_west")] == everybody
    assert [one.service_id for one in lines(play, coach=people.COACH)] == everybody
    assert lines(play, region="london") == ()
    assert lines(play, region="north_west", coach=people.OTHER_COACH) == ()
    assert lines(play, organisation="ORG-02") == ()


def test_after_a_merger_a_scope_means_the_organisation_of_today(engine: PlayedProgramme) -> None:
    """E08, P02, E03: its region is the new one's too."""
    play = engine.play
    merge_organisations(play, play.day(play.now) + timedelta(days=1))
    play.walk(play.now + timedelta(days=2))
    everybody = [SVC_16, SVC_17]
    assert [one.service_id for one in lines(play, organisation="ORG-06")] == everybody
    assert [one.service_id for one in lines(play, region="south_west")] == everybody
    assert lines(play, organisation="ORG-01") == lines(play, region="north_west") == ()


def test_a_pause_says_what_it_would_take(engine: PlayedProgramme) -> None:
    """X07, X10: weeks, events, and what finds no week any more."""
    play = engine.play
    with play.database.reading() as rows:
        reader = BulkReader.of(rows, play.edition, Scope(), play.now)
        short, _ = reader.pausing(date(2024, 10, 11))
        last_day, _ = reader.pausing(date(2024, 10, 8))
        earlier, _ = reader.pausing(date(2024, 10, 7))
        long, _ = reader.pausing(date(2024, 12, 13))
    assert short.happens == "is paused: of its weekly sessions 2 go to other weeks"
    assert (earlier.happens, last_day.happens) == (
        "is paused: of its weekly sessions 1 go to other weeks",
        short.happens,
    ), "the last day of a pause is one of it"
    assert short.warnings == ()
    assert "find no week" in long.happens
    assert "the improvement event of 7 November 2024 loses its day" in long.warnings


def replaced(play: CourseScene, *named: str) -> Sequence[BulkLine]:
    with play.database.reading() as rows:
        reader = BulkReader.of(rows, play.edition, Scope(coach=people.COACH), play.now)
        return reader.replacing(people.COACH, named)


def test_a_coach_who_leaves_is_replaced_by_whoever_is_free_in_the_slot(
    engine: PlayedProgramme,
) -> None:
    """E01, C15, C16: the plan says so before it is refused, and warns beyond the usual."""
    play = engine.play
    one_each = tuple(one.model_copy(update={"most": 1}) for one in play.edition.caseloads)
    version = play.edition.version + 1
    play.use(play.edition.model_copy(update={"caseloads": one_each, "version": version}))
    first, second = replaced(play)
    assert (first.wish or {})["coach"] == people.OTHER_COACH
    assert (first.warnings, second.warnings) == (
        (),
        (f"{people.OTHER_COACH} would have 2 services; 1 are usual",),
    )
    nobody = replaced(play, people.COACH)
    assert [one.wish for one in nobody] == [None, None]


def arranged(play: CourseScene, *acts: ChangeAct) -> Operation:
    """Write down that the coach is away, and the proposals for it."""
    with play.database.transaction() as rows:
        plan = absence_plan(rows, play.edition, AWAY, play.now)
        choices = [
            Choice(touched=one, act=ChangeAct.COVER, coach=one.cover or "")
            if ChangeAct.COVER in acts
            else Choice(touched=one, act=ChangeAct.MOVE, starts_at=one.slots[0])
            for one in plan.touched
        ]
        return begin_absence(rows, plan, choices, said(play, OperationAct.ABSENCE))


@pytest.mark.parametrize("act", [ChangeAct.COVER, ChangeAct.MOVE])
async def test_an_absence_is_arranged_in_one_step_and_taken_back_in_one(
    autumn: Posted, engine: PlayedProgramme, act: ChangeAct
) -> None:
    """E01, C15, M05: the week after is as it was; taken back, all of it is."""
    play = autumn.play
    before = [(one.id, one.starts_at) for s in (SVC_16, SVC_17) for one in weekly(play, s)]
    operation = arranged(play, act)
    await went_on(engine, operation)
    assert [one.state for one in items_of(play, operation)] == [ItemState.DONE] * 2
    with play.database.reading() as rows:
        assert absences_of(rows, [people.COACH]) == (AWAY,)
        assert absence_plan(rows, play.edition, AWAY, play.now).touched == ()
    await autumn.until(play.now + timedelta(days=1))

    with play.database.transaction() as rows:
        undo = begin_undo(rows, operation, said(play), play.day(play.now))
    await went_on(engine, undo)

    assert [(one.id, one.starts_at) for s in (SVC_16, SVC_17) for one in weekly(play, s)] == before
    with play.database.reading() as rows:
        assert absences_of(rows, [people.COACH]) == ()
        assert len(absence_plan(rows, play.edition, AWAY, play.now).touched) == 4
    await autumn.until(play.now + timedelta(days=21), recording=True)
    assert autumn.wrong_entries() == []


async def test_what_was_never_carried_out_is_not_carried_out_after_it_was_taken_back(
    engine: PlayedProgramme,
) -> None:
    """E01: a kill in the middle, and then a person who thinks better of it."""
    play = engine.play
    operation = arranged(play, ChangeAct.COVER)
    engine.left = 1
    with pytest.raises(EngineDown):
        await went_on(engine, operation)
    engine.left = None
    with play.database.transaction() as rows:
        undo = begin_undo(rows, operation, said(play), play.day(play.now))
    await went_on(engine, undo)
    assert await went_on(engine, operation) == []
    with play.database.reading() as rows:
        assert len(absence_plan(rows, play.edition, AWAY, play.now).touched) == 4


def test_a_name_that_was_given_to_another_act_is_refused(engine: PlayedProgramme) -> None:
    """Nobody is told that a pause was done when they asked for its end."""
    play = engine.play
    known = pausing(play, "winter")
    other = said(play, OperationAct.RESUME)
    with play.database.transaction() as rows, pytest.raises(Refused, match=known.id):
        begin(rows, other, [], request_id="winter")


async def test_what_is_taken_back_while_it_is_carried_out_stays_as_it_was(
    engine: PlayedProgramme,
) -> None:
    """E01, M05: two people at once, one of whom thinks better of it."""
    play = engine.play
    operation = arranged(play, ChangeAct.COVER)
    undone: list[Operation] = []

    async def take_back() -> None:
        with play.database.transaction() as rows:
            undone.append(begin_undo(rows, operation, said(play), play.day(play.now)))
        await went_on(engine, undone[0])

    engine.before["OP-1/2"] = take_back
    await went_on(engine, operation)

    assert [one.state for one in items_of(play, operation)] == [ItemState.DONE, ItemState.REFUSED]
    assert [one.state for one in items_of(play, undone[0])] == [ItemState.DONE, ItemState.DONE]
    with play.database.reading() as rows:
        assert len(absence_plan(rows, play.edition, AWAY, play.now).touched) == 4


def test_a_return_that_is_said_twice_counts_from_the_first_time(engine: PlayedProgramme) -> None:
    """E01: a repeat on another day makes nobody away for longer."""
    play = engine.play
    operation = arranged(play, ChangeAct.COVER)
    for day in (date(2024, 10, 9), date(2024, 10, 11)):
        with play.database.transaction() as rows:
            begin_undo(rows, operation, said(play), day, request_id="back")
    with play.database.reading() as rows:
        (away,) = absences_of(rows, [people.COACH])
    assert away.until_day == date(2024, 10, 8)


def test_a_session_that_has_begun_does_not_move_with_its_day(engine: PlayedProgramme) -> None:
    """E24: those of the day that are still to come do."""
    play = engine.play
    session = weekly(play)[5]
    assert session.starts_at is not None
    day, before = play.day(session.starts_at), session.starts_at - timedelta(minutes=1)

    def moving() -> list[str]:
        with play.database.reading() as rows:
            reader = BulkReader.of(rows, play.edition, Scope(), play.now)
            return [one.subject for one in reader.moving(day, day + timedelta(days=2))]

    play.walk(before)
    assert session.id in moving()
    play.walk(session.starts_at)
    assert session.id not in moving()


async def test_what_would_have_been_by_now_is_not_put_back(engine: PlayedProgramme) -> None:
    """E01, E24: it stays where it was put; what is still to come goes back."""
    play = engine.play
    with play.database.reading() as rows:
        touched = absence_plan(rows, play.edition, AWAY, play.now).touched
    was = {one.session.id: one.session.starts_at for one in touched}
    operation = arranged(play, ChangeAct.MOVE)
    await went_on(engine, operation)
    later, at_first = next(
        (one, then)
        for one, then in was.items()
        if then and (moved := play.session(one).starts_at) and then < moved
    )
    play.walk(at_first + timedelta(minutes=1))
    with play.database.transaction() as rows:
        undo = begin_undo(rows, operation, said(play), play.day(play.now))
        changes = [operations.changes_of(one) for one in operations.items_of(rows, undo.id)]
    back = {one.session_id for theirs in changes for one in theirs}
    assert later not in back
    assert max(was) in back


async def test_what_goes_on_days_later_counts_from_then(engine: PlayedProgramme) -> None:
    """X07, E24, E28: sessions that have taken place meanwhile are not put elsewhere."""
    play = engine.play
    operation = pausing(play)
    engine.left = 1
    with pytest.raises(EngineDown):
        await went_on(engine, operation)
    play.walk(play.now + timedelta(days=9))
    begun = [one for one in weekly(play, SVC_17) if one.starts_at and one.starts_at < play.now]

    engine.left = None
    assert await went_on(engine, operation) == [(2, ItemState.DONE)]
    with play.database.reading() as rows:
        (paused,) = pauses_of(rows, [play.of(SVC_17)])
    assert paused.from_at == play.now
    assert weekly(play, SVC_17)[: len(begun)] == tuple(begun)
