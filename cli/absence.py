"""The command about a coach who is away: what it touches, who covers, what moves (E01)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from cyclopts import Parameter
from sqlalchemy.orm import Session as Rows

from cli import naming, paper, words
from cli.desk import Desk
from cli.faults import ExitCode, FaultError, usage
from cli.local_time import LocalTime, day_words, read_moment
from cli.operating import Apply, do, said
from cli.options import AtDesk, Day, EditionOption, Json, LaterAct
from runtime.bulk import named
from runtime.bulk_absence import AbsencePlan, TouchedSession, absence_plan
from runtime.bulk_arranging import Choice, begin_absence, begin_undo
from schemas.absences import Away, ChangeAct
from schemas.edition import Edition
from schemas.operations import OperationAct
from storage import operations
from storage.absences import absences_of
from storage.editions import latest_edition

LEAVE, MOVE, CANCEL = "leave", "move", "cancel"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to become of the sessions; what is not said is proposed.

    Attributes:
        cover: Who covers, where they are free; may be repeated.
        move: Move every session to its nearest free time.
        choose: For one session: a coach, move, cancel, leave, or "2025-02-18 10:00".
        undo: Take an arrangement back, as far as it has not happened yet.

    """

    cover: Annotated[tuple[str, ...], Parameter(metavar="PERSON")] = ()
    move: bool = False
    choose: Annotated[tuple[str, ...], Parameter(metavar="SESSION=WHAT")] = ()
    undo: Annotated[str | None, Parameter(metavar="ID")] = None


async def absence(
    coach: Annotated[str | None, Parameter(help="Who is away.")] = None,
    from_day: Annotated[
        Day | None, Parameter(name="FROM", help="First day; the next known absence if left out.")
    ] = None,
    until_day: Annotated[
        Day | None, Parameter(name="TO", help="Last day; FROM if left out.")
    ] = None,
    /,
    *,
    wanted: Wanted | None = None,
    edition: EditionOption = None,
    apply: Apply = False,
    json: Json = False,
    act: LaterAct | None = None,
    desk: AtDesk,
) -> ExitCode | None:
    """List what a coach's absence touches, propose cover and other times, and arrange it.

    The sessions stay with their coach before and after: whoever covers leads only these.
    """
    wanted, asked = wanted or Wanted(), act or LaterAct()
    if wanted.undo is not None:
        return await _undo(desk, wanted.undo, asked)
    if coach is None:
        raise usage("Say who is away: drumbeat absence DC-03 2025-02-03 2025-02-14.")
    if wanted.move and wanted.cover:
        raise usage("--cover and --move contradict each other: say one, and --choose for the rest.")
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        today = LocalTime(found.zone).date(desk.now(rows))
        away = _away(rows, coach, from_day, until_day, today)
        plan, choices = _planned(desk, rows, found, away, wanted)
    if apply:
        desk.say(*_outside(found, plan))
        return await _arrange(desk, found, plan, choices, asked)
    if json:
        desk.json({"edition": found.id, "plan": plan})
    else:
        _show(desk, found, plan, choices)
    return None


def _planned(
    desk: Desk, rows: Rows, edition: Edition, away: Away, wanted: Wanted
) -> tuple[AbsencePlan, tuple[Choice, ...]]:
    named = [naming.the_person(rows, one) for one in wanted.cover]
    plan = absence_plan(rows, edition, away, desk.now(rows), named)
    if wanted.move:
        uncovered = [one.model_copy(update={"cover": None}) for one in plan.touched]
        plan = plan.model_copy(update={"touched": tuple(uncovered)})
    # Where somebody was named and is not free, another time is not taken for granted.
    otherwise = LEAVE if named else MOVE
    return plan, _choices(rows, edition, plan, wanted.choose, otherwise)


async def _arrange(
    desk: Desk, edition: Edition, plan: AbsencePlan, choices: tuple[Choice, ...], asked: LaterAct
) -> ExitCode:
    with desk.reading() as rows:
        operation = said(desk, rows, edition, asked)
    naming_it = {"request_id": asked.request_id, "note": asked.note}
    code = await do(desk, lambda rows: begin_absence(rows, plan, choices, operation, **naming_it))
    away = Away(person_id=plan.coach, from_day=plan.from_day, until_day=plan.until_day)
    _tell_what_is_left(desk, edition, away)
    return code


async def _undo(desk: Desk, written: str, asked: LaterAct) -> ExitCode:
    with desk.reading() as rows:
        undone = operations.operation(rows, written.strip())
        if undone is None or undone.act is not OperationAct.ABSENCE:
            raise FaultError(
                f"There is no arrangement {written} for an absence: drumbeat operations lists them."
            )
        before = operations.undone_by(rows, undone.id)
        if before and named(rows, asked.request_id) not in before:
            raise FaultError(f"{undone.id} has been taken back already, by {before[0].id}.")
        edition = latest_edition(rows, undone.edition_id)
        operation = said(desk, rows, edition, asked)
        today = LocalTime(edition.zone).date(operation.recorded_at)
    naming_it = {"request_id": asked.request_id, "note": asked.note}
    return await do(desk, lambda rows: begin_undo(rows, undone, operation, today, **naming_it))


def _away(
    rows: Rows, written: str, from_day: date | None, until_day: date | None, today: date
) -> Away:
    """Return the absence that is meant; without days the next one that is known."""
    coach = naming.the_person(rows, written)
    if from_day is not None:
        last = until_day or from_day
        if last < from_day:
            raise usage(
                f"{day_words(last)} is before {day_words(from_day)}: the last day comes last."
            )
        return Away(person_id=coach, from_day=from_day, until_day=last)
    known = [one for one in absences_of(rows, [coach]) if one.until_day >= today]
    if not known:
        raise usage(f"No absence of {coach} is known: say its first and last day.")
    return min(known, key=lambda one: one.from_day)


def _choices(
    rows: Rows, edition: Edition, plan: AbsencePlan, choose: Iterable[str], otherwise: str
) -> tuple[Choice, ...]:
    """Return what becomes of each session: as it is said for it, covered, or otherwise."""
    own = dict(_chosen(rows, one) for one in choose)
    unknown = set(own) - {one.session.id for one in plan.touched}
    if unknown:
        raise FaultError(f"{min(unknown)} is not among the sessions that this absence touches.")
    return tuple(
        _choice(rows, edition, one, own.get(one.session.id) or one.cover or otherwise)
        for one in plan.touched
    )


def _chosen(rows: Rows, written: str) -> tuple[str, str]:
    session, equals, what = written.partition("=")
    if not equals or not what.strip():
        raise usage("--choose takes SESSION=WHAT, such as SVC-16/delivery/20=move.")
    return naming.the_session(rows, session), what.strip()


def _choice(rows: Rows, edition: Edition, one: TouchedSession, what: str) -> Choice:
    if what == LEAVE:
        return Choice(touched=one)
    if what == CANCEL:
        return Choice(touched=one, act=ChangeAct.CANCEL)
    if what == MOVE:
        slot = next(iter(one.slots), None)
        return Choice(touched=one, act=ChangeAct.MOVE if slot else None, starts_at=slot)
    if what[:1].isdigit():
        try:
            starts_at = read_moment(what).instant(edition.zone)
        except ValueError as error:
            raise usage(f"--choose: {error}.") from None
        return Choice(touched=one, act=ChangeAct.MOVE, starts_at=starts_at)
    return Choice(touched=one, act=ChangeAct.COVER, coach=naming.the_person(rows, what))


def _show(desk: Desk, edition: Edition, plan: AbsencePlan, choices: tuple[Choice, ...]) -> None:
    local = LocalTime(edition.zone)
    days = day_words(plan.from_day)
    if plan.until_day != plan.from_day:
        days = f"{days} to {day_words(plan.until_day)}"
    touched = f"{words.counted(len(plan.touched), 'session')} {_whose(plan)}"
    desk.say(f"{plan.coach} is away {days}: {touched if choices else 'no session is without them'}")
    for other in plan.elsewhere:
        desk.say(f"There are sessions in the edition {other} too: --edition {other} shows them.")
    desk.say(*_outside(edition, plan))
    if not choices:
        return
    desk.say("")
    columns = ("=session", "ward", "=when", "=proposed", "free as well")
    paper.table(desk, columns, (_cells(one, edition, local) for one in choices))
    looks = _worth_a_look(choices)
    if looks:
        paper.heading(desk, "Worth a look")
        paper.block(desk, "\n".join(f"- {one}" for one in looks))
    desk.say(
        "",
        "Nothing has been done. The same with --apply --as PERSON does it; --cover PERSON, --move"
        " and --choose SESSION=WHAT choose otherwise.",
    )


def _outside(edition: Edition, plan: AbsencePlan) -> list[str]:
    """Return a sentence where no day of an absence lies in the edition: it can touch nothing."""
    opens, closes = edition.window.opens, edition.window.closes
    if plan.touched or (plan.from_day <= closes and opens <= plan.until_day):
        return []
    window = f"{day_words(opens)} to {day_words(closes)}"
    return [f"These days are outside the coaching of the edition {edition.id}, {window}."]


def _whose(plan: AbsencePlan) -> str:
    sponsored = {one.subject_id for one in plan.touched if one.is_sponsors}
    services = {one.subject_id for one in plan.touched if not one.is_sponsors}
    parts = [(services, "service"), (sponsored, "sponsor")]
    return "of " + words.listed([words.counted(len(ids), noun) for ids, noun in parts if ids])


def _cells(one: Choice, edition: Edition, local: LocalTime) -> tuple[object, ...]:
    session = one.touched.session
    others = [slot for slot in one.touched.slots if slot != one.starts_at]
    return (
        session.id.removeprefix(f"{edition.id}/"),
        one.touched.subject,
        _short(session.starts_at, local),
        _becomes(one, local),
        ", ".join(_short(slot, local, weekday=False) for slot in others[:2]) or "no time near",
    )


def _becomes(one: Choice, local: LocalTime) -> str:
    if one.act is ChangeAct.COVER:
        return f"{one.coach} covers"
    if one.act is ChangeAct.MOVE:
        return f"to {_short(one.starts_at, local)}"
    return "is cancelled" if one.act is ChangeAct.CANCEL else "stays as it is"


def _short(at: datetime | None, local: LocalTime, *, weekday: bool = True) -> str:
    """Return an instant without its year: all of a plan are near each other."""
    if at is None:
        return local.instant(at)
    name, day, month, _year, clock_time = local.instant(at).split(" ")
    return " ".join([name, day, month, clock_time] if weekday else [day, month, clock_time])


def _worth_a_look(choices: tuple[Choice, ...]) -> list[str]:
    beyond = {
        one.coach: one.touched.beyond
        for one in choices
        if one.act is ChangeAct.COVER and one.coach == one.touched.cover and one.touched.beyond
    }
    looks = [
        f"{coach} would have {load}, which is more than usual: please check that it works."
        for coach, load in sorted(beyond.items())
    ]
    left = [one.touched.session.id for one in choices if one.act is None]
    if left:
        looks.append(
            f"{words.listed(left)} would stay without a coach: nobody is free, or you chose so."
        )
    return looks


def _tell_what_is_left(desk: Desk, edition: Edition, away: Away) -> None:
    """Say what is still without a coach: left out, refused, or come back onto these days."""
    with desk.reading() as rows:
        now = desk.now(rows)
        plan = absence_plan(rows, edition, away, now)
    if plan.touched:
        left = words.listed([one.session.id for one in plan.touched])
        desk.say(f"Still with {away.person_id}, who is away: {left}.")
