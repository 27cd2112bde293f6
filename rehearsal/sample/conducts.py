"""How the sessions of the sample go: mostly well, with the reasons that wards really have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rehearsal.sample.cast_list import CastList
from rehearsal.script import ANYBODY, Conduct, ConductLine
from schemas.delays import DelayValue, parse_delay
from schemas.sessions import SessionReason

T = TypeVar("T")

DELIVERY, EXECUTIVE, EVENT, CHECK_IN = "delivery", "executive", "improvement_event", "midpoint"
SESSIONS = {DELIVERY: 26, EXECUTIVE: 6, EVENT: 1, CHECK_IN: 1}

HELD = {DELIVERY: 0.88, EXECUTIVE: 0.82, EVENT: 0.97, CHECK_IN: 0.95}
"""Share of sessions that are held [A]."""
DECEMBER, HELD_IN_DECEMBER = range(14, 17), 0.75
"""Numbers of the weekly sessions between 2 and 20 December, and the share that is held [A]."""
REASONS = (
    (SessionReason.STAFFING, 45),
    (SessionReason.ACUITY, 20),
    (SessionReason.ANNUAL_LEAVE, 15),
    (SessionReason.COACH_UNAVAILABLE, 10),
    (SessionReason.TECHNICAL, 5),
    (SessionReason.OTHER, 5),
)
"""Why sessions are not held, in per cent [A]; what the coach causes is called off beforehand."""
PACES = (("20min", 30), ("1h", 25), ("3h", 20), ("8h", 13), ("2wd", 8), ("3wd", 2))
"""How long after its end a session is recorded, in per cent; the rest is left silent."""

MISSED_TWICE, COACH_TWICE = "SVC-21", "SVC-22"
TWO_RUNNING = (8, 9)
CORRECTED, CORRECTED_SESSION = "SVC-32", 15
"""Recorded as held on Thursday 12 December, and corrected after Friday's report (E38)."""
COVERED, COVERED_SESSIONS = {"SVC-18", "SVC-28", "SVC-38", "SVC-48"}, range(16, 25)
"""The wards of the coach who is sick in February, and the sessions round then: none is missed."""
CLEAN = {
    MISSED_TWICE, COACH_TWICE, "SVC-23", "SVC-24", "SVC-26", "SVC-27", "SVC-30", "SVC-31",
    "SVC-36", "EX-02",
}  # fmt: skip
"""Those of a planted case in which no other session may be missed."""


@dataclass(frozen=True)
class Conducts:
    """How each session goes, by its number: when it is held is for the programme to say."""

    cast: CastList

    def lines(self) -> list[ConductLine]:
        """Return conduct.csv."""
        everybody = [
            ConductLine(subject=ANYBODY, kind=kind, number=0, conduct=Conduct.HELD)
            for kind in SESSIONS
        ]
        services = [
            self._line(service, kind, number)
            for service in self.cast.expected
            for kind in (DELIVERY, EVENT, CHECK_IN)
            for number in range(1, SESSIONS[kind] + 1)
        ]
        sponsors = [
            self._line(sponsor, EXECUTIVE, number)
            for sponsor in self.cast.executive_coaches
            for number in range(1, SESSIONS[EXECUTIVE] + 1)
        ]
        return [*everybody, *services, *sponsors]

    def _line(self, subject: str, kind: str, number: int) -> ConductLine:
        dice = self.cast.providers.dice
        conduct, why = self._how(subject, kind, number)
        after = _share(PACES, dice.share("pace", subject, kind, number) * 100)
        if self._is_corrected(subject, kind, number):
            after = "1h"
        if after is None and (conduct is not Conduct.HELD or subject in CLEAN):
            after = "1h"
        if after is None:
            conduct = Conduct.SILENT
        return ConductLine(
            subject=subject,
            kind=kind,
            number=number,
            conduct=conduct,
            why=why,
            after=DelayValue.model_validate(parse_delay(after or "1h")),
            confirms=dice.among(40, 80, "confirms", subject, kind, number),
        )

    def _is_corrected(self, subject: str, kind: str, number: int) -> bool:
        return (subject, kind, number) == (CORRECTED, DELIVERY, CORRECTED_SESSION)

    def _how(self, subject: str, kind: str, number: int) -> tuple[Conduct, SessionReason | None]:
        if kind == DELIVERY and number in TWO_RUNNING and subject == MISSED_TWICE:
            return Conduct.MISSED, SessionReason.STAFFING
        if kind == DELIVERY and number in TWO_RUNNING and subject == COACH_TWICE:
            return Conduct.MISSED, SessionReason.COACH_UNAVAILABLE
        if self._is_corrected(subject, kind, number):
            return Conduct.HELD, None
        held = HELD[kind]
        if kind == DELIVERY and number in DECEMBER:
            held = HELD_IN_DECEMBER
        dice = self.cast.providers.dice
        covered = kind == DELIVERY and subject in COVERED and number in COVERED_SESSIONS
        if subject in CLEAN or covered or dice.share("held", subject, kind, number) < held:
            return Conduct.HELD, None
        why = _share(REASONS, dice.share("why", subject, kind, number) * 100)
        if kind == EXECUTIVE and why not in {SessionReason.COACH_UNAVAILABLE, None}:
            return Conduct.MISSED, SessionReason.EXECUTIVE_UNAVAILABLE
        if why is SessionReason.COACH_UNAVAILABLE:
            return Conduct.CANCELLED, why
        return Conduct.MISSED, why


def _share(shares: Sequence[tuple[T, int]], thrown: float) -> T | None:
    """Return what lies at a throw of 0 to 100 when the shares are laid end to end."""
    end = 0
    for item, share in shares:
        end += share
        if thrown < end:
            return item
    return None
