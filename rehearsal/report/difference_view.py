"""The policy difference on a terminal."""

from rich.console import Console
from rich.table import Table

from rehearsal.report.difference import SECTIONS, Difference
from rehearsal.report.wording import number, plain


def show_difference(found: Difference, out: Console) -> None:
    """Write what changes in sentences, and below them every number that does."""
    out.print(f"\nFrom {found.before} to {found.after}:", highlight=False)
    for sentence in found.sentences:
        out.print(f"- {sentence}", highlight=False)
    changed = [one for one in found.changes if one.by]
    if not changed:
        return
    table = Table(box=None, pad_edge=False, title="What changes", title_justify="left")
    table.add_column("about")
    table.add_column("what")
    for name in ("before", "after", "by"):
        table.add_column(name, justify="right")
    for one in changed:
        numbers = (number(one.before), number(one.after), f"{one.by:+,.10g}")
        table.add_row(SECTIONS[one.section], plain(one.item), *numbers)
    out.print()
    out.print(table)
