"""Places: in which order they are offered, how many, and until when a freed one is filled again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from planning.calendar import calendar_of
from planning.slots import day_of_week
from schemas.edition import Edition, PlaceOrder


@dataclass(frozen=True)
class Application:
    """What the proposed order looks at (R07).

    Attributes:
        service_id: The service that applied.
        submitted_at: When its first interest was submitted.
        earlier_interest: Whether it had expressed interest in an edition before this one.

    """

    service_id: str
    submitted_at: datetime
    earlier_interest: bool = False


@dataclass(frozen=True)
class Ranked:
    """One line of the proposed order.

    Attributes:
        service_id: The service.
        position: From 1.
        has_place: Whether the places reach this far; the others are waitlisted (R01).
        because: What put it behind the service before it; none for the first. The reasons of a
            whole order read as its explanation.

    """

    service_id: str
    position: int
    has_place: bool
    because: PlaceOrder | None


def proposed_order(edition: Edition, applications: Iterable[Application]) -> tuple[Ranked, ...]:
    """Return the order in which places are proposed (R07).

    The wider edition puts earlier interest before newcomers, then who was first, then the service
    id. The same applications in any order give the same result. It is a proposal: a person confirms
    or changes it before offers go out.
    """
    clauses = edition.recruitment.order
    keys = [_KEYS[clause] for clause in clauses]
    ordered = sorted(
        sorted(applications, key=lambda one: one.service_id),
        key=lambda one: [key(one) for key in keys],
    )
    return tuple(
        Ranked(
            service_id=one.service_id,
            position=number,
            has_place=number <= edition.places,
            because=_because(clauses, ordered[number - 2], one) if number > 1 else None,
        )
        for number, one in enumerate(ordered, start=1)
    )


_KEYS: dict[PlaceOrder, Callable[[Application], bool | str | float]] = {
    "earlier_interest": lambda one: not one.earlier_interest,
    "submitted_at": lambda one: one.submitted_at.timestamp(),
    "service_id": lambda one: one.service_id,
}


def _because(clauses: Sequence[PlaceOrder], before: Application, one: Application) -> PlaceOrder:
    for clause in clauses:
        if _KEYS[clause](before) != _KEYS[clause](one):
            return clause
    return "service_id"


def to_offer(capacity: int, taken: int, offered: int, waiting: Sequence[str]) -> tuple[str, ...]:
    """Return who is offered a place now, in the confirmed order (R01, R14).

    Places taken and offers open never exceed the capacity together. An offer counts as open until
    it is accepted, declined or lapsed, even past its expiry (R13).
    """
    return tuple(waiting[: max(capacity - taken - offered, 0)])


def may_refill(withdrawn_at: datetime, edition: Edition) -> bool:
    """Tell whether a place freed by a withdrawal that took effect then is offered again (R13)."""
    return withdrawn_at < refill_ends(edition)


def refill_ends(edition: Edition) -> datetime:
    """Return the first instant at which a place that is freed is not offered again (R13)."""
    boundary = day_of_week(edition.window.opens, edition.recruitment.refill_before_week)
    return calendar_of(edition).instant(boundary, time())
