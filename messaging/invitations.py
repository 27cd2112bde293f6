"""Calendar entries as Outlook and others take them: one event, UTC times, no zone and no series."""

from datetime import UTC, datetime
from functools import lru_cache

from icalendar import Calendar, Event, vCalAddress

from messaging.plain import one_line
from schemas.letters import CalendarEvent, Party

PRODUCT = "-//Drumbeat//Coaching sessions//EN"
ANYBODY = Party(name="", address="anybody@anywhere.example")


def calendar_method(event: CalendarEvent) -> str:
    """Return the iTIP method, which the MIME header repeats."""
    return "CANCEL" if event.cancelled else "REQUEST"


def calendar_entry(event: CalendarEvent, stamp: datetime) -> bytes:
    """Return the entry as iCalendar text; the same event and stamp give the same bytes.

    M17: the event's own UID and SEQUENCE; a cancellation is CANCEL and never a request. Nobody is
    asked for an RSVP, since the mail asks for a reply that a person reads.
    """
    entry = _entry(event.model_copy(update={"attendee": ANYBODY}), stamp.astimezone(UTC))
    return entry.replace(_line_of(ANYBODY), _line_of(event.attendee))


@lru_cache
def _entry(event: CalendarEvent, stamp: datetime) -> bytes:
    """Return the entry; all who are invited get the same, the line apart that names them."""
    entry = Event()
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", stamp)
    entry.add("dtstart", event.starts_at.astimezone(UTC))
    entry.add("dtend", event.ends_at.astimezone(UTC))
    entry.add("summary", one_line(event.summary))
    entry.add("location", one_line(event.location))
    if event.description:
        lines = (one_line(line) for line in event.description.splitlines())
        entry.add("description", "\n".join(lines).strip())
    entry.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    entry.add("transp", "OPAQUE")
    entry.add("organizer", vCalAddress(f"mailto:{event.organizer}"))
    entry.add("attendee", _attendee(event.attendee), encode=False)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", calendar_method(event))
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


@lru_cache
def _line_of(attendee: Party) -> bytes:
    return bytes(Event().content_line("ATTENDEE", _attendee(attendee)).to_ical())


def _attendee(attendee: Party) -> vCalAddress:
    person = vCalAddress(f"mailto:{attendee.address}")
    name = one_line(attendee.name)
    if name:
        person.params["CN"] = name
    person.params["ROLE"] = "REQ-PARTICIPANT"
    person.params["PARTSTAT"] = "NEEDS-ACTION"
    person.params["RSVP"] = "FALSE"
    return person
