"""The cast before the oracle: when each scripted person does what, told from the script alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zlib import crc32

from rehearsal.script import (
    ANYBODY,
    TROUBLES,
    AnswerLine,
    Conduct,
    ConductLine,
    EventLine,
    Stretch,
    Verb,
    details_of,
)
from schemas.delays import Unit
from schemas.imports import InterestLine, SlotLine
from schemas.people import Role
from tests.oracle.days import DAY, PLAIN
from tests.oracle.deed import Deed, Done
from tests.oracle.deeds import do
from tests.oracle.world import OPEN, Meeting, Task, World

CALLED_OFF = timedelta(hours=3)
CATCH_UP_TIMES, CATCH_UP_DAYS = (time(12, 15), time(16, 30)), 8
NEEDS_A_SLOT = {Verb.COACH, Verb.SLOT, Verb.EVENT, Verb.SPONSOR_SESSION}
THERE = {Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR, Role.DELIVERY_COACH}


@dataclass
class Played:
    """A script as the oracle plays it.

    Attributes:
        done: What was done or refused, in order, each with the moment at which it was asked.

    """

    coordinator: str
    events: list[EventLine]
    interests: list[InterestLine]
    slots: dict[str, SlotLine]
    answers: dict[tuple[str, str], list[AnswerLine]]
    conducts: dict[tuple[str, str, int], ConductLine]
    done: list[tuple[datetime, Done]] = field(default_factory=list)
    _begun: set[str] = field(default_factory=set)
    _ahead: set[str] = field(default_factory=set)

    def join(self, world: World) -> None:
        """Let everybody wait for what concerns them."""
        world.heard_task = lambda task: self._answer(world, task)
        world.heard_meeting = lambda one: self._conduct(world, one)
        for interest in self.interests:
            self._at(world, _interest(interest), lambda: True)
        down = [one.stretch for one in self.events if one.verb is Verb.WORKERS_DOWN]
        world.down = tuple(_joined(down))
        for event in self.events:
            if event.verb in TROUBLES:
                continue  # Mail that is put off for some minutes goes all the same (M11).
            self._at(world, _event(event, world.edition.id), lambda: True)

    def _at(self, world: World, deed: Deed, still: Callable[[], bool]) -> None:
        """Do something at its moment, once, if it is still to be done then."""

        def act() -> None:
            self._ahead.discard(deed.name)
            if deed.name in self._begun or not still():
                return
            self._begun.add(deed.name)
            step: Deed | None = deed
            while step is not None:
                done = do(world, step)
                self.done.append((world.now, done))
                step = step.otherwise if done.refused else None

        if deed.name not in self._begun | self._ahead:
            self._ahead.add(deed.name)
            world.when(deed.at, act, rank=2, name=deed.name)

    # -- answers ----------------------------------------------------------------------------------

    def _answer(self, world: World, task: Task) -> None:
        subject = task.course.subject
        own = self.answers.get((subject, task.kind))
        for number, line in enumerate(own or self.answers.get((ANYBODY, task.kind), [])):
            if line.verb is None:
                continue
            at = world.days.after(task.opened, line.after, world.days.breaks) or task.opened
            name = f"answer/{task.id}/{number}"
            if name in self._begun | self._ahead:
                continue
            self._ahead.add(name)
            world.when(at, self._answering(world, task, line, name, at), rank=2, name=name)

    def _answering(
        self, world: World, task: Task, line: AnswerLine, name: str, at: datetime
    ) -> Callable[[], None]:
        def act() -> None:
            self._ahead.discard(name)
            if task.state not in OPEN or task.course.ended:
                return
            deed = self._answer_to(world, task, line, name, at)
            if deed is not None:
                self._at(world, deed, lambda: True)

        return act

    def _answer_to(
        self, world: World, task: Task, line: AnswerLine, name: str, at: datetime
    ) -> Deed | None:
        verb = line.verb
        assert verb is not None
        holder = None if line.by_coordinator else task.holder
        deed = Deed(
            name=name,
            at=at,
            actor=holder or self.coordinator,
            verb=verb,
            course=task.course.id,
            target=self._target(world, task, verb),
            reason=line.reason,
        )
        details = details_of(line.details)
        if verb is Verb.CATCH_UP:
            return self._catching_up(world, task, deed)
        if verb is Verb.PROMISE:
            day = world.days.day(at) + timedelta(days=int(details["days"]))
            details = {"until": day.isoformat()}
        slot = self.slots.get(deed.target)
        if slot is not None:
            details = {**_settled(slot, verb), **details}
        return None if verb in NEEDS_A_SLOT and not details else replace(deed, details=details)

    def _target(self, world: World, task: Task, verb: Verb) -> str:
        if verb in {Verb.PROMISE, Verb.DONE, Verb.WAIVE}:
            return task.id
        if verb in {Verb.RECORD, Verb.CATCH_UP}:
            return task.about
        if verb in {Verb.LAPSE, Verb.EXTEND}:
            number = task.about.partition("@")[0]
            for place in world.places:
                if str(place.number) == number and place.ward is not None:
                    return place.ward.subject
        return task.course.subject

    def _catching_up(self, world: World, task: Task, deed: Deed) -> Deed:
        tried = replace(
            deed,
            name=f"{deed.name}/waive",
            verb=Verb.WAIVE,
            target=task.id,
            reason="no_time_left",
        )
        today = world.days.day(deed.at)
        for ahead in range(CATCH_UP_DAYS, 0, -1):
            day = today + ahead * DAY
            for clock in reversed(CATCH_UP_TIMES) if world.days.works(day) else ():
                starts = datetime.combine(day, clock).isoformat()
                name, details = f"{deed.name}/{starts}", {"starts": starts}
                tried = replace(deed, name=name, details=details, otherwise=tried)
        return tried

    # -- sessions ---------------------------------------------------------------------------------

    def _conduct(self, world: World, one: Meeting) -> None:
        subject = one.course.subject
        line = self.conducts.get((subject, one.kind.id, one.number))
        line = line or self.conducts.get((ANYBODY, one.kind.id, 0))
        if line is None or one.starts is None or one.ends is None or one.state != "to_come":
            return
        sequence = one.sequence

        def still() -> bool:
            return one.state == "to_come" and one.sequence == sequence

        for deed in self._confirmations(world, one, line):
            self._at(world, deed, still_asked(one, sequence, deed.actor, world))
        if line.conduct is Conduct.SILENT:
            return
        if line.conduct is Conduct.CANCELLED:
            at, verb, said = one.starts - CALLED_OFF, Verb.CANCEL, {"why": _why(line)}
        else:
            at, verb, said = _recorded_at(world, one, line), Verb.RECORD, _said(one, line)
        deed = Deed(
            name=f"{verb}/{one.id}/{sequence}",
            at=at,
            actor=self._coach(one),
            verb=verb,
            course=one.course.id,
            target=one.id,
            details={name: text for name, text in said.items() if text},
        )
        self._late(world, one, line, deed, still)

    def _late(
        self,
        world: World,
        one: Meeting,
        line: ConductLine,
        deed: Deed,
        still: Callable[[], bool],
    ) -> None:
        """Say who came as it is known when it is said."""
        if deed.name in self._begun | self._ahead:
            return
        self._ahead.add(deed.name)

        def act() -> None:
            self._ahead.discard(deed.name)
            if still():
                said = _said(one, line) if deed.verb is Verb.RECORD else deed.details
                details = {name: text for name, text in said.items() if text}
                now = replace(deed, details=details, actor=self._coach(one))
                self._at(world, now, lambda: True)

        world.when(deed.at, act, rank=2, name=deed.name)

    def _coach(self, one: Meeting) -> str:
        found = sorted(who for who, role in one.people.items() if role is one.kind.coach)
        return found[0] if found else self.coordinator

    def _confirmations(self, world: World, one: Meeting, line: ConductLine) -> list[Deed]:
        """Return who says that they will come, and when (M03)."""
        steps = [step for step in one.kind.reminders if step.asks == "confirm"]
        assert one.starts is not None
        if not steps:
            return []
        asked = {role for step in steps for role in step.to}
        day = world.days.day(one.starts)
        first = world.days.at(
            min(world.days.before(day, step.before) for step in steps), steps[0].at
        )
        found = []
        for person, role in one.people.items():
            mark = crc32(f"{one.id}|{person}".encode())
            sure = line.confirms + (25 if role is Role.PARTNER else 0)
            if role in asked and mark % 100 < sure:
                found.append(
                    Deed(
                        name=f"confirm/{one.id}/{one.sequence}/{person}",
                        at=first + (one.starts - first) * 0.4 * (mark % 997 / 997),
                        actor=person,
                        verb=Verb.CONFIRM,
                        course=f"confirm/{one.id}",
                        target=one.id,
                    )
                )
        return found


def _joined(stretches: list[Stretch]) -> Iterator[Stretch]:
    """Yield stretches of which none begins before the one before has ended."""
    begins = ends = None
    for one in sorted(stretches, key=lambda one: one.begins):
        if begins is not None and ends is not None and one.begins <= ends:
            ends = max(ends, one.ends)
            continue
        if begins is not None and ends is not None:
            yield Stretch(begins, ends)
        begins, ends = one.begins, one.ends
    if begins is not None and ends is not None:
        yield Stretch(begins, ends)


def still_asked(one: Meeting, sequence: int, person: str, world: World) -> Callable[[], bool]:
    """Tell whether a confirmation is still to be given."""

    def still() -> bool:
        stands = one.state == "to_come" and one.sequence == sequence and one.starts is not None
        comes = person in one.people and person not in one.confirmed
        return stands and comes and world.now < (one.starts or world.now)

    return still


def _recorded_at(world: World, one: Meeting, line: ConductLine) -> datetime:
    assert one.ends is not None
    if line.after.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}:
        return world.days.after(one.ends, line.after, world.days.breaks) or one.ends
    return one.ends + line.after.amount * PLAIN[line.after.unit]


def _said(one: Meeting, line: ConductLine) -> dict[str, str]:
    if line.conduct is Conduct.MISSED:
        return {"outcome": "missed", "why": _why(line)}
    there = (
        person
        for person, role in sorted(one.people.items())
        if role in THERE or crc32(f"{one.id}|{person}".encode()) // 100 % 100 >= 12
    )
    return {"outcome": "held", "attended": " ".join(there)}


def _why(line: ConductLine) -> str:
    return line.why.value if line.why else ""


def _interest(line: InterestLine) -> Deed:
    return Deed(
        name=f"interest/{line.edition}/{line.interest}",
        at=line.submitted_at,
        actor=line.lead,
        verb=Verb.APPLY,
        course=f"service/{line.edition}/{line.service}",
        target=line.service,
        details={
            "interest": line.interest,
            "sponsor": line.sponsor,
            "lead": line.lead,
            "earlier_interest": "yes" if line.earlier_interest else "no",
        },
    )


def _event(line: EventLine, edition: str) -> Deed:
    subject = line.target.split("/")[1] if "/" in line.target else line.target
    return Deed(
        name=f"event/{edition}/{line.at.isoformat()}/{line.verb}/{line.target}",
        at=line.at,
        actor=line.actor,
        verb=line.verb,
        course=f"service/{edition}/{subject}",
        target=line.target,
        details=details_of(line.details),
        reason=line.reason,
    )


def _settled(slot: SlotLine, verb: Verb) -> Mapping[str, str]:
    if verb is Verb.COACH:
        return {"coach": slot.coach}
    if verb is Verb.SLOT:
        return {"weekday": str(slot.weekday.number), "starts": slot.starts.isoformat()}
    if verb is Verb.EVENT:
        return {"day": slot.event_day.isoformat()}
    if verb is Verb.PARTNER and slot.partner is not None:
        return {"partner": slot.partner}
    if verb is Verb.SPONSOR_SESSION and slot.executive_day and slot.executive_starts:
        return {
            "coach": slot.executive_coach or "",
            "day": slot.executive_day.isoformat(),
            "starts": slot.executive_starts.isoformat(),
        }
    return {}
