"""Hold a rehearsal against the oracle: ``python -m tests.rehearsal.compared var/rehearsal``."""

import sys
from pathlib import Path

from rehearsal.played import read_played
from storage.database import Database
from tests.oracle.comparing import Comparison, compare, rows_in
from tests.oracle.prediction import predict

SHOWN = 40


def compared(out: Path) -> Comparison:
    """Compare every row of a rehearsal that was played into a folder."""
    played = read_played(out)
    predicted = predict(played.cast, played.edition, played.opened_at, played.ended_at)
    database = Database(played.database_url)
    try:
        return compare(rows_in(database, played.edition.id), predicted.rows)
    finally:
        database.close()


def main() -> None:
    """Print the count, and the rows that differ; fail where any does."""
    found = compared(Path(sys.argv[1]))
    sys.stdout.write("\n".join(str(found).splitlines()[: SHOWN + 1]) + "\n")
    sys.exit(bool(found.differences))


if __name__ == "__main__":
    main()
