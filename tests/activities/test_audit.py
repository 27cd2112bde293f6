"""The auditor: what it finds, and that its silence is noticed."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from activities.audit import AuditActivities, Heartbeat
from runtime.examination import HEARTBEAT_AGE, examine
from runtime.settings import Settings
from schemas.audit import AuditReport, Check
from schemas.courses import Stage, StoredAnswer
from schemas.messages import MailMode, MessageKind
from schemas.obligations import ObligationKind, ObligationState
from storage import commands, dispatching
from storage.database import Database
from storage.dispatching import Lease
from storage.tables.ledger import MessageRow
from tests.activities.ledger_scene import (
    COACH,
    COURSE,
    EDITION_COURSE,
    LEAD,
    TUESDAY,
    WEDNESDAY,
    FakeChannel,
    Scene,
    planner,
)
from tests.databases import on_sqlite
from tests.planning.builders import edition

MINUTE = timedelta(minutes=1)
LEASE = MINUTE


@pytest.fixture
def heartbeat(tmp_path: Path) -> Path:
    return tmp_path / "var" / "heartbeat"


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database, FakeChannel()).prepared()


def auditor(scene: Scene, heartbeat: Path, url: str | None = None) -> AuditActivities:
    return AuditActivities(scene.database, Heartbeat(heartbeat, url), lease=LEASE)


async def audited(scene: Scene, heartbeat: Path, when: datetime = TUESDAY) -> AuditReport:
    return await auditor(scene, heartbeat).audit_now(when)


def checks(report: AuditReport) -> list[tuple[Check, str]]:
    return [(finding.check, finding.about) for finding in report.findings]


async def test_a_programme_in_order_is_clean_and_gives_its_sign_of_life(
    scene: Scene, heartbeat: Path
) -> None:
    session = scene.session()
    kind, people = edition().session_kind("delivery"), scene.parts(session)
    scene.plan(*planner().reminders(session, kind, people))
    scene.plan(*planner().invitations(session, kind, people))
    await scene.dispatch()
    scene.obligation(ObligationKind.SLOT_CHOSEN, COURSE, next_at=TUESDAY + MINUTE)

    report = await audited(scene, heartbeat)

    assert (report.findings, report.total, report.is_clean) == ((), 0, True)
    assert report.states == {"accepted": 3}
    assert heartbeat.exists()


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "when", "check"),
    [
        ({"next_at": TUESDAY}, TUESDAY + 6 * MINUTE, Check.OBLIGATION_OVERDUE),
        ({"next_at": None}, TUESDAY, Check.OBLIGATION_WITHOUT_NEXT),
        ({"next_at": TUESDAY}, TUESDAY + 4 * MINUTE, None),
        ({"next_at": None, "state": ObligationState.STUCK}, TUESDAY, None),
        ({"next_at": None, "state": ObligationState.DONE}, TUESDAY, None),
        (
            {"next_at": TUESDAY, "state": ObligationState.PROMISED},
            TUESDAY + 6 * MINUTE,
            Check.OBLIGATION_OVERDUE,
        ),
    ],
)
async def test_an_open_obligation_goes_on_or_is_stuck(
    scene: Scene, heartbeat: Path, changes: dict[str, object], when: datetime, check: Check | None
) -> None:
    """R10: silence is never how a chase ends."""
    one = scene.obligation(ObligationKind.SLOT_CHOSEN, COURSE, **changes)
    report = await audited(scene, heartbeat, when)
    assert checks(report) == ([] if check is None else [(check, one.id)])
    assert heartbeat.exists() == (check is None)


@on_sqlite
async def test_a_pause_without_an_end_is_a_reason_to_have_no_next_instant(
    scene: Scene, heartbeat: Path
) -> None:
    """X04."""
    scene.obligation(ObligationKind.SLOT_CHOSEN, COURSE, next_at=None)
    scene.pause(COURSE, "2024-10-14")
    assert (await audited(scene, heartbeat)).is_clean


@on_sqlite
async def test_nothing_is_left_open_by_a_course_that_has_ended(
    scene: Scene, heartbeat: Path
) -> None:
    one = scene.obligation(ObligationKind.SLOT_CHOSEN, COURSE, next_at=TUESDAY + MINUTE)
    scene.course(COURSE, stage=Stage.COMPLETED, ended_at=TUESDAY)
    report = await audited(scene, heartbeat)
    assert checks(report) == [(Check.OBLIGATION_OF_ENDED_COURSE, one.id)]


@on_sqlite
async def test_a_session_ahead_has_its_messages_for_each_who_is_to_hear_of_it(
    scene: Scene, heartbeat: Path
) -> None:
    """M13: of its present version."""
    session = scene.session()
    scene.remind(session)
    scene.entry(MessageKind.INVITATION, session)
    report = await audited(scene, heartbeat)
    assert checks(report) == [(Check.SESSION_WITHOUT_INVITATION, session.id)]
    assert report.findings[0].sentence == (
        f"{session.id} lies ahead, and no invitation of it is planned for {COACH}."
    )

    scene.entry(MessageKind.INVITATION, session, COACH)
    scene.change(session, sequence=1)
    assert checks(await audited(scene, heartbeat)) == [(Check.SESSION_WITHOUT_REMINDER, session.id)]
    # Once it has begun, nothing of it need be planned any more.
    assert Check.SESSION_WITHOUT_REMINDER not in [
        check for check, _ in checks(await audited(scene, heartbeat, WEDNESDAY))
    ]


@on_sqlite
async def test_a_workflow_that_does_not_know_of_a_commit_is_named(
    scene: Scene, heartbeat: Path
) -> None:
    """Versions of the database and the workflows agree."""
    row = StoredAnswer(
        request_id="forgotten",
        course_id=COURSE,
        command="TakeStep",
        course_version=12,
        committed_at=TUESDAY - 6 * MINUTE,
    )
    with scene.database.transaction() as rows:
        commands.store_answer(rows, row)
    report = await audited(scene, heartbeat)
    assert checks(report) == [(Check.WORKFLOW_BEHIND, COURSE)]
    assert "does not know of version 12" in report.findings[0].sentence

    with scene.database.transaction() as rows:
        commands.acknowledge(rows, COURSE, 12)
    assert (await audited(scene, heartbeat)).is_clean


@on_sqlite
async def test_nothing_hands_over_beyond_its_lease_or_waits_for_nothing(
    scene: Scene, heartbeat: Path
) -> None:
    """M08."""
    lost, waiting = scene.notice(LEAD), scene.notice(COACH)
    with scene.database.transaction() as rows:
        dispatching.claim(rows, [lost.key], Lease("theirs", TUESDAY + LEASE), TUESDAY)
    report = await audited(scene, heartbeat, TUESDAY + 3 * LEASE)
    assert checks(report) == [
        (Check.HAND_OVER_LOST, lost.key),
        (Check.MESSAGE_UNEXPLAINED, waiting.key),
    ]


@on_sqlite
async def test_held_mail_is_no_fault(scene: Scene, heartbeat: Path) -> None:
    """M19."""
    scene.mode(MailMode.HELD)
    scene.notice()
    assert (await audited(scene, heartbeat, TUESDAY + timedelta(days=3))).is_clean


@on_sqlite
async def test_what_cannot_be_put_into_words_is_named(scene: Scene, heartbeat: Path) -> None:
    notice = scene.rewrite(scene.notice(), topic="no such topic")
    await scene.dispatch()
    report = await audited(scene, heartbeat)
    assert checks(report) == [(Check.MESSAGE_UNWRITTEN, notice.key)]


@on_sqlite
async def test_the_sums_of_the_ledger_are_checked_for_each_kind(
    scene: Scene, heartbeat: Path
) -> None:
    """M13: planned in the journal = what the ledger holds."""
    lost = scene.notice()
    with scene.database.transaction() as rows:
        rows.delete(rows.get_one(MessageRow, lost.key))
    report = await audited(scene, heartbeat)
    assert checks(report) == [(Check.LEDGER_UNBALANCED, "notice")]
    assert report.findings[0].sentence == (
        "The journal planned 1 messages of kind notice, and the ledger holds 0."
    )


@on_sqlite
async def test_findings_name_nobody(scene: Scene, heartbeat: Path) -> None:
    """M15: they stand in histories and logs."""
    scene.session()
    scene.obligation(ObligationKind.SLOT_CHOSEN, COURSE, next_at=None)
    text = (await audited(scene, heartbeat)).model_dump_json()
    assert "Alex" not in text
    assert "Willow" not in text
    assert "@" not in text


class TestTheSignOfLife:
    pytestmark = on_sqlite

    @pytest.fixture
    def settings(self, scene: Scene, tmp_path: Path, heartbeat: Path) -> Settings:
        return Settings(
            var=tmp_path,
            database_url=scene.database.url,
            heartbeat_file=heartbeat,
            temporal_address="127.0.0.1:1",
            outbox_dir=tmp_path / "outbox",
        )

    async def silence_is_noticed(self, settings: Settings, when: datetime) -> bool:
        found = {one.part: one.good for one in await examine(settings, when)}
        return not found["audit"]

    async def test_a_finding_keeps_it_back(
        self, scene: Scene, heartbeat: Path, settings: Settings
    ) -> None:
        now = datetime.now(UTC)
        await audited(scene, heartbeat, now)
        assert not await self.silence_is_noticed(settings, now)
        before = heartbeat.stat().st_mtime_ns

        scene.obligation(ObligationKind.SLOT_CHOSEN, COURSE, next_at=None)
        await audited(scene, heartbeat, now)

        assert heartbeat.stat().st_mtime_ns == before
        assert await self.silence_is_noticed(settings, now + HEARTBEAT_AGE + MINUTE)

    async def test_an_auditor_that_raises_is_noticed(
        self, scene: Scene, heartbeat: Path, settings: Settings
    ) -> None:
        """Who guards the guard: its sign of life grows old, whatever keeps it from its work."""
        broken = AuditActivities(Unreachable(), Heartbeat(heartbeat), lease=LEASE)  # type: ignore[arg-type]
        with pytest.raises(RuntimeError):
            await broken.audit_now(datetime.now(UTC))
        assert not heartbeat.exists()
        assert await self.silence_is_noticed(settings, datetime.now(UTC))

    async def test_an_auditor_that_nobody_starts_is_noticed(
        self, scene: Scene, heartbeat: Path, settings: Settings
    ) -> None:
        """Whether its schedule is gone or its worker: two audits missed are enough."""
        now = datetime.now(UTC)
        await audited(scene, heartbeat, now)
        assert await self.silence_is_noticed(settings, now + HEARTBEAT_AGE + MINUTE)

    async def test_a_clean_audit_calls_the_address_that_watches_it(
        self, scene: Scene, heartbeat: Path, watcher: "Watcher"
    ) -> None:
        await auditor(scene, heartbeat, watcher.url).audit_now(TUESDAY)
        assert watcher.calls == 1
        scene.obligation(ObligationKind.SLOT_CHOSEN, COURSE, next_at=None)
        await auditor(scene, heartbeat, watcher.url).audit_now(TUESDAY)
        assert watcher.calls == 1

    async def test_an_address_that_does_not_answer_harms_nothing(
        self, scene: Scene, heartbeat: Path
    ) -> None:
        report = await auditor(scene, heartbeat, "http://127.0.0.1:1/").audit_now(TUESDAY)
        assert report.is_clean
        assert heartbeat.exists()

    @pytest.fixture
    def watcher(self) -> Iterator["Watcher"]:
        watching = Watcher()
        thread = threading.Thread(target=watching.server.serve_forever)
        thread.start()
        yield watching
        watching.server.shutdown()
        thread.join()
        watching.server.server_close()


class Unreachable:
    """A database that cannot be reached."""

    def reading(self) -> None:
        raise RuntimeError("the database does not answer")


class Watcher:
    """Counts the signs of life that reach it."""

    def __init__(self) -> None:
        self.calls = 0
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told.calls += 1
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"


@on_sqlite
async def test_many_findings_are_counted_and_the_first_are_told(
    scene: Scene, heartbeat: Path
) -> None:
    """A history holds a page of them, not all."""
    for number in range(60):
        scene.obligation(
            ObligationKind.SLOT_CHOSEN, COURSE, id=f"{EDITION_COURSE}/{number}", next_at=None
        )
    report = await audited(scene, heartbeat)
    assert (len(report.findings), report.total) == (50, 60)
