"""Calendar entries, read back by the library that reads other people's."""

from datetime import UTC, datetime, timedelta, timezone

from icalendar import Calendar, Component, vCalAddress

from messaging.invitations import calendar_entry
from schemas.letters import CalendarEvent, Party
from tests.messaging.letters import COMPOSED_AT, HOUR, STARTS_AT, an_event


def read(event: CalendarEvent) -> tuple[Calendar, Component]:
    calendar = Calendar.from_ical(calendar_entry(event, COMPOSED_AT))
    assert isinstance(calendar, Calendar)
    (entry,) = calendar.walk("VEVENT")
    return calendar, entry


def test_an_entry_says_what_when_where_and_who() -> None:
    """C19: an invitation carries the place."""
    calendar, entry = read(an_event())
    assert calendar["METHOD"] == "REQUEST"
    assert entry["SUMMARY"] == "Weekly coaching"
    assert entry["LOCATION"] == "Seminar room 2"
    assert str(entry["DESCRIPTION"]).startswith("With Coach 04.\nReply to the mail")
    assert entry["STATUS"] == "CONFIRMED"
    assert entry["ORGANIZER"] == "mailto:office@drumbeat.example"
    assert entry["ORGANIZER"].params == {}
    attendee = entry["ATTENDEE"]
    assert isinstance(attendee, vCalAddress)
    assert attendee == "mailto:lead12@northmoor.nhs.example"
    assert dict(attendee.params) == {
        "CN": "Service lead 12",
        "PARTSTAT": "NEEDS-ACTION",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "FALSE",
    }


def test_times_are_utc_without_zone_or_series() -> None:
    """Outlook misreads generated zones; an instant needs none."""
    summer_time = timezone(HOUR)
    event = an_event(
        starts_at=STARTS_AT.astimezone(summer_time),
        ends_at=(STARTS_AT + HOUR).astimezone(summer_time),
    )
    raw = calendar_entry(event, COMPOSED_AT)
    assert raw == calendar_entry(an_event(), COMPOSED_AT)
    for line in (
        b"DTSTART:20240903T090000Z",
        b"DTEND:20240903T100000Z",
        b"DTSTAMP:20240902T080500Z",
    ):
        assert line + b"\r\n" in raw
    for word in (b"VTIMEZONE", b"TZID", b"RRULE", b"RDATE"):
        assert word not in raw
    assert len(Calendar.from_ical(raw).walk()) == 2


def test_a_move_keeps_the_uid_and_raises_the_sequence() -> None:
    """M17: whatever came first, the entry with the highest sequence wins."""
    later = STARTS_AT + timedelta(days=1)
    _, first = read(an_event())
    calendar, moved = read(an_event(sequence=1, starts_at=later, ends_at=later + HOUR))
    assert calendar["METHOD"] == "REQUEST"
    assert moved["UID"] == first["UID"]
    assert (first["SEQUENCE"], moved["SEQUENCE"]) == (0, 1)
    assert moved.decoded("DTSTART") == datetime(2024, 9, 4, 9, 0, tzinfo=UTC)


def test_a_cancellation_is_a_cancel_and_never_a_request() -> None:
    """M17: method and status agree, and the UID is the one that was invited with."""
    calendar, entry = read(an_event(sequence=2, cancelled=True))
    assert calendar["METHOD"] == "CANCEL"
    assert entry["STATUS"] == "CANCELLED"
    assert entry["SEQUENCE"] == 2
    assert entry["UID"] == an_event().uid


def test_nobody_is_asked_for_a_reply_to_the_calendar() -> None:
    assert b"RSVP=TRUE" not in calendar_entry(an_event(), COMPOSED_AT).replace(b"\r\n ", b"")


def test_an_attendee_without_a_name_is_an_address() -> None:
    _, entry = read(an_event(attendee=Party(name="", address="lead12@northmoor.nhs.example")))
    assert "CN" not in entry["ATTENDEE"].params
