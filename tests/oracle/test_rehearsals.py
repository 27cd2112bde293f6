"""A cast that is rehearsed on the time-skipping server ends where the oracle says."""

import shutil
from pathlib import Path

import pytest

from rehearsal.cast_folder import CastFolder
from rehearsal.random_cast import write_random_cast
from rehearsal.rehearse import Rehearsed, rehearse
from storage.database import Database
from tests.oracle.comparing import compare, rows_in
from tests.oracle.editions import short_edition
from tests.oracle.prediction import predict

BREAKS = (
    "2024-09-09T09:05,OPS-01,mail_put_off,wider,for=4,\n"
    "2024-09-20T18:00,OPS-01,workers_down,wider,for=3860,\n"
)
"""A Monday on which the mail server is busy, and a weekend without workers until 10:20."""


async def agreed(folder: Path, cast: Path) -> Rehearsed:
    """Rehearse a cast, and hold where it ends against the oracle."""
    edition = short_edition(3)
    rehearsed = await rehearse(edition, CastFolder(cast), var=folder / "var")
    prediction = predict(cast, edition, rehearsed.opened_at, rehearsed.ended_at)
    database = Database(rehearsed.database_url)
    found = compare(rows_in(database, edition.id), prediction.rows)
    database.close()
    assert not found.differences, str(found)
    refused = {
        done.deed.name
        for _, done in prediction.done
        if done.refused and done.deed.otherwise is None
    }
    assert {act.name for act, _ in rehearsed.refused} == refused
    shutil.rmtree(folder)
    return rehearsed


@pytest.mark.parametrize("seed", [1, 2, 38, 46])
async def test_a_rehearsal_of_a_random_cast_ends_where_the_oracle_says(
    seed: int, tmp_path: Path
) -> None:
    """R01, R13, C15, E01, M01-M08, P01, X01: through workflows and the real order of instants."""
    write_random_cast(tmp_path / "cast", short_edition(3), seed=seed, services=4 + seed // 38)
    await agreed(tmp_path, tmp_path / "cast")


async def test_a_rehearsal_of_a_broken_weekend_ends_where_the_oracle_says(tmp_path: Path) -> None:
    """M10, M11, E28: what fell due meanwhile is made up for on Monday, as the rules say."""
    cast = tmp_path / "cast"
    write_random_cast(cast, short_edition(3), seed=1, services=4)
    with (cast / "script" / "events.csv").open("a", encoding="utf-8") as events:
        events.write(BREAKS)
    rehearsed = await agreed(tmp_path, cast)
    assert max(rehearsed.copies.values()) == 1
