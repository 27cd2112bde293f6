"""The command that tells why something did or did not happen."""

from typing import Annotated

from cyclopts import Parameter
from sqlalchemy.orm import Session as Rows

from cli import naming
from cli.desk import Desk
from cli.faults import FaultError
from cli.options import AtDesk, Json
from storage.why import Explainer, NothingToExplainError


def why(
    what: Annotated[
        str,
        Parameter(help="A message's key or its beginning, a session, something to do, a service."),
    ],
    /,
    *,
    json: Json = False,
    desk: AtDesk,
) -> None:
    """Tell why something did or did not happen, in sentences."""
    with desk.reading() as rows:
        found, sentences = _explained(desk, rows, what)
    if json:
        desk.json({"id": found, "why": sentences})
    else:
        desk.say(*sentences)


def _explained(desk: Desk, rows: Rows, what: str) -> tuple[str, tuple[str, ...]]:
    desk.now(rows)  # a database that has not been prepared is told of in its own words
    explainer = Explainer(rows, desk.real_now())
    for spelling in (*naming.spellings(rows, what), what.strip().upper()):
        try:
            return spelling, explainer.explain(spelling)
        except NothingToExplainError as error:
            unknown = str(error)
    if "/" in what:
        naming.anything(rows, what, None)
    raise FaultError(unknown)
