import sys
from tests.cli.conftest import Drumbeat


def test_x(drumbeat: Drumbeat) -> None:
    for t in (
        ["services"],
        ["show", "SVC-16"],
        ["sessions"],
        ["chases"],
        ["edition", "show"],
        ["order"],
        ["mail", "list"],
        ["mail", "show", "0123"],
        ["--help"],
        ["mail"],
        ["accept", "--help"],
        ["accept", "SVC-16"],
        ["accept", "SVC-16", "--as", "PER-0001"],
        ["acept"],
        ["show", "SVC-61"],
        ["onboard", "slot", "SVC-16", "tuesday", "10:00", "--as", "PER-0001"],
        ["version"],
    ):
        p = drumbeat(*t)
        sys.__stdout__.write(f"== {t} {p.code}\n{p.out}{p.errors}\n")
