"""What was rehearsed, kept beside its report, so that it can be looked at and compared again."""

from datetime import datetime
from pathlib import Path

from rehearsal.cast_folder import CastFolder
from rehearsal.rehearse import Rehearsed
from schemas.base import Record
from schemas.clock import ProgrammeClock
from schemas.edition import Edition
from storage.database import Database
from storage.installation import set_clock

NAME = "played.json"


class Played(Record):
    """A rehearsal that was played.

    Attributes:
        edition: As it was rehearsed.
        cast: Folder of the sheets and the script.
        opened_at: Programme time at which the edition was opened and the sheets brought in.
        ended_at: Programme time at which it was over.

    """

    edition: Edition
    cast: Path
    database_url: str
    opened_at: datetime
    ended_at: datetime


def keep_played(out: Path, rehearsed: Rehearsed, cast: CastFolder) -> None:
    """Write down what was rehearsed."""
    played = Played(
        edition=rehearsed.edition,
        cast=cast.sheets.resolve(),
        database_url=rehearsed.database_url,
        opened_at=rehearsed.opened_at,
        ended_at=rehearsed.ended_at,
    )
    (out / NAME).write_text(f"{played.model_dump_json(indent=1)}\n", encoding="utf-8")


def read_played(out: Path) -> Played:
    """Read what was rehearsed.

    Raises:
        OSError: Nothing was rehearsed there.

    """
    return Played.model_validate_json((out / NAME).read_text(encoding="utf-8"))


def stand_at_its_end(rehearsed: Rehearsed, real_now: datetime) -> None:
    """Let whoever opens the database of a rehearsal find the day on which it was over."""
    database = Database(rehearsed.database_url)
    try:
        with database.transaction() as rows:
            ended_at = rehearsed.ended_at
            set_clock(rows, ProgrammeClock(real_anchor=real_now, programme_anchor=ended_at))
    finally:
        database.close()
