from datetime import UTC, datetime
from pathlib import Path

from rehearsal.acts import Act
from rehearsal.script import TROUBLES, Conduct, EventLine, Verb
from rehearsal.script_files import Script, read_answer_key, read_script
from rehearsal.scripted import events

AT = datetime(2024, 9, 3, 9, tzinfo=UTC)


def test_the_script_of_the_sample_is_read_whole() -> None:
    script = read_script(Path("sample/wider/script"), "wider", "CO-01")
    troubles = [line for line in script.events if line.verb in TROUBLES]
    assert len(events(script)) == 21 + len(script.events) - len(troubles)
    assert len(troubles) == 2
    assert len(script.slots) == 53
    assert script.conduct_of("SVC-21", "delivery", 8) is not None
    catch_up = script.conduct_of("SVC-21", "delivery", 27)
    assert catch_up is not None
    assert catch_up.conduct is Conduct.HELD
    assert script.conduct_of("SVC-21", "no_such_kind", 1) is None
    assert len(read_answer_key(Path("sample/wider/expected"))) > 40


def test_an_act_has_one_name_for_ever() -> None:
    """R15: the id of a request depends on the act alone, not on the process or the time."""
    act = Act("record/wider/SVC-16/delivery/1/0", AT, "SL-16", Verb.RECORD, "", "")
    assert act.request_id == "83fd6533-d924-50fb-9251-e6cfaf2ffd10"


def test_a_trouble_lasts_as_long_as_it_says_and_nobody_does_it() -> None:
    """M10, E28: from Friday at 18:00 until Monday at 10:20."""
    friday = datetime(2025, 2, 28, 18, tzinfo=UTC)
    line = EventLine(
        at=friday, actor="OPS-01", verb=Verb.WORKERS_DOWN, target="wider", details="for=3860"
    )
    script = Script("wider", "CO-01", events=(line,))
    (down,) = script.troubles(Verb.WORKERS_DOWN)
    assert down.ends == datetime(2025, 3, 3, 10, 20, tzinfo=UTC)
    assert down.covers(friday)
    assert not down.covers(down.ends)
    assert script.troubles(Verb.MAIL_PUT_OFF) == ()
    assert events(script) == []
