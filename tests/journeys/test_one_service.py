"""One service from its application to its completion, and what the server keeps of it."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowExecutionDescription

from schemas.courses import Stage, Step
from schemas.ids import executive_course_id
from schemas.messages import MessageKind
from schemas.obligations import ONBOARDING, ObligationKind, ObligationState
from schemas.sessions import SessionState
from storage import journal as stored_journal
from storage import ledger
from storage.tables.ledger import CommandRow
from storage.tables.people import OrganisationRow, PersonRow, ServiceRow
from tests.journeys import cast as people
from tests.journeys.histories import REAL_SERVER_ADDS, Run, count_events, most_transitions, runs_of
from tests.journeys.servers import SkippedWorld, database_in, time_skipping
from tests.journeys.stories import coached_to_the_end
from tests.journeys.world import SVC_16

CHASED = (3, 12, 19)
"""Weekly sessions that somebody is asked about twice: a tenth of them."""

NOTE = "The ward manager wept; her son Alan is ill."
PHONE = "07700 900123"

EVENTS, TRANSITIONS, BYTES = 450, 220, 90_000
"""The budget of one journey, summed over its runs."""


@dataclass
class Journey:
    """What was seen of a journey that has ended."""

    world: SkippedWorld
    runs: list[Run] = field(default_factory=list)
    others: list[Run] = field(default_factory=list)
    described: list[WorkflowExecutionDescription] = field(default_factory=list)
    details: dict[Stage, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)

    @property
    def course_id(self) -> str:
        return self.world.of(SVC_16)

    def upserted(self, name: str) -> list[str]:
        """Return the values of a search attribute, in the order in which they were set."""
        found = []
        for run in self.runs:
            for event in run.history.events:
                fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes
                if name in fields.indexed_fields:
                    found.append(fields.indexed_fields[name].data.decode().strip('"'))
        return found

    def steps(self) -> list[tuple[Step, str]]:
        """Return the steps that fell due and were taken, in their order."""
        query = select(col(CommandRow.request_id)).where(
            col(CommandRow.course_id) == self.course_id, col(CommandRow.command) == "TakeStep"
        )
        with self.world.database.reading() as rows:
            found = rows.execute(query.order_by(col(CommandRow.course_version))).scalars().all()
        own = f"{self.world.edition.id}/{SVC_16}/"
        parts = [one.split("@", 1)[1].split("/", 2)[1:] for one in found]
        return [(Step(step), subject.removeprefix(own)) for step, subject in parts]


@pytest.fixture(scope="module")
async def journey(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Journey]:
    """Live through a year of one service: everything is recorded, a tenth of it late."""
    database = database_in(tmp_path_factory.mktemp("journey"), sqlite_template)
    with everything_logged() as logs:
        async with time_skipping(database) as world:
            seen = Journey(world, logs=logs)
            await _live_through(seen)
            seen.runs = await runs_of(world.client, seen.course_id)
            for one in (world.course_id, world.executive):
                seen.others += await runs_of(world.client, one)
            for one in (seen.course_id, world.course_id, world.executive):
                seen.described.append(await world.workflow(one).describe())
    yield seen
    database.close()


async def _live_through(seen: Journey) -> None:
    world = seen.world
    await world.prepare(SVC_16)
    with world.database.transaction() as rows:
        rows.execute(update(PersonRow).values(phone=PHONE))
    await world.apply(SVC_16, note=NOTE)
    await world.settled()
    await _look(seen)
    await world.selected()
    await _look(seen)
    await world.committed(SVC_16)
    await _look(seen)
    await world.onboarded(SVC_16)
    await _look(seen)
    await coached_to_the_end(world, SVC_16, CHASED, note=NOTE)
    await _look(seen)


async def _look(seen: Journey) -> None:
    """Note what the Temporal UI shows now."""
    metadata: WorkflowMetadata = await seen.world.workflow(seen.course_id).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    seen.details[seen.world.stage(SVC_16)] = metadata.current_details


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Collect whatever anybody logs, facts included."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{self.format(record)} {record.__dict__}")

    root, collector = logging.getLogger(), Collector()
    before = root.level
    root.addHandler(collector)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(collector)
    root.setLevel(before)


def test_a_service_completes_with_everything_recorded(journey: Journey) -> None:
    """C04, C17: 26 weekly sessions, the event and the check-in, each held and recorded once."""
    world = journey.world
    kinds: dict[str, list[SessionState]] = {}
    for one in world.sessions(journey.course_id):
        kinds.setdefault(one.kind, []).append(one.state)
    recorded = [one.subject for one in world.journal(journey.course_id) if _is_record(one.event)]

    assert world.stage(SVC_16) is Stage.COMPLETED
    assert kinds == {
        "delivery": [SessionState.HELD] * 26,
        "improvement_event": [SessionState.HELD],
        "midpoint": [SessionState.HELD],
    }
    assert sorted(recorded) == sorted({one.id for one in world.sessions(journey.course_id)})
    assert {one.state for one in world.obligations(journey.course_id)} == {ObligationState.DONE}
    assert journey.runs[-1].events[-1] == "WORKFLOW_EXECUTION_COMPLETED"


def _is_record(event: str) -> bool:
    return event in {"session.recorded", "session.corrected"}


def test_what_was_late_was_asked_for_twice_and_nothing_else_was(journey: Journey) -> None:
    """X01: the coach is asked after one working day and after two."""
    world = journey.world
    asked = {
        one.subject.rpartition("/")[2]: one.steps_done
        for one in world.obligations(journey.course_id, ObligationKind.SESSION_RECORD)
    }
    chases = [
        one
        for one in world.all_messages()
        if one.kind in {MessageKind.CHASE, MessageKind.ESCALATION}
        and one.course_id == journey.course_id
    ]

    assert asked == {str(number): 2 for number in CHASED}
    assert len(chases) == 2 * len(CHASED)


def test_the_agenda_was_walked_in_the_order_of_the_story(journey: Journey) -> None:
    steps = journey.steps()

    assert steps[:4] == [
        (Step.CHECK_ELIGIBILITY, ""),
        (Step.TAKE_UP_OFFER, "wider/place/1"),
        (Step.BEGIN_ONBOARDING, ""),
        (Step.PLAN_SESSIONS, ""),
    ]
    assert [subject.partition("#")[2] for step, subject in steps if step is Step.OPEN_STAGE] == [
        "event_prepared",
        "event_partner",
        "event_report_out",
        "event_follow_up",
    ]
    assert [one for one in steps if one[0] is Step.ASK_FOR_RECORD] == [
        (Step.ASK_FOR_RECORD, f"delivery/{number}") for number in CHASED
    ]
    assert steps[-1] == (Step.COMPLETE, "")
    assert len(steps) == len(set(steps))


def test_every_message_that_was_called_for_is_in_the_ledger(journey: Journey) -> None:
    """M13: planned is summed from the journal, never from the ledger's rows."""
    with journey.world.database.reading() as rows:
        planned = stored_journal.planned_messages(rows)
        kept = ledger.counts(rows)

    assert planned.total() == sum(kept.values())
    assert planned[MessageKind.REMINDER] > 26


def test_a_journey_keeps_to_its_budget(journey: Journey) -> None:
    counted = count_events(journey.runs)
    size = sum(run.size for run in journey.runs)

    assert len(journey.runs) > 2, "there is no boundary between runs in it"
    assert counted.total() <= EVENTS, counted
    assert most_transitions(journey.runs) <= TRANSITIONS, counted
    assert size * REAL_SERVER_ADDS <= BYTES, counted


def test_a_search_attribute_is_set_when_it_changes_and_at_no_other_time(journey: Journey) -> None:
    """One for each stage; one for each session would cost a third of what the server can do."""
    assert journey.upserted("Stage") == [
        "applied",
        "eligible",
        "offered",
        "committing",
        "onboarding",
        "coaching",
        "completed",
    ]
    assert journey.upserted("Attention") == []


def test_the_temporal_ui_tells_the_story(journey: Journey) -> None:
    markers = [
        event.user_metadata.summary.data.decode().strip('"')
        for run in journey.runs
        for event in run.history.events
        if event.HasField("marker_recorded_event_attributes")
        and event.marker_recorded_event_attributes.marker_name != "core_patch"
    ]

    assert journey.others[0].summary == journey.world.edition.title
    assert journey.runs[0].summary == f"Journey of {SVC_16}"
    assert journey.details[Stage.ELIGIBLE] == "**SVC-16: eligible**, version 1\n\n"
    assert journey.details[Stage.OFFERED] == (
        "**SVC-16: offered**, version 2\n\n- Wed 19 Jun 2024 09:07 UTC: chase: accept_place/1"
    )
    assert journey.details[Stage.COACHING].endswith(
        "- Wed 04 Sep 2024 10:00 UTC: ask for record: delivery/1"
    )
    assert journey.details[Stage.COMPLETED].startswith("**SVC-16: completed**")
    assert markers[:3] == ["look again", "check eligibility", "look again"]
    assert "ask for record: delivery/3" in markers
    assert "open stage: improvement_event/1#event_partner" in markers


def test_nobody_is_named_where_the_engine_keeps_anything(journey: Journey) -> None:
    """Neither a name, an address, a telephone number nor a note (architecture, promise 6)."""
    with journey.world.database.reading() as rows:
        named = [
            value
            for column in (
                PersonRow.name,
                PersonRow.email,
                PersonRow.phone,
                ServiceRow.name,
                OrganisationRow.name,
            )
            for value in rows.execute(select(col(column))).scalars()
            if value
        ]
    secrets = [*named, NOTE, "Alan", "northmoor"]
    kept = [
        event.SerializeToString().decode("utf-8", "replace")
        for run in (*journey.runs, *journey.others)
        for event in run.history.events
    ]
    kept += [str(one.raw_description) for one in journey.described]
    kept += [*journey.details.values(), *journey.logs]

    assert len(named) > 20
    assert "SVC-16" in "".join(kept)
    assert [secret for secret in set(secrets) if secret.lower() in "\n".join(kept).lower()] == []


def test_the_sponsor_of_one_service_is_coached_once_a_month(journey: Journey) -> None:
    """C06, C07: the executive sessions run beside the weekly ones."""
    course_id = executive_course_id(journey.world.edition.id, people.SPONSOR)

    assert journey.world.executive == course_id
    assert len(journey.world.sessions(course_id)) == 6
    assert {one.kind for one in journey.world.obligations(journey.course_id)} >= {*ONBOARDING}
