"""The bytes of a mail: headers and parts, always the same for the same content.

Written out here because the standard library's ``EmailMessage`` takes 2 to 3 ms a mail, which is
too much when ten thousand reminders come due at one instant; ``tests/messaging/test_mime.py``
holds the result against it. Everything is 7-bit, so that any server takes it.
"""

from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr

from messaging.plain import one_line

_LINE_LIMIT = 76


@dataclass(frozen=True)
class Part:
    """A leaf: its content type with parameters, and its body as it is sent."""

    content_type: str
    encoding: str
    body: bytes
    disposition: str = ""

    def __bytes__(self) -> bytes:
        lines = [f"Content-Type: {self.content_type}"]
        lines.append(f"Content-Transfer-Encoding: {self.encoding}")
        if self.disposition:
            lines.append(f"Content-Disposition: {self.disposition}")
        return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + self.body


@dataclass(frozen=True)
class Multipart:
    """Parts in order between boundaries.

    A boundary begins with ``=_``, which neither encoding used here can produce.
    """

    subtype: str
    boundary: str
    parts: tuple["Part | Multipart", ...]

    def __bytes__(self) -> bytes:
        edge = f"--{self.boundary}".encode("ascii")
        head = f'Content-Type: multipart/{self.subtype}; boundary="{self.boundary}"\r\n\r\n'
        inside = b"".join(edge + b"\r\n" + bytes(part) + b"\r\n" for part in self.parts)
        return head.encode("ascii") + inside + edge + b"--\r\n"


def text_part(subtype: str, text: str) -> Part:
    """Return a readable part, quoted-printable."""
    body = b2a_qp("\r\n".join(text.splitlines()).encode() + b"\r\n", istext=True)
    return Part(f'text/{subtype}; charset="utf-8"', "quoted-printable", body)


def binary_part(content_type: str, content: bytes, disposition: str = "") -> Part:
    """Return a part that no server may rewrap, base64."""
    body = encodebytes(content).replace(b"\n", b"\r\n")
    return Part(content_type, "base64", body, disposition)


def headers(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return header lines; values are ASCII without controls, as the functions below make them.

    Raises:
        ValueError: A value would begin another header, or cannot be sent.

    """
    lines = []
    for name, value in fields:
        if not value.isascii() or not value.replace("\r\n ", "").isprintable():
            raise ValueError(f"the header {name} holds what a header cannot carry")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("ascii")


def unstructured(name: str, text: str) -> str:
    """Return free text as the value of the header ``name``, encoded where it must be."""
    line = one_line(text)
    if line.isascii() and "=?" not in line:
        return line
    return Header(line, "utf-8", maxlinelen=_LINE_LIMIT, header_name=name).encode(linesep="\r\n")


def mailbox(name: str, address: str) -> str:
    """Return a person and one bare address as the value of an address header."""
    shown = one_line(name)
    if shown.isascii() and "=?" not in shown:
        return formataddr((shown, address)) if shown else address
    encoded = Header(shown, "utf-8", maxlinelen=_LINE_LIMIT).encode(linesep="\r\n")
    return f"{encoded} <{address}>"
