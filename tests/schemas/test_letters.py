"""Letters refuse what no mail could be made of, and do not repeat it."""

import pytest
from pydantic import ValidationError

from schemas.letters import CalendarEvent, Letter, Party, Topic
from schemas.messages import MessageKind
from schemas.obligations import ObligationKind
from tests.messaging.letters import KEY, OFFICE, STARTS_AT, a_letter, an_event


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "a@x.example, b@x.example",
        "a@x.example\n",
        "a b@x.example",
        "<a@x.example>",
        '"a b"@x.example',
        "zoë@x.example",
        "a@x.example\x00",
        "a@@x.example",
        f"{'a' * 65}@x.example",
    ],
)
def test_an_address_is_one_bare_address(address: str) -> None:
    """M15: and its error does not say which."""
    with pytest.raises(ValidationError) as error:
        Party(name="Zoë", address=address)
    assert address not in str(error.value).replace("[A-Za-z", "")


@pytest.mark.parametrize(
    "address", ["a@x.example", "o'neill+x_1@sub.nhs-trust.example", "a@localhost"]
)
def test_a_bare_address_is_taken(address: str) -> None:
    assert Party(name="", address=address).address == address


def test_the_reference_is_the_key_and_a_number() -> None:
    """M15: nothing in it tells who or what."""
    assert a_letter(attempt=3).reference == f"{KEY}.3"
    with pytest.raises(ValidationError):
        a_letter(key="SVC-16/northmoor")


@pytest.mark.parametrize("kind", list(MessageKind))
def test_a_calendar_part_goes_with_its_kinds(kind: MessageKind) -> None:
    """M17: what cancels carries a cancelled entry, what invites a live one."""
    letter = a_letter(kind)
    for event in (an_event(), an_event(cancelled=True), None):
        if (
            event is not None
            and letter.event is not None
            and event.cancelled == letter.event.cancelled
        ):
            continue
        if event is None and letter.event is None:
            continue
        with pytest.raises(ValidationError):
            Letter.model_validate(letter.model_dump() | {"event": event})


def test_the_organizer_is_who_sends() -> None:
    with pytest.raises(ValidationError, match="the organizer of an entry is the sender"):
        a_letter(MessageKind.INVITATION, event=an_event(organizer="other@drumbeat.example"))
    assert a_letter(MessageKind.INVITATION).sender == OFFICE


@pytest.mark.parametrize(
    "changes", [{"location": ""}, {"ends_at": STARTS_AT}, {"uid": "a b"}, {"sequence": -1}]
)
def test_an_entry_has_a_place_a_length_and_an_opaque_id(changes: dict[str, object]) -> None:
    """C19: no invitation goes without a place."""
    with pytest.raises(ValidationError):
        CalendarEvent.model_validate(an_event().model_dump() | changes)


@pytest.mark.parametrize("kind", list(ObligationKind))
def test_each_obligation_has_its_topic(kind: ObligationKind) -> None:
    assert Topic.of_obligation(kind).value == kind.value


@pytest.mark.parametrize(
    ("kind", "topic"),
    [
        ("delivery", Topic.DELIVERY),
        ("improvement_event", Topic.IMPROVEMENT_EVENT),
        ("site_visit", Topic.SESSION),
        ("commitments", Topic.SESSION),
    ],
)
def test_a_session_kind_of_another_programme_has_a_topic_too(kind: str, topic: Topic) -> None:
    assert Topic.of_session(kind) is topic
