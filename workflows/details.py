"""What the Temporal UI shows of a course."""

from schemas.courses import AgendaItem, CourseState
from schemas.inputs import CourseInput


def summary_of(item: AgendaItem, start: CourseInput) -> str:
    """Say what an item is about; the ids of a course's own things all begin alike."""
    words = item.step.replace("_", " ")
    own = f"{start.edition_id}/{start.service_id}/"
    return f"{words}: {item.subject.removeprefix(own)}" if item.subject else words


def details_of(state: CourseState, start: CourseInput) -> str:
    """Return what is shown of a course as it stands, as markdown.

    It names whose course it is, because a summary given at the start ends with the first run.
    """
    subject = start.service_id or start.edition_id
    lines = [f"**{subject}: {state.stage.replace('_', ' ')}**, version {state.version}"]
    if state.attention:
        lines.append(f"a person must look at: {state.attention.replace('_', ' ')}")
    agenda = [
        f"- {item.at:%a %d %b %Y %H:%M} UTC: {summary_of(item, start)}" for item in state.agenda
    ]
    return "\n\n".join(lines) + "\n\n" + "\n".join(agenda)
