"""The Temporal server of one machine, really started."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from runtime.part import PartError, answers
from runtime.supervisor import Supervisor
from runtime.temporal_server import SEARCH_ATTRIBUTES, DevServer
from tests.ports import free_port


@workflow.defn
class NapWorkflow:
    """Twenty short sleeps."""

    @workflow.run
    async def run(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0.005)


def a_server(folder: Path, *, full_sync: bool = False) -> DevServer:
    return DevServer(
        port=free_port(), ui_port=free_port(), db_file=folder / "temporal.db", full_sync=full_sync
    )


async def a_client(server: DevServer) -> Client:
    return await Client.connect(f"127.0.0.1:{server.port}", namespace=server.namespace)


async def retention(client: Client) -> timedelta:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    answer = await client.workflow_service.describe_namespace(request)
    return answer.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_it_answers_at_once_with_its_namespace_attributes_and_retention(
    tmp_path: Path,
) -> None:
    server = a_server(tmp_path)
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(server.part())
        client = await a_client(server)
        assert await retention(client) == timedelta(days=730)
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        assert set(SEARCH_ATTRIBUTES) <= set(known.custom_attributes)
        assert server.ui_port
        assert answers(server.ui_port)()
        assert not _listens_beyond_the_loopback(supervisor.pids()["temporal"])


async def test_a_short_timer_is_short(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(server.part())
        client = await a_client(server)
        async with Worker(
            client,
            task_queue="naps",
            workflows=[NapWorkflow],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            began = time.monotonic()
            await client.execute_workflow(NapWorkflow.run, id="nap", task_queue="naps")

    # As shipped each of the twenty would take a second.
    assert time.monotonic() - began < 8


async def test_a_killed_server_comes_back_with_all_it_knew(tmp_path: Path) -> None:
    server = a_server(tmp_path, full_sync=True)
    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(server.part())
        client = await a_client(server)
        await client.start_workflow("Anything", id="edition/wider", task_queue="none")

        killed = supervisor.pids()["temporal"]
        os.kill(killed, signal.SIGKILL)
        while supervisor.pids().get("temporal", killed) == killed:
            await asyncio.sleep(0.01)
        while not await server.ready():
            await asyncio.sleep(0.01)

        client = await a_client(server)
        assert await retention(client) == timedelta(days=730)
        assert (await client.get_workflow_handle("edition/wider").describe()).id == "edition/wider"


def test_its_databases_wait_for_the_disk_only_where_a_programme_lives(tmp_path: Path) -> None:
    assert "synchronous=FULL" in a_server(tmp_path, full_sync=True).argv()
    assert "synchronous=NORMAL" in a_server(tmp_path).argv()
    assert "--headless" in DevServer(port=1).argv()
    assert not DevServer(port=1).part().restart


def test_a_server_that_is_not_installed_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    with pytest.raises(PartError, match="The Temporal server is not installed beside"):
        DevServer(port=1).argv()


def _listens_beyond_the_loopback(pid: int) -> bool:
    sockets = _sockets(pid)
    assert sockets
    loopback = {"0100007F", "0" * 24 + "01000000", "0000000000000000FFFF00000100007F"}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, state, inode = fields[1].partition(":")[0], fields[3], fields[9]
            if state == "0A" and inode in sockets and address not in loopback:
                return True
    return False


def _sockets(pid: int) -> set[str]:
    found = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            found.add(str(fd.readlink()))
    return {name.removeprefix("socket:[").rstrip("]") for name in found if "socket:" in name}
