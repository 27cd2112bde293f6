"""How time passes on a stage: from one instant at which something falls due to the next."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from activities.dispatching.moments import Moment
from rehearsal.stage import Stage
from rehearsal.turns import SOON
from storage.dispatching import anything_due
from storage.reads.next_due import next_due_at

RESTS = timedelta(minutes=1)
"""When the dispatcher looks again at mail that is due and does not go, as while a server rests."""


@dataclass
class Passing:
    """Lets courses take their steps and the dispatcher hand over, each at its due instant.

    At one instant steps come first, by course, and then mail; what people do comes after both.

    Attributes:
        changed: Courses that changed and at which nobody has looked since.
        counts: Batches of mail, and messages by what became of them.

    """

    stage: Stage
    changed: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    _mail_at: datetime | None = None

    def __post_init__(self) -> None:
        """Let whoever asks something at the door wait for what comes of it."""
        self.stage.door.settle = self.settle

    def next_at(self) -> datetime | None:
        """Return when something falls due next."""
        found = (self.stage.turns.next_at(), self._mail_at)
        return min((one for one in found if one is not None), default=None)

    async def until(self, when: datetime) -> None:
        """Let everything happen that falls due by an instant; it is then that instant."""
        turns = self.stage.turns
        while (at := self.next_at()) is not None and at <= when:
            turns.now = max(at, turns.now)
            await self.happen()
        turns.now = max(when, turns.now)

    async def happen(self) -> None:
        """Let everything happen that is due now."""
        await self.settle()
        await self.dispatch()

    async def settle(self) -> None:
        """Let courses take every step that is due, and all that comes of it."""
        turns = self.stage.turns
        await turns.quiet()
        while due := turns.due(turns.now + SOON):
            await turns.line_up(due)
            await self.stage.go(max(turns.now, *(turns.at(one) for one in due)))
            await turns.quiet()
        if changed := turns.take_changed():
            self.changed |= changed
            self._mail_at = turns.now

    async def dispatch(self) -> None:
        """Hand over what is due, until nothing more is."""
        turns, stage = self.stage.turns, self.stage
        real_now = stage.clock.real_time(turns.now)
        while self._mail_is_due(real_now):
            counts = await stage.dispatcher.dispatch_once(turns.now, real_now)
            self.counts["batches"] += 1
            self.counts.update({f"mail {state}": n for state, n in counts.states.items()})
            if counts.wake:
                await turns.woken(counts.wake)
                await turns.tell(sorted(counts.wake))
                await self.settle()

    def _mail_is_due(self, real_now: datetime) -> bool:
        """Tell whether anything can be handed over, and note when something falls due next.

        What is due and cannot go, as while a server rests, is looked at again in a while.
        """
        now, stage = self.stage.turns.now, self.stage
        if self._mail_at is None or self._mail_at > now:
            return False
        with stage.database.reading() as rows:
            rests = anything_due(rows, now, real_now)
            found = next_due_at(rows, now, stage.clock)
        if rests and stage.dispatcher.has_work(Moment(now, real_now, stage.clock)):
            return True
        later = [found] if found else []
        self._mail_at = min([*later, now + RESTS] if rests else later, default=None)
        return False
