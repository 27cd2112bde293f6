"""What a picture is made of; ``templates/shapes.html.j2`` writes it as SVG."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Rect:
    """A rectangle; ``look`` is its class in the style sheet."""

    x: float
    y: float
    width: float
    height: float
    look: str
    tag: str = field(default="rect", init=False)


@dataclass(frozen=True)
class Text:
    """A line of text; ``y`` is its base line."""

    x: float
    y: float
    words: str
    look: str = ""
    anchor: Anchor = "start"
    link: str = ""
    tag: str = field(default="text", init=False)


@dataclass(frozen=True)
class Sign:
    """One of the drawn signs, centred on a point."""

    x: float
    y: float
    name: str
    tag: str = field(default="sign", init=False)


@dataclass(frozen=True)
class Line:
    """A line through points."""

    points: str
    look: str
    tag: str = field(default="line", init=False)


@dataclass(frozen=True)
class Group:
    """Shapes that belong together and say what they are when pointed at."""

    title: str
    shapes: "tuple[Rect | Text | Sign | Line, ...]"
    tag: str = field(default="group", init=False)


Shape = Rect | Text | Sign | Line | Group


@dataclass(frozen=True)
class Picture:
    """A picture with what it says for those who cannot see it.

    Attributes:
        name: Used in the ids of its title and description.
        links: Texts that lead somewhere; whoever cannot see the picture still reaches them.

    """

    name: str
    title: str
    description: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
    links: tuple[Text, ...] = ()


def line_through(points: Iterable[tuple[float, float]], look: str) -> Line:
    """Return a line through points."""
    return Line(" ".join(f"{x:.1f},{y:.1f}" for x, y in points), look)
