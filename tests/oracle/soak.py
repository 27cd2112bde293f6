"""Many random casts: ``python -m tests.oracle.soak --casts 200``.

Tells of each cast whose rows differ how to play it alone, and ends with 1 where there is one.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from time import monotonic

from rehearsal.random_cast import write_random_cast
from schemas.edition import Edition
from storage.schema import upgrade
from tests.oracle.agreement import Ground
from tests.oracle.editions import BEGINS, ends, long_edition, short_edition

LONG = 10
"""One cast in so many plays the wider edition's whole window."""


def edition_for(seed: int) -> Edition:
    """Return the edition that a cast plays."""
    places = 2 + seed % 4
    return long_edition(places) if seed % LONG == 0 else short_edition(places)


def soak(first: int, casts: int) -> int:
    """Play the casts and return how many did not agree."""
    disagreed = rows = 0
    began = monotonic()
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        upgrade(f"sqlite:///{template}")
        ground = Ground(template, Path(folder))
        for seed in range(first, first + casts):
            edition, cast = edition_for(seed), Path(folder) / f"cast-{seed}"
            write_random_cast(cast, edition, seed=seed, services=3 + seed % 6)
            agreement = ground.play(cast, edition, BEGINS, ends(edition))
            rows += agreement.rows.compared
            if not agreement.holds:
                disagreed += 1
                again = f"python -m tests.oracle.soak --first {seed} --casts 1"
                sys.stdout.write(f"cast {seed}: {agreement}\n  again: {again}\n")
        ground.close()
    took = monotonic() - began
    told = f"{casts} random casts, {rows:,} rows compared, casts that differ: {disagreed}"
    sys.stdout.write(f"{told}, {took:.0f} s\n")
    return disagreed


def main() -> int:
    """Read what is wanted, and soak."""
    parser = argparse.ArgumentParser(description="Hold the engine against the oracle, often.")
    parser.add_argument("--first", type=int, default=1_000, help="seed of the first cast")
    parser.add_argument("--casts", type=int, default=200, help="how many casts")
    given = parser.parse_args()
    return 1 if soak(given.first, given.casts) else 0


if __name__ == "__main__":
    sys.exit(main())
