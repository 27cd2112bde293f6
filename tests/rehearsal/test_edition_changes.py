from rehearsal.edition_changes import changed, changes_of
from schemas.obligations import ObligationKind
from tests.planning.builders import edition

DETAILS = {
    "at": "now",
    "sessions.delivery.reminders.day-before.before": "2wd",
    "chases.session_record.steps.second.after": "2wd",
    "missed.in_a_row": "3",
}


def test_paths_of_an_act_lead_to_what_changes_and_to_nothing_else() -> None:
    """M06: elements of lists are called by their names."""
    old = edition()
    new = changed(old, changes_of(DETAILS))
    assert new.version == old.version + 1
    assert str(new.session_kind("delivery").reminders[0].before) == "2wd"
    steps = new.policy(ObligationKind.SESSION_RECORD).steps
    assert [str(step.after) for step in steps] == ["1wd", "2wd", "1wd"]
    assert new.missed.in_a_row == 3
    was = old.model_dump()
    was["version"] = new.version
    was["missed"]["in_a_row"] = 3
    was["sessions"] = was["chases"] = ()
    now = new.model_dump() | {"sessions": (), "chases": ()}
    assert now == was


def test_a_change_that_is_asked_for_twice_makes_one_version() -> None:
    """M06: the cast asks again where nobody answered."""
    new = changed(edition(), changes_of(DETAILS))
    assert changed(new, changes_of(DETAILS)) is new
