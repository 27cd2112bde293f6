"""Random casts: the engine and the oracle agree row by row on where everything ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.random_cast import write_random_cast
from tests.oracle.agreement import Ground
from tests.oracle.editions import BEGINS, ends, short_edition

CASTS = 20


@pytest.fixture(scope="module")
def ground(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Give a database on which one cast after the other is played."""
    found = Ground(sqlite_template, tmp_path_factory.mktemp("oracle"))
    yield found
    found.close()


@pytest.mark.parametrize("seed", range(CASTS))
def test_the_engine_does_what_the_oracle_predicts_of_a_random_cast(
    seed: int, ground: Ground, tmp_path: Path
) -> None:
    """R01, R13, R16, C10, C15, C17, M01-M08, M11, M13, M20, X01-X04, X07-X09, X11-X13."""
    edition = short_edition(3 if seed % 4 == 0 else 2)
    write_random_cast(tmp_path, edition, seed=seed, services=3 + seed % 6)
    agreement = ground.play(tmp_path, edition, BEGINS, ends(edition))
    assert agreement.holds, f"seed {seed}: {agreement}"
