"""The programme as a picture: a row for each service or sponsor, a column for each week."""

from collections.abc import Sequence
from datetime import date

from rehearsal.report.drawing import Group, Picture, Rect, Shape, Sign, Text
from rehearsal.report.programme import Mark, SponsorRow, WardRow, Week
from rehearsal.report.wording import counted, day_words, plain
from schemas.sessions import SessionState

COLUMN, ROW = 34.0, 22.0
LEFT, TOP = 72.0, 44.0
APART = 13.5

SIGNS = {
    SessionState.HELD: "held",
    SessionState.MISSED: "missed",
    SessionState.CANCELLED: "cancelled",
    SessionState.TO_COME: "to-come",
}
EVENT_SIGNS = {
    SessionState.HELD: "event-held",
    SessionState.MISSED: "event-missed",
    SessionState.CANCELLED: "event-cancelled",
    SessionState.TO_COME: "event-to-come",
}


Row = WardRow | SponsorRow


def calendar_picture(rows: Sequence[Row], name: str, title: str, links: bool = False) -> Picture:
    """Draw rows by weeks; with ``links`` the name of each leads to that service alone."""
    weeks = [one.monday for one in rows[0].weeks] if rows else []
    shapes: list[Shape] = [*_heads(weeks, len(rows))]
    names: list[Text] = []
    for index, row in enumerate(rows):
        y = TOP + index * ROW
        shapes += _cells(row, y)
        target = f"#ward-{row.label}" if links else ""
        names.append(Text(4, y + ROW - 7, row.label, "row-name", link=target))
    if not links:
        shapes += names
    return Picture(
        name=name,
        title=title,
        description=_described(rows),
        width=LEFT + len(weeks) * COLUMN + 6,
        height=TOP + max(len(rows), 1) * ROW + 6,
        shapes=tuple(shapes),
        links=tuple(names) if links else (),
    )


def _described(rows: Sequence[Row]) -> str:
    held, missed = sum(one.held for one in rows), sum(one.missed for one in rows)
    cancelled, moved = sum(one.cancelled for one in rows), sum(one.moved for one in rows)
    return (
        f"{counted(len(rows), 'row')}: {counted(held, 'session')} held, {missed} missed, "
        f"{cancelled} cancelled, {moved} moved. The table below says the same."
    )


def _heads(weeks: Sequence[date], rows: int) -> list[Shape]:
    found: list[Shape] = []
    month = 0
    for index, week in enumerate(weeks):
        x = LEFT + index * COLUMN
        if week.month != month:
            month = week.month
            found.append(Text(x + 2, 14, f"{week:%b %Y}", "month"))
            found.append(Rect(x, 4, 0.8, TOP + rows * ROW - 4, "rule"))
        found.append(Text(x + COLUMN / 2, TOP - 8, f"{week.day}", "week", "middle"))
    return found


def _cells(row: Row, y: float) -> list[Shape]:
    attended = (one.monday for one in row.weeks if any(_counts(mark) for mark in one.marks))
    last = max(attended, default=None)
    found: list[Shape] = []
    for index, week in enumerate(row.weeks):
        left = row.has_left and last is not None and week.monday > last
        found.append(_cell(row, week, LEFT + index * COLUMN, y, left=left))
    return found


def _counts(mark: Mark) -> bool:
    return mark.state is not SessionState.CANCELLED


def _cell(row: Row, week: Week, x: float, y: float, *, left: bool) -> Group:
    look = "gone" if left else "paused" if week.paused else "cell"
    shapes: list[Rect | Text | Sign] = [Rect(x + 0.5, y + 0.5, COLUMN - 1, ROW - 1, look)]
    count = len(week.marks)
    for index, mark in enumerate(week.marks):
        step = min(APART, (COLUMN - APART) / max(count - 1, 1))
        at = x + COLUMN / 2 + (index - (count - 1) / 2) * step
        shapes.append(Sign(at, y + ROW / 2, _sign(mark)))
        if mark.moves:
            shapes.append(Sign(at, y + 4, "moved"))
    return Group(_said(row, week, left=left), tuple(shapes))


def _sign(mark: Mark) -> str:
    signs = EVENT_SIGNS if mark.event else SIGNS
    return signs[mark.state]


def _said(row: Row, week: Week, *, left: bool) -> str:
    parts = [mark_words(one) for one in week.marks]
    if left:
        parts.append("no longer in the programme")
    elif week.paused:
        parts.append("paused")
    return f"{row.label}, week of {day_words(week.monday)}: {'; '.join(parts) or 'nothing'}"


def mark_words(mark: Mark) -> str:
    """Return a session of a week in words."""
    said = f"{mark.title} {plain(mark.state)}"
    if mark.reason:
        said += f" ({plain(mark.reason)})"
    if mark.moves:
        said += f", moved {mark.moves} times" if mark.moves > 1 else ", moved once"
    if mark.catch_up:
        said += ", a catch-up"
    if mark.unrecorded:
        said += ", without a record"
    if mark.conflict:
        said += ", two people say different things"
    return said
