"""The programme as a picture: a row for each service, a column for each week."""

from collections.abc import Sequence
from datetime import date

from rehearsal.report.drawing import Group, Picture, Rect, Shape, Sign, Text
from rehearsal.report.programme import Mark, WardRow, WardWeek
from rehearsal.report.wording import day_words, plain
from schemas.courses import Stage
from schemas.sessions import SessionState

COLUMN, ROW = 34.0, 22.0
LEFT, TOP = 72.0, 44.0
APART = 13.5
GONE = {Stage.WITHDRAWN.value, "merged"}

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


def calendar_picture(rows: Sequence[WardRow], name: str, title: str) -> Picture:
    """Draw services by weeks."""
    weeks = [one.monday for one in rows[0].weeks] if rows else []
    shapes: list[Shape] = [*_heads(weeks, len(rows))]
    for index, row in enumerate(rows):
        shapes += _row(row, TOP + index * ROW, link=len(rows) > 1)
    return Picture(
        name=name,
        title=title,
        description=_described(rows),
        width=LEFT + len(weeks) * COLUMN + 6,
        height=TOP + max(len(rows), 1) * ROW + 6,
        shapes=tuple(shapes),
    )


def _described(rows: Sequence[WardRow]) -> str:
    held, missed = sum(one.held for one in rows), sum(one.missed for one in rows)
    cancelled, moved = sum(one.cancelled for one in rows), sum(one.moved for one in rows)
    return (
        f"{len(rows)} {'service' if len(rows) == 1 else 'services'}: {held} sessions held, "
        f"{missed} missed, {cancelled} cancelled, {moved} moved. The table below says the same."
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


def _row(row: WardRow, y: float, *, link: bool) -> list[Shape]:
    target = f"#ward-{row.service_id}" if link else ""
    found: list[Shape] = [Text(4, y + ROW - 7, row.service_id, "row-name", link=target)]
    attended = (one.monday for one in row.weeks if any(_counts(mark) for mark in one.marks))
    last = max(attended, default=None)
    for index, week in enumerate(row.weeks):
        left = row.stage in GONE and last is not None and week.monday > last
        found.append(_cell(row, week, LEFT + index * COLUMN, y, left=left))
    return found


def _counts(mark: Mark) -> bool:
    return mark.state is not SessionState.CANCELLED


def _cell(row: WardRow, week: WardWeek, x: float, y: float, *, left: bool) -> Group:
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


def _said(row: WardRow, week: WardWeek, *, left: bool) -> str:
    parts = [mark_words(one) for one in week.marks]
    if left:
        parts.append("no longer in the programme")
    elif week.paused:
        parts.append("paused")
    return f"{row.service_id}, week of {day_words(week.monday)}: {'; '.join(parts) or 'nothing'}"


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
