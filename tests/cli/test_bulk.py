"""A coordinator does one thing to many services (E08)."""

from datetime import timedelta

import pytest

from cli.faults import ExitCode
from schemas.courses import Stage
from schemas.people import Held, Person, Role
from schemas.sessions import Session, SessionState
from storage.records import add
from storage.tables.people import PersonRow, RoleRow
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

BY = ("--as", people.COORDINATOR)
REGION = ("--region", "North West")


def squeezed(text: str) -> str:
    """Return a text whose tables have no gaps."""
    return " ".join(text.split())


def test_a_dry_run_says_what_would_happen_to_whom(wards: Posted, command: Drumbeat) -> None:
    """E08: by default, or when it is asked for."""
    before = wards.play.everything()
    printed = command("bulk", "pause", *REGION, "--until", "2024-12-13")
    assert printed.code == ExitCode.DONE
    assert printed.out.startswith(
        "Wider implementation 2024-25 (wider), region north_west: 2 of 2 services\n"
    )
    assert "SVC-16   SVC-16 Ward  is paused: of its weekly sessions" in printed.out
    assert "  - SVC-16: the improvement event of 7 November 2024 loses its day." in printed.out
    assert max(len(line) for line in printed.out.splitlines()) <= 100
    asked = command("bulk", "pause", *REGION, "--until", "2024-12-13", "--dry-run")
    assert asked.out == printed.out
    assert wards.play.everything() == before


def test_a_region_pauses_and_goes_on(wards: Posted, command: Drumbeat) -> None:
    """E08, X08, X09."""
    printed = command("bulk", "pause", *REGION, "--apply", *BY, "--reason", "acuity")
    assert printed.code == ExitCode.DONE
    assert printed.out.splitlines()[0].startswith("1/2  SVC-16 is paused until it is resumed.")
    assert printed.out.splitlines()[-1] == "OP-1: 2 of 2 items done."
    assert "is paused already: it is left alone" in command("bulk", "pause", *REGION).out
    nothing = command("bulk", "pause", *REGION, "--apply", *BY)
    assert nothing.errors == "There is nothing to do: without --apply it is shown why.\n"
    assert "it is paused since 1 October 2024" in command("bulk", "resume", *REGION).out
    printed = command("bulk", "resume", "--organisation", "org-01", "--apply", *BY)
    assert printed.out.splitlines()[-1] == "OP-2: 2 of 2 items done."
    wards.play.walk(wards.play.now + timedelta(hours=1))
    assert wards.play.course(wards.play.of(SVC_16)).stage is Stage.COACHING


def test_the_sessions_of_a_day_move_to_another_one(wards: Posted, command: Drumbeat) -> None:
    """C15: each at its hour; what would be refused is said beforehand, and then left."""
    days = ("--on", "2024-10-08", "--to", "2024-10-10")
    shown_first = command("bulk", "move", "--edition", "wider", *days)
    assert "Delivery coaching 6 moves to 10 October 2024, 10:00" in shown_first.out
    command("bulk", "move", "--edition", "wider", *days, "--apply", *BY)
    assert shown(weekly(wards.play)[5].starts_at) == "Thu 2024-10-10 10:00"
    back = ("--on", "2024-10-10", "--to", "2024-10-09", "--coach", people.COACH)
    warned = command("bulk", "move", *back)
    assert "SVC-16: PER-DC1 has wider/SVC-17/delivery/6 at that time: this will be refused" in (
        " ".join(warned.out.split())
    )
    refused = command("bulk", "move", *back, "--apply", *BY)
    assert refused.code == ExitCode.REFUSED
    assert "1/1  left: PER-DC1 has session wider/SVC-17/delivery/6" in refused.out
    assert "0 of 1 item done, 1 left as they were" in refused.out


def test_the_services_of_a_coach_who_leaves_go_to_others(wards: Posted, command: Drumbeat) -> None:
    """E01: the coach leaves for good."""
    leaves = ("bulk", "replace", "--coach", people.COACH)
    assert "PER-DC2 takes over 24 sessions to come" in command(*leaves).out
    assert command(*leaves, "--with", people.OTHER_COACH, "--apply", *BY).code == ExitCode.DONE
    for service in (SVC_16, SVC_17):
        assert wards.play.enrolment(service).delivery_coach_id == people.OTHER_COACH


def other_executive_coach(wards: Posted) -> str:
    """Let somebody else coach executives too."""
    new = Person(id="PER-EC2", name="Name of another executive coach")
    held = Held(person_id=new.id, role=Role.EXECUTIVE_COACH, scope=wards.play.edition.id)
    wards.play.write(lambda rows: add(rows, PersonRow, [new]))
    wards.play.write(lambda rows: add(rows, RoleRow, [held]))
    return new.id


def executive(wards: Posted) -> list[Session]:
    found = wards.play.sessions(wards.play.executive, "executive")
    now = wards.play.now
    return [
        one
        for one in found
        if one.state is SessionState.TO_COME and one.starts_at and one.starts_at > now
    ]


def test_the_sponsors_of_an_executive_coach_who_leaves_go_to_others(
    wards: Posted, command: Drumbeat
) -> None:
    """E01, C15, C16: sessions, chases and warnings as with delivery coaches."""
    leaves = ("bulk", "replace", "--coach", people.EXECUTIVE_COACH)
    alone = command(*leaves)
    assert "nobody else, or nobody of those named, coaches executives" in squeezed(alone.out)
    new = other_executive_coach(wards)
    printed = command(*leaves)
    ahead = executive(wards)
    assert f"{new} takes over {len(ahead)} executive sessions to come" in squeezed(printed.out)
    assert ": 1 of 1 sponsor\n" in printed.out
    named = command(*leaves, "--with", people.OTHER_COACH)
    assert "takes over" not in named.out, "a delivery coach coaches no executives"

    assert command(*leaves, "--apply", *BY).code == ExitCode.DONE
    assert wards.play.enrolment(SVC_16).executive_coach_id == new
    for one in ahead:
        cast = {part.person_id for part in wards.play.participants(one.id)}
        assert new in cast
        assert people.EXECUTIVE_COACH not in cast
    shown_one = command("operations", "OP-1")
    assert f"1  {people.SPONSOR}" in shown_one.out


def test_an_executive_coach_who_is_elsewhere_is_passed_over_beforehand(
    wards: Posted, command: Drumbeat
) -> None:
    """C15: the plan says what stands in the way."""
    new, (*_, last) = other_executive_coach(wards), executive(wards)
    assert last.starts_at is not None
    assert last.ends_at is not None
    other = wards.play.book(new, last.starts_at, last.ends_at)
    printed = command("bulk", "replace", "--coach", people.EXECUTIVE_COACH)
    assert f"{new} has {other.id}" in squeezed(printed.out)
    assert ": 0 of 1 sponsor\n" in printed.out


def test_the_executive_sessions_of_a_coach_move(wards: Posted, command: Drumbeat) -> None:
    """C15: each at its hour; a region's or an organisation's move leaves them alone."""
    session = executive(wards)[0]
    day = wards.play.day(session.starts_at)
    days = ("--on", day.isoformat(), "--to", (day + timedelta(days=1)).isoformat())
    printed = command("bulk", "move", "--coach", people.EXECUTIVE_COACH, *days)
    assert f"Executive coaching {session.number} moves to" in squeezed(printed.out)
    assert "Executive coaching" not in command("bulk", "move", *REGION, *days).out
    command("bulk", "move", "--coach", people.EXECUTIVE_COACH, *REGION, *days, "--apply", *BY)
    moved = wards.play.session(session.id)
    assert wards.play.day(moved.starts_at) == day + timedelta(days=1)


def test_operations_are_listed_with_their_progress(
    engine: PlayedProgramme, command: Drumbeat
) -> None:
    engine.left = 1
    printed = command("bulk", "pause", *REGION, "--apply", *BY, "--request-id", "winter")
    assert printed.code == ExitCode.UNREACHABLE
    (operation,) = command("operations", "--json").said["operations"]
    assert (operation["done"], operation["waiting"], operation["ended_at"]) == (1, 1, None)
    shown_one = command("operations", operation["id"])
    assert f"drumbeat operations {operation['id']} --resume" in shown_one.out
    engine.left = None
    again = command("bulk", "pause", *REGION, "--apply", *BY, "--request-id", "winter")
    assert again.out.splitlines()[-1] == f"{operation['id']}: 2 of 2 items done."
    items = command("operations", operation["id"], "--json").said["items"]
    assert [one["state"] for one in items] == ["done", "done"]


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        (("bulk", "pause"), "Say for whom: --region, --organisation, --coach, or --edition"),
        (("bulk", "pause", "--region", "mars"), "There is no region mars: there are north_west."),
        (("bulk", "pause", "--organisation", "ORG-9"), "There is no organisation ORG-9."),
        (("bulk", "pause", *REGION, "--apply"), "Say who asks with --as PERSON"),
        (("bulk", "pause", *REGION, "--apply", "--dry-run"), "say one of them"),
        (("bulk", "replace", *REGION), "Say who leaves with --coach PERSON."),
        (
            ("bulk", "pause", "--coach", people.EXECUTIVE_COACH),
            "PER-EC coaches executives, whose sessions go on while a service of theirs is paused",
        ),
        (("bulk", "resume", "--coach", people.EXECUTIVE_COACH), "drumbeat absence PER-EC is for"),
        (
            ("bulk", "move", *REGION, "--on", "2024-10-08", "--to", "2024-10-12"),
            "Sat 12 Oct 2024 is not a working day",
        ),
        (("operations", "OP-9"), "There is no operation OP-9: drumbeat operations lists them."),
        (("operations", "--resume"), "Say which one goes on"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(
    command: Drumbeat, tokens: tuple[str, ...], sentence: str
) -> None:
    printed = command(*tokens)
    assert printed.code != ExitCode.DONE
    assert sentence in " ".join(printed.errors.split())
