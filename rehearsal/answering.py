"""What scripted people do about obligations, when the time that they take over it has passed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from rehearsal.acts import Act
from rehearsal.scene import Scene
from rehearsal.script import AnswerLine, Verb, details_of
from rehearsal.script_files import Script
from schemas.imports import SlotLine
from schemas.obligations import Obligation

CATCH_UP_TIMES = (time(12, 15), time(16, 30))
CATCH_UP_DAYS = 8
"""Times and days on which somebody tries to put a session that makes up for a missed one."""


SETTLED = {Verb.COACH, Verb.SLOT, Verb.EVENT, Verb.SPONSOR_SESSION}
"""What nobody can answer for a service of which the script does not say what is settled."""


def answers(script: Script, scene: Scene) -> Iterator[Act]:
    """Yield what is due to be done about what is open; the same again until it is closed."""
    for one in scene.obligations:
        subject = one.course_id.rsplit("/", 1)[-1]
        for number, line in enumerate(script.answers_to(subject, one.kind)):
            at = scene.later(one.opened_at, line.after)
            if line.verb is None or at > scene.horizon:
                continue
            plain = Act(
                name=f"answer/{one.id}/{number}",
                at=at,
                actor=_actor(script, one, line),
                verb=line.verb,
                course=one.course_id,
                target=_target(scene, one, line.verb, subject),
                reason=line.reason,
            )
            whole = _whole(script, scene, one, line, plain)
            if whole.verb not in SETTLED or whole.details:
                yield whole


def _actor(script: Script, one: Obligation, line: AnswerLine) -> str:
    if line.by_coordinator or one.holder_id is None:
        return script.coordinator
    return one.holder_id


def _target(scene: Scene, one: Obligation, verb: Verb, subject: str) -> str:
    if verb in {Verb.PROMISE, Verb.DONE, Verb.WAIVE}:
        return one.id
    if verb in {Verb.RECORD, Verb.CATCH_UP}:
        return one.subject
    if verb in {Verb.LAPSE, Verb.EXTEND}:  # the edition's obligation names the place
        place_id = one.subject.split("@")[0]
        course = next((place.course_id for place in scene.places if place.id == place_id), None)
        return (course or subject).rsplit("/", 1)[-1]
    return subject


def _whole(script: Script, scene: Scene, one: Obligation, line: AnswerLine, plain: Act) -> Act:
    """Return the act with what its verb needs besides."""
    details: Mapping[str, str] = details_of(line.details)
    if plain.verb is Verb.CATCH_UP:
        return _catch_up(scene, one, plain)
    if plain.verb is Verb.PROMISE:
        day = scene.calendar.day_of(plain.at) + timedelta(days=int(details["days"]))
        details = {"until": day.isoformat()}
    slot = script.slots.get(plain.target)
    if slot is not None:
        details = {**_settled(slot, plain.verb), **details}
    return replace(plain, details=details)


def _settled(slot: SlotLine, verb: Verb) -> dict[str, str]:
    if verb is Verb.COACH:
        return {"coach": slot.coach}
    if verb is Verb.SLOT:
        return {"weekday": str(slot.weekday.number), "starts": slot.starts.isoformat()}
    if verb is Verb.EVENT:
        return {"day": slot.event_day.isoformat()}
    if verb is Verb.PARTNER and slot.partner is not None:
        return {"partner": slot.partner}
    if verb is Verb.SPONSOR_SESSION and slot.executive_day and slot.executive_starts:
        return {
            "coach": slot.executive_coach or "",
            "day": slot.executive_day.isoformat(),
            "starts": slot.executive_starts.isoformat(),
        }
    return {}


def _catch_up(scene: Scene, one: Obligation, plain: Act) -> Act:
    """Try one time after the other, and let it go when none of them suits everybody."""
    act = replace(
        plain, name=f"{plain.name}/waive", verb=Verb.WAIVE, target=one.id, reason="no_time_left"
    )
    today = scene.calendar.day_of(plain.at)
    days = [today + timedelta(days=ahead) for ahead in range(1, CATCH_UP_DAYS + 1)]
    starts = [
        datetime.combine(day, clock_time).isoformat()
        for day in days
        if scene.calendar.is_working_day(day)
        for clock_time in CATCH_UP_TIMES
    ]
    for when in reversed(starts):
        act = replace(plain, name=f"{plain.name}/{when}", details={"starts": when}, otherwise=act)
    return act
