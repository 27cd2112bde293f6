"""Options that several commands share, and what every writing command asks for."""

from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any

from cyclopts import Parameter

from cli.desk import Desk
from cli.local_time import Moment, converter, read_clock_time, read_day, read_moment

AtDesk = Annotated[Desk, Parameter(parse=False)]
"""Given to a command by ``cli.main``, not on the command line."""

EditionOption = Annotated[
    str | None,
    Parameter(
        name="--edition",
        metavar="EDITION",
        help="The edition; may be left out where only one is open.",
    ),
]
Json = Annotated[bool, Parameter(name="--json", help="Print JSON, for machines.")]
ServiceId = Annotated[str, Parameter(help="The service, such as SVC-16.")]
SessionId = Annotated[str, Parameter(help="The session, such as wider/SVC-16/delivery/3.")]
ObligationId = Annotated[str, Parameter(help="Its id, as drumbeat chases prints it.")]
Day = Annotated[date, Parameter(converter=converter(read_day), metavar="DAY")]
ClockTime = Annotated[time, Parameter(converter=converter(read_clock_time), metavar="TIME")]
When = Annotated[
    Moment, Parameter(accepts_keys=False, converter=converter(read_moment), metavar="TIME")
]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Act:
    """Who asks for a change, from when it counts, and why.

    Attributes:
        actor: Id of the person who asks, such as PER-0001.
        reason: Code of why: small letters and underscores, such as annual_leave.
        note: A sentence that is kept in the database; nothing about patients.
        at: From when it counts; local time where no offset is written. Now, if left out.
        request_id: Names the act, so that repeating it changes nothing a second time.

    """

    actor: Annotated[str, Parameter(name="--as", metavar="PERSON")]
    reason: Annotated[str, Parameter(metavar="CODE")] = ""
    note: Annotated[str, Parameter(metavar="TEXT")] = ""
    at: Annotated[When | None, Parameter(metavar="TIME")] = None
    request_id: Annotated[str | None, Parameter(metavar="ID")] = None

    def fields(self, zone: str) -> dict[str, Any]:
        """Return the fields of an ``ActForm``."""
        return {
            "actor": self.actor,
            "at": None if self.at is None else self.at.instant(zone),
            "reason": self.reason,
            "note": self.note,
            "request_id": self.request_id,
        }


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LaterAct(Act):
    """An act that is first shown and then done: while it is shown nobody need be named."""

    actor: Annotated[str, Parameter(name="--as", metavar="PERSON")] = ""
