"""Reading a mail server's URL."""

import pytest

from messaging.smtp_server import Encryption, SmtpServer, SmtpUrlError, smtp_server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525)),
        ("smtp://relay.nhs.example", SmtpServer("relay.nhs.example", 25)),
        (
            "smtps://office%40nhs.example:p%3Aw@relay.nhs.example",
            SmtpServer(
                "relay.nhs.example", 465, Encryption.FROM_THE_START, "office@nhs.example", "p:w"
            ),
        ),
        (
            "smtp+starttls://relay.nhs.example/?ca_file=/etc/ca.pem&hello=drumbeat.example",
            SmtpServer(
                "relay.nhs.example",
                587,
                Encryption.STARTTLS,
                ca_file="/etc/ca.pem",
                hello="drumbeat.example",
            ),
        ),
        (
            "smtp://me:secret@localhost:25",
            SmtpServer("localhost", 25, username="me", password="secret"),
        ),
        ("smtp://me:secret@[::1]:25", SmtpServer("::1", 25, username="me", password="secret")),
    ],
)
def test_a_url_says_where_mail_is_handed_over(url: str, server: SmtpServer) -> None:
    assert smtp_server(url) == server


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://relay.nhs.example", "must begin with one of smtp://, smtps://, smtp+starttls://"),
        ("relay.nhs.example:25", "must begin with one of"),
        ("smtp://", "needs a host"),
        ("smtp://relay.nhs.example/inbox", "nothing after it"),
        ("smtp://relay.nhs.example:mail", "check its port"),
        ("smtp://relay.nhs.example?tls", "check its port and options"),
        ("smtp://relay.nhs.example?tls=no", "knows the options ca_file and hello only"),
        ("smtp://me:secret@relay.nhs.example", "a login needs encryption"),
    ],
)
def test_a_url_that_makes_no_sense_is_one_sentence_without_the_password(
    url: str, sentence: str
) -> None:
    with pytest.raises(SmtpUrlError) as error:
        smtp_server(url)
    assert sentence in str(error.value)
    assert "secret" not in str(error.value)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(smtp_server("smtps://me:secret@relay.nhs.example"))
