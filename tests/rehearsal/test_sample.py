from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from planning.ward_names import same_ward
from rehearsal.sample.cast_list import SUCCESSORS, CastList
from rehearsal.sample.conducts import SESSIONS, Conducts
from rehearsal.sample.dice import Dice
from rehearsal.sample.expectations import CASES
from rehearsal.sample.interest import Interests
from rehearsal.sample.providers import WIDER, Providers
from rehearsal.sample.slots import Slots
from rehearsal.sample.writing import SEED, sample_sheets, write_sample
from rehearsal.script import Conduct
from runtime.importing import Import, import_sheets
from schemas.base import Form
from schemas.imports import (
    InterestLine,
    PersonLine,
    RoleLine,
    ServiceLine,
    SlotLine,
)
from schemas.people import ProviderKind, Role
from storage.database import Database
from storage.imports import Importer
from tests.databases import on_sqlite
from tests.runtime.importing_door import FakeDoor

SAMPLE = Path("sample/wider")
SHEETS = sample_sheets()
CAST = CastList(Providers(Dice(SEED)))


def test_the_same_seed_gives_the_same_bytes_and_they_are_those_in_the_project(
    tmp_path: Path,
) -> None:
    lines = write_sample(tmp_path)
    for name in lines:
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes(), name
    kept = {str(path.relative_to(SAMPLE)) for path in SAMPLE.rglob("*.csv")}
    assert kept == set(lines)


def test_another_seed_gives_another_sample_of_the_same_shape() -> None:
    other = sample_sheets(7)
    assert other != SHEETS
    assert len(other["services.csv"]) == len(SHEETS["services.csv"])
    assert [line.conduct for line in Conducts(CastList(Providers(Dice(7)))).lines()] != [
        line.conduct for line in Conducts(CAST).lines()
    ]


@on_sqlite
async def test_the_sample_comes_in_without_a_fault_or_a_warning(database: Database) -> None:
    importer = Importer("CO-01", datetime(2024, 6, 9, 23, tzinfo=UTC), "import/sample")
    door = FakeDoor(database)
    report = await import_sheets([SAMPLE], Import(database, importer, door))
    edition_not_open = {fault.problem for fault in report.faults}
    assert edition_not_open <= {"is no edition that has been opened"}
    assert report.clean
    assert len(door.asked) == 40


def test_the_shape_is_that_of_the_programme() -> None:
    """R02: 52 services of 33 organisations, 15 in the pilot and 37 in the wider edition."""
    providers = CAST.providers
    organisations = providers.organisation_lines()
    kinds = Counter(line.kind for line in organisations)
    assert kinds == {
        ProviderKind.NHS: 30,
        ProviderKind.INDEPENDENT: 2,
        ProviderKind.COMMUNITY_INTEREST: 1,
    }
    assert len({line.region for line in organisations}) == 7
    assert all(line.synthetic for line in organisations)
    taking_part = {*providers.pilot, *providers.placed}
    assert (len(providers.pilot), len(providers.placed), len(taking_part)) == (15, 37, 52)
    per_organisation = Counter(providers.organisation_of[one] for one in taking_part)
    assert len(per_organisation) == 33
    assert max(per_organisation.values()) <= 4
    types = Counter(providers.types[one].value for one in taking_part)
    assert types == {
        "adult_acute": 20,
        "older_adult": 8,
        "picu": 6,
        "adult_secure": 5,
        "cyp_gau": 4,
        "ld_autism": 4,
        "dementia": 3,
        "cyp_picu": 2,
    }


def test_61_applied_and_24_of_them_get_no_place_at_first() -> None:
    """R01, R07, R12: 22 earlier interest, 33 newcomers, 6 independents; 16 eligible ones wait."""
    lines = Interests(CAST).lines
    assert len(lines) == 61
    independent = [line for line in lines if line.service.startswith("IND")]
    earlier = [line for line in lines if line.earlier_interest]
    assert (len(earlier), len(independent)) == (22, 6)
    assert len(lines) - len(earlier) - len(independent) == 33
    seconds = Counter(line.service for line in lines)
    assert sum(count - 1 for count in seconds.values()) == 3
    assert [line.submitted_at for line in lines] == sorted(line.submitted_at for line in lines)


def test_the_proposed_order_is_the_one_that_the_sample_is_named_after() -> None:
    """R07: earlier interest first, then the earliest, and WL-14 is the last to wait."""
    submitted = Interests(CAST).submitted
    providers = CAST.providers
    earlier = set(providers.placed[:22])
    eligible = [*providers.placed, *providers.waiting]
    order = sorted(eligible, key=lambda one: (one not in earlier, submitted[one], one))
    assert order == eligible
    assert len(eligible) == 53


def test_interest_round_the_deadline_is_to_the_second() -> None:
    """R08, E19: the deadline is midnight in London, 23:00 UTC."""
    submitted = Interests(CAST).submitted
    deadline = datetime(2024, 6, 14, 23, tzinfo=UTC)
    assert deadline - submitted["WL-14"] == timedelta(seconds=30)
    assert submitted["LATE-01"] - deadline == timedelta(seconds=10)
    assert submitted["IND-01"].date() == date(2024, 5, 20)
    assert submitted["IND-02"].date() == date(2024, 6, 10)
    assert sum(one >= deadline for one in submitted.values()) == 1


def test_no_coach_is_in_two_places() -> None:
    """C15, C16: four services a coach, each weekday once, and every event on a day of its own."""
    placed = set(CAST.providers.placed)
    lines = [line for line in Slots(CAST).lines if line.service in placed]
    by_coach = defaultdict(list)
    for line in lines:
        by_coach[line.coach].append(line)
    assert len(by_coach) == 10
    for served in by_coach.values():
        assert len(served) <= 4
        assert len({line.weekday for line in served}) == len(served)
        assert len({line.event_day for line in served}) == len(served)
        for line in served:
            weekday = line.event_day.weekday()
            others = {other.weekday.number for other in served if other is not line}
            assert weekday not in others
            assert date(2024, 10, 7) <= line.event_day < date(2024, 11, 18)


def test_whoever_comes_in_late_fits_in_whether_or_not_anybody_left() -> None:
    """C15: also where the year does not go by the script."""
    placed = set(CAST.providers.placed)
    lines = Slots(CAST).lines
    assert {line.service for line in lines} == {*placed, *CAST.providers.waiting}
    for late in [line for line in lines if line.service not in placed]:
        for line in lines:
            if line.coach == late.coach and line is not late and line.service != "SVC-50":
                assert (line.weekday, line.starts) != (late.weekday, late.starts)
                assert line.event_day != late.event_day
        assert late.event_day <= date(2025, 3, 28)


def test_no_executive_coach_is_in_two_places() -> None:
    """C07, C15: each sponsor has one first session, and no two of a coach share an hour."""
    first = {
        CAST.sponsor(line.service): (
            line.executive_coach,
            line.executive_day,
            line.executive_starts,
        )
        for line in Slots(CAST).lines
        if line.service in CAST.providers.placed
    }
    assert len(first) == len(set(first.values())) == 27


def test_people_are_parts_and_numbers_with_addresses_that_do_not_exist() -> None:
    people = [line for line in SHEETS["people.csv"] if isinstance(line, PersonLine)]
    assert len({line.person for line in people}) == len(people)
    assert len({line.email for line in people}) == len(people)
    assert all(line.email is not None and line.email.endswith(".example") for line in people)
    phones = [line.phone for line in people]
    assert len(set(phones)) == len(people)
    assert all(phone is not None and phone.startswith("07700 900") for phone in phones)
    assert all(line.name.split()[-1].isdigit() for line in people)
    bad = {line.person for line in people if str(line.email).startswith("bad-address-")}
    assert bad == {"SL-35", *CAST.teams["SVC-35"], *CAST.partners["SVC-35"]}


def test_teams_have_six_to_nine_and_none_to_two_partners() -> None:
    roles = [line for line in SHEETS["roles.csv"] if isinstance(line, RoleLine)]
    for service in CAST.coaches:
        held = Counter(line.role for line in roles if line.scope == service)
        assert 6 <= held[Role.TEAM_MEMBER] + held[Role.SERVICE_LEAD] <= 9
        assert held[Role.PARTNER] <= 2


def test_wards_of_one_organisation_do_not_read_alike() -> None:
    """R12: the sample itself gives no reason to doubt."""
    wards = [line for line in SHEETS["services.csv"] if isinstance(line, ServiceLine)]
    for place, one in enumerate(wards):
        for other in wards[:place]:
            if one.organisation == other.organisation:
                assert not same_ward(one.name, other.name)


def test_sessions_go_about_as_well_as_the_domain_says() -> None:
    lines = [line for line in Conducts(CAST).lines() if line.number and line.kind == "delivery"]
    calm = [line for line in lines if line.number not in range(14, 17)]
    december = [line for line in lines if line.number in range(14, 17)]

    def held(some: list[object]) -> float:
        good = {Conduct.HELD, Conduct.SILENT}
        return sum(getattr(line, "conduct", None) in good for line in some) / len(some)

    assert held([*calm]) == pytest.approx(0.9, abs=0.04)
    assert held([*december]) < held([*calm])
    assert sum(line.conduct is Conduct.SILENT for line in lines) in range(5, 40)


def test_every_session_of_the_plan_has_its_conduct() -> None:
    known = {(line.subject, line.kind, line.number) for line in Conducts(CAST).lines()}
    for service in CAST.expected:
        for kind in ("delivery", "improvement_event", "midpoint"):
            assert {(service, kind, n) for n in range(1, SESSIONS[kind] + 1)} <= known
    for sponsor in CAST.executive_coaches:
        assert {(sponsor, "executive", n) for n in range(1, 7)} <= known


def test_at_least_twelve_cases_are_planted_and_each_names_a_rule_or_an_edge() -> None:
    assert len(CASES) >= 12
    subjects = {line.service for line in SHEETS["services.csv"] if isinstance(line, ServiceLine)}
    for _, subject, because, facts in CASES:
        sponsors = {*CAST.executive_coaches, *SUCCESSORS.values()}
        assert subject in subjects | sponsors | {WIDER}
        assert because[0] in "CEMPRX"
        assert because[1:3].isdigit()
        assert facts


def test_slots_and_live_interest_are_sheets_like_any_other() -> None:
    def of(kind: type[Form], name: str) -> bool:
        return all(isinstance(line, kind) for line in SHEETS[name])

    assert of(SlotLine, "script/slots.csv")
    assert of(InterestLine, "script/eois.csv")
    assert len(SHEETS["eois.csv"]) + len(SHEETS["script/eois.csv"]) == 61


def test_the_documents_tell_every_planted_case_and_how_long_each_file_is() -> None:
    page = Path("docs/sample-programme.md").read_text()
    for case, subject, because, _ in CASES:
        assert f"| {case} | {subject} | {because} |" in page
    for name, lines in SHEETS.items():
        assert f"`{name}`" in page
        assert str(len(lines)) in page
