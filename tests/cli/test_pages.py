"""What reading commands print, as a person reads it and as JSON."""

import csv
from pathlib import Path

import pytest

from cli.faults import ExitCode
from schemas.messages import MessageKind
from tests.cli.fake_programme import FakeProgramme
from tests.cli.pages import GOLDEN, PAGES
from tests.cli.printing import Drumbeat
from tests.cli.scene import EDITION, KEY

JSON_PAGES = [
    ("services",),
    ("show", "SVC-16"),
    ("sessions",),
    ("chases",),
    ("edition", "show"),
    ("order",),
    ("ledger",),
    ("why", "SVC-16"),
    ("mail", "list"),
    ("mail", "show", "0123"),
    ("version",),
    ("database", "check"),
]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_as_it_did(drumbeat: Drumbeat, name: str) -> None:
    printed = drumbeat(*PAGES[name])

    assert (printed.code, printed.errors) == (ExitCode.DONE, "")
    assert printed.out == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_no_wider_than_100_columns_and_has_no_loose_blanks(name: str) -> None:
    lines = (GOLDEN / f"{name}.txt").read_text().splitlines()

    assert max(len(line) for line in lines) <= 100
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("tokens", JSON_PAGES, ids=" ".join)
def test_a_reading_command_prints_json_without_the_engine(
    drumbeat: Drumbeat, programme: FakeProgramme, tokens: tuple[str, ...]
) -> None:
    printed = drumbeat(*tokens, "--json")

    assert (printed.code, printed.errors) == (ExitCode.DONE, "")
    assert isinstance(printed.said, dict)
    assert programme.asked == []


def test_services_list_the_worst_first(drumbeat: Drumbeat) -> None:
    said = drumbeat("services", "--json").said

    assert (said["edition"], said["now"]) == (EDITION, "2024-10-15T10:00:00Z")
    assert [one["service_id"] for one in said["services"]] == [
        *("SVC-16", "SVC-21", "SVC-17", "SVC-40", "SVC-41", "SVC-42")
    ]
    assert said["services"][0]["stuck"] == 1
    assert said["services"][0]["unrecorded"] == 2


def test_services_can_be_chosen_by_stage(drumbeat: Drumbeat) -> None:
    said = drumbeat("services", "--json", "--stage", "offered", "--stage", "eligible").said

    assert [one["service_id"] for one in said["services"]] == ["SVC-40", "SVC-41"]


def test_the_sessions_of_a_service_add_up(drumbeat: Drumbeat) -> None:
    """C17: held + missed + cancelled + to come = planned + catch-up. C12: hours as recorded."""
    (delivery,) = drumbeat("show", "SVC-16", "--json").said["sessions"]

    parts = ("held", "missed", "cancelled", "to_come")
    assert sum(delivery[part] for part in parts) == delivery["planned"] + delivery["catch_up"]
    assert (delivery["held"], delivery["held_minutes"]) == (3, 60 + 75 + 60)


def test_a_service_is_forecast_from_its_slot_and_its_pauses(drumbeat: Drumbeat) -> None:
    """X10, C04: what is possible, and by when."""
    found = drumbeat("show", "SVC-16", "--json").said["forecast"]

    # Of the 24 Tuesdays from 15 October to 25 March two lie in the winter break and three in the
    # pause; two sessions are over and not recorded yet.
    assert (found["held"], found["possible"]) == (3, 3 + 2 + 24 - 2 - 3)
    assert (found["at_risk"], found["after_window"]) == (False, True)
    assert found["ends_day"] == "2025-04-08"


def test_sessions_are_found_by_service_day_state_and_kind(drumbeat: Drumbeat) -> None:
    def ids(*tokens: str) -> list[str]:
        return [one["id"] for one in drumbeat("sessions", *tokens, "--json").said["sessions"]]

    assert ids("SVC-17", "--state", "missed") == ["wider/SVC-17/delivery/6"]
    assert ids("PER-0004", "--to", "2024-10-17") == [
        "wider/PER-0004/executive/1",
        "wider/PER-0004/executive/2",
    ]
    assert ids("--from", "2024-10-22", "--to", "2024-10-22") == [
        "wider/SVC-16/delivery/8",
        "wider/SVC-17/delivery/9",
    ]
    assert ids("--from", "2024-10-22 10:01", "--to", "2024-10-22") == []
    assert ids("SVC-16", "--unrecorded") == ["wider/SVC-16/delivery/5", "wider/SVC-16/delivery/6"]
    assert ids("--kind", "executive", "--state", "held") == ["wider/PER-0004/executive/1"]


def test_chases_list_the_stuck_first_and_only_them_when_asked(drumbeat: Drumbeat) -> None:
    ids = [one["id"] for one in drumbeat("chases", "--json").said["chases"]]

    assert ids[0] == "wider/SVC-16/catch_up/1"
    assert len(ids) == 3
    only = drumbeat("chases", "--stuck", "--json").said["chases"]
    assert [one["id"] for one in only] == ["wider/SVC-16/catch_up/1"]
    assert len(drumbeat("chases", "SVC-21", "--json").said["chases"]) == 1


@pytest.mark.parametrize(
    ("about", "count"),
    [("SVC-16", 2), ("wider/SVC-16/delivery/8", 1), ("PER-0005", 2), ("PER-0001", 0)],
)
def test_mail_is_listed_by_what_it_is_about(drumbeat: Drumbeat, about: str, count: int) -> None:
    said = drumbeat("mail", "list", about, "--json").said

    assert (said["mode"], len(said["messages"])) == ("held", count)


def test_mail_is_listed_by_state_kind_and_day(drumbeat: Drumbeat) -> None:
    def keys(*tokens: str) -> list[str]:
        return [one["key"] for one in drumbeat("mail", "list", *tokens, "--json").said["messages"]]

    assert keys("--state", "waiting", "--kind", "reminder") == [KEY]
    assert keys("--from", "2024-10-21", "--to", "2024-10-21") == [KEY]
    assert keys("--from", "2024-10-21 11:00", "--to", "2024-10-21 11:00") == []
    assert keys("--kind", "digest") == []
    assert len(keys("--limit", "1")) == 1


def test_a_sheet_holds_nothing_that_a_spreadsheet_would_run(
    drumbeat: Drumbeat, tmp_path: Path
) -> None:
    sheet = tmp_path / "services.csv"

    printed = drumbeat("services", "--csv", str(sheet))

    assert (printed.code, printed.out.strip()[-8:]) == (ExitCode.DONE, "6 lines.")
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["service"] for line in lines if line["service_id"] == "SVC-17"] == [
        "'=SUM(A1) Ward"
    ]


def test_an_order_that_was_written_to_a_sheet_can_be_read_back(
    drumbeat: Drumbeat, programme: FakeProgramme, tmp_path: Path
) -> None:
    """R07: the proposed order is exported, changed and confirmed."""
    sheet = tmp_path / "order.csv"
    drumbeat("order", "--csv", str(sheet))

    drumbeat("select", "--order", str(sheet), "--as", "PER-0001")

    (_, form) = programme.asked[0]
    assert form.model_dump()["order"] == ("SVC-16", "SVC-17", "SVC-21", "SVC-40")


@pytest.mark.parametrize("kind", list(MessageKind))
def test_every_kind_of_message_can_be_previewed(drumbeat: Drumbeat, kind: MessageKind) -> None:
    printed = drumbeat("mail", "preview", kind.value)

    assert (printed.code, printed.errors) == (ExitCode.DONE, "")
    assert "Subject" in printed.out


def test_a_topic_without_a_text_is_answered_with_the_nearest(drumbeat: Drumbeat) -> None:
    printed = drumbeat("mail", "preview", "chase", "comitments")

    assert printed.code == ExitCode.USAGE
    assert "the nearest is commitments" in printed.errors
