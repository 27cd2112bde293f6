import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rehearsal.acts import Act, ask
from rehearsal.cast import Cast, play
from rehearsal.script import TROUBLES, AnswerLine, Conduct, ConductLine, EventLine, Verb
from rehearsal.script_files import Script
from schemas.delays import DelayValue, Unit
from schemas.edition import Edition
from schemas.forms import Answer, EditionForm
from schemas.obligations import ObligationKind
from schemas.sessions import SessionReason, SessionState
from storage.absences import absences_of
from storage.database import Database
from storage.operations import operations_of
from tests.databases import on_sqlite
from tests.rehearsal.stage import (
    COACH,
    LEAD,
    PARTNER,
    FakeProgramme,
    add_session,
    add_task,
    open_service,
)

pytestmark = on_sqlite

AT = datetime(2024, 9, 3, 9, tzinfo=UTC)
HOUR = DelayValue(amount=1, unit=Unit.HOURS)


def days(amount: int) -> DelayValue:
    return DelayValue(amount=amount, unit=Unit.WORKING_DAYS)


def a_script(**parts: Any) -> Script:
    return Script(edition="wider", coordinator="CO-01", **parts)


def conducts(*lines: ConductLine) -> dict[tuple[str, str, int], ConductLine]:
    return {(line.subject, line.kind, line.number): line for line in lines}


def a_conduct(how: Conduct = Conduct.HELD, **parts: Any) -> ConductLine:
    kind = parts.pop("kind", "delivery")
    return ConductLine(subject="*", kind=kind, number=0, conduct=how, after=HOUR, **parts)


async def look_until(cast: Cast, *moments: datetime) -> list[tuple[str, Any]]:
    """Let the cast look up at these moments, and return what was asked."""
    for moment in moments:
        await cast.look_up(moment)
        await cast.rest()
    assert isinstance(cast.door, FakeProgramme)
    return [(one.method, one.form) for one in cast.door.asked]


async def test_a_session_is_recorded_when_its_coach_gets_round_to_it(database: Database) -> None:
    open_service(database)
    session = add_session(database, 1, AT)
    cast = Cast(a_script(conducts=conducts(a_conduct())), FakeProgramme(database), database)
    assert await look_until(cast, AT + timedelta(minutes=119)) == []
    ((method, form),) = await look_until(cast, AT + timedelta(minutes=121))
    assert (method, form.session, form.actor) == ("record", session, COACH)
    assert form.at == AT + timedelta(hours=2)
    assert form.outcome is SessionState.HELD
    assert {COACH, LEAD} <= set(form.attended)


async def test_nothing_is_recorded_twice_whatever_is_killed(database: Database) -> None:
    """R15: the cast asks again under the same name, also when it was itself started anew."""
    open_service(database)
    for number in range(1, 6):
        add_session(database, number, AT + timedelta(days=number))
    script = a_script(conducts=conducts(a_conduct()))
    programme = FakeProgramme(database, down=3)
    first = Cast(script, programme, database)
    late = AT + timedelta(days=10)
    await first.look_up(late)
    await asyncio.sleep(0)
    first.leave()
    second = Cast(script, programme, database)
    await look_until(second, late, late)
    assert len(programme.committed) == 5
    assert first.played.tried_again + second.played.tried_again >= 1
    assert second.due(late) == []


async def test_an_act_that_the_engine_never_heard_of_is_asked_again(database: Database) -> None:
    open_service(database)
    add_session(database, 1, AT)
    programme = FakeProgramme(database, down=2, deaf=True)
    cast = Cast(a_script(conducts=conducts(a_conduct())), programme, database)
    asked = await look_until(cast, AT + timedelta(hours=3))
    assert [form.request_id for _, form in asked] == [asked[0][1].request_id] * 3
    assert (cast.played.done, cast.played.tried_again) == (1, 2)


async def test_a_missed_session_is_recorded_with_its_reason(database: Database) -> None:
    """X02: why is a code."""
    open_service(database)
    add_session(database, 1, AT)
    line = a_conduct(Conduct.MISSED, why=SessionReason.STAFFING)
    cast = Cast(a_script(conducts=conducts(line)), FakeProgramme(database), database)
    ((_, form),) = await look_until(cast, AT + timedelta(hours=3))
    assert (form.outcome, form.why) == (SessionState.MISSED, SessionReason.STAFFING)


async def test_a_coach_who_cannot_come_calls_off_beforehand(database: Database) -> None:
    """X06: what the programme causes is called off, not missed."""
    open_service(database)
    add_session(database, 1, AT)
    line = a_conduct(Conduct.CANCELLED, why=SessionReason.COACH_UNAVAILABLE)
    cast = Cast(a_script(conducts=conducts(line)), FakeProgramme(database), database)
    assert await look_until(cast, AT - timedelta(hours=4)) == []
    ((method, form),) = await look_until(cast, AT - timedelta(hours=2))
    assert (method, form.actor, form.why) == ("cancel", COACH, SessionReason.COACH_UNAVAILABLE)


async def test_the_silent_say_nothing(database: Database) -> None:
    """X01: what nobody records is left to the chase."""
    open_service(database)
    add_session(database, 1, AT)
    cast = Cast(
        a_script(conducts=conducts(a_conduct(Conduct.SILENT))), FakeProgramme(database), database
    )
    assert await look_until(cast, AT + timedelta(days=3)) == []


async def test_those_who_are_asked_confirm_soon_after(database: Database) -> None:
    """M03, X12: partners in time for the check three weeks ahead; a weekly session asks nobody."""
    open_service(database)
    add_session(database, 1, AT)
    event = add_session(database, 1, AT, kind="improvement_event")
    lines = conducts(a_conduct(confirms=100), a_conduct(kind="improvement_event", confirms=100))
    cast = Cast(a_script(conducts=lines), FakeProgramme(database), database)
    assert await look_until(cast, AT - timedelta(days=43)) == []
    asked = await look_until(cast, AT - timedelta(days=22))
    assert {(method, form.session, form.person) for method, form in asked} == {
        ("confirm", event, who) for who in (COACH, LEAD, PARTNER)
    }


async def test_an_obligation_is_answered_after_its_working_days(database: Database) -> None:
    open_service(database)
    add_task(database, ObligationKind.TEAM_NAMED, AT)
    answer = AnswerLine(
        subject="*", obligation=ObligationKind.TEAM_NAMED, after=days(3), verb=Verb.TEAM
    )
    cast = Cast(a_script(answers=(answer,)), FakeProgramme(database), database)
    assert await look_until(cast, AT + timedelta(days=2, hours=23)) == []
    ((method, form),) = await look_until(cast, AT + timedelta(days=4))
    assert (method, form.service, form.actor) == ("name_team", "SVC-16", LEAD)
    assert form.at == datetime(2024, 9, 6, 9, tzinfo=UTC)


async def test_a_line_of_its_own_takes_the_place_of_everybodys(database: Database) -> None:
    open_service(database)
    add_task(database, ObligationKind.COMMITMENTS, AT)
    everybody = AnswerLine(subject="*", obligation=ObligationKind.COMMITMENTS, verb=Verb.SIGN)
    silent = AnswerLine(subject="SVC-16", obligation=ObligationKind.COMMITMENTS)
    cast = Cast(a_script(answers=(everybody, silent)), FakeProgramme(database), database)
    assert await look_until(cast, AT + timedelta(days=9)) == []


async def test_what_the_script_does_not_settle_is_left_to_the_chase(database: Database) -> None:
    open_service(database)
    add_task(database, ObligationKind.SLOT_CHOSEN, AT, holder=COACH)
    line = AnswerLine(subject="*", obligation=ObligationKind.SLOT_CHOSEN, verb=Verb.SLOT)
    cast = Cast(a_script(answers=(line,)), FakeProgramme(database), database)
    assert await look_until(cast, AT + timedelta(days=9)) == []


async def test_the_coordinator_acts_for_others_and_where_nobody_holds(database: Database) -> None:
    """R18: who acts is said, whoever it is done for."""
    open_service(database)
    add_task(database, ObligationKind.COMMITMENTS, AT, holder=None)
    line = AnswerLine(
        subject="*", obligation=ObligationKind.COMMITMENTS, verb=Verb.SIGN, reason="by_phone"
    )
    cast = Cast(a_script(answers=(line,)), FakeProgramme(database), database)
    ((_, form),) = await look_until(cast, AT + timedelta(days=1))
    assert (form.actor, form.reason, form.commitments) == ("CO-01", "by_phone", ())


async def test_a_catch_up_is_tried_on_one_day_after_the_other(database: Database) -> None:
    """X02: until a time suits everybody; where none does it is let go."""
    open_service(database)
    missed = add_session(database, 1, AT)
    task = add_task(database, ObligationKind.CATCH_UP, AT, subject=missed, holder=COACH)
    line = AnswerLine(subject="*", obligation=ObligationKind.CATCH_UP, verb=Verb.CATCH_UP)
    taken = FakeProgramme(database, refuses=lambda _method, form: "taken" if _early(form) else "")
    cast = Cast(a_script(answers=(line,)), taken, database)
    asked = await look_until(cast, AT + timedelta(hours=3))
    assert [form.starts.day for _, form in asked] == [4, 4, 5, 5, 6]
    assert cast.played.refused == []

    never = FakeProgramme(
        database, refuses=lambda method, _form: "taken" if method == "catch_up" else ""
    )
    asked = await look_until(
        Cast(a_script(answers=(line,)), never, database), AT + timedelta(days=1)
    )
    assert asked[-1][0] == "close_obligation"
    assert (asked[-1][1].obligation, asked[-1][1].waived) == (task, True)


def _early(form: Any) -> bool:
    return bool(form.starts < datetime(2024, 9, 6))  # noqa: DTZ001 - local, as it is asked


async def test_a_refusal_is_kept_and_not_asked_again(database: Database) -> None:
    open_service(database)
    event = EventLine(at=AT, actor=LEAD, verb=Verb.WITHDRAW, target="SVC-16")
    programme = FakeProgramme(database, refuses=lambda _method, _form: "it has withdrawn already")
    cast = Cast(a_script(events=(event,)), programme, database)
    await look_until(cast, AT, AT + timedelta(days=1))
    ((act, why),) = cast.played.refused
    assert (act.target, why) == ("SVC-16", "it has withdrawn already")
    assert len(programme.asked) == 1


async def test_an_act_that_breaks_breaks_the_play(database: Database) -> None:
    open_service(database)
    event = EventLine(at=AT, actor=LEAD, verb=Verb.MOVE, target="wider/SVC-16/delivery/1")
    cast = Cast(a_script(events=(event,)), FakeProgramme(database), database)
    with pytest.raises(KeyError, match="starts"):
        await look_until(cast, AT)
    with pytest.raises(KeyError, match="starts"):
        await cast.look_up(AT)


async def test_acts_on_one_course_follow_each_other_in_the_order_of_their_times(
    database: Database,
) -> None:
    """E40: nobody is back before they have left, however long the engine takes."""
    open_service(database)
    leaves = EventLine(at=AT, actor=LEAD, verb=Verb.WITHDRAW, target="SVC-16")
    back = EventLine(at=AT + timedelta(hours=3), actor=LEAD, verb=Verb.UNDO, target="SVC-16")
    programme = FakeProgramme(database, down=1, deaf=True)
    cast = Cast(a_script(events=(back, leaves)), programme, database)
    asked = await look_until(cast, AT + timedelta(days=1))
    assert [method for method, _ in asked] == ["withdraw", "withdraw", "undo"]


async def test_a_play_ends_when_its_time_is_reached_and_all_is_answered(
    database: Database,
) -> None:
    open_service(database)
    add_session(database, 1, AT)
    cast = Cast(a_script(conducts=conducts(a_conduct())), FakeProgramme(database), database)
    times = iter([AT, AT + timedelta(hours=1), AT + timedelta(days=1)])
    played = await play(cast, lambda: next(times), AT + timedelta(hours=5))
    assert (played.done, played.refused) == (1, [])


IN_MANY = {Verb.ABSENCE, Verb.EDITION_CHANGE}
"""Verbs that ask more of the door than one form: tests of their own prove them."""


@pytest.mark.parametrize("verb", sorted(set(Verb) - TROUBLES - IN_MANY))
async def test_every_verb_has_its_way_to_the_door(verb: Verb, database: Database) -> None:
    details = {
        "interest": "EOI-001", "sponsor": "EX-01", "lead": "SL-16", "earlier_interest": "no",
        "coach": "DC-01", "weekday": "2", "starts": "09:05", "day": "2024-10-18",
        "until": "2024-10-18", "why": "staffing", "from": "2024-10-21", "by": "EX-02",
        "kind": "organisation",
    }  # fmt: skip
    if verb in {Verb.MOVE, Verb.CATCH_UP}:
        details["starts"] = "2024-10-18T12:15"
    act = Act("name", AT, LEAD, verb, "service/wider/SVC-16", "SVC-16", details, "by_phone")
    programme = FakeProgramme(database, refuses=lambda _method, _form: "asked")
    with pytest.raises(Exception, match="asked"):
        await ask(programme, act, "wider", database)
    (asked,) = programme.asked
    assert (asked.form.actor, asked.form.at, asked.form.reason) == (LEAD, AT, "by_phone")
    assert asked.form.request_id == act.request_id


async def test_another_version_is_the_running_one_with_what_the_script_changes(
    database: Database,
) -> None:
    """M06, E31: the script says what changes, whatever edition is played."""
    open_service(database)
    details = {"missed.in_a_row": "3"}
    act = Act("name", AT, "CO-01", Verb.EDITION_CHANGE, "edition/wider", "wider", details)
    asked: list[Edition] = []

    class Changing(FakeProgramme):
        async def change_edition(self, edition: Edition, _form: EditionForm) -> Answer:
            asked.append(edition)
            return Answer(course_id="", text="")

    await ask(Changing(database), act, "wider", database)
    (new,) = asked
    assert (new.missed.in_a_row, new.version) == (3, 2)


async def test_an_absence_that_touches_nothing_is_written_down_once(database: Database) -> None:
    """E01, X05: the operation is named by the act, so that asking again finds it."""
    open_service(database)
    details = {"from": "2024-10-21", "until": "2024-10-25"}
    act = Act("name", AT, "CO-01", Verb.ABSENCE, "edition/wider", COACH, details, "sickness")
    programme = FakeProgramme(database)
    for _ in range(2):
        await ask(programme, act, "wider", database)
    with database.reading() as rows:
        (known,) = operations_of(rows, "wider")
        (away,) = absences_of(rows, [COACH])
    assert known.ended_at is not None
    assert (away.from_day, away.until_day) == (date(2024, 10, 21), date(2024, 10, 25))
    assert programme.asked == []
