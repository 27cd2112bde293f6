"""Every picture of a report, made from its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rehearsal.report.calendar_picture import calendar_picture
from rehearsal.report.charts import (
    About,
    BarRow,
    HeatRow,
    Series,
    bar_picture,
    heat_picture,
    time_picture,
)
from rehearsal.report.chases import CAME_TO
from rehearsal.report.data import ReportData
from rehearsal.report.drawing import Picture
from rehearsal.report.load import is_coach
from rehearsal.report.wording import plain, to_do
from schemas.messages import MessageState

STATE_GROUPS: dict[str, tuple[MessageState, ...]] = {
    "left": (MessageState.ACCEPTED,),
    "bundled into a digest": (MessageState.BUNDLED,),
    "no longer called for": (MessageState.SUPPRESSED, MessageState.SUPERSEDED),
    "too late": (MessageState.TOO_LATE,),
    "refused, failed or unknown": (
        MessageState.REFUSED,
        MessageState.FAILED,
        MessageState.UNKNOWN,
    ),
    "still to go": (MessageState.WAITING, MessageState.HANDING_OVER),
}


@dataclass(frozen=True)
class Pictures:
    """The pictures of a report.

    Attributes:
        wards: One of each service, by its id.

    """

    calendar: Picture
    sponsors: Picture
    coaches: Picture
    mails: Picture
    messages: Picture
    chases: Picture
    places: Picture
    forecast: Picture
    wards: Mapping[str, Picture]


def pictures(data: ReportData) -> Pictures:
    """Draw a report."""
    return Pictures(
        calendar=calendar_picture(data.programme, "calendar", "Services by weeks", links=True),
        sponsors=calendar_picture(data.sponsors, "sponsors", "Executive sponsors by weeks"),
        coaches=_coaches(data),
        mails=_mails(data),
        messages=_messages(data),
        chases=_chases(data),
        places=_places(data),
        forecast=_forecast(data),
        wards={
            row.service_id: calendar_picture(
                [row], f"calendar-{row.service_id}", f"{row.service_id} by weeks"
            )
            for row in data.programme
        },
    )


def _coaches(data: ReportData) -> Picture:
    rows = [HeatRow(one.person_id, one.weeks) for one in data.loads if is_coach(one.roles)]
    most = max((max(row.weeks.values(), default=0) for row in rows), default=0)
    said = f"{len(rows)} coaches; the busiest week of any holds {most:g} hours of sessions."
    about = About("coaches", "Hours of each coach in each week", said)
    return heat_picture(about, rows, "hours", left=72)


def _mails(data: ReportData) -> Picture:
    rows = [HeatRow(plain(one.role), one.weeks) for one in data.mail_of_roles]
    said = "For each role the mails of whoever got most of them in that week."
    about = About("mails", "The most mails that one person got in a week", said)
    return heat_picture(about, rows, "mails at most", left=158)


def _messages(data: ReportData) -> Picture:
    kinds = sorted({one.kind for one in data.messages})
    rows = [
        BarRow(
            plain(kind),
            tuple(
                sum(one.count for one in data.messages if one.kind == kind and one.state in states)
                for states in STATE_GROUPS.values()
            ),
        )
        for kind in kinds
    ]
    total = sum(one.count for one in data.messages)
    said = f"{total} messages of {len(kinds)} kinds by what became of them."
    return bar_picture(About("messages", "What became of messages", said), rows, [*STATE_GROUPS])


def _chases(data: ReportData) -> Picture:
    rows = [BarRow(to_do(one.kind), tuple(one.came_to.values())) for one in data.chases]
    total = sum(one.opened for one in data.chases)
    said = f"{total} chases by how far each had to go."
    about = About("chases", "How far chases had to go", said)
    return bar_picture(about, rows, [*CAME_TO.values()], left=300)


def _places(data: ReportData) -> Picture:
    days = data.places_over_time
    last = max([*(one.day for one in days), data.closes]) if days else data.closes
    held = _until(last, {one.day: float(one.taken) for one in days})
    offered = _until(last, {one.day: float(one.offered) for one in days})
    most = max((one.taken for one in days), default=0)
    about = About(
        "places", "Places over time", f"Of {data.places} places at most {most} were taken at once."
    )
    lines = [
        Series("taken", "line-a", held, stepped=True),
        Series("offers open", "line-b", offered, stepped=True),
        Series(
            f"{data.places} places",
            "line-c",
            dict.fromkeys(sorted({min(held, default=last), last}), float(data.places)),
        ),
    ]
    return time_picture(about, lines, float(_rounded(data.places)))


def _until(last: date, days: dict[date, float]) -> dict[date, float]:
    if days:
        days.setdefault(last, days[max(days)])
    return days


def _forecast(data: ReportData) -> Picture:
    looks = data.foreseen.looks
    possible = {one.day: float(one.possible) for one in looks}
    held = {one.day: float(one.held) for one in looks}
    top = _rounded(int(max([*possible.values(), *held.values()], default=1)))
    said = "Weekly sessions that were still possible as known then, and those held by then."
    about = About("forecast", "Forecast and what was held", said)
    lines = [Series("possible", "line-a", possible), Series("held", "line-b", held)]
    return time_picture(about, lines, float(top))


def _rounded(top: int) -> int:
    """Return a round number of at least ``top`` whose quarters are whole."""
    step = 4 if top <= 40 else 40 if top <= 400 else 200
    return max((top + step - 1) // step * step, step)
