"""A coordinator arranges what the absence of a coach touches (E01, E11)."""

import re
from datetime import date

import pytest

from cli.faults import ExitCode
from runtime.bulk_absence import AbsencePlan
from schemas.absences import Away
from storage.absences import write_absence
from tests.activities.autumn_days import weekly
from tests.activities.posting import Posted
from tests.activities.posting import autumn_template as autumn_template
from tests.activities.scene import SVC_16, SVC_17
from tests.cli.many_wards import command as command
from tests.cli.many_wards import engine as engine
from tests.cli.many_wards import wards as wards
from tests.cli.printing import Drumbeat
from tests.journeys import cast as people
from tests.planning.builders import shown
from tests.runtime.played import PlayedProgramme

DAYS = ("absence", people.COACH, "2024-10-07", "2024-10-18")
BY = ("--as", people.COORDINATOR)


def test_an_absence_is_shown_with_cover_and_free_times_and_nothing_is_done(
    wards: Posted, command: Drumbeat
) -> None:
    """E01."""
    before = wards.play.everything()
    printed = command(*DAYS)
    assert printed.code == ExitCode.DONE
    title, _, header, first, *_ = printed.out.splitlines()
    assert title == ("PER-DC1 is away Mon 7 Oct 2024 to Fri 18 Oct 2024: 4 sessions of 2 services")
    assert header.split("  ")[0] == "session"
    assert re.split("  +", first) == [
        "SVC-16/delivery/6",
        "SVC-16 Ward",
        "Tue 8 Oct 10:00",
        "PER-DC2 covers",
        "4 Oct 10:00, 3 Oct 10:00",
    ]
    assert "Nothing has been done." in printed.out
    assert max(len(line) for line in printed.out.splitlines()) <= 100
    assert wards.play.everything() == before


def test_what_is_shown_is_arranged_in_one_step_and_taken_back_in_one(
    wards: Posted, command: Drumbeat
) -> None:
    """E01."""
    printed = command(*DAYS, "--apply", *BY)
    assert printed.out.splitlines() == [
        "1/2  SVC-16: covered: delivery/6, delivery/7.",
        "2/2  SVC-17: covered: delivery/6, delivery/7.",
        "OP-1: 2 of 2 items done.",
        "What has not happened yet is taken back with: drumbeat absence --undo OP-1 --as PER-CO",
    ]
    assert command(*DAYS).out == (
        "PER-DC1 is away Mon 7 Oct 2024 to Fri 18 Oct 2024: no session is without them\n"
    )
    printed = command("absence", "--undo", "OP-1", *BY)
    assert printed.code == ExitCode.DONE
    assert printed.out.startswith("1/2  SVC-16: with their own coach again: delivery/6, delivery/7")
    assert "4 sessions" in command(*DAYS).out
    again = command("absence", "--undo", "OP-1", *BY)
    assert (again.code, again.errors) == (
        ExitCode.REFUSED,
        "OP-1 has been taken back already, by OP-2.\n",
    )


def test_each_session_can_be_chosen_for(wards: Posted, command: Drumbeat) -> None:
    """E01: a coach, another time, the nearest one, no session, or as it is."""
    play = wards.play
    chosen = (
        *("--choose", "SVC-16/delivery/6=2024-10-21 14:00"),
        *("--choose", "SVC-16/delivery/7=move"),
        *("--choose", "SVC-17/delivery/6=cancel"),
        *("--choose", "SVC-17/delivery/7=leave"),
    )
    printed = command(*DAYS, *chosen)
    assert "would stay without a coach" in printed.out
    printed = command(*DAYS, *chosen, "--apply", *BY)
    assert printed.code == ExitCode.DONE
    assert "Still with PER-DC1, who is away: wider/SVC-17/delivery/7." in printed.out
    first, second = weekly(play)[5:7]
    assert shown(first.starts_at) == "Mon 2024-10-21 14:00"
    assert shown(second.starts_at) == "Mon 2024-10-21 10:00"
    assert [one.state.value for one in weekly(play, SVC_17)[5:7]] == ["cancelled", "to_come"]


def test_the_next_known_absence_is_meant_where_no_day_is_said(
    wards: Posted, command: Drumbeat
) -> None:
    """X05: absences come in with a sheet."""
    assert command("absence", people.COACH).code == ExitCode.USAGE
    away = Away(person_id=people.COACH, from_day=date(2024, 10, 14), until_day=date(2024, 10, 15))
    wards.play.write(lambda rows: write_absence(rows, away))
    printed = command("absence", people.COACH)
    assert printed.out.startswith("PER-DC1 is away Mon 14 Oct 2024 to Tue 15 Oct 2024: 1 session")


@pytest.mark.parametrize(
    "days", [("2024-08-01", "2024-08-30"), ("2030-01-01",), ("2025-03-29", "2025-12-31")]
)
def test_days_outside_the_edition_are_told_as_such(
    command: Drumbeat, days: tuple[str, ...]
) -> None:
    said = (
        "These days are outside the coaching of the edition wider, Mon 2 Sep 2024 to Fri 28 Mar "
        "2025."
    )
    assert said in " ".join(command("absence", people.COACH, *days).out.split())
    noted = command("absence", people.COACH, *days, "--apply", *BY)
    assert noted.code == ExitCode.DONE
    assert said in " ".join(noted.out.split())


def test_days_within_the_edition_on_which_nothing_lies_are_not(command: Drumbeat) -> None:
    printed = command("absence", people.COACH, "2025-03-28", "2025-12-31")
    assert "no session is without them" in printed.out
    assert "outside" not in printed.out


def test_the_plan_can_be_read_by_machines(command: Drumbeat) -> None:
    printed = command(*DAYS, "--json")
    plan = AbsencePlan.model_validate(printed.said["plan"])
    assert [one.cover for one in plan.touched] == [people.OTHER_COACH] * 4


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        ((), "Say who is away: drumbeat absence DC-03 2025-02-03 2025-02-14."),
        (("PER-DC1", "2024-10-07", "2024-10-01"), "Tue 1 Oct 2024 is before Mon 7 Oct 2024"),
        ((*DAYS[1:], "--apply"), "Say who asks with --as PERSON, such as --as PER-0001."),
        ((*DAYS[1:], "--move", "--cover", "PER-DC2"), "--cover and --move contradict each other"),
        ((*DAYS[1:], "--choose", "SVC-16/delivery/6"), "--choose takes SESSION=WHAT"),
        (
            (*DAYS[1:], "--choose", "SVC-16/delivery/6=2024-99-21"),
            "--choose: '2024-99-21' is no day",
        ),
        ((*DAYS[1:], "--choose", "SVC-16/delivery/9=move"), "is not among the sessions"),
        (("--undo", "OP-9", *BY), "There is no arrangement OP-9 for an absence"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(
    command: Drumbeat, tokens: tuple[str, ...], sentence: str
) -> None:
    printed = command("absence", *tokens)
    assert printed.code != ExitCode.DONE
    assert sentence in " ".join(printed.errors.split())


def test_what_was_cut_short_goes_on(engine: PlayedProgramme, command: Drumbeat) -> None:
    """E01: the engine goes away in the middle."""
    engine.left = 1
    printed = command(*DAYS, "--apply", *BY)
    assert printed.code == ExitCode.UNREACHABLE
    assert "What is left goes on with: drumbeat operations OP-1 --resume" in printed.errors
    assert "1 of 2 items done, 1 still to do" in command("operations").out
    engine.left = None
    printed = command("operations", "OP-1", "--resume")
    assert printed.out.startswith("2/2  SVC-17: covered:")
    assert SVC_16 in command("operations", "OP-1").out


def test_a_sponsors_session_moves_within_its_month_where_nobody_else_coaches(
    wards: Posted, command: Drumbeat
) -> None:
    """E01, C07: the executive coach is away."""
    days = ("absence", people.EXECUTIVE_COACH, "2024-11-01", "2024-11-08")
    printed = command(*days)
    assert printed.out.splitlines()[0].endswith("1 session of 1 sponsor")
    applied = command(*days, "--apply", *BY)
    assert applied.code == ExitCode.DONE
    assert applied.out.startswith("1/1  PER-SP: moved: executive/")
    moved = [one for one in wards.play.sessions(wards.play.executive) if one.moves]
    assert [shown(one.starts_at)[:11] for one in moved] == ["Mon 2024-11"]
