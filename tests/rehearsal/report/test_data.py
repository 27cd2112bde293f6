"""The numbers of a report: they add up, and they are those of the programme."""

from collections import Counter

from rehearsal.report.data import ReportData, report_data
from rehearsal.report.material import read_material
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
    row, other = told(play).programme
    assert (row.service_id, other.service_id) == (SVC_16, SVC_17)
    for one in (row, other):
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
    chases = told(play).chases
    for one in chases:
        assert one.done + one.waived + one.cancelled + one.open == one.opened
        assert one.not_asked + sum(one.furthest.values()) == one.opened
    record_chase = next(one for one in chases if one.kind == "session_record")
    assert sum(record_chase.steps.values()) > 0


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
