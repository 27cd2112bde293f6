"""Commands that run many parts at once: the sample, the demo, a programme of one's own."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.options import AtDesk


async def demo(
    *,
    speed: Annotated[float, Parameter(help="Programme days in a second.")] = 1.0,
    once: Annotated[bool, Parameter(help="End after the summary.")] = False,
    desk: AtDesk,
) -> int:
    """Play the sample programme on a fast clock; all stays up until Ctrl-C."""
    from rehearsal.demo import run_demo

    return await run_demo(desk.settings, speed=speed, once=once)


async def up(*, desk: AtDesk) -> int:
    """Run a programme on the real clock until Ctrl-C; mail is held until it is released."""
    from runtime.up import run_up

    return await run_up(desk.settings)


def sample(
    folder: Annotated[Path, Parameter(help="The folder to write it to.")], /, *, desk: AtDesk
) -> None:
    """Write the fictional sample programme as sheets, with its answer key."""
