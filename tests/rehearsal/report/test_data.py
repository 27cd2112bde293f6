"""The numbers of a report: they add up, and they are those of the programme."""

from collections import Counter
from dataclasses import replace

from rehearsal.report.data import ReportData, report_data
from rehearsal.report.load import loads
from rehearsal.report.material import Material, read_material
from schemas.commands import BookCatchUp, PauseCourse, Withdraw
from schemas.messages import MessageKind, MessageState
from schemas.sessions import SessionState
from storage.reads.service_page import service_page
from tests.activities.autumn_days import missed, monthly, move, record, the_event, weekly
from tests.activities.posting import Posted
from tests.activities.scene import SVC_16, SVC_17, CourseScene
from tests.journeys import cast as people
from tests.planning.builders import at


def told(play: CourseScene) -> ReportData:
    return report_data(read_material(play.database.url, play.edition.id, play.now))


def test_each_service_adds_up_and_shows_every_week(autumn: Posted) -> None:
    """C17: held + missed + cancelled + to come = planned + catch-up."""
    play = autumn.play
    session = missed(play, 5)
    starts_at = at("2024-10-10", "15:00")
    play.do(BookCatchUp, session.course_id, session_id=session.id, starts_at=starts_at)
    move(play, the_event(play), at("2024-11-21", "09:30"))
    play.do(PauseCourse, play.of(SVC_16), until_at=at("2024-11-11", "00:00"))
    found = told(play)
    row, other = found.programme
    assert (row.service_id, other.service_id) == (SVC_16, SVC_17)
    assert found.sponsors
    for one in found.every_way:
        assert one.held + one.missed + one.cancelled + one.to_come == one.planned + one.catch_up
    assert (row.catch_up, row.missed, row.moved) == (1, 1, 1)
    weeks = {week.monday.isoformat(): week for week in row.weeks}
    assert len(weeks) == 30
    assert [one for one, week in weeks.items() if week.paused][:4] == [
        "2024-10-07",
        "2024-10-14",
        "2024-10-21",
        "2024-10-28",
    ]
    (event,) = [one for one in weeks["2024-11-18"].marks if one.event]
    assert event.moves == 1
    known = {one.session for week in row.weeks for one in week.marks}
    assert len(known) == sum(one.starts_at is not None for one in play.sessions(play.of(SVC_16)))


def test_a_catch_up_counts_as_planned_anew_and_not_as_moved(autumn: Posted) -> None:
    """X02: its day was chosen by a person, and that is no move."""
    play = autumn.play
    session = missed(play, 5)
    starts_at = at("2024-10-10", "15:00")
    play.do(BookCatchUp, session.course_id, session_id=session.id, starts_at=starts_at)
    assert told(play).programme[0].moved == 0


def test_whoever_is_wanted_in_two_places_is_named(autumn: Posted) -> None:
    """C15: with both sessions and the day."""
    play = autumn.play
    assert [one for one in told(play).clashes if one.rule == "C15"] == []
    session = weekly(play)[7]
    assert session.starts_at is not None
    assert session.ends_at is not None
    lead = people.lead_of(SVC_16)
    elsewhere = play.book(lead, session.starts_at, session.ends_at)
    (clash,) = [one for one in told(play).clashes if one.rule == "C15"]
    assert (clash.person_id, {clash.first, clash.second}) == (lead, {session.id, elsewhere.id})
    assert clash.day == play.day(session.starts_at)
    assert "service_lead" in clash.roles


def test_the_load_of_a_coach_is_the_hours_of_their_sessions(autumn: Posted) -> None:
    """C12, C16: those that were recorded with the length that they had."""
    play = autumn.play
    record(play, weekly(play)[4], minutes=90)
    (coach,) = [one for one in told(play).loads if one.person_id == people.COACH]
    assert coach.roles[0] == "delivery_coach"
    assert coach.caseload == 2
    assert sum(coach.weeks.values()) == coach.hours
    theirs = [
        one
        for service in (SVC_16, SVC_17)
        for one in play.sessions(play.of(service))
        if people.COACH in {part.person_id for part in play.participants(one.id)}
        and one.state is not SessionState.CANCELLED
    ]
    assert coach.hours == sum((one.held_minutes or one.minutes) / 60 for one in theirs)
    assert coach.most_hours == max(coach.weeks.values())


def test_a_service_without_sessions_is_no_part_of_a_caseload(autumn: Posted) -> None:
    """C16: the most at one time, not all that a coach was ever given."""
    play = autumn.play
    material = read_material(play.database.url, play.edition.id, play.now)
    gone = {"state": SessionState.CANCELLED}
    left = tuple(
        one.model_copy(update=gone) if one.course_id == play.of(SVC_17) else one
        for one in material.sessions
    )

    def caseload(seen: Material) -> int:
        return next(one.caseload for one in loads(seen) if one.person_id == people.COACH)

    assert caseload(material) == 2
    assert caseload(replace(material, sessions=left)) == 1


async def test_every_message_is_in_it_and_accounted_for(autumn: Posted) -> None:
    """M13: planned = open + ended."""
    play = autumn.play
    await autumn.until(at("2024-11-12", "12:00"))
    found = told(play)
    assert found.account.is_balanced
    ledger = Counter((one.kind, one.state) for one in play.all_messages())
    assert found.account.planned == ledger.total()
    counted: Counter[tuple[MessageKind, MessageState]] = Counter()
    for one in found.messages:
        counted[MessageKind(one.kind), MessageState(one.state)] += one.count
    assert counted == ledger
    left = sum(n for (_, state), n in ledger.items() if state is MessageState.ACCEPTED)
    assert sum(one.mails for one in found.mail_of_people) == left
    assert sum(one.mails for one in found.mail_of_roles) == left


async def test_each_text_that_was_sent_is_shown_once_and_without_a_name(autumn: Posted) -> None:
    """P11: with the lists and the calendar entry that the mail has."""
    play = autumn.play
    missed(play, 5)
    await autumn.until(at("2024-11-12", "12:00"))
    samples = told(play).samples
    keys = [(one.kind, one.about, one.asks) for one in samples]
    assert len(keys) == len(set(keys)) > 5
    (invitation,) = [one for one in samples if one.kind == "invitation"]
    assert invitation.calendar == "request"
    assert any(block.is_list for block in invitation.blocks)
    greeting = invitation.blocks[0].lines[0]
    assert greeting.startswith("Dear [PER-")


def test_chases_add_up_by_how_far_they_came(autumn: Posted) -> None:
    """X04: opened = done + waived + cancelled + open, and each came just so far."""
    play = autumn.play
    play.walk(at("2024-10-25", "12:00"))
    found = told(play)
    for one in found.chases:
        assert one.done + one.waived + one.cancelled + one.open == one.opened
        assert sum(one.came_to.values()) == one.opened
    record_chase = next(one for one in found.chases if one.kind == "session_record")
    assert sum(record_chase.steps.values()) > 0
    assert record_chase.came_to["passed_on"] + record_chase.came_to["stuck"] > 0
    theirs = [one for one in found.every_chase if one.kind == "session_record"]
    assert len(theirs) == record_chase.opened
    assert {one.about for one in theirs} <= {SVC_16, SVC_17, people.SPONSOR}
    assert any(one.passed_on and one.steps[-1] == "coordinator" for one in theirs)


def test_who_does_nothing_is_told_of_in_words(autumn: Posted) -> None:
    """X04: the edition's policy, each delay counted from the step before it."""
    play = autumn.play
    play.walk(at("2024-10-25", "12:00"))
    (record_chase,) = [one for one in told(play).chases if one.kind == "session_record"]
    assert record_chase.policy == (
        "after 1 working day the delivery coach is asked, after 1 more again, after 1 more the"
        " coordinator is told, after 5 more a person must decide"
    )


def test_places_are_shown_as_they_changed_hands(autumn: Posted) -> None:
    """R13, R14: never more than there are."""
    play = autumn.play
    play.do(Withdraw, play.of(SVC_17))
    play.walk(at("2024-10-04", "09:30"))
    days = told(play).places_over_time
    assert max(one.taken + one.offered for one in days) == play.edition.places == 2
    assert days[-1].taken == 1


def test_the_latest_forecast_is_the_one_of_the_services_page(autumn: Posted) -> None:
    """X10, C04: what is told as known then is what was shown then."""
    play = autumn.play
    missed(play, 5)
    play.do(PauseCourse, play.of(SVC_16), until_at=at("2024-12-02", "00:00"))
    play.walk(at("2025-01-20", "00:00"))
    found = told(play).foreseen
    with play.database.reading() as rows:
        now = service_page(rows, play.edition.id, SVC_16, play.now).forecast
    assert now is not None
    ward = next(one for one in found.wards if one.service_id == SVC_16)
    last = found.looks[-1]
    assert last.day == play.day(play.now)
    assert ward.possible[last.day] == min(now.possible, now.planned)
    assert ward.held == now.held
    assert min(ward.possible.values()) == ward.possible[last.day]


def test_a_ward_has_its_sponsors_sessions_too(autumn: Posted) -> None:
    play = autumn.play
    record(play, monthly(play)[0])
    (page, _) = told(play).wards
    whose = Counter(one.whose for one in page.sessions)
    assert set(whose) == {SVC_16, people.SPONSOR}
    assert whose[people.SPONSOR] == len(play.sessions(play.executive))


async def test_what_a_coordinator_asks_is_told_in_short(autumn: Posted) -> None:
    """Places, the forecast, load, clashes, mail and chases: a sentence each, with the ids."""
    play = autumn.play
    session = weekly(play)[7]
    assert session.starts_at is not None
    assert session.ends_at is not None
    play.book(people.lead_of(SVC_16), session.starts_at, session.ends_at)
    await autumn.until(at("2024-11-12", "12:00"))
    found = told(play)
    places, forecast, load, clashes, mail, chases = found.in_short
    assert places == "2 of 2 places were taken at once at the most, and still at the end."
    assert "were possible for 2 services" in forecast
    busiest = max(one.most_hours for one in found.loads if one.person_id == people.COACH)
    assert f"{busiest:g} hours of sessions: {people.COACH} in the week of" in load
    lead = people.lead_of(SVC_16)
    assert f"1 time that somebody is wanted in two places ({lead})" in clashes
    most = max(one.most for one in found.mail_of_people)
    assert f"Nobody got more than {most} mails in a week" in mail
    assert chases.startswith(f"Of {len(found.every_chase)} things to do")
    stuck = sum(one.stuck for one in found.every_chase)
    assert f"and {stuck or 'none'} got stuck" in chases


async def test_whoever_got_most_mails_is_named(autumn: Posted) -> None:
    await autumn.until(at("2024-11-12", "12:00"))
    found = told(autumn.play)
    for role in found.mail_of_roles:
        theirs = {one.person_id: one for one in found.mail_of_people}
        assert role.most_week is not None
        assert role.most_people
        assert {theirs[one].weeks[role.most_week] for one in role.most_people} == {role.most}
        assert sum(role.kinds.values()) == role.mails


def test_every_message_is_listed_with_local_times(autumn: Posted) -> None:
    found = told(autumn.play)
    assert [one.key for one in found.every_message]
    assert {str(one.due_at.tzinfo) for one in found.every_message} == {found.zone}
    assert len(found.every_message) == len(autumn.play.all_messages())
