"""Ties processes to the supervisor, so that a killed one leaves no orphan.

Run as a script by ``runtime/supervisor.py``, and alone: it imports nothing of ours, so that it
starts in milliseconds. A process asks the kernel to be killed with its parent and then becomes the
part it was to run; the kernel's promise ends with that process, so a watch beside it kills what the
part has started in its turn.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(parent: int, argv: list[str]) -> None:
    """Replace this process by ``argv``, to be killed when the process ``parent`` ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return  # the parent ended before the kernel was asked
    signal.signal(
        signal.SIGPIPE, signal.SIG_DFL
    )  # Python ignores it, and a part would inherit that
    os.execvp(argv[0], argv)


def watch() -> None:
    """Kill every process group named on standard input once it closes: its writer has ended.

    A line is ``+group`` when the group begins and ``-group`` when it has ended.
    """
    groups = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        kill(group)


def kill(group: int) -> None:
    """Kill what is left of a process group; nothing left is no error."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    # Ctrl-C in a terminal is for the supervisor, which stops its parts in order.
    if sys.argv[1] == "watch":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        watch()
    else:
        become(int(sys.argv[1]), sys.argv[2:])
        sys.exit(1)
