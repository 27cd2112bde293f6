"""Commands about the database's schema."""

from pathlib import Path

from cli.desk import about_database
from cli.faults import ExitCode, FaultError
from cli.options import AtDesk, Json
from schemas.clock import ProgrammeClock
from schemas.messages import MailMode
from storage import schema
from storage.installation import prepare_installation


def upgrade(*, desk: AtDesk) -> None:
    """Prepare the database, or bring it up to date; repeat it at will.

    A new installation runs on the real clock and holds its mail.
    """
    url = desk.settings.database_url
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    revision = _upgrade(url)
    with desk.writing() as rows:
        prepare_installation(rows, ProgrammeClock(), MailMode.HELD)
    desk.say(f"The database is at revision {revision}.")


def check(*, json: Json = False, desk: AtDesk) -> int:
    """Tell how the database differs from what this version works with."""
    with desk.reading():
        differences = schema.check(desk.database)
    if json:
        desk.json({"revision": schema.head_revision(), "differences": differences})
    elif differences:
        desk.say("The database is not as this version wants it:", *differences)
    else:
        desk.say(f"The database is as it must be, at revision {schema.head_revision()}.")
    return ExitCode.TROUBLE if differences else ExitCode.DONE


def _upgrade(url: str) -> str:
    from sqlalchemy.exc import DBAPIError

    try:
        return schema.upgrade(url)
    except schema.SchemaError as error:
        raise FaultError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    except DBAPIError as error:
        raise about_database(error) from error
