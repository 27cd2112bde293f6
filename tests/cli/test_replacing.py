"""A coordinator gives one ward, or one executive sponsor, another coach (E01)."""

import pytest

from cli.faults import ExitCode
from schemas.letters import Topic
from schemas.people import Role
from schemas.sessions import Session, SessionState
from tests.activities.posting import Posted
from tests.activities.posting import autumn_template as autumn_template
from tests.activities.scene import SVC_16, SVC_17
from tests.cli.many_wards import command as command
from tests.cli.many_wards import engine as engine
from tests.cli.many_wards import wards as wards
from tests.cli.printing import Drumbeat
from tests.cli.test_bulk import executive, other_executive_coach, squeezed
from tests.journeys import cast as people

BY = ("--as", people.COORDINATOR)
OTHERS = ("replace", SVC_16, "--with", people.OTHER_COACH, *BY)


def to_come(wards: Posted, service: str) -> list[Session]:
    found = wards.play.sessions(wards.play.of(service), "delivery")
    return [one for one in found if one.state is SessionState.TO_COME]


def leaders(wards: Posted, found: list[Session], role: Role) -> set[str]:
    cast = (part for one in found for part in wards.play.participants(one.id))
    return {part.person_id for part in cast if part.role is role}


def told(wards: Posted) -> list[str]:
    """Return who is told that a coach has changed."""
    found = wards.play.all_messages()
    return sorted(one.person_id for one in found if one.topic == Topic.COACH_CHANGED)


def test_a_dry_run_says_who_takes_over_what_and_who_is_told(
    wards: Posted, command: Drumbeat
) -> None:
    """E01."""
    before = wards.play.everything()
    printed = command(*OTHERS, "--dry-run")
    assert printed.code == ExitCode.DONE
    assert printed.out == (
        "SVC-16, SVC-16 Ward: PER-DC2 takes over 24 sessions to come, instead of PER-DC1.\n"
        "PER-L-SVC-16, PER-DC2 and PER-DC1 are told once.\n"
        "Nothing is changed: say it again without --dry-run.\n"
    )
    assert wards.play.everything() == before


def test_one_ward_goes_to_another_coach(wards: Posted, command: Drumbeat) -> None:
    """E01, C15: the coach's other wards stay; saying it again changes nothing."""
    printed = command(*OTHERS)
    assert printed.code == ExitCode.DONE, printed.errors
    assert printed.out.startswith("PER-DC2 coaches SVC-16, one of 1 services.")
    assert leaders(wards, to_come(wards, SVC_16), Role.DELIVERY_COACH) == {people.OTHER_COACH}
    assert leaders(wards, to_come(wards, SVC_17), Role.DELIVERY_COACH) == {people.COACH}
    concerned = sorted([people.lead_of(SVC_16), people.COACH, people.OTHER_COACH])
    assert told(wards) == concerned
    assert command(*OTHERS).out == printed.out
    again = command(*OTHERS, "--dry-run")
    assert again.out == "PER-DC2 coaches SVC-16 already: there is nothing to change.\n"
    assert told(wards) == concerned


def test_one_sponsor_goes_to_another_executive_coach(wards: Posted, command: Drumbeat) -> None:
    """E01, C15, C16: with all sessions to come; sponsor and coaches are told once."""
    new = other_executive_coach(wards)
    asked = ("replace", people.SPONSOR, "--with", new, *BY)
    ahead = executive(wards)
    printed = command(*asked, "--dry-run")
    assert f"{new} takes over {len(ahead)} executive sessions to come, instead of PER-EC" in (
        squeezed(printed.out)
    )
    assert told(wards) == []
    printed = command(*asked)
    assert printed.code == ExitCode.DONE, printed.errors
    assert f"{new} coaches {people.SPONSOR}, one of 1 sponsors." in printed.out
    assert leaders(wards, ahead, Role.EXECUTIVE_COACH) == {new}
    assert told(wards) == sorted([people.SPONSOR, people.EXECUTIVE_COACH, new])


def test_what_stands_in_the_way_is_told_beforehand(wards: Posted, command: Drumbeat) -> None:
    """C15: of an executive session, and of an improvement event, which takes its coach's day."""
    new, (*_, last) = other_executive_coach(wards), executive(wards)
    assert last.starts_at is not None
    assert last.ends_at is not None
    other = wards.play.book(new, last.starts_at, last.ends_at)
    asked = ("replace", people.SPONSOR, "--with", new, *BY)
    printed = command(*asked, "--dry-run")
    assert (printed.code, printed.out) == (ExitCode.REFUSED, "")
    assert "PER-SP stays with PER-EC: nobody is free" in squeezed(printed.errors)
    assert squeezed(printed.errors).endswith(f"{new} has {other.id}.")
    free = other_executive_coach(wards, "PER-EC3")
    assert f"{free} would be free." in squeezed(command(*asked, "--dry-run").errors)
    assert command(*asked).code == ExitCode.REFUSED

    (event,) = wards.play.sessions(wards.play.of(SVC_16), "improvement_event")
    assert event.starts_at is not None
    assert event.ends_at is not None
    mine = wards.play.book(people.OTHER_COACH, event.starts_at, event.ends_at)
    printed = command(*OTHERS, "--dry-run")
    assert f"Worth a look: {people.OTHER_COACH} has {mine.id} at that time: this will be" in (
        squeezed(printed.out)
    )
    refused = command(*OTHERS)
    assert refused.code == ExitCode.REFUSED
    assert f"{people.OTHER_COACH} has session {mine.id} at that time." in squeezed(refused.errors)


def test_what_somebody_covers_is_not_counted_and_stands_in_nobodys_way(
    wards: Posted, command: Drumbeat
) -> None:
    """C15, E01: it stays with whoever covers it."""
    new, (first, *others) = other_executive_coach(wards), executive(wards)
    cover = other_executive_coach(wards, "PER-EC3")
    day = wards.play.day(first.starts_at).isoformat()
    away = ("absence", people.EXECUTIVE_COACH, day, "--cover", cover, "--apply", *BY)
    assert command(*away).code == ExitCode.DONE
    assert first.starts_at is not None
    assert first.ends_at is not None
    wards.play.book(new, first.starts_at, first.ends_at)
    asked = ("replace", people.SPONSOR, "--with", new, *BY)
    printed = command(*asked, "--dry-run")
    assert f"{new} takes over {len(others)} executive sessions to come" in squeezed(printed.out)
    assert command(*asked).code == ExitCode.DONE
    assert leaders(wards, [first], Role.EXECUTIVE_COACH) == {cover}

    tuesday = to_come(wards, SVC_16)[0].starts_at
    ill = ("absence", people.COACH, wards.play.day(tuesday).isoformat(), "--apply", *BY)
    assert command(*ill).code == ExitCode.DONE
    assert "takes over 23 sessions to come" in command(*OTHERS, "--dry-run").out


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        ((SVC_16,), "Nothing is said for --with"),
        (("SVC-99", "--with", people.OTHER_COACH), "There is no service SVC-99"),
        ((SVC_16, "--with", "PER-NO"), "There is no person PER-NO"),
        (
            (SVC_16, "--with", people.EXECUTIVE_COACH, "--dry-run"),
            "PER-EC is no delivery coach of the edition wider",
        ),
        ((SVC_16, "--with", people.EXECUTIVE_COACH), "PER-EC is not a delivery coach of this"),
        (
            (people.SPONSOR, "--with", people.COACH, "--dry-run"),
            "PER-DC1 is no executive coach of the edition wider",
        ),
        ((people.COACH, "--with", people.OTHER_COACH), "PER-DC1 has no executive coaching."),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(
    command: Drumbeat, tokens: tuple[str, ...], sentence: str
) -> None:
    printed = command("replace", *tokens, *BY)
    assert printed.code != ExitCode.DONE
    assert sentence in squeezed(printed.errors)
