"""The one pipeline: structlog's lines and everybody else's look alike."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import BaseModel
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from temporalio import activity, workflow

from runtime.logs import configure_logs, core_logging


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    showwarning = warnings.showwarning
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    warnings.showwarning = showwarning
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_facts_as_keys() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)

    structlog.get_logger("a.room").info("reminder.sent", key="ab12", copies=1)

    (line,) = lines(stream)
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "reminder.sent",
        "level": "info",
        "logger": "a.room",
        "key": "ab12",
        "copies": 1,
    }


@pytest.mark.parametrize("library", ["temporalio.worker", "sqlalchemy.engine", "alembic", "other"])
def test_a_librarys_line_goes_through_the_same_pipeline(library: str) -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)

    logging.getLogger(library).warning("%s is slow", "it", extra={"seconds": 3})

    (line,) = lines(stream)
    assert line["event"] == "it is slow"
    assert line["logger"] == library
    assert line["seconds"] == 3


def test_libraries_are_quiet_below_a_warning_and_workflows_are_not() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)

    logging.getLogger("sqlalchemy.engine").info("SELECT 1")
    logging.getLogger("temporalio.worker").info("Beginning worker shutdown")
    workflow.logger.logger.info("stage.begun")
    activity.logger.logger.info("message.accepted")

    assert [line["event"] for line in lines(stream)] == ["stage.begun", "message.accepted"]


def test_the_ids_that_temporal_adds_are_keys_like_any_other() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    nest = {"workflow_id": "service/wider/SVC-16", "attempt": 1, "namespace": "drumbeat"}

    logging.getLogger("temporalio.workflow").info("stage.begun", extra={"temporal_workflow": nest})

    (line,) = lines(stream)
    assert line["workflow_id"] == "service/wider/SVC-16"
    assert "temporal_workflow" not in line
    assert "namespace" not in line


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_refused_value_is_never_quoted(form: Any) -> None:
    class Row(BaseModel):
        born: int

    stream = io.StringIO()
    configure_logs(form=form, stream=stream)
    try:
        try:
            Row.model_validate({"born": "Ada Example"})
        except ValueError as error:
            raise RuntimeError("the row is refused") from error
    except RuntimeError:
        structlog.get_logger().exception("row.refused")
        logging.getLogger("library").exception("oh")

    assert "Ada" not in stream.getvalue()
    assert stream.getvalue().count("born: int_parsing") == 2


def test_a_row_that_the_database_refuses_is_never_quoted() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    engine = create_engine("sqlite://")
    with engine.begin() as rows:
        rows.execute(text("CREATE TABLE person (name TEXT UNIQUE)"))
        for _ in range(2):
            try:
                rows.execute(text("INSERT INTO person VALUES (:name)"), {"name": "Ada Example"})
            except IntegrityError:
                structlog.get_logger().exception("person.refused")
        try:
            rows.execute(text("INSERT INTO nobody VALUES (:name)"), {"name": "Ada Example"})
        except OperationalError:
            structlog.get_logger().exception("person.missed")
    engine.dispose()

    refused, missed = lines(stream)
    assert refused["faults"] == ["IntegrityError"]
    assert refused["raised_at"]
    assert "no such table" in missed["exception"][0]["exc_value"]
    assert "Ada" not in stream.getvalue()


def test_an_error_is_told_without_the_values_around_it() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    try:
        name = "Ada Example"
        raise LookupError(len(name))
    except LookupError:
        structlog.get_logger().exception("person.missed")

    assert lines(stream)[0]["exception"][0]["exc_type"] == "LookupError"
    assert "Ada Example" not in stream.getvalue()


def test_a_terminal_gets_words_and_a_file_gets_json() -> None:
    terminal = Terminal()
    configure_logs(stream=terminal)
    structlog.get_logger().info("worker.started")
    assert "worker.started" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_a_level_hides_what_lies_below_it() -> None:
    stream = io.StringIO()
    configure_logs("warning", stream=stream)

    structlog.get_logger().info("worker.started")
    activity.logger.logger.info("message.accepted")
    structlog.get_logger().warning("worker.stopped")

    assert [line["event"] for line in lines(stream)] == ["worker.stopped"]


def test_a_warning_of_python_is_a_line_too() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)

    assert "DeprecationWarning: old" in lines(stream)[0]["event"]


def test_the_native_core_logs_through_the_pipeline() -> None:
    forwarding = core_logging().forwarding

    assert forwarding is not None
    assert forwarding.logger.name == "temporalio.core"
