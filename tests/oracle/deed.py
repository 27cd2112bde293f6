"""One thing that one person does, and whom it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rehearsal.script import Verb
from tests.oracle.world import Meeting, No, Ward, World


@dataclass(frozen=True)
class Deed:
    """One thing that one person does.

    Attributes:
        otherwise: What they do instead where it is refused.

    """

    name: str
    at: datetime
    actor: str
    verb: Verb
    course: str
    target: str
    details: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    otherwise: "Deed | None" = None


@dataclass(frozen=True)
class Done:
    """A deed and whether the rules refused it."""

    deed: Deed
    refused: str = ""


def ward_of(world: World, deed: Deed) -> Ward:
    """Return the service that it is about."""
    ward = world.wards.get(deed.target)
    if ward is None or ward.ended:
        raise No("there is no such service, or it has ended")
    return ward


def meeting_of(world: World, deed: Deed) -> Meeting:
    """Return the session that it is about."""
    one = world.meetings.get(deed.target)
    if one is None or one.course.ended:
        raise No("there is no such session, or its course has ended")
    return one


def standing(world: World, deed: Deed) -> Meeting:
    """Return the session that it is about, of a course that has not withdrawn."""
    one = meeting_of(world, deed)
    if isinstance(one.course, Ward) and one.course.withdrawn is not None:
        raise No("it has withdrawn")
    return one
