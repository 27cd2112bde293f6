"""Missed sessions: what a pattern of them calls for, without blame (X02, X03, X06)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from planning.calendar import ONE_DAY, WorkingCalendar
from planning.slots import ONE_WEEK, is_paused
from planning.working_time import Interval
from schemas.edition import Missed, SessionKind
from schemas.sessions import SessionReason, SessionState


@dataclass(frozen=True)
class PastSession:
    """A session that is over, with what was recorded."""

    day: date
    state: SessionState
    reason: SessionReason | None = None

    @property
    def counts_as_missed(self) -> bool:
        """Whether the service missed it; what the programme caused never counts (X06)."""
        return self.state is SessionState.MISSED and not self._by_the_programme

    @property
    def counts(self) -> bool:
        """Whether it says anything of the service: it was held, or missed by the service."""
        return self.state is SessionState.HELD or self.counts_as_missed

    @property
    def _by_the_programme(self) -> bool:
        return self.reason is not None and self.reason.of_the_programme


@dataclass(frozen=True)
class MissedPattern:
    """What the latest sessions of one kind show.

    Attributes:
        in_a_row: How many were missed running, up to the latest.
        lately: How many were missed within the edition's span of weeks, up to the latest.
        offer_catch_up: The latest was missed: a catch-up is offered.
        tell_coach_and_coordinator: So many were missed running that both are told.
        coordinator_decides: So many were missed lately that the coordinator decides whom to speak
            to; nothing goes to an executive by itself.

    """

    in_a_row: int
    lately: int
    offer_catch_up: bool
    tell_coach_and_coordinator: bool
    coordinator_decides: bool


def missed_pattern(
    sessions: Sequence[PastSession], kind: SessionKind, rules: Missed
) -> MissedPattern:
    """Return what is called for after the latest of ``sessions`` was recorded.

    Sessions that are cancelled, or missed for a reason of the programme's, are passed over: they
    neither make nor break a run (X06).
    """
    counted = [one for one in sorted(sessions, key=_day) if one.counts]
    if not counted or not counted[-1].counts_as_missed:
        return MissedPattern(0, _lately(counted, rules), False, False, False)
    in_a_row = _run(counted)
    lately = _lately(counted, rules)
    return MissedPattern(
        in_a_row=in_a_row,
        lately=lately,
        offer_catch_up=kind.catch_up != "no",
        tell_coach_and_coordinator=in_a_row >= rules.in_a_row,
        coordinator_decides=lately >= rules.within,
    )


def catch_up_days(
    missed_day: date,
    recorded_day: date,
    kind: SessionKind,
    rules: Missed,
    calendar: WorkingCalendar,
) -> tuple[date, ...]:
    """Return the working days on which a catch-up may be, earliest first.

    They lie after the missed session and after the day on which it was recorded: in the same week
    or the next ones that the rules allow (X02), or in the same month (X03). None may be left.
    """
    if kind.catch_up == "no":
        return ()
    day = max(missed_day, recorded_day) + ONE_DAY
    last = _last_day(missed_day, kind, rules)
    days = (day + n * ONE_DAY for n in range(max((last - day).days + 1, 0)))
    return tuple(day for day in days if calendar.is_working_day(day))


def free_days(
    days: Sequence[date],
    taken: Collection[date],
    pauses: Sequence[Interval],
    calendar: WorkingCalendar,
) -> tuple[date, ...]:
    """Return those of ``days`` that nothing takes and no pause touches."""
    return tuple(day for day in days if day not in taken and not is_paused(day, pauses, calendar))


def _last_day(missed_day: date, kind: SessionKind, rules: Missed) -> date:
    if kind.catch_up == "month":
        in_next_month = missed_day.replace(day=1) + timedelta(days=31)
        return in_next_month.replace(day=1) - ONE_DAY
    sunday = missed_day + (6 - missed_day.weekday()) * ONE_DAY
    return sunday + rules.catch_up_weeks * ONE_WEEK


def _run(counted: Sequence[PastSession]) -> int:
    run = 0
    for one in reversed(counted):
        if not one.counts_as_missed:
            break
        run += 1
    return run


def _lately(counted: Sequence[PastSession], rules: Missed) -> int:
    if not counted:
        return 0
    since = counted[-1].day - rules.within_weeks * ONE_WEEK
    return sum(one.counts_as_missed and one.day > since for one in counted)


def _day(session: PastSession) -> date:
    return session.day
