"""A ledger row as a letter: who it is from and for, its text's facts, its calendar entry."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Rows

from activities.dispatching.conditions import part_in, reader_of
from activities.dispatching.details import details_of
from activities.dispatching.facts import facts_for, session_meant
from schemas.edition import Edition
from schemas.letters import CalendarEvent, Facts, Letter, Party, Topic
from schemas.messages import Message, MessageKind
from schemas.people import Channel, Role
from schemas.sessions import Session
from storage.circumstances import Circumstances


@dataclass(frozen=True)
class Sender:
    """Who mails are from.

    Attributes:
        address: The address that they come from.
        domain: Domain of their ids; it outlives a change of the address.

    """

    address: str
    domain: str


@dataclass(frozen=True)
class Addressee:
    """Where a mail goes.

    Attributes:
        party: Name and address of who reads it.
        person_id: Whose address that is.
        redirected_to: The one address that gets all mail while it is redirected (M19).

    """

    party: Party
    person_id: str
    redirected_to: str | None = None

    @property
    def address(self) -> str:
        """The address that the mail server is told."""
        return self.redirected_to or self.party.address


def addressee_of(
    message: Message, around: Circumstances, redirect_to: str | None = None
) -> Addressee:
    """Return where the mail of a message goes.

    Raises:
        LookupError: Nobody can be written to; the rules should have ended the message.

    """
    reader = reader_of(message, around)
    if reader is None or not reader.email:
        raise LookupError(f"message {message.key} has nobody to go to")
    return Addressee(Party(name=reader.name, address=reader.email), reader.id, redirect_to)


@dataclass(frozen=True)
class Writer:
    """Writes letters as things stand at ``at``, programme time."""

    rows: Rows
    around: Circumstances
    sender: Sender
    at: datetime

    def letter(self, message: Message, to: Addressee) -> Letter:
        """Return the letter that a message is."""
        around, edition = self.around, self.around.editions[message.edition_id]
        details = details_of(self.rows, message, around, self.at)
        facts = facts_for(message, around, details, self.at)
        recipient = Party(name=to.party.name, address=to.address)
        return Letter(
            key=message.key,
            attempt=message.attempt,
            kind=message.kind,
            topic=Topic(message.topic),
            asks="confirm" if message.asks else "information",
            audience=audience_of(message, around, edition),
            sender=Party(name=_capital(edition.coordinator), address=self.sender.address),
            recipient=recipient,
            true_recipient=None if to.redirected_to is None else to.party,
            reply_to=_reply_to(message, around),
            message_domain=self.sender.domain,
            composed_at=self.at,
            facts=facts,
            event=_event(message, around, facts, recipient, self.sender),
        )


def audience_of(message: Message, around: Circumstances, edition: Edition) -> Role | None:
    """Return the role in which somebody gets a message; the words differ a little."""
    person = around.people.get(message.person_id)
    if person is not None and person.channel is Channel.ASSISTANT:
        return Role.ASSISTANT
    part = part_in(around, message.subject, message.person_id)
    if part is not None:
        return part.role
    obligation = around.obligations.get(message.subject)
    if obligation is not None:
        steps = edition.policy(obligation.kind).steps
        return next((step.to for step in steps if step.id == message.step), None)
    enrolment = around.enrolments.get(message.course_id)
    if enrolment is None:
        return None
    roles = {
        enrolment.executive_coach_id: Role.EXECUTIVE_COACH,
        enrolment.delivery_coach_id: Role.DELIVERY_COACH,
        enrolment.sponsor_id: Role.EXECUTIVE_SPONSOR,
        enrolment.lead_id: Role.SERVICE_LEAD,
    }
    return roles.get(message.person_id)


def _event(
    message: Message, around: Circumstances, facts: Facts, recipient: Party, sender: Sender
) -> CalendarEvent | None:
    """Return the calendar part (M17): one id for the session's whole life, a rising sequence."""
    session = session_meant(message, around)
    if not message.kind.is_calendar or session is None:
        return None
    if facts.starts_at is None or facts.ends_at is None:
        raise LookupError(f"message {message.key} has no instant to put into a calendar")
    return CalendarEvent(
        uid=f"{session.id}@{sender.domain}",
        sequence=message.sequence,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        summary=": ".join(part for part in (facts.session, facts.service) if part),
        location=facts.place or session.place,
        description=_description(facts, session),
        organizer=sender.address,
        attendee=recipient,
        cancelled=message.kind is MessageKind.CANCELLATION,
    )


def _description(facts: Facts, session: Session) -> str:
    coach = f"Coach: {facts.coach}\n" if facts.coach else ""
    return f"{coach}{session.minutes} minutes, {facts.programme}"


def _reply_to(message: Message, around: Circumstances) -> Party | None:
    coordinator = around.people.get(around.coordinators.get(message.edition_id, ""))
    if coordinator is None or not coordinator.email:
        return None
    return Party(name=coordinator.name, address=coordinator.email)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
