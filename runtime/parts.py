"""The parts of an installation on one machine, in the order in which they start."""

import sys
from pathlib import Path

from runtime.part import Part, answers
from runtime.settings import Settings, variable_for
from runtime.temporal_server import DevServer


def port_of(address: str) -> int:
    """Return the port of ``host:port``, or of a URL with one."""
    return int(address.rsplit(":", 1)[1].strip("/").split("/")[0].split("?")[0])


def temporal_server(settings: Settings) -> Part:
    """Return the Temporal server, its file beside the programme's database."""
    return DevServer(
        port=port_of(settings.temporal_address),
        ui_port=port_of(settings.temporal_ui_url),
        db_file=settings.var / "temporal.db",
        namespace=settings.temporal_namespace,
        full_sync=settings.full_sync,
    ).part()


def mail_catcher(settings: Settings) -> Part:
    """Return a mail server that keeps what it is sent, and sends nothing on."""
    port = port_of(settings.smtp_url.get_secret_value())
    argv = [sys.executable, "-m", "rehearsal.mail_catcher"]
    return Part(
        name="mail",
        argv=[*argv, "--maildir", str(maildir(settings)), "--port", str(port)],
        ready=answers(port),
        ports={port: variable_for("smtp_url")},
        restart=True,
    )


def worker(settings: Settings) -> Part:
    """Return a worker; it is started again when it dies."""
    return Part(
        name="worker",
        argv=[sys.executable, "-m", "worker"],
        env=environment(settings),
        restart=True,
        grace=settings.graceful_shutdown,
    )


def maildir(settings: Settings) -> Path:
    """Return where the mail catcher keeps what it is sent."""
    return settings.var / "mail"


def environment(settings: Settings) -> dict[str, str]:
    """Return what a part must be told to belong to this installation."""
    told = {
        "var": str(settings.var),
        "database_url": settings.database_url,
        "full_sync": str(settings.full_sync).lower(),
        "temporal_address": settings.temporal_address,
        "temporal_ui_url": settings.temporal_ui_url,
        "temporal_namespace": settings.temporal_namespace,
        "task_queue": settings.task_queue,
        "smtp_url": settings.smtp_url.get_secret_value(),
        "log_format": "json",
    }
    return {variable_for(name): value for name, value in told.items()}
