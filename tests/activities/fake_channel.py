"""A way out that leads nowhere: it keeps what it is handed, and answers as it is told."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from messaging.channel import Outcome, Parcel, Result


class FakeChannel:
    """Keeps what it is handed, and answers as it is told; after that it accepts."""

    name = "fake"

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.parcels: list[Parcel] = []
        self.probed: list[str] = []
        self.found: dict[str, Outcome] = {}

    async def hand_over(self, parcel: Parcel) -> Outcome:
        self.parcels.append(parcel)
        return self.outcomes.pop(0) if self.outcomes else Outcome(Result.ACCEPTED, 250)

    async def probe(self, reference: str) -> Outcome | None:
        self.probed.append(reference)
        return self.found.get(reference)

    async def close(self) -> None:
        pass

    @property
    def recipients(self) -> list[str]:
        return [parcel.recipient for parcel in self.parcels]

    def text(self, number: int = -1) -> str:
        """Return a mail's headers and its plain text."""
        mail = message_from_bytes(self.parcels[number].content, EmailMessage, policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        headers = "\n".join(f"{name}: {value}" for name, value in mail.items())
        return f"{headers}\n\n{body.get_content()}"
