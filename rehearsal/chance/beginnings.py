"""How the services of a random cast begin: their interest, and what they settle (R08, R16)."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random

from planning.calendar import WorkingCalendar, calendar_of
from rehearsal.chance.people import Company, Ward
from schemas.edition import Edition
from schemas.imports import InterestLine, SlotLine, Weekday
from schemas.sessions import Cadence

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
INTEREST_DAYS = 18
"""Days before the deadline on which interest comes."""


@dataclass(frozen=True)
class Beginnings:
    """Interest and slots, at odd minutes, so that nobody acts at an instant at which mail goes."""

    edition: Edition
    company: Company
    chance: Random

    @property
    def calendar(self) -> WorkingCalendar:
        """The edition's calendar."""
        return calendar_of(self.edition)

    def interest_lines(self) -> list[InterestLine]:
        """Return eois.csv of the script: some come twice, a few too late."""
        lines: list[InterestLine] = []
        deadline = self.edition.recruitment.deadline
        for ward in self.company.wards:
            late = self.chance.random() < 0.03
            days = -1 if late else self.chance.randint(0, INTEREST_DAYS)
            day = max(deadline - days * DAY, self.edition.recruitment.opens)
            lines.append(self._interest(ward, day, len(lines) + 1))
            if self.chance.random() < 0.07:
                lines.append(self._interest(ward, day + DAY, len(lines) + 1))
        return sorted(lines, key=lambda line: (line.submitted_at, line.interest))

    def slot_lines(self) -> list[SlotLine]:
        """Return slots.csv: the wards of a coach mostly meet at hours of their own."""
        met: dict[str, int] = {}
        lines = []
        first_days = self._first_days()
        for ward in self.company.wards:
            turn = met.get(ward.coach, 0)
            met[ward.coach] = turn + 1
            if turn and self.chance.random() < 0.05:
                turn -= 1  # the hour of another ward: the coach refuses it
            day, starts = first_days[ward.sponsor]
            partner = ward.partners[0] if ward.partners and self.chance.random() < 0.8 else None
            lines.append(
                SlotLine(
                    edition=self.edition.id,
                    service=ward.id,
                    coach=ward.coach,
                    weekday=list(Weekday)[turn % 4],
                    starts=time(9 + turn // 4 * 2 + turn % 3, 7 + turn * 5 % 50),
                    event_day=self._event_day(),
                    partner=partner,
                    executive_coach=ward.executive_coach,
                    executive_day=day,
                    executive_starts=starts,
                )
            )
        return lines

    def _interest(self, ward: Ward, day: date, number: int) -> InterestLine:
        clock = time(self.chance.randint(8, 18), self.chance.randint(1, 58), 11 + number % 40)
        return InterestLine(
            interest=f"EOI-{number:03}",
            edition=self.edition.id,
            service=ward.id,
            submitted_at=self.calendar.instant(day, clock),
            sponsor=ward.sponsor,
            lead=ward.lead,
            earlier_interest=self.chance.random() < 0.3,
        )

    def _first_days(self) -> dict[str, tuple[date, time]]:
        """Return when each sponsor's first session is to be, in the first weeks of the window."""
        found = {}
        for place, sponsor in enumerate(self.company.sponsors):
            day = self.edition.window.opens + self.chance.randint(1, 20) * DAY
            working = self.calendar.next_working_day(day)
            found[sponsor] = working, time(9 + place % 7, 3 + self.chance.randint(0, 50))
        return found

    def _event_day(self) -> date:
        """Return a day for the event, mostly by the day on which the edition wants it (C05)."""
        window = self.edition.window
        kinds = [one for one in self.edition.sessions if one.cadence is Cadence.FULL_DAY]
        due = next((one.due_by_week for one in kinds if one.due_by_week is not None), 8)
        last = min(window.opens + due * WEEK, window.closes)
        if self.chance.random() < 0.1:
            last = window.closes
        first = window.opens + 2 * WEEK
        day = first + self.chance.randint(0, max((last - first).days, 0)) * DAY
        while not self.calendar.is_working_day(day) or self._rests(day):
            day -= DAY
        return day

    def _rests(self, day: date) -> bool:
        return any(pause.opens <= day <= pause.closes for pause in self.edition.pauses)
