"""How the cost of a rehearsal grows with its services: ``python -m bench.rehearsal``."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from planning.edition_file import read_edition
from rehearsal.cast_folder import CastFolder
from rehearsal.random_cast import write_random_cast
from rehearsal.rehearse import Rehearsed, rehearse
from runtime.logs import configure_logs
from schemas.edition import Edition

SIZES = (10, 37, 150)
"""Services of each rehearsal, where no numbers are given; each has a place for all of them."""
SEED = 7
SECOND = timedelta(seconds=1)
HEADINGS = (
    "services",
    "messages",
    "instants",
    "wall s",
    "ours s",
    "server s",
    "s a service",
    "to linear",
    "told again",
)


@dataclass(frozen=True)
class Measured:
    """A rehearsal of so many services."""

    services: int
    rehearsed: Rehearsed

    @property
    def seconds(self) -> float:
        """Return the processor time, the server's too."""
        return (self.rehearsed.cpu + self.rehearsed.server_cpu) / SECOND

    def cells(self, first: "Measured") -> Iterator[str]:
        """Yield what is printed; ``first`` says what a linear growth would cost."""
        told = self.rehearsed
        linear = first.seconds / first.services * self.services
        yield f"{self.services}"
        yield f"{sum(told.copies.values()):,}"
        yield f"{told.counts['instants']:,}"
        yield f"{told.wall / SECOND:.1f}"
        yield f"{told.cpu / SECOND:.1f}"
        yield f"{told.server_cpu / SECOND:.1f}"
        yield f"{self.seconds / self.services:.2f}"
        yield f"{self.seconds / linear:.2f}"
        yield f"{told.counts['told again']}"


async def measured(edition: Edition, services: int) -> Measured:
    """Rehearse a random cast of so many services, each of which may have a place."""
    roomy = edition.model_copy(update={"places": services})
    with TemporaryDirectory() as scratch:
        cast = Path(scratch, "cast")
        write_random_cast(cast, roomy, seed=SEED, services=services)
        rehearsed = await rehearse(roomy, CastFolder(cast), var=Path(scratch, "play"))
    return Measured(services, rehearsed)


async def main(sizes: list[int]) -> None:
    """Measure one size after the other, and print a line of each."""
    configure_logs("error")
    text = (resources.files("editions") / "mha-qi-wider.toml").read_text(encoding="utf-8")
    edition = read_edition(text, "mha-qi-wider.toml")
    await measured(edition, 1)  # so that nothing of it is loading code
    print("  ".join(HEADINGS))
    first = None
    for services in sizes:
        found = await measured(edition, services)
        first = first or found
        cells = zip(HEADINGS, found.cells(first), strict=True)
        print("  ".join(cell.rjust(len(heading)) for heading, cell in cells), flush=True)


if __name__ == "__main__":
    asyncio.run(main([int(one) for one in sys.argv[1:]] or list(SIZES)))
