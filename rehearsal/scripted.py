"""What scripted people do by themselves, each act at its own time."""

from collections.abc import Iterator

from rehearsal.acts import Act
from rehearsal.script import TROUBLES, EventLine, Verb, details_of
from rehearsal.script_files import Script
from schemas.ids import edition_course_id, service_course_id
from schemas.imports import InterestLine


def events(script: Script) -> list[Act]:
    """Return every such act, earliest first."""
    return sorted(_events(script), key=lambda act: act.at)


def _events(script: Script) -> Iterator[Act]:
    for interest in script.interests:
        yield _interest(interest)
    for event in script.events:
        if event.verb in TROUBLES:
            continue  # Nobody does it: the stage sees to it.
        yield _event(event, script.edition)


def _interest(line: InterestLine) -> Act:
    return Act(
        name=f"interest/{line.edition}/{line.interest}",
        at=line.submitted_at,
        actor=line.lead,
        verb=Verb.APPLY,
        course=service_course_id(line.edition, line.service),
        target=line.service,
        details={
            "interest": line.interest,
            "sponsor": line.sponsor,
            "lead": line.lead,
            "earlier_interest": "yes" if line.earlier_interest else "no",
        },
    )


OF_THE_EDITION = {Verb.SUCCESSOR, Verb.MERGE, Verb.EDITION_CHANGE, Verb.ABSENCE}
"""What is said of the whole edition, whatever it names."""


def _event(line: EventLine, edition: str) -> Act:
    subject = line.target.split("/")[1] if "/" in line.target else line.target
    whole = line.verb in OF_THE_EDITION
    return Act(
        name=f"event/{edition}/{line.at.isoformat()}/{line.verb}/{line.target}",
        at=line.at,
        actor=line.actor,
        verb=line.verb,
        course=edition_course_id(edition) if whole else service_course_id(edition, subject),
        target=line.target,
        details=details_of(line.details),
        reason=line.reason,
    )
