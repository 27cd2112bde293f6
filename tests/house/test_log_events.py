"""The grammar of log events: ``noun.past_verb``, facts as keys, nobody's data."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import CODE, name_of, parsed

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
EVENT = re.compile(r"[a-z][a-z_]*\.(?P<verb>[a-z_]+)")
IRREGULAR = {
    "begun", "bound", "broken", "brought", "built", "chosen", "drawn", "fallen", "found", "given",
    "gone", "heard", "held", "kept", "known", "left", "lost", "made", "met", "misread", "overrun",
    "paid", "put", "read", "run", "seen", "sent", "set", "shut", "stuck", "swept", "taken", "told",
    "withdrawn", "woken", "written",
}  # fmt: skip
# A person, or what a person wrote. Ids and codes have other names.
PERSONAL = {
    "address",
    "body",
    "email",
    "mail",
    "name",
    "note",
    "recipient",
    "subject",
    "text",
    "to",
}


def log_calls(path: Path) -> list[ast.Call]:
    """Return the calls of ``log`` and ``logger``, ``workflow.logger`` and such included."""
    return [
        node
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and ast.unparse(node.func.value).rpartition(".")[2] in {"log", "logger"}
    ]


def facts(call: ast.Call) -> set[str]:
    """Return the keys that a call logs, those in ``extra`` included."""
    found = set()
    for keyword in call.keywords:
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
            found |= {ast.literal_eval(key) for key in keyword.value.keys if key}
        else:
            found.add(keyword.arg or "**")
    return found


def faults(call: ast.Call) -> list[str]:
    """Return what is wrong with one call that logs."""
    where = f"line {call.lineno}"
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
        return [f"{where}: the event is one literal, and facts are keys"]
    event = str(call.args[0].value)
    form = EVENT.fullmatch(event)
    if not form:
        return [f"{where}: {event!r} is not noun.past_verb"]
    words = form["verb"].split("_")
    past = any(word in IRREGULAR or word.endswith("ed") for word in words)
    said = [] if past else [f"{where}: the verb of {event!r} is not in the past"]
    return said + [f"{where}: {key!r} may carry a person" for key in sorted(facts(call) & PERSONAL)]


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_a_log_event_is_a_literal_with_facts_as_keys(path: Path) -> None:
    assert [fault for call in log_calls(path) for fault in faults(call)] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("log.info('message.accepted', key=key)", []),
        ("log.warning('part.given_up', sentence=said)", []),
        ("workflow.logger.info('stage.begun', extra={'stage': stage})", []),
        ("log.info(f'{key}.accepted')", ["line 1: the event is one literal, and facts are keys"]),
        ("log.info('accepted')", ["line 1: 'accepted' is not noun.past_verb"]),
        ("log.info('mail.accept')", ["line 1: the verb of 'mail.accept' is not in the past"]),
        ("log.info('mail.sent', address=to)", ["line 1: 'address' may carry a person"]),
        (
            "activity.logger.info('mail.sent', extra={'to': to})",
            ["line 1: 'to' may carry a person"],
        ),
    ],
)
def test_the_grammar_is_this(line: str, said: list[str]) -> None:
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert faults(call) == said
