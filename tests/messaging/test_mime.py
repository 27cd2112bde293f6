"""The bytes against the standard library's reader and its slower writer."""

from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.mime import Multipart, binary_part, headers, mailbox, text_part, unstructured
from messaging.plain import one_line, subject_line

WORDS = st.text(max_size=200)
LINES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], include_characters="\n"),
    max_size=400,
)


def parsed(part: bytes) -> EmailMessage:
    message = message_from_bytes(b"MIME-Version: 1.0\r\n" + part, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


@given(LINES)
def test_a_text_part_reads_back_as_it_was(text: str) -> None:
    part = bytes(text_part("plain", text))
    assert part.isascii()
    assert max(len(line) for line in part.split(b"\r\n")) <= 78
    assert b"\n" not in part.replace(b"\r\n", b"")
    assert parsed(part).get_content().splitlines() == (text.splitlines() or [""])


@given(st.binary(max_size=400))
def test_a_binary_part_reads_back_as_it_was(content: bytes) -> None:
    part = bytes(binary_part("application/ics", content))
    assert parsed(part).get_content() == content


@given(WORDS)
def test_a_header_of_free_text_reads_back_on_one_line(text: str) -> None:
    raw = headers([("Subject", unstructured("Subject", text))])
    assert max(len(line) for line in raw.split(b"\r\n")) <= 210
    assert str(parsed(raw + b"\r\n")["Subject"]).split() == one_line(text).split()


def test_a_text_that_looks_encoded_is_shown_as_it_is() -> None:
    disguised = "=?utf-8?q?From_the_bank?="
    fields = [
        ("Subject", unstructured("Subject", disguised)),
        ("To", mailbox(disguised, "a@x.example")),
    ]
    message = parsed(headers(fields) + b"\r\n")
    assert message["Subject"] == disguised
    assert message["To"].addresses[0].display_name == disguised


@given(WORDS)
def test_a_mailbox_reads_back_as_one_person_with_one_address(name: str) -> None:
    raw = headers([("To", mailbox(name, "lead@northmoor.nhs.example"))])
    (address,) = parsed(raw + b"\r\n")["To"].addresses
    assert address.addr_spec == "lead@northmoor.nhs.example"
    # The reader keeps spaces between encoded words, which RFC 2047 takes away.
    assert "".join(address.display_name.split()) == "".join(one_line(name).split())


@pytest.mark.parametrize("name", ["Ana", "Zoë Müller", "O'Neill, Sam (lead)", 'Sam "Sammy" Poe'])
def test_a_mailbox_says_what_the_standard_library_would(name: str) -> None:
    slow = EmailMessage(policy=policy.SMTP)
    slow["To"] = Address(name, addr_spec="lead@x.example")
    fast = parsed(headers([("To", mailbox(name, "lead@x.example"))]) + b"\r\n")
    assert str(fast["To"]) == str(parsed(bytes(slow))["To"])
    assert parseaddr(str(fast["To"]))[1] == "lead@x.example"


@pytest.mark.parametrize("value", ["a\r\nBcc: b@x.example", "a\nb", "a\x00b", "Zoë", "a\x0bb"])
def test_a_value_that_no_header_can_carry_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="the header Subject holds what a header cannot carry"):
        headers([("Subject", value)])


@given(st.lists(LINES, min_size=1, max_size=3))
def test_parts_stay_apart_whatever_they_hold(texts: list[str]) -> None:
    parts = tuple(text_part("plain", text + "\n--=_b\n--=_b--\n") for text in texts)
    message = parsed(bytes(Multipart("mixed", "=_b", parts)))
    assert len(list(message.iter_parts())) == len(texts)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  two\r\n lines\t", "two lines"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("one\u2028two\u2029three\x85four", "one two three four"),
        ("gnp.\u202eexe\u2066", "gnp.exe"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_one_line_shows_what_can_be_seen(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text(max_size=400))
def test_a_subject_is_short_and_printable(text: str) -> None:
    line = subject_line(text)
    assert len(line) <= 120
    assert "\n" not in line
    assert line == line.strip()


def test_a_long_subject_is_cut_after_a_word() -> None:
    line = subject_line("improvement " * 20)
    assert line.endswith("improvement...")
    assert len(line) <= 120
