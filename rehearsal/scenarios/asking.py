"""How a happening is asked at the programme's door: the form is that of the door's own method."""

from datetime import datetime
from typing import Any, get_type_hints
from uuid import NAMESPACE_URL, uuid5

from planning.calendar import WorkingCalendar
from rehearsal.scenarios.scenario import Happening, Scenario
from runtime.programme import Programme, Refused
from schemas.forms import ActForm
from schemas.ids import edition_course_id, executive_course_id, service_course_id
from storage import courses, obligations
from storage.database import Database

ACTS = uuid5(NAMESPACE_URL, "https://drumbeat.example/scenarios")


class Asking:
    """Asks what happens in a scenario, at the door of whichever stage it is played on."""

    def __init__(
        self, scenario: Scenario, edition: str, door: Programme, database: Database
    ) -> None:
        """Ask for one edition."""
        self._scenario = scenario
        self._edition = edition
        self._door = door
        self._database = database

    async def ask(self, one: Happening, at: datetime, name: str) -> tuple[bool, str]:
        """Ask for something under a name; return whether it was done, and what was said.

        Args:
            one: What is asked.
            at: The instant from which it counts.
            name: Names the act, so that asking it again does nothing twice.

        """
        method = getattr(self._door, one.does)
        form: type[ActForm] = get_type_hints(getattr(Programme, one.does))["form"]
        said = {
            "actor": one.who,
            "at": at,
            "reason": one.why,
            "request_id": str(uuid5(ACTS, f"{self._scenario.id}/{name}")),
            **self._about(form, one.to),
            **one.saying,
        }
        try:
            answer = await method(form.model_validate(said))
        except Refused as refusal:
            return False, str(refusal)
        return True, answer.text

    def _about(self, form: type[ActForm], to: str) -> dict[str, Any]:
        """Return what the form says of whom it is about, by the fields that it has."""
        said: dict[str, Any] = {}
        if "edition" in form.model_fields:
            said["edition"] = self._edition
        service, _, rest = to.partition("/")
        if "obligation" in form.model_fields and to:
            said["obligation"] = self._obligation(service, rest)
        elif "session" in form.model_fields and rest:
            said["session"] = f"{self._edition}/{to}"
        elif "service" in form.model_fields and to not in {"", self._edition}:
            said["service"] = service
        return said

    def _obligation(self, subject: str, kind: str) -> str:
        """Return the open obligation of a kind, the last where there are several."""
        with self._database.reading() as rows:
            found = [
                one
                for one in obligations.obligations_of(rows, course_of(rows, self._edition, subject))
                if one.kind.value == kind and one.state.is_open
            ]
        if not found:
            raise LookupError(f"{subject} has no open obligation {kind}")
        return found[-1].id


def course_of(rows: Any, edition: str, subject: str) -> str:
    """Return the course of a service, a sponsor or, by its id, the edition."""
    if subject == edition:
        return edition_course_id(edition)
    executive = executive_course_id(edition, subject)
    if courses.course(rows, executive) is not None:
        return executive
    return service_course_id(edition, subject)


def instant(calendar: WorkingCalendar, local: datetime) -> datetime:
    """Return the instant of a scenario's local time."""
    return calendar.instant(local.date(), local.time()).replace(second=local.second)
