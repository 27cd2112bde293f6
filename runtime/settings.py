"""Every knob of an installation; the only file that reads the environment.

An entry point calls ``load_settings`` once and hands values on as arguments.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from messaging.smtp_server import smtp_server
from runtime.address_book import read_addresses

PREFIX = "DRUMBEAT_"
SECRETS_DIR = "/run/secrets"


class SettingsError(ValueError):
    """The installation is told something that it cannot follow; each fault is a sentence."""


def _seconds(value: object) -> object:
    """Read a bare number as seconds; ISO 8601 ("PT30S") is read too."""
    if isinstance(value, str) and value.strip().replace(".", "", 1).isdigit():
        return timedelta(seconds=float(value))
    return value


def _address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("give a host and a port, such as 127.0.0.1:7233")
    return value


def _web_address(value: str) -> str:
    HttpUrl(value)
    return value.removesuffix("/")


def _smtp_url(value: SecretStr) -> SecretStr:
    smtp_server(value.get_secret_value())
    return value


Seconds = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0))]
Address = Annotated[str, AfterValidator(_address)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """What one installation is told: by ``DRUMBEAT_*`` variables, or files of such a name.

    An argument goes before a variable, a variable before a file in ``secrets_dir``. An empty
    variable counts as not set; one that nothing here knows is refused.

    Attributes:
        var: Folder that holds everything this installation writes.
        database_url: ``sqlite:///path`` or ``postgresql+psycopg://user:password@host/name``;
            a SQLite file in ``var`` where not given.
        full_sync: Whether SQLite waits for the disk at each commit, so that a power cut loses
            nothing; without it a killed process loses nothing. PostgreSQL has its own setting.
        temporal_address: Host and port of the Temporal server.
        temporal_namespace: Namespace of the programme's workflows.
        temporal_ui_url: Where people read the Temporal UI; links are made from it.
        task_queue: Task queue that clients and workers share.
        smtp_url: Mail server: ``smtp://``, ``smtp+starttls://`` or ``smtps://``, with user and
            password where it wants them.
        smtp_deadline: Seconds in which one hand-over is answered or else given up as unknown.
        smtp_connections: Connections to the mail server at a time.
        mail_from: Address that mails come from.
        mail_domain: Domain in message and invitation ids, which outlives a change of
            ``mail_from``; that address's domain where not given.
        outbox_dir: Folder that mails are written to instead of being sent.
        heartbeat_file: File that a clean audit touches; ``heartbeat`` in ``var`` where not given.
        heartbeat_url: Address that a clean audit calls, so that silence is noticed elsewhere.
        log_level: Least level that is logged.
        log_format: ``console`` for people, ``json`` for machines; ``auto`` looks at the terminal.
        graceful_shutdown: Seconds that a worker has to finish what it holds when told to stop.
        secrets_dir: Folder of files named like the variables, in lower case, each with one value.

    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    var: Path = Path("var/live")
    database_url: str = Field(
        default_factory=lambda given: f"sqlite:///{given.get('var')}/drumbeat.db",
        min_length=1,
        repr=False,
    )
    full_sync: bool = True
    temporal_address: Address = "127.0.0.1:7233"
    temporal_namespace: str = Field(default="drumbeat", pattern=r"^[\w.-]+$")
    temporal_ui_url: WebAddress = "http://127.0.0.1:8233"
    task_queue: str = Field(default="drumbeat", min_length=1)
    smtp_url: Annotated[SecretStr, AfterValidator(_smtp_url)] = SecretStr("smtp://127.0.0.1:1025")
    smtp_deadline: Seconds = timedelta(seconds=30)
    smtp_connections: int = Field(default=4, ge=1, le=50)
    mail_from: EmailStr = "programme@drumbeat.example"
    mail_domain: str = Field(
        default_factory=lambda given: str(given.get("mail_from")).rpartition("@")[2],
        pattern=r"^[A-Za-z0-9.-]+$",
    )
    outbox_dir: Path | None = None
    heartbeat_file: Path = Field(
        default_factory=lambda given: given.get("var", Path()) / "heartbeat"
    )
    heartbeat_url: WebAddress | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    graceful_shutdown: Seconds = timedelta(seconds=45)
    secrets_dir: Path = Path(SECRETS_DIR)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then variables, then the files of a folder that need not be there."""
        folder = _secrets_dir()
        if not folder.is_dir():
            return init_settings, env_settings
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, folder)

    @model_validator(mode="after")
    def _refuse_unknown(self) -> Self:
        known = {variable_for(field) for field in Settings.model_fields}
        given = [name.upper() for name in os.environ]
        if _secrets_dir().is_dir():
            given += [path.name.upper() for path in _secrets_dir().iterdir()]
        unknown = sorted({name for name in given if name.startswith(PREFIX)} - known)
        if unknown:
            raise ValueError(" ".join(_unknown(name, known) for name in unknown))
        return self


def load_settings(**changes: Any) -> Settings:
    """Read the settings of this process; ``changes`` go before what the environment says.

    Raises:
        SettingsError: A value is wrong or a variable unknown; the text names each, never a value.

    """
    try:
        told = Settings(**changes)
        written = read_addresses(told.var)
        unsaid: dict[str, Any] = {
            name: at for name, at in written.items() if name not in told.model_fields_set
        }
        return Settings(**{**unsaid, **changes}) if unsaid else told
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        own = [fault for fault in faults if fault["type"] != "default_factory_not_called"]
        raise SettingsError(" ".join(_sentence(fault) for fault in own)) from None


def variable_for(field: str) -> str:
    """Return the name of the variable that sets ``field``."""
    return PREFIX + field.upper()


def environment_for(changes: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a child process: this one's own with ``changes``."""
    return {**os.environ, **changes}


def _secrets_dir() -> Path:
    return Path(os.environ.get(variable_for("secrets_dir")) or SECRETS_DIR)


def _unknown(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.0)[0]
    return f"{name} is not a setting: the nearest is {near}; correct it or take it away."


def _sentence(fault: Mapping[str, Any]) -> str:
    said = str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:
        return said
    said = said[0].lower() + said[1:]
    return f"{variable_for(str(fault['loc'][0]))} cannot be used: {said.rstrip('.')}."
