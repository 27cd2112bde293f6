"""What an act on many courses would do to sponsors' coaching: their sessions and their coach."""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta

from planning.placing import Busy
from planning.working_time import Interval
from runtime.bulk_coaches import (
    booked,
    coaches_of,
    days_away,
    loads_of,
    taking_part,
    usual_load,
)
from runtime.bulk_plans import BulkLine, BulkReader, Subject, line
from schemas.ids import executive_course_id
from schemas.people import Role
from schemas.sessions import Session, SessionState
from storage import courses, people, sessions

ROLE = Role.EXECUTIVE_COACH
VACANT = "the post is vacant, and whoever follows has the same coach: replace them then"


def coaches_executives(reader: BulkReader, coach: str | None) -> bool:
    """Tell whether somebody is an executive coach of the edition."""
    if coach is None:
        return False
    known = taking_part(reader.rows, reader.edition.id)
    return coach in coaches_of(reader.rows, reader.edition.id, ROLE) or any(
        one.executive_coach_id == coach for one in known
    )


def coaches_services(reader: BulkReader, coach: str | None) -> bool:
    """Tell whether somebody is a delivery coach of the edition."""
    if coach is None:
        return False
    known = taking_part(reader.rows, reader.edition.id)
    return coach in coaches_of(reader.rows, reader.edition.id, Role.DELIVERY_COACH) or any(
        one.delivery_coach_id == coach for one in known
    )


def moving_executives(reader: BulkReader, on: date, to: date) -> tuple[BulkLine, ...]:
    """Return what moving a day's executive sessions of a coach to another day would do."""
    calendar, found = reader.calendar, []
    from_at = calendar.instant(on, time())
    until_at = calendar.instant(on + timedelta(days=1), time())
    coached = {one.course_id: one for one in _coached(reader)}
    for session in sessions.sessions_between(reader.rows, reader.edition.id, from_at, until_at):
        about = coached.get(session.course_id)
        if about is None or not _is_to_come(reader, session) or session.starts_at is None:
            continue
        starts_at = calendar.instant(to, calendar.local(session.starts_at).time())
        found.append(reader.moved(about, session, starts_at))
    return tuple(found)


def replacing_executives(
    reader: BulkReader, coach: str, named: Sequence[str]
) -> tuple[BulkLine, ...]:
    """Return who would coach each sponsor of an executive coach who leaves (E01, C15, C16).

    Args:
        reader: Of the scope; a sponsor is meant with any of their services.
        coach: Who leaves.
        named: Who takes over; empty: whoever has the fewest sponsors.

    """
    known = coaches_of(reader.rows, reader.edition.id, ROLE)
    taking = [one for one in known if one != coach and one in (named or known)]
    loads = loads_of(reader.rows, reader.edition, ROLE)
    most, found = usual_load(reader.edition, ROLE), []
    for about in _coached(reader):
        if courses.course(reader.rows, about.course_id) is None:
            why = "the coaching has not begun: drumbeat onboard sponsor-session names its coach"
            found.append(line(about, "stays as it is", (why,)))
            continue
        ahead = [
            one
            for one in sessions.sessions_of(reader.rows, about.course_id)
            if _is_to_come(reader, one) and not reader.is_covered(one, coach)
        ]
        free = [who for who in taking if not _in_the_way(reader, who, ahead)]
        if not free:
            found.append(line(about, "stays as it is", (_why_not(reader, taking, ahead),)))
            continue
        new = min(free, key=lambda who: (loads[who], who))
        loads[new] += 1
        warnings = list(_absences(reader, new, ahead))
        if most is not None and loads[new] > most:
            warnings.append(f"{new} would have {loads[new]} sponsors; {most} are usual")
        happens = f"{new} takes over {len(ahead)} executive sessions to come"
        wish: dict[str, object] = {"edition": reader.edition.id, "sponsor": about.id, "coach": new}
        found.append(line(about, happens, tuple(warnings), wish))
    found += [line(one, "stays as it is", (VACANT,)) for one in _coached(reader, vacant=True)]
    return tuple(found)


def _coached(reader: BulkReader, *, vacant: bool = False) -> Iterator[Subject]:
    """Yield the sponsors of the coach whom the scope names, in the order of their ids.

    Those whose post is vacant stand apart: nobody is coached until they are followed (E05).
    """
    meant: set[str] = set()
    for one in taking_part(reader.rows, reader.edition.id):
        service = people.service(reader.rows, one.service_id)
        if service is None or one.sponsor_vacant is not vacant or reader.scope.coach is None:
            continue
        if reader.scope.only not in {None, one.sponsor_id}:
            continue
        if reader.is_meant(service, one.executive_coach_id):
            meant.add(one.sponsor_id)
    for sponsor_id in sorted(meant):
        person = people.person(reader.rows, sponsor_id)
        course_id = executive_course_id(reader.edition.id, sponsor_id)
        yield Subject(course_id, sponsor_id, (person.name if person else None) or sponsor_id)


def _is_to_come(reader: BulkReader, session: Session) -> bool:
    ahead = session.starts_at is None or session.starts_at > reader.at
    return session.state is SessionState.TO_COME and ahead


def _in_the_way(reader: BulkReader, coach: str, ahead: Sequence[Session]) -> list[Busy]:
    """Return what a coach has at the times of sessions that would be theirs (C15)."""
    calendar = reader.calendar
    closes = calendar.instant(reader.edition.window.closes + timedelta(days=1), time())
    busy = booked(reader.rows, [coach], frozenset({coach}), reader.at, closes).busy
    wanted = [
        (one.id, Interval(one.starts_at, one.ends_at))
        for one in ahead
        if one.starts_at is not None and one.ends_at is not None
    ]
    return [
        one
        for one in busy
        for name, span in wanted
        if one.session != name and span.touches(one.starts_at, one.ends_at)
    ]


def _why_not(reader: BulkReader, taking: Sequence[str], ahead: Sequence[Session]) -> str:
    if not taking:
        return "nobody else, or nobody of those named, coaches executives in this edition"
    said = _in_the_way(reader, taking[0], ahead)[0]
    return (
        "nobody is free at the time of each session: move one first, or name another coach; "
        f"{said.person} has {said.session}"
    )


def _absences(reader: BulkReader, coach: str, ahead: Sequence[Session]) -> Iterator[str]:
    """Yield a warning for each session on a day on which its new coach is away."""
    away = days_away(reader.rows, [coach]).get(coach, ())
    for one in ahead:
        day = None if one.starts_at is None else reader.calendar.day_of(one.starts_at)
        if day is not None and any(days.opens <= day <= days.closes for days in away):
            yield f"{coach} is away on {day.day} {day:%B %Y}, the day of {one.id}"
