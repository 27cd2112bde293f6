"""A coordinator does one thing to many services (E08)."""

from datetime import timedelta

import pytest

from cli.faults import ExitCode
from schemas.absences import Away
from schemas.commands import EndEdition, Succeed
from schemas.courses import Stage
from schemas.people import Held, Person, Role
from schemas.sessions import Session, SessionState
from schemas.successions import SuccessionKind
from storage.absences import write_absence
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
OCTOBER = ("--on", "2024-10-08", "--to", "2024-10-10")


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


def other_executive_coach(wards: Posted, person_id: str = "PER-EC2") -> str:
    """Let somebody else coach executives too."""
    new = Person(id=person_id, name="Name of another executive coach")
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
    assert (named.code, named.out) == (ExitCode.REFUSED, ""), "who coaches no executives"
    assert "is no executive coach of the edition wider" in squeezed(named.errors)

    noted = ("--note", "Leaves in the autumn.")  # which no executive course takes over (P07)
    assert command(*leaves, "--apply", *BY, *noted).code == ExitCode.DONE
    assert wards.play.enrolment(SVC_16).executive_coach_id == new
    for one in ahead:
        cast = {part.person_id for part in wards.play.participants(one.id)}
        assert new in cast
        assert people.EXECUTIVE_COACH not in cast
    shown_one = command("operations", "OP-1")
    assert f"1  {people.SPONSOR}" in shown_one.out


def test_of_a_vacant_post_the_coach_is_told_and_replaced_later(
    wards: Posted, command: Drumbeat
) -> None:
    """E05: whoever follows would else be coached by somebody who has left."""
    play = wards.play
    other_executive_coach(wards)
    left = {"kind": SuccessionKind.SPONSOR, "old": people.SPONSOR, "from_day": play.day(play.now)}
    play.do(Succeed, play.course_id, **left)
    play.walk(play.now)
    printed = command("bulk", "replace", "--coach", people.EXECUTIVE_COACH)
    assert ": 0 of 1 sponsor\n" in printed.out
    assert f"{people.SPONSOR}: the post is vacant, and whoever follows" in squeezed(printed.out)


def test_an_executive_coach_who_will_be_away_takes_over_with_a_warning(
    wards: Posted, command: Drumbeat
) -> None:
    """E01, X05: a session on such a day wants cover, or another day."""
    new, (first, *_) = other_executive_coach(wards), executive(wards)
    day = wards.play.day(first.starts_at)
    away = Away(person_id=new, from_day=day, until_day=day)
    wards.play.write(lambda rows: write_absence(rows, away))
    printed = command("bulk", "replace", "--coach", people.EXECUTIVE_COACH)
    assert f"{new} is away on {day.day} {day:%B %Y}, the day of {first.id}" in squeezed(printed.out)
    assert ": 1 of 1 sponsor\n" in printed.out


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


@pytest.mark.parametrize(
    "what",
    [
        ("pause", *REGION),
        ("resume", "--coach", people.COACH),
        ("move", "--edition", "wider", *OCTOBER),
        ("replace", "--coach", people.EXECUTIVE_COACH),
    ],
)
def test_of_an_edition_that_has_ended_nothing_is_changed(
    wards: Posted, command: Drumbeat, what: tuple[str, ...]
) -> None:
    """X14: and what is wrong besides is told as in one that goes on."""
    wards.play.do(EndEdition, wards.play.course_id)
    said = "The edition wider ended on Tue 1 Oct 2024: none of its services is under way any more"
    for extra in ((), ("--apply", *BY)):
        printed = command("bulk", *what, *extra)
        assert (printed.code, printed.out) == (ExitCode.REFUSED, "")
        assert said in squeezed(printed.errors)
    for wrong, sentence in (
        (("--coach", people.EXECUTIVE_COACH), "PER-EC coaches executives"),
        (("--coach", people.COORDINATOR), "PER-CO is no coach"),
        ((*REGION, "--until", "2024-01-01"), "Mon 1 Jan 2024 is over"),
    ):
        assert sentence in squeezed(command("bulk", "pause", *wrong).errors)


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
    once_more = command("bulk", "pause", *REGION, "--apply", *BY, "--request-id", "winter")
    assert once_more.out == again.out.splitlines()[-1] + "\n", "nothing is left to do"
    other = command("bulk", "resume", *REGION, "--apply", *BY, "--request-id", "winter")
    assert other.errors == (
        f"Request winter is {operation['id']} already: pause for region:north_west. "
        "Give this one another name.\n"
    )


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
        (
            ("bulk", "pause", "--coach", people.COORDINATOR),
            "PER-CO is no coach of the edition wider: name PER-DC1 or PER-DC2 with --coach.",
        ),
        (
            ("bulk", "move", "--coach", people.COORDINATOR, *OCTOBER),
            "PER-CO is no coach of the edition wider: name PER-DC1, PER-DC2 or PER-EC with",
        ),
        (
            ("bulk", "replace", "--coach", people.COORDINATOR),
            "PER-CO is no coach of the edition wider",
        ),
        (
            ("bulk", "replace", "--coach", people.COACH, "--with", people.EXECUTIVE_COACH),
            "PER-EC is no delivery coach of the edition wider, so PER-DC1 cannot be followed by "
            "them: name PER-DC2 with --with.",
        ),
        (
            ("bulk", "replace", "--coach", people.COACH, "--with", people.COACH),
            "PER-DC1 is who leaves: name PER-DC2 with --with.",
        ),
        (
            ("bulk", "replace", "--coach", people.EXECUTIVE_COACH, "--with", people.COACH),
            "nobody else coaches there. Import who does first.",
        ),
        (
            ("bulk", "pause", *REGION, "--until", "2024-09-30"),
            "Mon 30 Sep 2024 is over, it is Tue 1 Oct 2024: say today or a later day with --until.",
        ),
        (
            ("bulk", "move", *REGION, "--on", "2024-09-24", "--to", "2024-10-10"),
            "Tue 24 Sep 2024 is over",
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
