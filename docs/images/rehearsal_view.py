"""Draw docs/images/rehearsal.svg: some services by weeks, out of a rehearsal's report.

After `make rehearse`, at the top of the clone:

    .venv/bin/python docs/images/rehearsal_view.py

The numbers are those of the report, and so are the signs and their looks.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from rehearsal.report.calendar_picture import calendar_picture
from rehearsal.report.data import ReportData
from rehearsal.report.drawing import Group, Rect, Shape, Sign, Text
from rehearsal.report.writing import TEMPLATES, templates

PICTURE = Path(__file__).with_name("rehearsal.svg")
FIRST, COUNT = "SVC-16", 16
LEGEND = (
    *(("held", "held"), ("missed", "missed"), ("cancelled", "cancelled")),
    *(("event-held", "improvement event"), ("moved", "moved")),
)
LEGEND_STEP, LEGEND_HEIGHT = 150.0, 30.0
SVG = """\
{% from "shapes.html.j2" import shape, signs %}
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}">
<style>
svg { font-family: Arial, sans-serif; }
{{ style | safe }}
</style>
<rect width="100%" height="100%" fill="#ffffff"/>
{{ signs() }}
{% for one in shapes %}{{ shape(one) }}{% endfor %}
</svg>
"""


def draw(data: ReportData, out: Path = PICTURE) -> None:
    """Draw some services of a report without what a picture in a page cannot show."""
    ids = [one.service_id for one in data.programme]
    first = ids.index(FIRST) if FIRST in ids else 0
    picture = calendar_picture(data.programme[first : first + COUNT], "rehearsal", data.title)
    shapes = [*_flat(picture.shapes), *_legend(picture.height)]
    text = (
        templates()
        .from_string(SVG)
        .render(
            shapes=shapes,
            width=f"{picture.width:.0f}",
            height=f"{picture.height + LEGEND_HEIGHT:.0f}",
            style=_looks(),
        )
    )
    lines = (line.strip() for line in text.splitlines())
    out.write_text("\n".join(line for line in lines if line) + "\n", encoding="utf-8")


def _flat(shapes: tuple[Shape, ...]) -> list[Shape]:
    """Return shapes without their groups, and without the empty cells behind them."""
    found: list[Shape] = []
    for one in shapes:
        inner = one.shapes if isinstance(one, Group) else (one,)
        found += [each for each in inner if not (isinstance(each, Rect) and each.look == "cell")]
    return [replace(one, link="") if isinstance(one, Text) else one for one in found]


def _legend(top: float) -> list[Shape]:
    found: list[Shape] = []
    for index, (name, words) in enumerate(LEGEND):
        x = 12 + index * LEGEND_STEP
        found += [Sign(x, top + 12, name), Text(x + 14, top + 16, words, "row-name")]
    x = 12 + len(LEGEND) * LEGEND_STEP
    for look, words in (("paused", "paused"), ("gone", "withdrawn")):
        found += [Rect(x - 8, top + 4, 16, 16, look), Text(x + 14, top + 16, words, "row-name")]
        x += LEGEND_STEP
    return found


def _looks() -> str:
    """Return the looks of the calendar's shapes out of the page's style sheet."""
    wanted = (".paused", ".gone", ".rule", ".month", ".week", ".row-name")
    lines = (TEMPLATES / "report.css").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith(wanted))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/rehearsal"), help="its folder")
    report = parser.parse_args().out / "report.json"
    draw(ReportData.model_validate_json(report.read_text(encoding="utf-8")))
