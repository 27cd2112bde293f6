"""Whoever follows whom, in whatever order it is said: no course waits, no report differs."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.edition_change import proposed
from schemas import commands
from schemas.commands import Command
from schemas.people import Organisation, Person, ProviderKind
from schemas.successions import SuccessionKind
from storage import successions
from storage.records import add
from storage.tables.people import OrganisationRow, PersonRow
from tests.activities.coached import Files, a_coached_ward
from tests.activities.journal_told import told_otherwise
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.activities.test_edition_change import changed
from tests.journeys import cast as people
from tests.planning.builders import at

SPONSORS = (people.SPONSOR, "PER-SP2", "PER-SP3")
ORGANISATIONS = ("ORG-01", "ORG-06", "ORG-07")
WARDS = (SVC_16, SVC_17)
PLAIN: dict[str, type[Command]] = {
    "pause": commands.PauseCourse,
    "resume": commands.ResumeCourse,
    "withdraw": commands.Withdraw,
    "return": commands.Undo,
}
PICK = st.integers(0, 2)
KIND = st.sampled_from([SuccessionKind.SPONSOR, *SuccessionKind])
STEP = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 25), PICK, PICK, KIND),
    *[st.tuples(st.just("say"), st.integers(-3, 30), PICK, PICK, KIND)] * 2,
    st.tuples(
        st.sampled_from([*PLAIN, "pause all", "resume all", "take back", "new version"]),
        st.just(0),
        PICK,
        PICK,
        KIND,
    ),
)
Step = tuple[str, int, int, int, SuccessionKind]


def a_second_ward(play: CourseScene) -> None:
    """Coach both wards of a sponsor, and know whoever may follow."""
    a_coached_ward(play)
    play.accepted(SVC_17)
    play.signed(SVC_17)
    play.onboarded(SVC_17, weekday=0, day=date(2024, 11, 14))
    others = [
        Organisation(id=one, ods_code=code, name=one, kind=ProviderKind.NHS, region="london")
        for one, code in (("ORG-06", "ZX2"), ("ORG-07", "ZX3"))
    ]
    play.write(
        lambda rows: add(rows, PersonRow, [Person(id=one, name=one) for one in SPONSORS[1:]])
    )
    play.write(lambda rows: add(rows, OrganisationRow, others))


def take(play: CourseScene, step: Step) -> None:
    """Carry a step out; what is refused has changed nothing, and is no fault."""
    what, days, one, other, kind = step
    if what == "wait":
        play.walk(play.now + timedelta(days=days))
    elif what == "say":
        old, new = _named(kind, one, other)
        day = play.day(play.now) + timedelta(days=days)
        said = {"kind": kind, "old": old, "new": new, "from_day": day}
        play.send(commands.Succeed, play.course_id, **said)
    elif what == "take back":
        with play.reading() as rows:
            known = successions.ever_said(rows, play.edition.id)
        for succession in known[-1:]:
            play.send(commands.TakeBackSuccession, play.course_id, succession=succession.id)
    elif what == "new version":
        _change(play)
    else:
        all_of_it = what.endswith(" all")
        course_id = play.course_id if all_of_it else play.of(WARDS[one % 2])
        play.send(PLAIN[what.removesuffix(" all")], course_id)
    play.walk(play.now)


def _named(kind: SuccessionKind, one: int, other: int) -> tuple[str, str]:
    if kind is SuccessionKind.SERVICE:
        return WARDS[one % 2], WARDS[(one + 1) % 2]
    if kind is SuccessionKind.ORGANISATION:
        return ORGANISATIONS[one], ORGANISATIONS[other]
    return SPONSORS[one], "" if one == other else SPONSORS[other]


def _change(play: CourseScene) -> None:
    new = changed(play.edition, title=f"Version {play.edition.version + 1}")
    with play.database.transaction() as rows:
        name = proposed(rows, new, play.now)
    if not play.send(commands.ChangeEdition, play.course_id, proposal=name).refused:
        play.edition = play.invariants._edition = new


def check(play: CourseScene) -> None:
    """The journal tells what the rows say, and of each day there is one sponsor."""
    with play.reading() as rows:
        assert told_otherwise(rows, play.edition.id, play.now) == []
        for ward in WARDS:
            enrolment = play.enrolment(ward)
            known = successions.sponsorships_of(rows, enrolment.course_id)
            assert all(was.from_at < now.from_at for was, now in pairwise(known))
            vacant = successions.sponsor_at(rows, enrolment, play.now) is None
            assert vacant == enrolment.sponsor_vacant


@settings(max_examples=5, deadline=None)
@given(steps=st.lists(STEP, min_size=5, max_size=12))
def test_nobody_waits_in_vain_and_reports_are_right_in_any_order(
    prepared_files: Files, steps: list[Step]
) -> None:
    """P01-P03, E38, E40, M06: after every step, and until the edition has ended."""
    play = prepared_files.scene(a_second_ward, "any order")
    for step in steps:
        take(play, step)
        check(play)
    play.walk(at("2025-04-30"))
    check(play)
