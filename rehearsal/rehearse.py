"""A rehearsal: the whole course of an edition on skipped time, with the real engine."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import monotonic
from typing import NamedTuple

from messaging.channel import Channel
from planning.calendar import calendar_of
from planning.edition_agenda import end_of_edition
from rehearsal.acts import Act, ask
from rehearsal.cast_folder import CastFault, CastFolder
from rehearsal.copies import CountingChannel
from rehearsal.foresight import Foresight
from rehearsal.passing import Passing
from rehearsal.script import Verb
from rehearsal.script_files import Script
from rehearsal.scripted import events
from rehearsal.stage import Stage, stage_set
from rehearsal.turns import SOON
from runtime.importing import Import, import_sheets
from runtime.programme import Refused
from schemas.edition import Edition
from schemas.forms import EditionForm
from storage.imports import Importer

Progress = Callable[[datetime], None]
"""Told the programme time that has been reached."""


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal that has ended.

    Attributes:
        database_url: Where all of it stands.
        opened_at: Programme time at which the edition was opened and the sheets brought in.
        began_at: Programme time at which people began to act.
        ended_at: Programme time at which it was over.
        wall: Real time that it took.
        cpu: Processor time of this process.
        server_cpu: Processor time of the time-skipping server.
        copies: How many copies of each message the channel was handed, by key.
        refused: Acts that the programme refused, with its sentence.
        warnings: What the import warned of in the cast's sheets, a sentence each.
        counts: What was done: ``acts``, ``instants``, ``transactions`` and so on.

    """

    edition: Edition
    database_url: str
    opened_at: datetime
    began_at: datetime
    ended_at: datetime
    wall: timedelta
    cpu: timedelta
    server_cpu: timedelta
    copies: Counter[str] = field(default_factory=Counter, repr=False)
    refused: tuple[tuple[Act, str], ...] = ()
    warnings: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)


DAY = timedelta(days=1)
BEFORE = 8 * DAY
"""How long before people begin to act the edition is opened and the sheets are brought in."""
CURTAIN = time(7)
"""When on their first day people begin to act, UTC."""


async def rehearse(
    edition: Edition,
    cast: CastFolder,
    *,
    var: Path,
    progress: Progress = lambda _at: None,
    channel: Channel | None = None,
) -> Rehearsed:
    """Play the whole course of an edition, recruitment included, and return where it stands.

    The same edition and cast always make the same course: whatever falls due at one instant
    happens in an order of its own (steps by course, then mail, then people by the names of their
    acts), and everything is written down as of that instant.

    Args:
        edition: As read from its file; its id is that of the script's lines.
        cast: Sheets and script; ``CastFolder(folder)``.
        var: Folder for the database file; whatever an earlier rehearsal left there is replaced.
        progress: Told the programme time that is reached, now and then.
        channel: Takes the mail; one that takes all of it and counts where none is given.

    Raises:
        CastFault: The cast cannot be played; a sentence.
        StageFault: The time-skipping server is not there or gave up; a sentence.

    """
    meter = Meter()
    script = cast.script(edition.id)
    opens_at = begins_at(edition, script) - BEFORE
    counting = CountingChannel(script.troubles(Verb.MAIL_PUT_OFF))
    with few_collections():
        async with stage_set(var, opens_at, {"mail": channel or counting}) as stage:
            counting.now = partial(_present, stage)
            play = Play(Passing(stage), edition, script)
            await play.bring_in(cast.sheets)
            await play.run(progress)
    return play.told(meter.spent(), counting.copies)


def begins_at(edition: Edition, script: Script) -> datetime:
    """Return when people begin to act: on the morning of the first day of the script."""
    first = [act.at for act in events(script)[:1]]
    if first:
        return datetime.combine(first[0].date(), CURTAIN, tzinfo=UTC)
    return datetime.combine(edition.recruitment.opens, CURTAIN, tzinfo=UTC)


class Spent(NamedTuple):
    """What a rehearsal took: real time, and processor time here and in the servers that ended."""

    wall: timedelta
    cpu: timedelta
    server_cpu: timedelta


class Meter:
    """Measures what is spent from its making on."""

    def __init__(self) -> None:
        """Begin."""
        self._began = _used()

    def spent(self) -> Spent:
        """Return what was spent so far."""
        return Spent(*(now - then for now, then in zip(_used(), self._began, strict=True)))


@dataclass
class Play:
    """A rehearsal under way.

    Attributes:
        refused: Acts that the programme refused, with its sentence.
        warnings: What the import warned of, a sentence each.
        counts: Acts and instants.

    """

    passing: Passing
    edition: Edition
    script: Script
    refused: list[tuple[Act, str]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Foresee what the script says."""
        self._stage = self.passing.stage
        self._foresight = Foresight(self.script, self._stage.database)
        self._down = self.script.troubles(Verb.WORKERS_DOWN)

    async def bring_in(self, sheets: Path) -> None:
        """Open the edition and import the sheets, as a coordinator would.

        Raises:
            CastFault: A sheet has lines that cannot be brought in.

        """
        stage, actor = self._stage, self.script.coordinator
        at = stage.turns.now
        form = EditionForm(actor=actor, edition=self.edition.id, at=at)
        await stage.door.open_edition(self.edition, form)
        importer = Importer(actor=actor, at=at, request_id="cast")
        report = await import_sheets([sheets], Import(stage.database, importer, stage.door))
        faults = [one for one in report.faults if not one.warning]
        if faults:
            others = f" There are {len(faults) - 1} more." if faults[1:] else ""
            raise CastFault(f"The cast in {sheets} cannot be brought in: {faults[0]}{others}")
        self.warnings = tuple(str(one) for one in report.faults)

    async def run(self, progress: Progress) -> None:
        """Play from one instant at which something happens to the next, until it is over."""
        ends_at = end_of_edition(self.edition, calendar_of(self.edition)) + DAY
        turns = self._stage.turns
        while (at := self._next_at()) is not None and at <= ends_at:
            if down := next((one for one in self._down if one.covers(max(at, turns.now))), None):
                await self._stage.pass_without_work(down.ends)
                continue
            turns.now = max(at, turns.now)
            self.counts["instants"] += 1
            await self._play_instant()
            progress(turns.now)
        turns.now = ends_at

    def told(self, spent: Spent, copies: Counter[str]) -> Rehearsed:
        """Return what a rehearsal that is over tells of itself."""
        stage, begins = self._stage, begins_at(self.edition, self.script)
        return Rehearsed(
            edition=self.edition,
            database_url=stage.database.url,
            opened_at=begins - BEFORE,
            began_at=begins,
            ended_at=stage.turns.now,
            **spent._asdict(),
            copies=copies,
            refused=tuple(self.refused),
            warnings=self.warnings,
            counts=self.counts + self.passing.counts + stage.turns.counts,
        )

    def _next_at(self) -> datetime | None:
        found = (self.passing.next_at(), self._foresight.next_at())
        return min((one for one in found if one is not None), default=None)

    async def _play_instant(self) -> None:
        """Let all happen that falls due now: steps, then mail, then what people do."""
        now = self._stage.turns.now
        self._set_out(now)
        await self.passing.happen()
        self._look()
        for act in self._foresight.due(now):
            self.counts["acts"] += 1
            await self._perform(act)
            self._look()
        await self.passing.dispatch()
        self._look()

    def _set_out(self, now: datetime) -> None:
        """Let the server skip to when somebody asks something, while all else is looked at."""
        acts_at = self._foresight.next_at()
        if acts_at is not None and acts_at <= now and not self._stage.turns.due(now + SOON):
            self._stage.set_out(now)

    def _look(self) -> None:
        changed, self.passing.changed = self.passing.changed, set()
        self._foresight.look(changed, self._stage.turns.now)

    async def _perform(self, act: Act) -> None:
        """Do an act, or what is done instead where it is refused."""
        step: Act | None = act
        while step is not None:
            try:
                await ask(self._stage.door, step, self.edition.id, self._stage.database)
            except Refused as refusal:
                if step.otherwise is None:
                    self.refused.append((step, str(refusal)))
                step = step.otherwise
            else:
                return


def _present(stage: Stage) -> datetime:
    return stage.turns.now


@contextmanager
def few_collections() -> Iterator[None]:
    """Look for garbage rarely: a rehearsal is short, and leaves almost none in cycles."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _used() -> tuple[timedelta, ...]:
    """Return real time, and processor time of this process and of its children that ended."""
    mine, servers = (getrusage(whose) for whose in (RUSAGE_SELF, RUSAGE_CHILDREN))
    seconds = (monotonic(), *(used.ru_utime + used.ru_stime for used in (mine, servers)))
    return tuple(timedelta(seconds=one) for one in seconds)
