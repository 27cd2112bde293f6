"""The supervisor with real little processes: order, restarts, sentences, and no orphans."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.part import Part, PartError, answers
from runtime.supervisor import Supervisor

ROOT = Path(__file__).parents[2]
# Writes "up", and "down" when told to stop.
STAYS = """
import signal, sys, time
def stop(*_):
    print(NAME, "down", file=open(DIARY, "a"))
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print(NAME, "up", file=open(DIARY, "a"), flush=True)
while True:
    time.sleep(60)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def a_part(name: str, diary: Path, *, restart: bool = False) -> Part:
    code = f"NAME, DIARY = {name!r}, {str(diary)!r}\n{STAYS}"
    return Part(
        name=name,
        argv=python(code),
        ready=lambda: diary.exists() and f"{name} up" in diary.read_text(),
        restart=restart,
    )


def is_alive(pid: int) -> bool:
    """Tell whether a process still does something; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(check: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


async def soon(check: Callable[[], bool]) -> bool:
    """Look often, and in no thread: the supervisor needs one of the loop's few to see who is up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            while not check():
                await asyncio.sleep(0.02)
    return check()


async def test_parts_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    step = Part(
        name="step", argv=python(f"print('step', file=open({str(diary)!r}, 'a'))"), once=True
    )

    async with Supervisor(tmp_path / "log") as supervisor:
        await supervisor.start(a_part("first", diary), step, a_part("second", diary))
        assert set(supervisor.pids()) == {"first", "second"}

    assert diary.read_text().splitlines() == [
        "first up",
        "step",
        "second up",
        "second down",
        "first down",
    ]
    assert supervisor.pids() == {}


async def test_what_a_part_says_goes_to_its_file_and_its_pid_is_beside_it(tmp_path: Path) -> None:
    code = "import sys, time; print('out'); print('err', file=sys.stderr, flush=True); sys.exit(0)"
    diary = tmp_path / "diary"

    async with Supervisor(tmp_path / "log") as supervisor:
        await supervisor.start(Part(name="said", argv=python(code), once=True))
        await supervisor.start(a_part("stays", diary))
        pid = int((tmp_path / "log" / "stays.pid").read_text())
        assert pid == supervisor.pids()["stays"]

    assert sorted((tmp_path / "log" / "said.log").read_text().split()) == ["err", "out"]
    assert not list((tmp_path / "log").glob("*.pid"))


async def test_a_part_gets_its_own_variables_and_the_supervisors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "outside")
    code = "import os; print(os.environ['FROM_OUTSIDE'], os.environ['ITS_OWN'])"

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(
            Part(name="part", argv=python(code), env={"ITS_OWN": "own"}, once=True)
        )

    assert (tmp_path / "part.log").read_text() == "outside own\n"


async def test_a_killed_part_is_started_again_and_another_is_not_touched(tmp_path: Path) -> None:
    diary = tmp_path / "diary"

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(a_part("server", diary), a_part("worker", diary, restart=True))
        before = supervisor.pids()
        for times in (2, 3, 4):
            os.kill(supervisor.pids()["worker"], signal.SIGKILL)
            assert await soon(lambda n=times: diary.read_text().count("worker up") == n)  # type: ignore[misc]
            assert await soon(lambda: "worker" in supervisor.pids())

        assert supervisor.pids()["server"] == before["server"]
        assert supervisor.pids()["worker"] != before["worker"]


async def test_a_part_that_may_not_be_restarted_ends_the_block_and_the_rest(tmp_path: Path) -> None:
    diary = tmp_path / "diary"

    with pytest.raises(PartError, match=r"mail stopped by SIGKILL: what it said is in .*mail\.log"):
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(a_part("server", diary), a_part("mail", diary))
            os.kill(supervisor.pids()["mail"], signal.SIGKILL)
            await supervisor.wait()

    assert diary.read_text().splitlines()[-1] == "server down"


async def test_a_part_that_keeps_dying_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.supervisor.QUICK_DEATHS", 2)
    code = f"open({str(tmp_path / 'starts')!r}, 'a').write('.'); raise SystemExit('no database')"

    with pytest.raises(PartError, match=r"code 1: .* Its last line: no database"):
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(Part(name="worker", argv=python(code), restart=True))
            await supervisor.wait()

    assert (tmp_path / "starts").read_text() == "..."


async def test_a_part_that_is_not_ready_in_time_is_named_and_stopped(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    part = Part(
        name="temporal",
        argv=a_part("temporal", diary).argv,
        ready=lambda: False,
        ready_within=timedelta(seconds=0.3),
    )

    with pytest.raises(PartError, match=r"temporal was not ready within 0\.3 s: what it said is"):
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(part)


async def test_a_check_may_wait_for_its_answer(tmp_path: Path) -> None:
    asked: list[str] = []

    async def ready() -> bool:
        asked.append("ready?")
        return len(asked) == 3

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(Part(name="slow", argv=["sleep", "600"], ready=ready))

    assert len(asked) == 3


async def test_a_part_that_stops_before_it_is_ready_is_named_with_its_last_line(
    tmp_path: Path,
) -> None:
    part = Part(
        name="worker", argv=python("raise SystemExit('no such namespace')"), ready=lambda: False
    )

    with pytest.raises(PartError, match=r"worker stopped with code 1: .*no such namespace"):
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(part)


async def test_a_step_that_fails_is_named_and_nothing_after_it_starts(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    step = Part(name="migrate", argv=python("raise SystemExit(3)"), once=True)

    with pytest.raises(PartError, match="migrate stopped with code 3"):
        async with Supervisor(tmp_path) as supervisor:
            await supervisor.start(step, a_part("worker", diary))

    assert not diary.exists()


async def test_a_port_in_use_is_one_sentence_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert answers(port)()
        part = Part(name="temporal", argv=["true"], ports={port: "DRUMBEAT_TEMPORAL_ADDRESS"})
        with pytest.raises(PartError) as refused:
            async with Supervisor(tmp_path) as supervisor:
                await supervisor.start(part)

    assert str(refused.value) == (
        f"Port {port}, which temporal needs, is in use: "
        "stop what listens there, or choose another with DRUMBEAT_TEMPORAL_ADDRESS."
    )
    assert not answers(port)()


async def test_a_part_that_will_not_stop_is_killed_with_what_it_started(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen(['sleep', '600']).pid, flush=True)\n"
        "time.sleep(600)"
    )
    said = tmp_path / "stubborn.log"
    part = Part(
        name="stubborn",
        argv=python(code),
        ready=lambda: bool(said.read_text()),
        grace=timedelta(seconds=0.2),
    )

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(part)
        pids = [supervisor.pids()["stubborn"], int(said.read_text())]
        assert all(map(is_alive, pids))

    assert await soon(lambda: not any(map(is_alive, pids)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_block_as_if_it_had_come_to_its_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    diary = tmp_path / "diary"

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(a_part("worker", diary))
        os.kill(os.getpid(), number)
        await supervisor.wait()

    assert diary.read_text().split() == ["worker", "up", "worker", "down"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


async def test_a_second_signal_kills_what_has_not_stopped(tmp_path: Path) -> None:
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('deaf', flush=True))\n"
        "print('up', flush=True)\n"
        "while True: time.sleep(60)"
    )
    said = tmp_path / "stubborn.log"
    part = Part(
        name="stubborn",
        argv=python(code),
        ready=lambda: bool(said.read_text()),
        grace=timedelta(minutes=10),
    )

    async def insist() -> None:
        await soon(lambda: "deaf" in said.read_text())
        os.kill(os.getpid(), signal.SIGINT)

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(part)
        insisting = asyncio.create_task(insist())
        os.kill(os.getpid(), signal.SIGINT)
        await supervisor.wait()

    await insisting
    assert not said.with_suffix(".pid").exists()


def test_a_killed_supervisor_leaves_no_orphan_and_no_grandchild(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from pathlib import Path
from runtime.part import Part
from runtime.supervisor import Supervisor

PARENT = "import subprocess as s; p = s.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()"

async def main():
    folder = Path({str(tmp_path)!r})
    async with Supervisor(folder) as supervisor:
        said = folder / "parent.log"
        spoken = lambda: bool(said.read_text())
        await supervisor.start(
            Part(name="child", argv=["sleep", "600"]),
            Part(name="parent", argv=[sys.executable, "-c", PARENT], ready=spoken),
        )
        print(*supervisor.pids().values(), said.read_text(), flush=True)
        await supervisor.wait()

asyncio.run(main())
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        assert len(pids) == 3
        assert all(map(is_alive, pids))

        supervisor.kill()

    assert eventually(lambda: not any(map(is_alive, pids)))
