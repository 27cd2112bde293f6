"""The production file, as Compose itself reads it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from runtime.settings import Settings, load_settings, variable_for
from runtime.supervisor import Supervisor
from runtime.temporal_server import RETENTION, SEARCH_ATTRIBUTES, DevServer
from storage.schema import head_revision, upgrade
from tests import postgres
from tests.house.tree import ROOT
from tests.ports import free_port

FILE = ROOT / "docker-compose.yml"
SCRIPTS = ROOT / "compose"
STEPS = {"temporal-schema", "temporal-namespace", "migrate"}
COMPOSE = Path(sys.executable).with_name("docker-compose")
needs_compose = pytest.mark.skipif(
    not COMPOSE.exists(), reason="the Compose parser has a wheel for Python 3.11 on Linux only"
)


def compose(**given: str) -> subprocess.CompletedProcess[str]:
    """Let Compose read the file with only these variables; no engine is needed for that."""
    command = [str(COMPOSE), "--file", str(FILE), "config", "--format", "json"]
    env = {"PATH": os.defpath, **given}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installation() -> dict[str, Any]:
    """Return what Compose makes of the file."""
    read = compose(MAIL_FROM="programme@trust.example")
    assert read.stdout, read.stderr
    found: dict[str, Any] = json.loads(read.stdout)
    return found


@pytest.fixture(scope="module")
def services(installation: dict[str, Any]) -> dict[str, Any]:
    """Return the services that run, without the command line."""
    found: dict[str, Any] = installation["services"]
    return found


def test_the_file_keeps_to_the_compose_specification() -> None:
    checker = str(Path(sys.executable).with_name("check-jsonschema"))
    subprocess.run([checker, "--builtin-schema", "vendor.compose-spec", str(FILE)], check=True)


@needs_compose
def test_a_missing_sender_is_one_sentence() -> None:
    read = compose()

    assert not read.stdout
    assert "say in .env where mails come from" in read.stderr


@needs_compose
def test_every_service_gives_up_what_it_does_not_need(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("read_only", False) or name == "temporal-ui", name
        assert not service.get("privileged", False), name


@needs_compose
def test_only_the_loopback_hears_of_it(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]

    assert [port["host_ip"] for port in published] == ["127.0.0.1"]


@needs_compose
def test_the_database_and_the_engine_reach_nothing_outside(installation: dict[str, Any]) -> None:
    assert installation["networks"]["inside"]["internal"]
    for name in ("postgres", "temporal", *STEPS - {"migrate"}):
        assert set(installation["services"][name]["networks"]) == {"inside"}


@needs_compose
def test_no_secret_is_in_the_file_and_each_goes_only_where_it_is_read(
    services: dict[str, Any],
) -> None:
    given = {
        name: {secret["source"] for secret in service.get("secrets", [])}
        for name, service in services.items()
    }
    ours = {"drumbeat_database_url", "drumbeat_smtp_url"}
    assert {name: secrets for name, secrets in given.items() if secrets} == {
        "postgres": {"postgres_password", "temporal_password", "drumbeat_password"},
        "temporal": {"temporal_password"},
        "temporal-schema": {"temporal_password"},
        "migrate": ours,
        "worker": ours,
    }
    for service in services.values():
        for variable, value in (service.get("environment") or {}).items():
            assert "PASSWORD" not in variable or value.startswith("/run/secrets/")


@needs_compose
def test_it_starts_in_order(services: dict[str, Any]) -> None:
    def waits_for(name: str) -> dict[str, str]:
        return {other: how["condition"] for other, how in services[name]["depends_on"].items()}

    done, healthy = "service_completed_successfully", "service_healthy"
    assert waits_for("temporal-schema") == {"postgres": healthy}
    assert waits_for("temporal") == {"temporal-schema": done}
    assert waits_for("temporal-namespace") == {"temporal": healthy}
    assert waits_for("migrate") == {"postgres": healthy}
    assert waits_for("worker") == {"migrate": done, "temporal-namespace": done}


@needs_compose
def test_what_is_waited_for_or_kept_running_tells_its_health(services: dict[str, Any]) -> None:
    assert {"postgres", "temporal", "worker"} == {
        name for name, service in services.items() if "healthcheck" in service
    }
    for name, service in services.items():
        assert service["restart"] == ("on-failure:5" if name in STEPS else "unless-stopped")


@needs_compose
def test_a_worker_has_time_to_finish_a_hand_over(services: dict[str, Any]) -> None:
    assert services["worker"]["deploy"]["replicas"] == 2
    assert services["worker"]["stop_grace_period"] == "1m0s"
    assert load_settings().graceful_shutdown.total_seconds() < 60


@needs_compose
def test_what_the_worker_is_told_are_settings(services: dict[str, Any]) -> None:
    known = {variable_for(field) for field in Settings.model_fields}
    for name in ("worker", "migrate"):
        assert set(services[name]["environment"]) <= known
    told = (ROOT / "Dockerfile").read_text()
    assert "DRUMBEAT_VAR=/var/lib/drumbeat" in told


@needs_compose
def test_every_version_is_named(services: dict[str, Any]) -> None:
    for service in services.values():
        assert not service["image"].endswith(":latest")
        assert service["image"].partition(":")[2]


@needs_compose
def test_what_is_mounted_from_the_project_is_there(services: dict[str, Any]) -> None:
    mounted = [
        Path(volume["source"])
        for service in services.values()
        for volume in service.get("volumes", [])
        if volume["type"] == "bind"
    ]
    assert mounted
    assert [path for path in mounted if not path.exists()] == []


def test_what_is_only_for_the_operator_is_not_tracked() -> None:
    assert (SCRIPTS / ".gitignore").read_text().split() == ["secrets/"]


async def test_the_namespace_is_as_the_programme_wants_it_however_often_it_is_made(
    tmp_path: Path,
) -> None:
    server = DevServer(port=free_port(), namespace="other", search_attributes={})
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "HOME": str(tmp_path),
        "TEMPORAL_ADDRESS": f"127.0.0.1:{server.port}",
    }

    def run(*command: str) -> str:
        ran = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return ran.stdout

    async with Supervisor(tmp_path) as supervisor:
        await supervisor.start(server.part())
        for _ in range(2):
            run("sh", str(SCRIPTS / "temporal" / "namespace.sh"))
        known = run("temporal", "operator", "search-attribute", "list", "-n", "drumbeat")
        about = run("temporal", "operator", "namespace", "describe", "-n", "drumbeat")

    rows = {tuple(line.split()) for line in known.splitlines()}
    assert set(SEARCH_ATTRIBUTES.items()) <= rows
    kept = f"{RETENTION.total_seconds() / 3600:g}h0m0s"
    assert kept in about


def test_secrets_are_made_once_and_fit_together(tmp_path: Path) -> None:
    script = shutil.copy(SCRIPTS / "make-secrets", tmp_path)
    refused = subprocess.run([script], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "Name the mail server" in refused.stderr

    def made() -> dict[str, str]:
        subprocess.run([script, "smtps://mail.trust.example"], check=True, capture_output=True)
        return {path.name: path.read_text().strip() for path in (tmp_path / "secrets").iterdir()}

    first = made()
    assert made() == first
    assert set(first) == {
        "postgres_password", "temporal_password", "drumbeat_password", "drumbeat_database_url",
        "drumbeat_smtp_url",
    }  # fmt: skip
    assert len({first["postgres_password"], first["temporal_password"]}) == 2
    assert f":{first['drumbeat_password']}@postgres/drumbeat" in first["drumbeat_database_url"]
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    load_settings(smtp_url=first["drumbeat_smtp_url"], database_url=first["drumbeat_database_url"])


def test_a_new_database_server_has_an_owner_and_databases_for_each(tmp_path: Path) -> None:
    programmes = postgres.binaries()
    if programmes is None:
        pytest.skip("no PostgreSQL server is installed here (apt-get install postgresql)")
    for name in ("temporal_password", "drumbeat_password"):
        (tmp_path / name).write_text("it's secret\n")

    with postgres.running_server(programmes) as server:
        url = server.url
        host = url.rpartition("=")[2]

        def order(sql: str, user: str, database: str) -> None:
            where = f"host={host} user={user} dbname={database}"
            with psycopg.connect(where, autocommit=True) as session:
                session.execute(sql.encode())

        # The server of the tests is made by a user of the name that the script gives out.
        order("CREATE ROLE postgres SUPERUSER LOGIN", "drumbeat", "postgres")
        order("ALTER ROLE drumbeat RENAME TO somebody", "postgres", "postgres")
        env = {
            "PATH": f"{programmes}:{os.defpath}",
            "PGHOST": host,
            "POSTGRES_USER": "postgres",
            "SECRETS_DIR": str(tmp_path),
        }
        script = str(SCRIPTS / "postgres" / "databases.sh")
        subprocess.run(["sh", script], env=env, check=True)

        assert upgrade(url.format(name="drumbeat")) == head_revision()
        # What the schema of Temporal's search asks for.
        order("CREATE EXTENSION btree_gin", "temporal", "temporal_visibility")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            order("SELECT 1", "temporal", "drumbeat")
