"""The command line as a whole: what is mistyped, what is not there, and what each code means."""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cli import paper
from cli.desk import Desk
from cli.faults import ExitCode
from cli.main import COMMANDS, FAMILIES
from runtime.asking import DOWN, EngineDown, Refused
from tests.cli.fake_programme import FakeProgramme
from tests.cli.printing import Drumbeat
from tests.cli.scene import COORDINATOR

SLOW = {"pydantic", "sqlalchemy", "temporalio"}
EVERY_COMMAND = [
    *([name] for name in COMMANDS),
    *([family, name] for family, (_, _, commands) in FAMILIES.items() for name in commands),
]


def drumbeat_process(*tokens: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", *tokens]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_help_names_every_command_and_imports_nothing_slow() -> None:
    script = (
        "import sys; from cli.desk import Desk; from cli.main import run;"
        "run(['--help'], Desk()); print(sorted(sys.modules), file=sys.stderr)"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    for name in (*COMMANDS, *FAMILIES):
        assert f" {name} " in process.stdout
    assert not {name for name in SLOW if f"'{name}'" in process.stderr}


@pytest.mark.parametrize("tokens", EVERY_COMMAND, ids=" ".join)
def test_every_command_explains_itself(drumbeat: Drumbeat, tokens: list[str]) -> None:
    printed = drumbeat(*tokens, "--help")

    assert printed.code == ExitCode.DONE
    assert f"Usage: drumbeat {' '.join(tokens)}" in printed.out
    assert max(len(line) for line in printed.out.splitlines()) <= 100


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (["acept", "SVC-16"], "no command acept: did you mean accept?"),
        (["mail", "hold"], "drumbeat mail knows no command hold: did you mean held?"),
        (["services", "--jsn"], "Unknown option: --jsn. Did you mean --json?"),
        (["services", "extra"], "drumbeat services takes no extra"),
        (["--vra", "x", "services"], "no option --vra"),
        (["accept", "SVC-16"], "Say who asks with --as PERSON"),
        (["accept", "--as", "PER-0001"], "SERVICE"),
        (["record", "x", "hled", "--as", "PER-0001"], 'Did you mean "held"?'),
        (["sessions", "--state", "hled"], 'Did you mean "held"?'),
        (["sessions", "--from", "2024-02-30"], "'2024-02-30' is no day and time that exist"),
        (["onboard", "slot", "SVC-16", "sunday", "10:00", "--as", "PER-0001"], "monday"),
        (["onboard", "slot", "SVC-16", "monday", "25:00", "--as", "PER-0001"], "no time of day"),
        (["pause", "--as", "PER-0001"], "Name one service, or say --all"),
        (["accept", "SVC-16", "--as", "PER-0001", "--reason", "Not A Code"], "--reason takes"),
    ],
)
def test_what_is_mistyped_is_refused_with_what_was_meant(
    drumbeat: Drumbeat, programme: FakeProgramme, tokens: list[str], said: str
) -> None:
    printed = drumbeat(*tokens)

    assert printed.code == ExitCode.USAGE
    assert said in " ".join(printed.errors.split())
    assert printed.out == ""
    assert programme.asked == []


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (["show", "SVC-99"], "There is no service SVC-99: the nearest is SVC-"),
        (["accept", "SVC-16", "--as", "PER-0099"], "no person PER-0099: the nearest is PER-0"),
        (["record", "wider/SVC-16/delivry/5", "held", "--as", "PER-0001"], "wider/SVC-16/delivery"),
        (["done", "wider/SVC-21/commitment/1", "--as", "PER-0001"], "wider/SVC-21/commitments/1"),
        (["services", "--edition", "widder"], "no edition widder: the nearest is wider"),
        (["show", "SVC-16", "--edition", "pilot"], "There is no edition pilot"),
        (["why", "wider/SVC-16/delivery/99"], "the nearest is wider/SVC-16/delivery/9"),
        (["why", "abc"], "There is nothing called"),
        (["mail", "show", "abc"], "There is no message abc"),
    ],
)
def test_an_unknown_id_is_answered_with_the_nearest_that_there_is(
    drumbeat: Drumbeat, programme: FakeProgramme, tokens: list[str], said: str
) -> None:
    printed = drumbeat(*tokens)

    assert printed.code == ExitCode.REFUSED
    assert said in " ".join(printed.errors.split())
    assert programme.asked == []


def test_a_refusal_is_a_sentence_and_code_1(drumbeat: Drumbeat, programme: FakeProgramme) -> None:
    programme.raises = Refused("SVC-16 has a place already.")

    printed = drumbeat("accept", "SVC-16", "--as", COORDINATOR)

    assert (printed.code, printed.errors) == (
        ExitCode.REFUSED,
        "SVC-16 has a place already.\n",
    )


def test_an_engine_that_is_down_is_a_sentence_and_code_3(
    drumbeat: Drumbeat, programme: FakeProgramme
) -> None:
    programme.raises = EngineDown("The engine did not answer.")

    printed = drumbeat("accept", "SVC-16", "--as", COORDINATOR)

    assert (printed.code, printed.errors) == (ExitCode.UNREACHABLE, "The engine did not answer.\n")


def test_a_server_that_is_not_there_is_told_of_soon_and_without_a_traceback(var: Path) -> None:
    environment = {"DRUMBEAT_TEMPORAL_ADDRESS": "127.0.0.1:1"}

    process = drumbeat_process(
        *("--var", str(var), "accept", "SVC-16", "--as", COORDINATOR), env=environment
    )

    assert process.returncode == ExitCode.UNREACHABLE
    assert process.stdout == ""
    assert " ".join(process.stderr.split()) == DOWN


def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    process = drumbeat_process("--var", str(tmp_path), "services")

    assert process.returncode == ExitCode.UNREACHABLE
    assert "There is no database at" in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_is_told_what_to_do(drumbeat: Drumbeat, var: Path) -> None:
    (var / "drumbeat.db").write_bytes(b"")

    printed = drumbeat("services")

    assert printed.code == ExitCode.UNREACHABLE
    assert "drumbeat database upgrade" in printed.errors


def test_a_setting_that_nothing_knows_is_a_sentence(
    drumbeat: Drumbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRUMBEAT_SMPT_URL", "smtp://localhost:25")

    printed = drumbeat("services")

    assert printed.code == ExitCode.USAGE
    assert "DRUMBEAT_SMPT_URL is not a setting" in printed.errors


def test_a_reader_that_has_seen_enough_is_no_error(var: Path) -> None:
    command = f"{sys.executable} -m cli.main --var {var} sessions --from 2024-01-01 | head -1"
    process = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )

    assert process.stderr == ""
    assert len(process.stdout.splitlines()) == 1


def test_a_name_cannot_steer_the_terminal() -> None:
    paper_out = StringIO()
    desk = Desk(out=Console(file=paper_out, width=100))

    desk.say("Ward \x1b[2J\x9b1m of \x07 ours")
    paper.table(desk, ("ward",), [("\x1b]0;title\x07Alder",)])
    paper.pairs(desk, [("ward", "Alder\r\x1b[1A")])
    paper.block(desk, "Dear \x1b[31mall")

    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", paper_out.getvalue())
