"""How far a rehearsal has come, by the programme's date."""

from datetime import datetime, timedelta

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.desk import Desk
from planning.calendar import calendar_of
from planning.edition_agenda import end_of_edition
from schemas.edition import Edition

LINE_EVERY = timedelta(days=28)
"""Programme time between two lines where there is no terminal to redraw."""


class RehearsalProgress:
    """Tells the programme's date: redrawn on a terminal, a line a month elsewhere."""

    def __init__(self, desk: Desk, edition: Edition) -> None:
        """Tell it at ``desk``."""
        self._desk = desk
        self._calendar = calendar_of(edition)
        self._ends_at = end_of_edition(edition, self._calendar)
        self._began_at: datetime | None = None
        self._told_at: datetime | None = None
        self._live = Live(console=desk.out, refresh_per_second=8, transient=True)

    def __enter__(self) -> "RehearsalProgress":
        """Begin to redraw, on a terminal."""
        if self._desk.out.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind on a terminal."""
        self._live.stop()

    def reached(self, at: datetime) -> None:
        """Tell that an instant has been reached."""
        self._began_at = self._began_at or at
        day = f"{self._calendar.local(at):%a %d %b %Y}"
        if self._desk.out.is_terminal:
            self._live.update(self._bar(at - self._began_at, day))
        elif self._told_at is None or at - self._told_at >= LINE_EVERY:
            self._told_at = at
            self._desk.say(f"  {day}")

    def _bar(self, passed: timedelta, day: str) -> Table:
        assert self._began_at is not None
        whole = max((self._ends_at - self._began_at) / timedelta(seconds=1), 1.0)
        line = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=whole, completed=passed / timedelta(seconds=1), width=40)
        line.add_row(Text(day), bar)
        return line
