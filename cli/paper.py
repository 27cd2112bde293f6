"""Tables and pairs that read well at 100 columns, on a terminal and in a file."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.desk import Desk, harmless


def table(desk: Desk, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; a column whose name begins with ``#`` holds numbers, one with ``=`` ids.

    Ids and instants are never broken or cut, so that they can be copied; names may wrap.
    """
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        mark, name = (column[0], column[1:]) if column[:1] in {"#", "="} else ("", column)
        grid.add_column(
            name,
            justify="right" if mark == "#" else "left",
            no_wrap=bool(mark),
            overflow="fold",
        )
    for row in rows:
        grid.add_row(*(Text(harmless(cell)) for cell in row))
    _print(desk.out, grid)


def pairs(desk: Desk, lines: Iterable[tuple[str, object]], *, indent: int = 2) -> None:
    """Print what belongs together as a label and its text, one below the other."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in lines:
        grid.add_row(Text(" " * indent + label, style="bold"), Text(harmless(text)))
    _print(desk.out, grid)


def block(desk: Desk, text: str) -> None:
    """Print a text of some paragraphs, set in a little."""
    for line in text.splitlines():
        folded = wrap(
            harmless(line), desk.out.width - 4, break_long_words=False, break_on_hyphens=False
        )
        hanging = "    " if line.startswith("- ") else "  "
        for number, part in enumerate(folded or [""]):
            desk.out.file.write(f"{(hanging if number else '  ') + part}".rstrip() + "\n")


def heading(desk: Desk, text: str) -> None:
    """Print a heading with an empty line before it."""
    desk.out.print()
    desk.out.print(Text(text, style="bold"))


def _print(console: Console, grid: Table) -> None:
    """Print without the blanks that fill up each line."""
    if console.is_terminal:
        console.print(grid)
        return
    with console.capture() as capture:
        console.print(grid)
    for line in capture.get().splitlines():
        console.file.write(f"{line.rstrip()}\n")
