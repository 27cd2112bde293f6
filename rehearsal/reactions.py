"""What scripted people do about what they see: obligations answered, sessions held and recorded."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zlib import crc32

from planning.working_time import after
from rehearsal.acts import Act
from rehearsal.scene import Scene
from rehearsal.script import AnswerLine, Conduct, ConductLine, Verb, details_of
from rehearsal.script_files import Script
from schemas.delays import DelayValue, Unit
from schemas.ids import service_course_id
from schemas.imports import SlotLine
from schemas.obligations import Obligation
from schemas.people import Role
from schemas.sessions import Participant, Session, SessionState

CALLED_OFF = timedelta(hours=3)
"""How long before its start a coach who cannot come calls a session off."""

CATCH_UP_TIMES = (time(12, 15), time(16, 30))
CATCH_UP_DAYS = 8
CONFIRMED = timedelta(days=3)
"""How long before a session the last of those who confirm have done so."""


def events(script: Script) -> Iterator[Act]:
    """Yield what people do by themselves, in no order."""
    for line in script.interests:
        yield Act(
            name=f"interest/{line.interest}",
            at=line.submitted_at,
            actor=line.lead,
            verb=Verb.APPLY,
            course=service_course_id(script.edition, line.service),
            target=line.service,
            details={
                "interest": line.interest,
                "sponsor": line.sponsor,
                "lead": line.lead,
                "earlier_interest": "yes" if line.earlier_interest else "no",
            },
        )
    for event in script.events:
        subject = event.target.split("/")[1] if "/" in event.target else event.target
        yield Act(
            name=f"event/{event.at.isoformat()}/{event.verb}/{event.target}",
            at=event.at,
            actor=event.actor,
            verb=event.verb,
            course=service_course_id(script.edition, subject),
            target=event.target,
            details=details_of(event.details),
            reason=event.reason,
        )


def answers(script: Script, scene: Scene) -> Iterator[Act]:
    """Yield what people do about the obligations that are open, as far as it is due."""
    for one in scene.obligations:
        subject = one.course_id.rsplit("/", 1)[-1]
        for number, line in enumerate(script.answers_to(subject, one.kind)):
            at = later(scene, one.opened_at, line.after)
            if line.verb is not None and at <= scene.now:
                name = f"answer/{one.id}/{number}"
                yield from _answer(script, scene, one, line, Act(
                    name=name,
                    at=at,
                    actor=script.coordinator
                    if line.by_coordinator or one.holder_id is None
                    else one.holder_id,
                    verb=line.verb,
                    course=one.course_id,
                    target=subject,
                    details=details_of(line.details),
                    reason=line.reason,
                ))
