import pytest

from planning.edition_file import EditionFileError, faults, read_edition
from tests.planning.builders import edition
from tests.planning.edition_texts import WIDER, changed, line_with, only


def test_the_shipped_wider_edition_has_no_fault() -> None:
    assert faults(WIDER) == ()
    assert read_edition(WIDER, "wider").id == "wider"


def test_a_file_with_faults_is_refused_with_all_of_them() -> None:
    bad = changed(("places = 37", "places = 0\nplcaes = 37"), ('cadence = "weekly"', "cadence = 7"))
    with pytest.raises(EditionFileError, match=r"my\.toml has 3 faults:") as refused:
        read_edition(bad, "my.toml")
    assert len(refused.value.faults) == 3
    assert all(str(fault) in str(refused.value) for fault in refused.value.faults)


def test_a_text_that_is_no_toml_is_refused_with_its_line() -> None:
    found = only(changed(("places = 37", "places 37")))
    assert found.line == line_with(WIDER, "places = 37")
    assert "cannot be read as TOML: expected '='" in found.problem
    assert only("places = 1\nplaces = 2\n").line == 2
    assert only("[[[").remedy


def test_an_unknown_key_is_named_with_the_one_that_was_meant() -> None:
    text = changed(("moves_told = 2", "move_told = 2"))
    assert str(only(text)) == (
        f"line {line_with(text, 'move_told')}, sessions[improvement_event].move_told = 2:"
        " no such key exists here; write 'moves_told'"
    )
    strange = only(changed(("[window]", "[window]\nxyz = true")))
    assert strange.remedy == "remove it, or write one of closes, opens"
    deep = faults(changed(('to = ["service_lead"], asks', 'to = ["service_lead"], asked')))
    assert [fault.place for fault in deep] == [
        "sessions[delivery].reminders[day-before].asked",
        "sessions[delivery].reminders[day-before].asks",
    ]


def test_a_missing_key_is_named_where_it_is_missing() -> None:
    found = faults(changed(("opens = 2024-09-02", "")))
    assert [(one.place, one.value, one.problem) for one in found] == [
        ("window.opens", None, "is missing")
    ]
    assert found[0].line == line_with(WIDER, "[window]")


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ('after = "4wd"', 'after = "4 days"', "chases[commitments].steps[second].after", "wd, wh"),
        ('holder = "coordinator"', 'holder = "boss"', "chases[selection_decision].holder", "'ops'"),
        ("weekend = [5, 6]", "weekend = [5, 7]", "weekend[2]", "less than or equal to 6"),
        ("minutes = 60", "minutes = -1", "sessions[delivery].minutes", "greater than 0"),
        ("deadline = 2024-06-14", "deadline = 2024", "recruitment.deadline", "date"),
        ('id = "involvement"', 'id = "Involve!"', "recruitment.commitments[Involve!].id", "match"),
        ('kind = "nhs"', 'kind = "nsh"', "recruitment.providers[nsh].kind", "'nhs'"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_with_its_place_and_what_is_known(
    old: str, new: str, place: str, says: str
) -> None:
    text = changed((old, new))
    found = next(fault for fault in faults(text) if fault.place == place)
    assert says in f"{found.problem}; {found.remedy}"
    assert found.line == line_with(text, new)


def test_one_unreadable_value_does_not_hide_the_faults_of_the_rest() -> None:
    text = changed(
        ('gives_way = "same_day"', 'gives_way = "sometimes"'),
        ('id = "d14", before = "14d"', 'id = "d14", before = "29d"'),
        ('after = "4wd"', 'after = "0wd"'),
    )
    assert [fault.place for fault in faults(text)] == [
        "sessions[delivery].gives_way",
        "sessions[improvement_event].reminders[d14].before",
        "chases[commitments].steps[second].after",
    ]


def test_roles_are_not_called_unknown_because_their_session_cannot_be_read() -> None:
    text = changed(('coach = "executive_coach"\nattends', 'coach = "executive_choach"\nattends'))
    assert [fault.place for fault in faults(text)] == ["sessions[executive].coach"]


def test_several_faults_come_in_the_order_of_the_lines() -> None:
    text = changed(
        ("places = 37", "places = 37\nroom = 1"),
        ("closes = 2025-01-03", "closes = 2025-05-03"),
        ('then = "3wd"', 'then = "0wd"'),
    )
    lines = [fault.line for fault in faults(text)]
    assert len(lines) == 3
    assert lines == sorted(lines, key=lambda line: line or 0)


def test_a_long_value_is_shortened_and_a_table_not_shown() -> None:
    long = only(changed(('id = "wider"', f'id = "{"x" * 200}"')))
    assert long.value is not None
    assert len(long.value) == 60
    table = only(changed(('coordinator = "the programme office"', "coordinator = { a = 1 }")))
    assert table.value is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chases = 3",
        "sessions = [1, 2]",
        "[[sessions]]",
        'chases = ["x"]',
        "[[chases]]\nobligation = 7",
        "sessions = [[{ id = 1 }]]",
        "[recruitment]\nproviders = { kind = 1 }",
        "window = []",
        '"" = 1',
    ],
)
def test_no_shape_of_file_breaks_the_check(text: str) -> None:
    found = faults(text)
    assert found
    assert all(str(fault) for fault in found)


def test_the_edition_that_is_read_says_what_the_file_says() -> None:
    """C03, R08, R13: spot checks of each kind of value."""
    wider = edition()
    assert str(wider.recruitment.offer_valid) == "5wd"
    assert wider.recruitment.deadline.isoformat() == "2024-06-14"
    assert wider.session_kind("improvement_event").blocks_day
    assert wider.mail.opens.isoformat() == "08:00:00"
