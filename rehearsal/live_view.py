"""The terminal view of a demo: date, places, sessions, messages, chases; redrawn every second."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from planning.calendar import WorkingCalendar
from rehearsal.progress import Progress

KINDS = {
    "delivery": "weekly sessions",
    "improvement_event": "improvement events",
    "executive": "executive coaching",
    "midpoint": "midpoint check-ins",
}
STATES = ("held", "missed", "cancelled", "to_come")
SHOWN = 6


def view(progress: Progress, calendar: WorkingCalendar, share: float) -> RenderableType:
    """Return the whole view; ``share`` is how much of the year has passed, from 0 to 1."""
    local = calendar.local(progress.at)
    date = Text(f"{local:%A %d %B %Y, %H:%M}", style="bold")
    top = Table.grid(expand=True, padding=(0, 2))
    top.add_row(date, ProgressBar(total=1.0, completed=min(max(share, 0.0), 1.0), width=40))
    left = Group(
        _table("Places", _labelled(progress.places, ("taken", "offered", "free"))),
        Text(),
        _table("Services", _most(progress.stages)),
    )
    middle = _sessions(progress)
    right = Group(
        _table("Messages", _most(_states(progress.messages))),
        Text(),
        _table(f"Being chased ({progress.stuck} stuck)", _most(progress.chased)),
    )
    columns = Table.grid(expand=True, padding=(0, 1))
    columns.add_row(left, middle, right)
    return Panel(Group(top, Text(), columns), title="Drumbeat", border_style="cyan")


def line(progress: Progress, calendar: WorkingCalendar) -> str:
    """Return one line, for where there is no terminal to redraw."""
    local = calendar.local(progress.at)
    states = _states(progress.messages)
    held = sum(n for (_, state), n in progress.sessions.items() if state == "held")
    missed = sum(n for (_, state), n in progress.sessions.items() if state == "missed")
    return (
        f"{local:%a %d %b %Y}  places {progress.places['taken']} taken,"
        f" {progress.places['offered']} offered  sessions {held} held, {missed} missed"
        f"  mails {states['accepted']}  chased {sum(progress.chased.values())}"
        f" ({progress.stuck} stuck)"
    )


def _sessions(progress: Progress) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold cyan")
    table.add_column("Sessions", no_wrap=True)
    for state in STATES:
        table.add_column(state.replace("_", " "), justify="right")
    for kind, title in KINDS.items():
        table.add_row(title, *(str(progress.sessions[(kind, state)]) for state in STATES))
    return table


def _states(messages: Counter[tuple[str, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, state), n in messages.items():
        found[state] += n
    return found


def _labelled(found: Counter[str], names: Iterable[str]) -> list[tuple[str, int]]:
    return [(name, found[name]) for name in names]


def _most(found: Counter[str]) -> list[tuple[str, int]]:
    return found.most_common(SHOWN)


def _table(title: str, lines: list[tuple[str, int]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold cyan")
    table.add_column(title, no_wrap=True)
    table.add_column("", justify="right")
    for name, n in lines or [("nothing yet", 0)]:
        table.add_row(name.replace("_", " "), str(n))
    return table
