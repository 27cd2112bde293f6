"""Write a revision from what the tables say: ``python -m storage.migrations.write "what for"``.

``--anew`` writes the first revision again and leaves the others, which are written by hand; only
before the first release, when no database is worth keeping. Read what was written before you keep
it: a renamed column looks like a lost one and a new one, and a new column that may not be empty
needs a value for the rows that are there.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from storage.database import Database
from storage.schema import config_for, upgrade

VERSIONS = Path(__file__).with_name("versions")


def write(message: str, *, anew: bool) -> None:
    """Write the next revision, or the first one again."""
    number = 1 if anew else len(list(VERSIONS.glob("r*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/schema.db"
        if not anew:
            upgrade(url)
        database = Database(url)
        with database.engine.connect() as connection:
            config = config_for(connection)
            config.attributes["batch"] = not anew  # SQLite alters nothing in place
            if anew:
                config.set_main_option("version_locations", folder)
            command.revision(config, message, autogenerate=True, rev_id=f"r{number:04}")
        database.close()
        if anew:
            (written,) = Path(folder).glob("r*.py")
            for old in VERSIONS.glob("r0001_*.py"):
                old.unlink()
            shutil.move(written, VERSIONS)
    for step in (["format", "--quiet"], ["check", "--fix", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, str(VERSIONS)], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("message", nargs="?", default="The first tables")
    parser.add_argument("--anew", action="store_true")
    given = parser.parse_args()
    write(given.message, anew=given.anew)
