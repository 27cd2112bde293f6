"""One trouble after the other comes over a calm cast; hypothesis finds the least that differs."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rehearsal.random_cast import write_cast
from tests.oracle.agreement import Ground
from tests.oracle.calm import Trouble, troubled, troubles
from tests.oracle.editions import BEGINS, ends, short_edition
from tests.oracle.prediction import predict

EDITION = short_edition(2)
EXAMPLES = 4


@pytest.fixture(scope="module")
def ground(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Give a database on which one cast after the other is played."""
    found = Ground(sqlite_template, tmp_path_factory.mktemp("troubles"))
    yield found
    found.close()


def written(folder: Path, services: int, wanted: list[Trouble]) -> Path:
    """Write a calm cast with some troubles into a folder of its own."""
    cast = folder / "cast"
    rmtree(cast, ignore_errors=True)
    write_cast(cast, troubled(EDITION, services, wanted), EDITION.zone)
    return cast


def test_where_no_trouble_comes_every_service_is_coached_and_every_session_held(
    tmp_path: Path,
) -> None:
    """R16: what the troubles change is not troubled from the start."""
    rows = predict(written(tmp_path, 2, []), EDITION, BEGINS, ends(EDITION)).rows
    assert {one["stage"] for one in rows.services.values()} == {"completed"}
    assert {one["state"] for one in rows.sessions.values()} == {"held"}
    assert len(rows.sessions) == 2 * (6 + 1 + 1) + 2


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@given(data=st.data(), services=st.integers(1, 2))
def test_whatever_comes_over_a_cast_the_engine_does_what_the_oracle_predicts(
    ground: Ground, data: st.DataObject, services: int
) -> None:
    """E06, E08, E12, E13, E14, E21, E24, E25, E26, E40."""
    wanted = data.draw(troubles(services))
    cast = written(ground.folder, services, wanted)
    agreement = ground.play(cast, EDITION, BEGINS, ends(EDITION))
    assert agreement.holds, str(agreement)
