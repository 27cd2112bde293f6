"""What people of the sample do by themselves in the year, and what they answer when asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rehearsal.sample.cast_list import COORDINATOR, OPS, PARTNER_FOUND_LATE, SUCCESSORS, CastList
from rehearsal.sample.conducts import CORRECTED, CORRECTED_SESSION, MISSED_TWICE
from rehearsal.sample.interest import local
from rehearsal.sample.providers import MERGED_WARD, REFILLS, SURVIVING_WARD, WIDER
from rehearsal.script import ANYBODY, NOW, AnswerLine, EventLine, Verb
from schemas.delays import DelayValue, Unit
from schemas.obligations import ObligationKind as Kind

DECLINES, LAPSES = "SVC-50", "WL-02"
LEAVES_EARLY, LEAVES_IN_TIME, LEAVES_TOO_LATE, COMES_BACK = "SVC-49", "SVC-16", "SVC-17", "SVC-18"
MOVES_TWICE, MOVES_LATE, PAUSES = "SVC-23", "SVC-24", "SVC-31"
SIGNS_LATE, SIGNS_IN_PART, PROMISES = "SVC-43", "SVC-41", "SVC-47"
CALLED_OFF_AND_ON, MOVES_ONE = "SVC-30", "SVC-29"
REGION = ("SVC-28", "SVC-39", "SVC-46")
"""The wards of the East of England, which pause together in January; SVC-29 has gone up in one."""
HANDED_OVER = {"SVC-22": "DC-08", "SVC-32": "DC-04", "SVC-42": "DC-01", "WL-01": "DC-02"}
"""The wards of DC-07, who leaves on 30 November, and who takes each over: all have three (C16)."""
CHECK_INS_MOVED = {"SVC-32": "2024-12-06T11:00", "WL-01": "2024-12-06T15:30"}
"""Check-ins at whose time the coach who takes the ward over is elsewhere (C15)."""
COVER = ("DC-04", "DC-09")
"""Who covers the wards of DC-03 in the two weeks of February in which DC-03 is sick (E01)."""
OUTAGE = timedelta(days=2, hours=16, minutes=20)
"""How long no worker works: from Friday at 18:00 until Monday at 10:20."""
NEW_POLICY = {
    "sessions.delivery.reminders.day-before.before": "2wd",
    "chases.session_record.steps.second.after": "2wd",
}
"""What the version of 18 November changes (M06)."""


@dataclass(frozen=True)
class Year:
    """The year's events and answers."""

    cast: CastList

    def events(self) -> list[EventLine]:
        """Return events.csv, earliest first."""
        return sorted(
            [
                *self._leaving(),
                *self._moving(),
                *self._pausing(),
                *self._correcting(),
                *self._succeeding(),
                *self._breaking(),
            ],
            key=lambda line: line.at,
        )

    def answers(self) -> list[AnswerLine]:
        """Return answers.csv: what everybody does, and those who differ."""
        return [*_everybody(), *self._planted(), *self._paces()]

    def _act(self, day: date, hour: int, verb: Verb, service: str, **more: str) -> EventLine:
        reason = more.pop("reason", "")
        return EventLine(
            at=local(day, hour),
            actor=more.pop("actor", "") or self.cast.lead(service),
            verb=verb,
            target=more.pop("target", service),
            details="; ".join(f"{name}={value}" for name, value in more.items()),
            reason=reason,
        )

    def _leaving(self) -> Iterator[EventLine]:
        yield self._act(date(2024, 8, 20), 11, Verb.WITHDRAW, LEAVES_EARLY, reason="capacity")
        # From the moment at which they are said: an undo has a day, which a fast clock makes short.
        said = {"at": NOW, "reason": "staffing"}
        yield self._act(date(2024, 10, 3), 11, Verb.WITHDRAW, COMES_BACK, **said)
        back = {"at": NOW, "actor": COORDINATOR, "reason": "mistake"}
        yield self._act(date(2024, 10, 3), 12, Verb.UNDO, COMES_BACK, **back)
        yield self._act(date(2024, 10, 11), 15, Verb.WITHDRAW, LEAVES_IN_TIME, reason="staffing")
        yield self._act(date(2024, 10, 14), 9, Verb.WITHDRAW, LEAVES_TOO_LATE, reason="staffing")

    def _moving(self) -> Iterator[EventLine]:
        for service, day, hour, starts in (
            (MOVES_TWICE, date(2024, 9, 19), 14, "2024-11-01T09:00"),
            (MOVES_TWICE, date(2024, 10, 10), 15, "2024-11-15T09:00"),
            (MOVES_LATE, date(2024, 10, 9), 10, "2024-11-01T09:00"),
        ):
            event = f"{WIDER}/{service}/improvement_event/1"
            move = {"target": event, "starts": starts, "why": "staffing"}
            yield self._act(day, hour, Verb.MOVE, service, **move)
        coach = self.cast.coaches[MOVES_ONE]
        week_seven = f"{WIDER}/{MOVES_ONE}/delivery/7"
        move = {"target": week_seven, "starts": "2024-10-15T12:15", "why": "clash", "actor": coach}
        yield self._act(date(2024, 10, 8), 12, Verb.MOVE, MOVES_ONE, **move)
        coach = self.cast.coaches[CALLED_OFF_AND_ON]
        week_five = {"target": f"{WIDER}/{CALLED_OFF_AND_ON}/delivery/5", "actor": coach}
        off = week_five | {"why": "coach_unavailable"}
        yield self._act(date(2024, 9, 25), 10, Verb.CANCEL, CALLED_OFF_AND_ON, **off)
        yield self._act(date(2024, 9, 26), 9, Verb.UNDO, CALLED_OFF_AND_ON, **week_five)

    def _pausing(self) -> Iterator[EventLine]:
        yield self._act(date(2025, 1, 20), 7, Verb.PAUSE, PAUSES, reason="winter_pressure")
        yield self._act(date(2025, 2, 7), 18, Verb.RESUME, PAUSES)
        for service in REGION:
            office = {"actor": COORDINATOR}
            pressed = office | {"reason": "winter_pressure"}
            yield self._act(date(2025, 1, 6), 7, Verb.PAUSE, service, **pressed)
            yield self._act(date(2025, 1, 17), 18, Verb.RESUME, service, **office)
        found = {"partner": self.cast.partners[PARTNER_FOUND_LATE][0]}
        yield self._act(date(2024, 11, 5), 10, Verb.PARTNER, PARTNER_FOUND_LATE, **found)

    def _correcting(self) -> Iterator[EventLine]:
        """Yield what is put right on the Monday after a report."""
        wrong = f"{WIDER}/{CORRECTED}/delivery/{CORRECTED_SESSION}"
        right = {"target": wrong, "outcome": "missed", "why": "staffing", "actor": COORDINATOR}
        yield self._act(date(2024, 12, 16), 10, Verb.RECORD, CORRECTED, **right)

    def _succeeding(self) -> Iterator[EventLine]:
        """Yield who follows whom, and the edition's new version."""
        office = {"actor": COORDINATOR}
        left, came = {"target": "EX-09"} | office, {"target": "EX-09", "by": "EX-35"} | office
        vacant = left | {"from": "2024-10-01", "reason": "left"}
        yield self._act(date(2024, 9, 27), 10, Verb.SUCCESSOR, "", **vacant)
        yield self._act(
            date(2024, 11, 28), 11, Verb.SUCCESSOR, "", **came, **{"from": "2024-12-02"}
        )
        follows = {"target": "EX-04", "by": SUCCESSORS["EX-04"], "from": "2025-01-15"} | office
        yield self._act(date(2025, 1, 8), 10, Verb.SUCCESSOR, "", **follows)
        becomes = {"kind": "organisation", "by": "ORG-05", "from": "2024-11-01"} | office
        yield self._act(date(2024, 10, 21), 10, Verb.MERGE, "", target="ORG-06", **becomes)
        wards = {"kind": "service", "by": SURVIVING_WARD, "from": "2025-01-06"} | office
        yield self._act(date(2024, 12, 9), 10, Verb.MERGE, "", target=MERGED_WARD, **wards)
        version = {"target": WIDER} | office | NEW_POLICY
        yield self._act(date(2024, 11, 18), 12, Verb.EDITION_CHANGE, "", **version)
        sick = {"target": "DC-03", "from": "2025-02-03", "until": "2025-02-14"} | office
        covered = sick | {"cover": " ".join(COVER), "reason": "sickness"}
        yield self._act(date(2025, 1, 31), 11, Verb.ABSENCE, "", **covered)
        for service, starts in CHECK_INS_MOVED.items():
            clash = {"target": f"{WIDER}/{service}/midpoint/1", "starts": starts, "why": "clash"}
            yield self._act(date(2024, 11, 21), 10, Verb.MOVE, service, **clash, **office)
        for service, coach in HANDED_OVER.items():
            taken = {"coach": coach, "reason": "left"} | office
            yield self._act(date(2024, 11, 29), 15, Verb.COACH, service, **taken)

    def _breaking(self) -> Iterator[EventLine]:
        """Yield what goes wrong: a weekend without workers, mail put off (M10, M11)."""
        ops = {"target": WIDER, "actor": OPS}
        minutes = {"for": str(OUTAGE // timedelta(minutes=1))}
        yield self._act(date(2025, 2, 28), 18, Verb.WORKERS_DOWN, "", **ops, **minutes)
        line = self._act(date(2024, 10, 7), 9, Verb.MAIL_PUT_OFF, "", **ops, **{"for": "4"})
        yield line.model_copy(update={"at": line.at + timedelta(minutes=5)})

    def _planted(self) -> Iterator[AnswerLine]:
        yield AnswerLine(
            subject=DECLINES, obligation=Kind.ACCEPT_PLACE, after=working_days(2), verb=Verb.DECLINE
        )
        yield AnswerLine(subject=LAPSES, obligation=Kind.ACCEPT_PLACE)
        yield AnswerLine(
            subject=SIGNS_LATE,
            obligation=Kind.COMMITMENTS,
            after=working_days(18),
            verb=Verb.SIGN,
            by_coordinator=True,
            reason="by_phone",
        )
        yield AnswerLine(
            subject=SIGNS_IN_PART,
            obligation=Kind.COMMITMENTS,
            after=working_days(3),
            verb=Verb.REFUSE,
            details="commitments=data-collection",
        )
        yield AnswerLine(
            subject=SIGNS_IN_PART,
            obligation=Kind.COMMITMENT_DECLINED,
            after=working_days(4),
            verb=Verb.SIGN,
            by_coordinator=True,
            reason="agreed",
        )
        yield AnswerLine(
            subject=PROMISES,
            obligation=Kind.TEAM_NAMED,
            after=working_days(2),
            verb=Verb.PROMISE,
            details="days=8",
        )
        yield AnswerLine(
            subject=PROMISES, obligation=Kind.TEAM_NAMED, after=working_days(6), verb=Verb.TEAM
        )
        yield AnswerLine(subject=PARTNER_FOUND_LATE, obligation=Kind.EVENT_PARTNER)
        yield AnswerLine(
            subject=MISSED_TWICE,
            obligation=Kind.CATCH_UP,
            after=working_days(1),
            verb=Verb.WAIVE,
            reason="no_time_left",
        )

    def _paces(self) -> Iterator[AnswerLine]:
        """Yield how long each service takes over what everybody does."""
        dice = self.cast.providers.dice
        planted = {(line.subject, line.obligation) for line in self._planted()}
        for service in self.cast.expected:
            for kind, verb, in_time, late in PACES:
                if (service, kind) not in planted:
                    hesitates = dice.share("late", kind, service) < LATE
                    span = late if hesitates and service not in REFILLS else in_time
                    days = dice.among(*span, "pace", kind, service)
                    yield AnswerLine(
                        subject=service, obligation=kind, after=working_days(days), verb=verb
                    )


def working_days(amount: int) -> DelayValue:
    """Return a delay of so many working days."""
    return DelayValue(amount=amount, unit=Unit.WORKING_DAYS)


LATE = 0.15
"""Share of what is done only after the chase has begun [A]."""

PACES = (
    (Kind.ACCEPT_PLACE, Verb.ACCEPT, (1, 1), (3, 4)),
    (Kind.COMMITMENTS, Verb.SIGN, (1, 2), (5, 8)),
    (Kind.TEAM_NAMED, Verb.TEAM, (1, 4), (6, 8)),
    (Kind.PARTNER_SOUGHT, Verb.PARTNER, (1, 4), (6, 9)),
    (Kind.COACH_ASSIGNED, Verb.COACH, (1, 2), (2, 2)),
    (Kind.SLOT_CHOSEN, Verb.SLOT, (3, 4), (6, 6)),
    (Kind.EVENT_DATED, Verb.EVENT, (3, 4), (6, 7)),
    (Kind.SPONSOR_SESSION_SET, Verb.SPONSOR_SESSION, (2, 4), (6, 7)),
    (Kind.EVENT_PREPARED, Verb.DONE, (1, 4), (6, 12)),
    (Kind.EVENT_REPORT_OUT, Verb.DONE, (1, 1), (3, 6)),
    (Kind.EVENT_FOLLOW_UP, Verb.DONE, (1, 2), (4, 9)),
)
"""What is done about each kind of obligation, in how many working days, in time and late."""


def _everybody() -> Iterator[AnswerLine]:
    for kind, verb, (_, latest), _ in PACES:
        yield AnswerLine(subject=ANYBODY, obligation=kind, after=working_days(latest), verb=verb)
    for kind, verb, days, reason in (
        (Kind.SELECTION_DECISION, Verb.SELECT, 2, ""),
        (Kind.PLACE_DECISION, Verb.LAPSE, 2, "no_answer"),
        (Kind.COMMITMENT_DECLINED, Verb.SIGN, 4, "agreed"),
        (Kind.SESSION_RECORD, Verb.RECORD, 4, "by_phone"),
        (Kind.EVENT_PARTNER, Verb.WAIVE, 4, "none_confirmed"),
        (Kind.BAD_ADDRESS, Verb.WAIVE, 4, "reached_by_phone"),
        (Kind.PHONE_CALL, Verb.DONE, 1, ""),
    ):
        yield AnswerLine(
            subject=ANYBODY,
            obligation=kind,
            after=working_days(days),
            verb=verb,
            by_coordinator=True,
            reason=reason,
        )
    for kind in (Kind.CATCH_UP, Kind.EXECUTIVE_SLOT):
        yield AnswerLine(
            subject=ANYBODY, obligation=kind, after=working_days(1), verb=Verb.CATCH_UP
        )
