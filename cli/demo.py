"""Commands that run many parts at once: the sample, the demo, a programme of one's own."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli import paper
from cli.faults import FaultError
from cli.options import AtDesk


async def demo(
    *,
    speed: Annotated[float, Parameter(help="Programme days in a second.")] = 1.0,
    once: Annotated[bool, Parameter(help="End after the summary.")] = False,
    desk: AtDesk,
) -> int:
    """Play the sample programme on a fast clock; all stays up until Ctrl-C."""
    from rehearsal.demo import run_demo
    from runtime.part import PartError

    try:
        return await run_demo(desk.settings, speed=speed, once=once)
    except PartError as error:
        raise FaultError(str(error)) from None


async def up(*, desk: AtDesk) -> int:
    """Run a programme on the real clock until Ctrl-C; mail is held until it is released."""
    from runtime.logs import configure_logs
    from runtime.part import PartError
    from runtime.up import run_up

    configure_logs(desk.settings.log_level, desk.settings.log_format)
    try:
        return await run_up(desk.settings)
    except PartError as error:
        raise FaultError(str(error)) from None


def sample(
    folder: Annotated[Path, Parameter(help="The folder to write it to.")], /, *, desk: AtDesk
) -> None:
    """Write the fictional sample programme: sheets, a script of what people do, an answer key."""
    from rehearsal.sample.cast_list import COORDINATOR
    from rehearsal.sample.writing import write_sample

    try:
        written = write_sample(folder)
    except OSError as error:
        raise FaultError(f"{folder} cannot be written to: {error.strerror}.") from None
    paper.table(desk, ("sheet", "#lines"), written.items())
    desk.say(
        f"The sheets in {folder} can be brought in: drumbeat import {folder} --as {COORDINATOR}"
    )
