"""What scripted people do about sessions: confirm them, call them off, hold and record them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zlib import crc32

from planning.working_time import day_before
from rehearsal.acts import Act
from rehearsal.scene import Scene
from rehearsal.script import Conduct, ConductLine, Verb
from rehearsal.script_files import Script
from schemas.delays import Unit
from schemas.people import Role
from schemas.sessions import Participant, Session, SessionState

CALLED_OFF = timedelta(hours=3)
"""How long before its start a coach who cannot come calls a session off."""
SURER = 25
"""How much likelier partners are to confirm than others, in per cent."""
ALWAYS_THERE = {Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR, Role.DELIVERY_COACH}
AWAY = 12
"""Share of the others who cannot come to a session that is held, in per cent."""


def conduct(script: Script, scene: Scene) -> Iterator[Act]:
    """Yield what is due to be done about sessions near now; the same again until it is done."""
    for session in scene.sessions:
        subject = session.id.split("/")[1]
        line = script.conduct_of(subject, session.kind, session.number)
        if line is None or session.starts_at is None or session.ends_at is None:
            continue
        yield from _confirmed(scene, session, line, session.starts_at)
        if line.conduct is Conduct.CANCELLED:
            at = session.starts_at - CALLED_OFF
            yield from _act(script, scene, session, Verb.CANCEL, at, why=_why(line))
        elif line.conduct is not Conduct.SILENT:
            yield from _recorded(script, scene, session, line, session.ends_at)


def _confirmed(
    scene: Scene, session: Session, line: ConductLine, starts_at: datetime
) -> Iterator[Act]:
    """Yield the confirmations of those who are asked and say that they will come (M03).

    They do so within two fifths of the time between being asked first and the session.
    """
    kind = scene.edition.session_kind(session.kind)
    steps = [step for step in kind.reminders if step.asks == "confirm"]
    if not steps:
        return
    asked = {role for step in steps for role in step.to}
    day = scene.calendar.day_of(starts_at)
    first = min(day_before(day, step.before, scene.calendar) for step in steps)
    asked_at = scene.calendar.instant(first, steps[0].at)
    for one in scene.taking_part.get(session.id, []):
        mark = _mark(session.id, one.person_id)
        at = asked_at + (starts_at - asked_at) * 0.4 * (mark % 997 / 997)
        sure = line.confirms + (SURER if one.role is Role.PARTNER else 0)
        willing = one.role in asked and one.confirmed_at is None and mark % 100 < sure
        if willing and at <= scene.horizon and scene.now < starts_at:
            yield Act(
                name=f"confirm/{session.id}/{session.sequence}/{one.person_id}",
                at=at,
                actor=one.person_id,
                verb=Verb.CONFIRM,
                course=f"confirm/{session.id}",
                target=session.id,
            )


def _recorded(
    script: Script, scene: Scene, session: Session, line: ConductLine, ends_at: datetime
) -> Iterator[Act]:
    in_days = line.after.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}
    elapsed = {Unit.HOURS: timedelta(hours=1), Unit.MINUTES: timedelta(minutes=1)}
    if in_days:
        at = scene.later(ends_at, line.after)
    else:
        at = ends_at + line.after.amount * elapsed[line.after.unit]
    if line.conduct is Conduct.HELD:
        there = " ".join(
            one.person_id for one in scene.taking_part.get(session.id, []) if _comes(session, one)
        )
        details = {"outcome": SessionState.HELD.value, "attended": there}
    else:
        details = {"outcome": SessionState.MISSED.value, "why": _why(line)}
    yield from _act(script, scene, session, Verb.RECORD, at, **details)


def _act(
    script: Script, scene: Scene, session: Session, verb: Verb, at: datetime, **details: str
) -> Iterator[Act]:
    if at <= scene.horizon:
        yield Act(
            name=f"{verb}/{session.id}/{session.sequence}",
            at=at,
            actor=scene.coach_of(session) or script.coordinator,
            verb=verb,
            course=session.course_id,
            target=session.id,
            details={name: text for name, text in details.items() if text},
        )


def _comes(session: Session, one: Participant) -> bool:
    return one.role in ALWAYS_THERE or _mark(session.id, one.person_id) // 100 % 100 >= AWAY


def _why(line: ConductLine) -> str:
    return line.why.value if line.why else ""


def _mark(session_id: str, person_id: str) -> int:
    """Return a number that is the same for these two in every process."""
    return crc32(f"{session_id}|{person_id}".encode())
