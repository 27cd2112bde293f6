"""A cast that is rehearsed on the time-skipping server ends where the oracle says."""

import shutil
from pathlib import Path

import pytest

from rehearsal.cast_folder import CastFolder
from rehearsal.random_cast import write_random_cast
from rehearsal.rehearse import rehearse
from storage.database import Database
from tests.oracle.comparing import compare, rows_in
from tests.oracle.editions import short_edition
from tests.oracle.prediction import predict


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_rehearsal_of_a_random_cast_ends_where_the_oracle_says(
    seed: int, tmp_path: Path
) -> None:
    """R01, R13, C15, M01-M08, X01: through workflows, updates and the real order of instants."""
    edition, cast = short_edition(3), tmp_path / "cast"
    write_random_cast(cast, edition, seed=seed, services=4)
    rehearsed = await rehearse(edition, CastFolder(cast), var=tmp_path / "var")
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
    shutil.rmtree(tmp_path)
