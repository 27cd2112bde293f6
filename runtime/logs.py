"""One pipeline for every line that a process logs, its libraries' lines included.

An event is a literal ``noun.past_verb`` and its facts are keys: ids and codes, never a name, an
address or a note (a test of the house reads every call). Lines go to standard error. Workflow
files log through ``workflow.logger``, activities and all others through ``structlog.get_logger``.
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from traceback import extract_tb
from typing import Any, Literal, TextIO

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import DataError, IntegrityError, StatementError
from structlog.typing import EventDict, Processor
from temporalio import activity, workflow
from temporalio.runtime import LogForwardingConfig, LoggingConfig, TelemetryFilter

Format = Literal["auto", "console", "json"]

# What these say below a warning is how they work, and not what happens to a programme.
QUIET = ("alembic", "asyncio", "httpx", "sqlalchemy", "temporalio")


def configure_logs(
    level: str = "info", form: Format = "auto", stream: TextIO | None = None
) -> None:
    """Send every line of this process through one pipeline; a second call replaces the first.

    Args:
        level: Least level logged: debug, info, warning or error.
        form: ``console`` for people, ``json`` for machines; ``auto`` is console on a terminal.
        stream: Where lines go; standard error where not given.

    """
    stream = stream or sys.stderr
    for_people = form == "console" or (form == "auto" and stream.isatty())
    renderers = _for_people(colours=stream.isatty()) if for_people else _for_machines()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), structlog.stdlib.ExtraAdder(), _temporal_facts],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _hide_input,
                *renderers,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(capture=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    # The facts travel as keys (see _temporal_facts), so the text need not repeat them.
    for logger in (workflow.logger, activity.logger):
        logger.logger.setLevel(level.upper())
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def core_logging(level: str = "warning") -> LoggingConfig:
    """Return what sends the lines of Temporal's native core through the same pipeline."""
    name = {"warning": "WARN"}.get(level, level.upper())
    return LoggingConfig(
        filter=TelemetryFilter(core_level=name, other_level="ERROR"),
        forwarding=LogForwardingConfig(logger=logging.getLogger("temporalio.core")),
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]


def _for_people(*, colours: bool) -> list[Processor]:
    return [
        structlog.dev.ConsoleRenderer(
            colors=colours,
            timestamp_key="at",
            exception_formatter=structlog.dev.plain_traceback,
        )
    ]


def _for_machines() -> list[Processor]:
    transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(transformer),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _temporal_facts(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Lift the ids that the SDK adds out of their nest, and leave the rest of it behind."""
    event.pop("temporal_log", None)
    for nest in ("temporal_workflow", "temporal_activity"):
        facts: MutableMapping[str, Any] = event.pop(nest, {}) or {}
        for fact in ("workflow_id", "run_id", "activity_type", "attempt"):
            if fact in facts:
                event.setdefault(fact, facts[fact])
    return event


def _hide_input(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Tell what was refused and where, not the value: an error may quote it, and it is a person's.

    pydantic quotes the input, and a database the row that breaks a constraint.
    """
    exc_info = event.get("exc_info")
    error = sys.exc_info()[1] if exc_info is True else exc_info
    for cause in _causes(error[1] if isinstance(error, tuple) else error):
        if isinstance(cause, StatementError):
            cause.hide_parameters = True
        faults = _faults(cause)
        if faults:
            event["exc_info"] = None
            event["refused"] = type(cause).__name__
            event["faults"] = faults
            event["raised_at"] = [
                f"{frame.filename}:{frame.lineno}" for frame in extract_tb(cause.__traceback__)
            ]
            break
    return event


def _causes(error: object) -> Iterator[BaseException]:
    seen = set()
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _faults(error: BaseException) -> list[str]:
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in faults]
    if isinstance(error, DataError | IntegrityError):
        return [str(getattr(error.orig, "sqlstate", None) or type(error.orig).__name__)]
    return []
