"""A mail server as its URL describes it."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit


class Encryption(StrEnum):
    """How the connection is protected; the value is the scheme of the URL."""

    NONE = "smtp"
    FROM_THE_START = "smtps"
    STARTTLS = "smtp+starttls"


_PORTS = {Encryption.NONE: 25, Encryption.FROM_THE_START: 465, Encryption.STARTTLS: 587}


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over.

    Attributes:
        ca_file: Certificates to trust, instead of the machine's own.
        hello: The name that we give; the machine's own where it is not set.

    """

    host: str
    port: int
    encryption: Encryption = Encryption.NONE
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    hello: str | None = None


class SmtpUrlError(ValueError):
    """A mail server's URL makes no sense; the sentence never quotes it, as it holds a password."""


def smtp_server(url: str) -> SmtpServer:
    """Read ``smtp://``, ``smtps://`` or ``smtp+starttls://[user:password@]host[:port]``.

    ``?ca_file=`` and ``?hello=`` may follow; ``%40`` and the like stand for signs of a password.

    Raises:
        SmtpUrlError: What is wrong with it, and what to write instead.

    """
    try:
        parts = urlsplit(url)
        host, port, options = (
            parts.hostname,
            parts.port,
            parse_qs(parts.query, strict_parsing=bool(parts.query)),
        )
    except ValueError:
        raise SmtpUrlError(
            "the mail server's URL cannot be read: check its port and options"
        ) from None  # what it quotes may be the password
    schemes = ", ".join(f"{scheme}://" for scheme in Encryption)
    if parts.scheme not in list(Encryption):
        raise SmtpUrlError(f"the mail server's URL must begin with one of {schemes}")
    if not host or parts.path not in {"", "/"}:
        raise SmtpUrlError("the mail server's URL needs a host, and nothing after it but options")
    unknown = set(options) - {"ca_file", "hello"}
    if unknown:
        raise SmtpUrlError("the mail server's URL knows the options ca_file and hello only")
    encryption = Encryption(parts.scheme)
    if parts.username and encryption is Encryption.NONE and not _is_loopback(host):
        raise SmtpUrlError("a login needs encryption: write smtps:// or smtp+starttls://")
    return SmtpServer(
        host=host,
        port=port or _PORTS[encryption],
        encryption=encryption,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        ca_file=options.get("ca_file", [None])[0],
        hello=options.get("hello", [None])[0],
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
