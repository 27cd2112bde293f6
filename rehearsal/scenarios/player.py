"""Plays a scenario on a stage, and says what did not come out as it must."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from importlib import resources

from planning.calendar import WorkingCalendar, calendar_of
from planning.edition_file import read_edition
from rehearsal.edition_changes import changed, laid_over
from rehearsal.scenarios.account import Account, Judged, Told, journal_told, mail_told
from rehearsal.scenarios.asking import Asking, instant
from rehearsal.scenarios.company import COORDINATOR, company
from rehearsal.scenarios.finding import Finder
from rehearsal.scenarios.operating import OPERATIONS, Operating
from rehearsal.scenarios.prelude import prelude
from rehearsal.scenarios.scenario import Happening, Must, Scenario
from rehearsal.scenarios.seeing_to import SeeingTo
from rehearsal.scenarios.stage import ScenarioStage
from schemas.edition import Edition
from schemas.forms import EditionForm
from storage.imports import Importer, save
from storage.reads.report_as_at import as_at

BASE = "mha-qi-wider.toml"
OUTAGE, REPORT = "outage", "report"
SAME, ANOTHER = "the same, byte for byte", "another one"
ASKED_BEFORE = 1_000
"""More than what is asked of one service before any story."""
LOOKS = timedelta(days=7)
"""How long at most nobody looks whether something has to be seen to."""


def edition_of(scenario: Scenario) -> Edition:
    """Return the shipped wider edition with what a scenario changes of it."""
    text = resources.files("editions").joinpath(BASE).read_text(encoding="utf-8")
    plain = read_edition(text, BASE).model_dump()
    return Edition.model_validate(laid_over(plain, {"places": 2, **scenario.edition}))


def begins_at(edition: Edition) -> datetime:
    """Return the programme time at which a stage for an edition begins: recruitment opens."""
    calendar = calendar_of(edition)
    return calendar.instant(edition.recruitment.opens, datetime.min.time()) + timedelta(hours=8)


async def play(scenario: Scenario, stage: ScenarioStage) -> Account:
    """Play a scenario from the opening of recruitment to the end of its story.

    Args:
        scenario: As read from the register.
        stage: Its present is ``begins_at`` the scenario's edition, and its database is empty.

    """
    player = Player(scenario, stage, edition_of(scenario))
    await player.open()
    await player.run()
    return player.account


@dataclass
class Player:
    """A scenario under way."""

    scenario: Scenario
    stage: ScenarioStage
    edition: Edition
    _asked: int = 0
    _reports: dict[datetime, str] = field(default_factory=dict)
    _coming: list[tuple[datetime, Happening | Must]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read what is to happen."""
        self._coming = self._planned()

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """Return the edition's calendar."""
        return calendar_of(self.edition)

    @cached_property
    def account(self) -> Account:
        """Return what is told of it so far."""
        return Account(self.scenario, self.calendar)

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.scenario, self.edition.id, self.stage.door, self.stage.database)

    @cached_property
    def _begins(self) -> datetime:
        return instant(self.calendar, self.scenario.begins)

    async def open(self) -> None:
        """Bring everybody in and open the edition."""
        importer = Importer(COORDINATOR, self.stage.now, f"company/{self.scenario.id}")
        with self.stage.database.transaction() as rows:
            for kind, lines in company(self.scenario).items():
                if lines:
                    save(rows, kind, lines, importer)
        form = EditionForm(actor=COORDINATOR, edition=self.edition.id, at=self.stage.now)
        await self.stage.door.open_edition(self.edition, form)

    async def run(self, until: datetime | None = None) -> None:
        """Let it all happen, and look where something must be true.

        Args:
            until: Programme time at which to stop; none: when the story is over.

        """
        seeing = SeeingTo(self.scenario, self.edition, self.stage.database)
        coming = self._coming
        await self._see_to(seeing)
        while coming and (until is None or coming[0][0] <= until):
            at, one = coming[0]
            due = min(seeing.next_at, self.stage.now + LOOKS)
            if due < at:
                await self.stage.go(due)
            else:
                coming.pop(0)
                await self._do(one, at)
            await self._see_to(seeing)
        if until is None:
            self._tell_the_rest()
        else:
            await self.stage.go(until)

    async def _see_to(self, seeing: SeeingTo) -> None:
        """Let everybody do what nobody has to tell them."""
        for happening in list(seeing.look(self.stage.now)):
            await self._ask(happening, self.stage.now)

    def skip(self, until: datetime) -> None:
        """Go on where another scenario stopped that had the same before its story."""
        self._coming = [one for one in self._coming if one[0] > until]
        self._asked = len(self.scenario.services) * ASKED_BEFORE

    def _planned(self) -> list[tuple[datetime, Happening | Must]]:
        """Return all that happens and all that is looked at, earliest first."""
        scenario, ends = self.scenario, instant(self.calendar, self.scenario.ends)
        before = prelude(scenario, self.edition, self.calendar)
        happens = [(instant(self.calendar, one.at), one) for one in (*before, *scenario.happens)]
        musts = [(instant(self.calendar, one.at) if one.at else ends, one) for one in scenario.must]
        return sorted([*happens, *musts], key=lambda one: one[0])

    async def _do(self, one: Happening | Must, at: datetime) -> None:
        await self.stage.go(max(at, self.stage.now))
        if isinstance(one, Must):
            self._judge(one)
        elif one.does == REPORT:
            self._reports[one.saying["as_at"]] = self._report(one.saying["as_at"])
        elif one.does == OUTAGE:
            until = instant(self.calendar, one.saying["until"])
            self._say(at, f"no worker runs until {one.saying['until']:%a %d %b %H:%M}")
            await self.stage.outage(until)
            await self.stage.go(until)
        else:
            await self._ask(one, at)

    async def _ask(self, one: Happening, at: datetime) -> None:
        """Ask for something, again where the scenario says so, and compare the answer."""
        name = str(self._asked)
        self._asked += 1
        for _ in range(1 + one.twice):
            done, said = await self._asked_for(one, at, f"{one.does}/{name}")
            self._say(at, f"{one.who} asks {one.does} {one.to}: {said}")
            expected = one.answered if done else one.refused
            if done == bool(one.refused) or expected not in said:
                wanted = one.refused or one.answered or "done"
                self.account.unexpected.append(
                    f"{one.who} asks {one.does} {one.to} at {one.at}: must be {wanted!r} and"
                    f" is {said!r}"
                )
        await self.stage.go(self.stage.now)

    async def _asked_for(self, one: Happening, at: datetime, name: str) -> tuple[bool, str]:
        door, database = self.stage.door, self.stage.database
        if one.does in OPERATIONS:
            return await Operating(self.edition.id, door, database).ask(one, at)
        if one.does == "change_edition":
            self.edition = changed(self.edition, one.saying)
            form = EditionForm(actor=one.who, edition=self.edition.id, at=at, reason=one.why)
            answer = await door.change_edition(self.edition, form)
            return True, answer.text
        return await self._asking.ask(one, at, name)

    def _say(self, at: datetime, text: str) -> None:
        if at >= self._begins:
            self.account.told.append(Told(at, text))

    def _report(self, local: datetime) -> str:
        """Return the report as it was known at an instant."""
        with self.stage.database.reading() as rows:
            return as_at(rows, self.edition.id, instant(self.calendar, local)).model_dump_json()

    def _judge(self, must: Must) -> None:
        if must.report_as_at is not None:
            same = self._report(must.report_as_at) == self._reports[must.report_as_at]
            found = SAME if same else ANOTHER
            self.account.judged.append(Judged(must, same, SAME, found))
            return
        with self.stage.database.reading() as rows:
            finder = Finder(rows, self.edition.id, self.calendar)
            found = finder.found(must)
            judged = Judged(must, finder.holds(must, found), finder.expected(must), found)
        self.account.judged.append(judged)

    def _tell_the_rest(self) -> None:
        database = self.stage.database
        self.account.told += journal_told(database, self.edition.id, self._begins)
        self.account.told += mail_told(database, self._begins)
