"""What the people of a random cast do: answers in odd working hours, sessions, sudden events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random

from planning.calendar import ONE_DAY, WorkingCalendar, calendar_of
from rehearsal.chance.people import COORDINATOR, Company, Ward
from rehearsal.script import ANYBODY, AnswerLine, Conduct, ConductLine, EventLine, Verb
from schemas.delays import DelayValue, Unit, parse_delay
from schemas.edition import Edition
from schemas.obligations import ObligationKind as Kind
from schemas.sessions import Cadence, SessionReason

REASONS = (SessionReason.STAFFING, SessionReason.ACUITY, SessionReason.COACH_UNAVAILABLE)
SOON, LATE = (1, 2, 3, 5, 13, 16, 23), (31, 45, 57, 63, 81, 103)
"""Working hours after which people answer: never whole days of ten, on which chases go."""
MISSED, STRUGGLES = 0.12, 0.6
"""Share of sessions that are missed, and where a team struggles."""
NO_TIME = 0.4
"""Share of those who make up for nothing that they missed."""
SOONEST = "37min"
RECORDED = (SOONEST, "83min", "143min", "6wh", "14wh", "17wh", "26wh", "47wh")
"""How long after its end a session is recorded."""

AFTER_THE_COACH = {Kind.SLOT_CHOSEN: 24, Kind.EVENT_DATED: 12}
"""Working hours that what needs a coach mostly waits for one."""

VERBS = {
    Kind.ACCEPT_PLACE: Verb.ACCEPT,
    Kind.COMMITMENTS: Verb.SIGN,
    Kind.TEAM_NAMED: Verb.TEAM,
    Kind.PARTNER_SOUGHT: Verb.PARTNER,
    Kind.COACH_ASSIGNED: Verb.COACH,
    Kind.SLOT_CHOSEN: Verb.SLOT,
    Kind.EVENT_DATED: Verb.EVENT,
    Kind.SPONSOR_SESSION_SET: Verb.SPONSOR_SESSION,
    Kind.EVENT_PREPARED: Verb.DONE,
    Kind.EVENT_REPORT_OUT: Verb.DONE,
    Kind.EVENT_FOLLOW_UP: Verb.DONE,
}
"""What is done about what a service has to do."""


@dataclass(frozen=True)
class RandomYear:
    """A year by chance."""

    edition: Edition
    company: Company
    chance: Random

    @property
    def calendar(self) -> WorkingCalendar:
        """The edition's calendar."""
        return calendar_of(self.edition)

    def answers(self) -> list[AnswerLine]:
        """Return answers.csv."""
        lines = list(self._everybody())
        for ward in self.company.wards:
            for kind, verb in VERBS.items():
                lines += self._answer(ward, kind, verb)
        offered = [(ward.id, Kind.CATCH_UP) for ward in self.company.wards]
        offered += [(sponsor, Kind.EXECUTIVE_SLOT) for sponsor in self.company.sponsors]
        lines += [
            AnswerLine(
                subject=subject,
                obligation=kind,
                after=_hours(5),
                verb=Verb.WAIVE,
                reason="no_time_left",
            )
            for subject, kind in offered
            if self.chance.random() < NO_TIME
        ]
        return lines

    def conducts(self) -> list[ConductLine]:
        """Return conduct.csv: each session of each service and sponsor."""
        lines = [
            ConductLine(
                subject=ANYBODY,
                kind=kind.id,
                number=0,
                conduct=Conduct.HELD,
                after=delay(RECORDED[0]),
            )
            for kind in self.edition.sessions
        ]
        for kind in self.edition.sessions:
            monthly = kind.cadence is Cadence.MONTHLY
            theirs = self.company.sponsors if monthly else [one.id for one in self.company.wards]
            for subject in theirs:
                missed = STRUGGLES if self.chance.random() < 0.2 else MISSED
                for number in range(1, kind.planned + 1):
                    lines.append(self._conduct(subject, kind.id, number, missed))
        return lines

    def events(self) -> list[EventLine]:
        """Return events.csv, earliest first."""
        lines = [line for ward in self.company.wards for line in self._happens_to(ward)]
        return sorted(lines, key=lambda line: (line.at, line.target, line.verb))

    def _answer(self, ward: Ward, kind: Kind, verb: Verb) -> Iterator[AnswerLine]:
        """Yield what is done about one thing: mostly in time, some late, some never."""
        thrown = self.chance.random()
        if thrown < 0.02:
            yield AnswerLine(subject=ward.id, obligation=kind)
            return
        if kind is Kind.ACCEPT_PLACE and thrown > 0.95:
            verb = Verb.DECLINE
        hours = self.chance.choice(LATE if thrown < 0.2 else SOON) + AFTER_THE_COACH.get(kind, 0)
        details, by_coordinator = "", thrown > 0.9 and verb not in {Verb.ACCEPT, Verb.DECLINE}
        if kind is Kind.COMMITMENTS and self.chance.random() < 0.15:
            verb = self.chance.choice([Verb.REFUSE, Verb.SIGN])
            details = f"commitments={self.edition.recruitment.commitments[0].id}"
        if self.chance.random() < 0.08 and kind is not Kind.ACCEPT_PLACE:
            promise = AnswerLine(
                subject=ward.id,
                obligation=kind,
                after=_hours(self.chance.choice(SOON)),
                verb=Verb.PROMISE,
                details=f"days={self.chance.randint(1, 12)}",
            )
            yield promise
            hours = self.chance.choice(LATE)
        first = AnswerLine(
            subject=ward.id,
            obligation=kind,
            after=_hours(hours),
            verb=verb,
            details=details,
            by_coordinator=by_coordinator,
            reason="by_phone" if by_coordinator else "",
        )
        yield first
        if verb is not Verb.DECLINE:  # what was refused, or done in part, is tried once more
            yield first.model_copy(update={"after": _hours(hours + 94), "details": ""})

    def _everybody(self) -> Iterator[AnswerLine]:
        """Yield what is done about the rest; of the places first, at a minute of its own."""
        deadline = self.edition.recruitment.deadline
        days = (self.calendar.add_working_days(deadline, 1) - deadline).days - 1
        minutes = days * 24 * 60 + 11 * 60 + 23
        yield AnswerLine(
            subject=ANYBODY,
            obligation=Kind.SELECTION_DECISION,
            after=DelayValue(amount=minutes, unit=Unit.MINUTES),
            verb=Verb.SELECT,
            by_coordinator=True,
        )
        for kind, verb, hours, reason in (
            (Kind.PLACE_DECISION, self.chance.choice([Verb.LAPSE, Verb.EXTEND]), 13, "no_answer"),
            (Kind.COMMITMENT_DECLINED, Verb.SIGN, 17, "agreed"),
            (Kind.SESSION_RECORD, Verb.RECORD, 34, "by_phone"),
            (Kind.EVENT_PARTNER, Verb.WAIVE, 26, "none_confirmed"),
            (Kind.BAD_ADDRESS, Verb.WAIVE, 33, "reached_by_phone"),
            (Kind.PHONE_CALL, Verb.DONE, 7, ""),
        ):
            yield AnswerLine(
                subject=ANYBODY,
                obligation=kind,
                after=_hours(hours),
                verb=verb,
                by_coordinator=True,
                reason=reason,
            )
        for kind in (Kind.CATCH_UP, Kind.EXECUTIVE_SLOT):
            yield AnswerLine(subject=ANYBODY, obligation=kind, after=_hours(7), verb=Verb.CATCH_UP)

    def _conduct(self, subject: str, kind: str, number: int, missed: float) -> ConductLine:
        thrown = self.chance.random()
        how, why = Conduct.HELD, None
        if thrown < missed:
            how, why = Conduct.MISSED, self.chance.choice(REASONS)
        elif thrown < missed + 0.04:
            how, why = Conduct.CANCELLED, SessionReason.COACH_UNAVAILABLE
        elif thrown < missed + 0.1:
            how = Conduct.SILENT
        return ConductLine(
            subject=subject,
            kind=kind,
            number=number,
            conduct=how,
            why=why,
            after=delay(self.chance.choice(RECORDED)),
            confirms=self.chance.randint(20, 90),
        )

    def _happens_to(self, ward: Ward) -> Iterator[EventLine]:
        """Yield what comes over a service: it leaves, pauses, moves or calls off a session."""
        for chance, what in (
            (0.2, self._leaves),
            (0.2, self._pauses),
            (0.35, self._moves_event),
            (0.5, self._moves_session),
            (0.3, self._calls_off),
        ):
            if self.chance.random() < chance:
                yield from what(ward)

    def _leaves(self, ward: Ward) -> Iterator[EventLine]:
        day = self.day(-50)
        yield self.line(day, ward.lead, Verb.WITHDRAW, ward.id, reason="capacity")
        if self.chance.random() < 0.4:
            again = self.calendar.next_working_day(day + ONE_DAY * self.chance.randint(0, 1))
            yield self.line(again, COORDINATOR, Verb.UNDO, ward.id, reason="mistake", hour=17)

    def _pauses(self, ward: Ward) -> Iterator[EventLine]:
        day = self.day(0)
        yield self.line(day, ward.lead, Verb.PAUSE, ward.id, reason="winter_pressure")
        until = day + ONE_DAY * self.chance.randint(1, 20)
        if self.chance.random() < 0.9:
            yield self.line(
                until, COORDINATOR, Verb.RESUME, ward.id, hour=self.chance.randint(7, 18)
            )

    def _moves_event(self, ward: Ward) -> Iterator[EventLine]:
        for kind in self.edition.sessions:
            if kind.cadence is Cadence.FULL_DAY:
                for _ in range(self.chance.randint(1, 2)):
                    yield self._move(ward, f"{kind.id}/1", self.day(0), (self.day(7), time(9, 0)))

    def _moves_session(self, ward: Ward) -> Iterator[EventLine]:
        weekly = [one for one in self.edition.sessions if one.cadence is Cadence.WEEKLY]
        for kind in weekly:
            number = self.chance.randint(1, kind.planned)
            weeks = timedelta(weeks=number - 1)
            planned = self.edition.window.opens + weeks
            day = self.calendar.next_working_day(planned - ONE_DAY * self.chance.randint(1, 12))
            to = planned + ONE_DAY * self.chance.randint(0, 11)
            clock = time(self.chance.randint(9, 16), self.chance.choice([1, 19, 37, 52]))
            yield self._move(ward, f"{kind.id}/{number}", day, (to, clock))

    def _move(self, ward: Ward, session: str, day: date, to: tuple[date, time]) -> EventLine:
        then, clock = self.calendar.next_working_day(to[0]), to[1].isoformat(timespec="minutes")
        details = f"starts={then.isoformat()}T{clock}; why=staffing"
        target = f"{self.edition.id}/{ward.id}/{session}"
        return self.line(day, ward.lead, Verb.MOVE, target, details=details)

    def _calls_off(self, ward: Ward) -> Iterator[EventLine]:
        weekly = [one for one in self.edition.sessions if one.cadence is Cadence.WEEKLY]
        for kind in weekly:
            number = self.chance.randint(1, kind.planned)
            target = f"{self.edition.id}/{ward.id}/{kind.id}/{number}"
            day = self.calendar.next_working_day(
                self.edition.window.opens + timedelta(weeks=number - 1) - ONE_DAY * 6
            )
            yield self.line(day, ward.coach, Verb.CANCEL, target, details="why=coach_unavailable")
            if self.chance.random() < 0.6:
                yield self.line(day + ONE_DAY, ward.coach, Verb.UNDO, target)

    def line(self, day: date, actor: str, verb: Verb, target: str, **more: object) -> EventLine:
        """Return what somebody does on a day, at a time of chance."""
        hour = int(str(more.pop("hour", self.chance.randint(8, 17))))
        clock = time(hour, self.chance.randint(1, 58), self.chance.randint(1, 58))
        at = self.calendar.instant(day, clock)
        return EventLine(
            at=at,
            actor=actor,
            verb=verb,
            target=target,
            details=str(more.get("details", "")),
            reason=str(more.get("reason", "")),
        )

    def day(self, earliest: int) -> date:
        """Return a day from so many days after the window's opening to its close."""
        window = self.edition.window
        days = self.chance.randint(earliest, (window.closes - window.opens).days)
        return self.calendar.previous_working_day(window.opens + days * ONE_DAY)


def delay(text: str) -> DelayValue:
    """Return a delay as it is written."""
    return DelayValue.model_validate(parse_delay(text))


def _hours(amount: int) -> DelayValue:
    return DelayValue(amount=amount, unit=Unit.WORKING_HOURS)
