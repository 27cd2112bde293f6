"""What scenarios have in common before their stories is played once, and then copied."""

import shutil
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rehearsal.scenarios.player import Player, edition_of
from rehearsal.scenarios.scenario import Scenario
from storage.database import Database
from tests.activities.coached import Lasting
from tests.rehearsal.fast_stage import FastStage

Done = Callable[[Coroutine[Any, Any, None]], None]
"""Runs a story to its end."""
END_OF_SUMMER = datetime(2024, 8, 30, 17, tzinfo=UTC)
"""Services of the shipped edition are settled in, and nobody has met yet."""
BEFORE = {"edition", "services", "people", "absences", "left_open"}


class Beginnings:
    """Programmes at the end of summer, by all that can matter until then."""

    def __init__(self, template: Path, lasting: Lasting, folder: Path) -> None:
        """Keep them in a folder."""
        self._template, self._lasting, self._folder = template, lasting, folder
        self._made: dict[str, Path] = {}

    def player(self, scenario: Scenario, done: Done) -> Player:
        """Give a scenario that has been played until summer ended, or not at all."""
        if scenario.begins.replace(tzinfo=UTC) <= END_OF_SUMMER:
            return self._on(self._template, scenario, done)
        key = scenario.model_dump_json(include=BEFORE)
        if key not in self._made:
            player = self._on(self._template, scenario, done)
            done(player.run(END_OF_SUMMER))
            self._made[key] = self._kept(player.stage.database)
        return self._on(self._made[key], scenario, done)

    def _on(self, path: Path, scenario: Scenario, done: Done) -> Player:
        database = self._lasting.copied(path, "stage")
        edition = edition_of(scenario)
        stage = FastStage(database, edition)
        player = Player(scenario, stage, edition)
        if path == self._template:
            done(player.open())
        else:
            stage.go_on(END_OF_SUMMER)
            player.skip(END_OF_SUMMER)
        return player

    def _kept(self, database: Database) -> Path:
        database.close()
        path = self._folder / f"{len(self._made)}.db"
        shutil.copy(database.url.removeprefix("sqlite:///"), path)
        return path
