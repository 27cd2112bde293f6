"""Pictures of numbers: heat by weeks, stacked bars, and lines over time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rehearsal.report.drawing import (
    Group,
    Picture,
    Rect,
    Shape,
    Text,
    line_through,
)
from rehearsal.report.wording import day_words, number

PAGE, WIDEST, NARROWEST = 1124.0, 34.0, 21.0
HEAT_ROW, HEAT_TOP = 20.0, 40.0
STEPS = 5
BAR, BAR_GAP, BAR_WIDTH = 20.0, 8.0, 620.0
PLOT_LEFT, PLOT_TOP, PLOT_WIDTH, PLOT_HEIGHT = 52.0, 14.0, 760.0, 220.0
BELOW = 34.0
TICKS = 4
LOOKS = 6
ROOM_FOR_NUMBER = 26.0


@dataclass(frozen=True)
class About:
    """How a picture is called, and what it says in a sentence."""

    name: str
    title: str
    description: str


@dataclass(frozen=True)
class HeatRow:
    """A row of a heat picture, with a number for each week."""

    label: str
    weeks: Mapping[date, float]


@dataclass(frozen=True)
class _Heat:
    """How cells are drawn: where, how wide, and against which greatest number."""

    left: float
    cell: float
    top: float
    unit: str

    def draw(self, row: HeatRow, week: date, at: int, y: float) -> Group:
        value, x = row.weeks.get(week, 0), self.left + at * self.cell
        step = 0 if value <= 0 else min(STEPS, int(value / self.top * STEPS) + 1)
        words = number(round(value, 1)) if value else ""
        return Group(
            f"{row.label}, week of {day_words(week)}: {number(value)} {self.unit}",
            (
                Rect(x + 0.5, y + 0.5, self.cell - 1, HEAT_ROW - 1, f"heat-{step}"),
                Text(x + self.cell / 2, y + HEAT_ROW - 6, words, "heat-number", "middle"),
            ),
        )


def heat_picture(about: About, rows: Sequence[HeatRow], unit: str, left: float = 150.0) -> Picture:
    """Draw rows by weeks; each cell carries its number, so colour is never alone."""
    weeks = _weeks(rows)
    top = max((value for row in rows for value in row.weeks.values()), default=1.0)
    cell = max(min((PAGE - left) / max(len(weeks), 1), WIDEST), NARROWEST)
    heat = _Heat(left, cell, top, unit)
    shapes: list[Shape] = []
    month = 0
    for index, week in enumerate(weeks):
        x = left + index * cell
        if week.month != month:
            month = week.month
            shapes.append(Text(x + 2, 12, f"{week:%b}", "month"))
        shapes.append(Text(x + cell / 2, HEAT_TOP - 8, f"{week.day}", "week", "middle"))
    for line, row in enumerate(rows):
        y = HEAT_TOP + line * HEAT_ROW
        shapes.append(Text(4, y + HEAT_ROW - 6, row.label, "row-name"))
        shapes += [heat.draw(row, week, index, y) for index, week in enumerate(weeks)]
    width, height = left + len(weeks) * cell + 4, HEAT_TOP + len(rows) * HEAT_ROW + 4
    return Picture(about.name, about.title, about.description, width, height, tuple(shapes))


def _weeks(rows: Sequence[HeatRow]) -> list[date]:
    known = sorted({week for row in rows for week in row.weeks})
    count = (known[-1] - known[0]).days // 7 + 1 if known else 0
    return [known[0] + timedelta(weeks=n) for n in range(count)]


@dataclass(frozen=True)
class BarRow:
    """A bar of parts, in the order of the legend."""

    label: str
    parts: tuple[int, ...]


def bar_picture(
    about: About, rows: Sequence[BarRow], legend: Sequence[str], left: float = 170.0
) -> Picture:
    """Draw stacked bars; a part that is wide enough carries its number."""
    most = max((sum(row.parts) for row in rows), default=1) or 1
    shapes: list[Shape] = []
    for index, row in enumerate(rows):
        y = 6 + index * (BAR + BAR_GAP)
        shapes.append(Text(left - 8, y + BAR - 6, row.label, "row-name", "end"))
        x = left
        for part, (count, name) in enumerate(zip(row.parts, legend, strict=True)):
            width = count / most * BAR_WIDTH
            if count:
                shapes.append(_part(f"{row.label}, {name}: {number(count)}", x, y, width, part))
                if width > ROOM_FOR_NUMBER:
                    look = f"part-number part-number-{part % LOOKS}"
                    shapes.append(Text(x + width / 2, y + BAR - 6, number(count), look, "middle"))
            x += width
        shapes.append(Text(x + 6, y + BAR - 6, number(sum(row.parts)), "bar-total"))
    height = 6 + len(rows) * (BAR + BAR_GAP) + 4
    width = left + BAR_WIDTH + 60
    return Picture(about.name, about.title, about.description, width, height, tuple(shapes))


def _part(title: str, x: float, y: float, width: float, part: int) -> Group:
    return Group(title, (Rect(x, y, max(width - 0.8, 0.6), BAR, f"part-{part % LOOKS}"),))


@dataclass(frozen=True)
class Series:
    """One line over time.

    Attributes:
        stepped: Whether a value holds until the next day that has one.

    """

    label: str
    look: str
    days: Mapping[date, float]
    stepped: bool = False


def time_picture(about: About, series: Sequence[Series], top: float) -> Picture:
    """Draw lines over time; each is labelled at its end, and has its own kind of stroke."""
    days = sorted({day for one in series for day in one.days})
    if not days:
        return Picture(about.name, about.title, about.description, 300, 40, ())
    first, span = days[0], max((days[-1] - days[0]).days, 1)

    def at(day: date, value: float) -> tuple[float, float]:
        x = PLOT_LEFT + (day - first).days / span * PLOT_WIDTH
        return x, PLOT_TOP + PLOT_HEIGHT * (1 - value / top)

    shapes: list[Shape] = [*_grid(top)]
    for month in _months(days[0], days[-1]):
        x, y = at(max(month, first), 0)
        shapes.append(Text(x, y + 16, f"{month:%b %y}", "week", "middle"))
    ends: list[float] = []
    for one in series:
        shapes += _line(one, at, ends)
    width, height = PLOT_LEFT + PLOT_WIDTH + 170, PLOT_TOP + PLOT_HEIGHT + BELOW
    return Picture(about.name, about.title, about.description, width, height, tuple(shapes))


def _grid(top: float) -> list[Shape]:
    found: list[Shape] = []
    for tick in range(TICKS + 1):
        y = PLOT_TOP + PLOT_HEIGHT * (1 - tick / TICKS)
        found.append(line_through([(PLOT_LEFT, y), (PLOT_LEFT + PLOT_WIDTH, y)], "grid"))
        found.append(Text(PLOT_LEFT - 6, y + 4, number(round(top * tick / TICKS)), "week", "end"))
    return found


def _line(
    one: Series, at: Callable[[date, float], tuple[float, float]], ends: list[float]
) -> list[Shape]:
    points: list[tuple[float, float]] = []
    for day in sorted(one.days):
        x, y = at(day, one.days[day])
        if one.stepped and points:
            points.append((x, points[-1][1]))
        points.append((x, y))
    if not points:
        return []
    y = points[-1][1] + 4
    while any(abs(y - other) < 14 for other in ends):
        y += 14
    ends.append(y)
    label = Text(points[-1][0] + 8, y, one.label, f"line-label {one.look}-label")
    return [line_through(points, one.look), label]


def _months(first: date, last: date) -> list[date]:
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return [one for one in found if (one - first).days >= 0 or (first - one).days < 10]
