"""Changes that no command makes: an import, a new version of the file, what the mail server took."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session as Rows

from schemas.edition import Edition
from schemas.messages import Message, MessageState
from schemas.people import Held, Person, Role, Service, ServiceType
from storage import editions
from storage.records import add, save
from storage.tables.ledger import MessageRow
from storage.tables.people import PersonRow, RoleRow, ServiceRow
from tests.activities.records import Records
from tests.journeys import cast as people


class Outside(Records):
    """What happens to an edition from outside its courses.

    Attributes:
        now: Programme time.

    """

    now: datetime

    def prepare_service(self, service: str) -> None:
        """Write one more service, its lead and its team; it has not applied."""
        new = Service(
            id=service, organisation_id="ORG-01", name=f"{service} Ward", type=ServiceType.PICU
        )
        team = people.team_of(service)
        named = [Person(id=one, name=f"Name of {one}") for one in (people.lead_of(service), *team)]
        held = [Held(person_id=one, role=Role.TEAM_MEMBER, scope=service) for one in team]
        with self.database.transaction() as rows:
            add(rows, ServiceRow, [new])
            add(rows, PersonRow, named)
            add(rows, RoleRow, held)

    def use(self, changed: Edition) -> None:
        """Go on under a new version of the edition's file."""
        self.edition = changed
        with self.database.transaction() as rows:
            assert editions.store_edition(rows, changed, self.now)

    def opt_in(self, person_id: str, service: str) -> None:
        """Let a member of a team ask for mail about the weekly sessions."""
        held = Held(person_id=person_id, role=Role.TEAM_MEMBER, scope=service, opted_in=True)
        self.write(lambda rows: save(rows, RoleRow, held))

    def accept_mail(self, subject: str) -> None:
        """Let the mail server have taken all that waits about a subject."""
        for one in self.messages(subject):
            if one.state is MessageState.WAITING:
                sent = {"state": MessageState.ACCEPTED, "attempt": 1, "ended_at": self.now}
                accepted = one.model_copy(update=sent)
                self.write(partial(_save_message, message=accepted))

    def write(self, change: Callable[[Rows], object]) -> None:
        """Write rows that no command writes: an import, an absence, a hand-over."""
        with self.database.transaction() as rows:
            change(rows)


def _save_message(rows: Rows, message: Message) -> None:
    save(rows, MessageRow, message)
