"""What changes with a new version of a running edition, and what cannot (M06, E31)."""

from datetime import date
from typing import Any

import pytest

from planning.edition_change import (
    Running,
    consequences,
    differences,
    refusals,
    steps_taken,
)
from schemas.courses import Stage
from schemas.edition import Edition
from schemas.obligations import ObligationKind
from schemas.people import Role
from schemas.policies import EscalationPolicy
from tests.planning.builders import edition

OLD = edition()
RUNNING = Running(
    stage=Stage.PLACING,
    used_places=30,
    sessions={"delivery": 962, "executive": 162},
    first_day=date(2024, 9, 3),
    last_day=date(2025, 3, 25),
    promised=True,
)


def newer(**changes: Any) -> Edition:
    return OLD.model_copy(update={"version": OLD.version + 1, **changes})


def kinds(of: str, **changes: Any) -> dict[str, Any]:
    found = [one.model_copy(update=changes) if one.id == of else one for one in OLD.sessions]
    return {"sessions": tuple(found)}


def policy(*ids: str) -> EscalationPolicy:
    base = OLD.policy(ObligationKind.COMMITMENTS)
    steps = tuple(base.steps[0].model_copy(update={"id": one}) for one in ids)
    return base.model_copy(update={"steps": steps})


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (OLD, "version 1 is not newer than 1: raise it in the file."),
        (newer(id="other"), "id stays"),
        (newer(zone="Europe/Paris"), "zone stays Europe/London"),
        (newer(places=29), "places cannot be 29: 30 are taken or offered."),
        (
            newer(window=OLD.window.model_copy(update={"opens": date(2024, 9, 9)})),
            "window.opens stays 2024-09-02",
        ),
        (
            newer(window=OLD.window.model_copy(update={"closes": date(2025, 3, 1)})),
            "window.closes cannot be 2025-03-01: sessions lie as late as 2025-03-25.",
        ),
        (newer(**kinds("delivery", planned=20)), "sessions[delivery].planned stays 26"),
        (newer(sessions=OLD.sessions[1:]), "sessions[delivery] cannot go: there are 962"),
        (
            newer(
                recruitment=OLD.recruitment.model_copy(
                    update={"commitments": OLD.recruitment.commitments[:1]}
                )
            ),
            "recruitment.commitments stay the same",
        ),
        (
            newer(recruitment=OLD.recruitment.model_copy(update={"deadline": date(2024, 7, 1)})),
            "recruitment.deadline stays",
        ),
    ],
)
def test_what_cannot_change_on_a_running_edition_is_named(new: Edition, said: str) -> None:
    """M06, E31: a sentence each; nothing else is refused."""
    (refused,) = refusals(OLD, new, RUNNING)
    assert said in refused


def test_before_anything_is_planned_nearly_everything_can_change() -> None:
    """M06: what nobody stands on yet may be another thing tomorrow."""
    new = newer(places=1, **kinds("delivery", planned=20))
    assert refusals(OLD, new, Running(stage=Stage.RECRUITING)) == ()


def test_differences_are_sentences_with_their_place_in_the_file() -> None:
    """E31: the dry run names what is another, is new, or goes."""
    mail = OLD.mail.model_copy(update={"digest_weekday": 3})
    chases = tuple(one for one in OLD.chases if one.obligation != "catch_up")
    new = newer(mail=mail, chases=chases, **kinds("midpoint", minutes=45))

    assert differences(OLD, new) == (
        "sessions[midpoint].minutes: 60 becomes 45.",
        "chases[catch_up] goes.",
        "mail.digest_weekday: 4 becomes 3.",
    )
    assert differences(new, OLD)[1] == "chases[catch_up] is new."


def test_another_delay_reads_as_the_file_writes_it() -> None:
    """E31: ``1wd``, not a data structure."""
    kind = next(one for one in OLD.sessions if one.id == "delivery")
    step = kind.reminders[0]
    longer = step.before.model_copy(update={"amount": 2})
    later = step.model_copy(update={"before": longer})
    new = newer(**kinds("delivery", reminders=(later, *kind.reminders[1:])))

    assert differences(OLD, new) == (
        f"sessions[delivery].reminders[{step.id}].before: 1wd becomes 2wd.",
    )


def test_the_same_file_differs_in_nothing() -> None:
    """M06: a higher version alone is no difference."""
    assert differences(OLD, newer()) == ()


@pytest.mark.parametrize(
    ("before", "after", "done", "expected"),
    [
        (("a", "b", "c"), ("a", "b", "c"), 2, 2),
        (("a", "b", "c"), ("a", "x", "b", "c"), 2, 3),
        (("a", "b", "c"), ("x", "a", "b", "c"), 1, 2),
        (("a", "b", "c"), ("b", "a", "c"), 1, 2),
        (("a", "b", "c"), ("a", "c"), 2, 1),
        (("a", "b"), ("a", "b", "c"), 2, 2),
        (("a", "b"), ("x", "y", "z"), 2, 2),
        (("a", "b", "c"), ("x",), 3, 1),
        (("a", "b"), ("a", "b"), 0, 0),
    ],
)
def test_no_step_of_a_chase_is_taken_twice_under_another_policy(
    before: tuple[str, ...], after: tuple[str, ...], done: int, expected: int
) -> None:
    """M06: a chase goes on behind the last step that was taken."""
    taken = steps_taken(policy(*before), policy(*after), done)

    assert taken == expected
    assert not {*after[taken:]} & {*before[:done]}


def test_consequences_are_told_in_numbers() -> None:
    """E31: what stays is told as well."""
    running = Running(stage=Stage.PLACING, to_come=7, reminders=12, chases=3)
    told = consequences(OLD, OLD, running)
    assert told[0].startswith("7 sessions to come")
    assert "12 reminders" in told[0]
    assert told[1].startswith("3 open chases")
    assert len(told) == 2


def test_who_comes_to_what_is_told_where_it_changes() -> None:
    """E31: a kind whose people stay the same is not named."""
    kinds = tuple(
        kind.model_copy(update={"attends": (*kind.attends, Role.TEAM_MEMBER)})
        if kind.id == "midpoint"
        else kind
        for kind in OLD.sessions
    )
    new = OLD.model_copy(update={"sessions": kinds})
    (*_, told) = consequences(OLD, new, RUNNING)
    assert told.startswith("Midpoint check-in: whoever comes by the new version only is invited")
