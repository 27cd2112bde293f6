"""Draw docs/images/demo.svg: the demo's live view, as it is at this moment.

While `make demo` plays, in another terminal at the top of the clone:

    .venv/bin/python docs/images/demo_view.py

The numbers are read from the demo's database and drawn by the view that the terminal shows.
"""

import argparse
import io
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from planning.calendar import WorkingCalendar
from rehearsal.demo import BEGINS, Stage
from rehearsal.live_view import view
from rehearsal.progress import Progress, progress_of
from runtime.settings import load_settings
from storage.database import Database
from storage.editions import latest_edition
from storage.installation import installation

EDITION = "wider"
PICTURE = Path(__file__).with_name("demo.svg")
COLUMNS = 120
# The picture loads nothing from anywhere: whoever lacks the font sees another one.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def draw(progress: Progress, calendar: WorkingCalendar, share: float, out: Path = PICTURE) -> None:
    """Draw a moment of the year; ``share`` is how much of it has passed."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(view(progress, calendar, share))
    console.save_svg(str(out), title="make demo", code_format=FORMAT, unique_id="drumbeat")
    text = "\n".join(line.rstrip() for line in out.read_text(encoding="utf-8").splitlines())
    out.write_text(text + "\n", encoding="utf-8")


def now_in(var: Path) -> tuple[Progress, WorkingCalendar, float]:
    """Return what the demo in a folder shows now."""
    database = Database(f"sqlite:///{var}/drumbeat.db")
    with database.reading() as rows:
        edition, clock = latest_edition(rows, EDITION), installation(rows).clock
    stage = Stage(load_settings(var=var), edition, clock, database, Console())
    now = stage.now()
    share = (now - BEGINS) / (stage.ends_at - BEGINS)
    return progress_of(database, EDITION, now), stage.calendar, share


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--var", type=Path, default=Path("var/demo"), help="the demo's folder")
    draw(*now_in(parser.parse_args().var))
