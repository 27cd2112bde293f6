"""The command that examines an installation."""

from cli import paper
from cli.faults import ExitCode
from cli.options import AtDesk, Json


async def doctor(*, json: Json = False, desk: AtDesk) -> int:
    """Check every part of the installation: the database, the engine, the workers, the mail."""
    from runtime.examination import examine
    from runtime.temporal import drain

    with desk.reading():  # a database that is not there is told of in its own words
        settings = desk.settings
    try:
        found = await examine(settings, desk.real_now())
    finally:
        await drain()
    good = all(one.good for one in found)
    if json:
        desk.json({"good": good, "findings": found})
        return ExitCode.DONE if good else ExitCode.TROUBLE
    paper.table(
        desk,
        ("=part", "", "how it is"),
        ((one.part, "good" if one.good else "BAD", one.said) for one in found),
    )
    desk.say(*(f"{one.part}: {one.remedy}." for one in found if not one.good))
    return ExitCode.DONE if good else ExitCode.TROUBLE
