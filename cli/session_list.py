"""The command that lists sessions."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated

from cyclopts import Parameter
from sqlalchemy.orm import Session as Rows

from cli import naming, paper, words
from cli.desk import Desk
from cli.options import AtDesk, EditionOption, Json, When
from cli.sentences import Now, session_state
from cli.sheets import SheetOption, write
from planning.calendar import calendar_of
from schemas.sessions import SessionState
from storage.editions import latest_edition
from storage.reads.session_list import SessionLine, Wanted, sessions_listed

BACK, AHEAD = timedelta(days=7), timedelta(days=15)
"""How far from today's midnight a list reaches for which nothing else was said."""


@dataclass(frozen=True)
class _Chosen:
    now: Now
    wanted: Wanted
    lines: tuple[SessionLine, ...]


def sessions(
    subject: Annotated[
        str | None, Parameter(help="The service, or the executive sponsor, whose sessions.")
    ] = None,
    /,
    *,
    from_: Annotated[When | None, Parameter(name="--from", help="First day, or moment.")] = None,
    to: Annotated[When | None, Parameter(help="Last day, or moment.")] = None,
    state: Annotated[
        tuple[SessionState, ...], Parameter(help="Only in this state; may be repeated.")
    ] = (),
    kind: Annotated[str | None, Parameter(help="Only of this kind, such as delivery.")] = None,
    unrecorded: Annotated[
        bool, Parameter(help="Only those that are over and without a record.")
    ] = False,
    edition: EditionOption = None,
    json: Json = False,
    csv: SheetOption = None,
    desk: AtDesk,
) -> None:
    """List sessions, earliest first; without anything else said, a week back and two ahead."""
    with desk.reading() as rows:
        now, course_ids = _whose(desk, rows, subject, edition)
        zone = now.edition.zone
        from_at = from_.instant(zone) if from_ else None
        until_at = to.end(zone) if to else None
        if unrecorded:
            state, until_at = (SessionState.TO_COME,), until_at or now.at
        if not (subject or from_ or to or state or kind):
            today = now.calendar.instant(now.calendar.day_of(now.at), time())
            from_at, until_at = today - BACK, today + AHEAD
        wanted = Wanted(now.edition.id, course_ids, kind, state, from_at, until_at)
        lines = sessions_listed(rows, wanted)
    if unrecorded:
        lines = tuple(one for one in lines if one.ends_at is not None and one.ends_at < now.at)
    chosen = _Chosen(now, wanted, lines)
    if csv is not None:
        write(desk, csv, lines)
    elif json:
        desk.json(_said(chosen))
    else:
        _print(desk, chosen)


def _whose(
    desk: Desk, rows: Rows, subject: str | None, edition: str | None
) -> tuple[Now, tuple[str, ...]]:
    if subject is None:
        found = naming.the_edition(rows, edition)
        return Now(desk.now(rows), found, calendar_of(found)), ()
    course = naming.the_course(rows, subject, edition)
    found = latest_edition(rows, course.edition_id)
    return Now(desk.now(rows), found, calendar_of(found)), (course.id,)


def _said(chosen: _Chosen) -> dict[str, object]:
    return {
        "edition": chosen.now.edition.id,
        "now": chosen.now.at,
        "from": chosen.wanted.from_at,
        "to": chosen.wanted.until_at,
        "sessions": chosen.lines,
    }


def _print(desk: Desk, chosen: _Chosen) -> None:
    now, wanted = chosen.now, chosen.wanted
    said = f"{now.edition.title} ({now.edition.id}): {words.counted(len(chosen.lines), 'session')}"
    desk.say(said + _period(now, wanted.from_at, wanted.until_at))
    if not chosen.lines:
        return
    desk.say("")
    paper.table(
        desk,
        ("=session", "whose", "=when", "how it stands"),
        (
            (one.id, one.subject, now.local.instant(one.starts_at), session_state(one, now))
            for one in chosen.lines
        ),
    )


def _period(now: Now, from_at: datetime | None, until_at: datetime | None) -> str:
    said = f" from {now.local.instant(from_at)}" if from_at else ""
    return f"{said} to {now.local.instant(until_at)}" if until_at else said
