"""Calendar entries as Outlook and others take them: one event, UTC times, no zone and no series."""

from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress

from messaging.plain import one_line
from schemas.letters import CalendarEvent

PRODUCT = "-//Drumbeat//Coaching sessions//EN"


def calendar_method(event: CalendarEvent) -> str:
    """Return the iTIP method, which the MIME header repeats."""
    return "CANCEL" if event.cancelled else "REQUEST"


def calendar_entry(event: CalendarEvent, stamp: datetime) -> bytes:
    """Return the entry as iCalendar text; the same event and stamp give the same bytes.

    M17: the event's own UID and SEQUENCE; a cancellation is CANCEL and never a request. Nobody is
    asked for an RSVP, since the mail asks for a reply that a person reads.
    """
    entry = Event()
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", stamp.astimezone(UTC))
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
    entry.add("attendee", _attendee(event), encode=False)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", calendar_method(event))
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _attendee(event: CalendarEvent) -> vCalAddress:
    person = vCalAddress(f"mailto:{event.attendee.address}")
    name = one_line(event.attendee.name)
    if name:
        person.params["CN"] = name
    person.params["ROLE"] = "REQ-PARTICIPANT"
    person.params["PARTSTAT"] = "NEEDS-ACTION"
    person.params["RSVP"] = "FALSE"
    return person
