"""Why a command did not do what was asked, in one sentence and one exit code."""

from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """What a command's exit code says; ``docs/cli.md`` explains them to people."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3
    TROUBLE = 4


class FaultError(Exception):
    """A fault that is expected; people are shown its sentence and never a traceback."""

    def __init__(self, sentence: str, code: ExitCode = ExitCode.REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


def usage(sentence: str) -> FaultError:
    """Return the fault of a command that was not written as it must be."""
    return FaultError(sentence, ExitCode.USAGE)


def not_written(folder: Path, error: OSError) -> FaultError:
    """Return the fault of a folder that cannot be written."""
    path = error.filename or folder
    return FaultError(f"{path} cannot be written ({error.strerror}): name another folder.")
