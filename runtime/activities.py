"""Every activity of a worker, made from what it depends on."""

from collections.abc import Callable, Mapping
from typing import Any

from temporalio.client import Client

from activities.absence import AbsenceActivities
from activities.chases import ChaseActivities
from activities.dispatch import DispatchActivities
from activities.dispatching.dispatcher import Dispatcher
from activities.edition import EditionActivities
from activities.edition_change import EditionChangeActivities
from activities.executive import ExecutiveActivities
from activities.leaving import LeavingActivities
from activities.looking import AgendaActivities
from activities.merging import MergingActivities
from activities.onboarding import OnboardingActivities
from activities.pausing import PauseActivities
from activities.recruitment import RecruitmentActivities
from activities.sessions import SessionActivities
from activities.starting import StartActivities
from activities.succession import SuccessionActivities
from activities.transaction import CourseActivities
from messaging.channel import Channel
from messaging.outbox import OutboxChannel
from messaging.smtp import SmtpChannel
from messaging.smtp_server import smtp_server
from runtime.settings import Settings
from storage.database import Database

Activity = Callable[..., Any]

COURSE_ACTIVITIES: tuple[type[CourseActivities], ...] = (
    AbsenceActivities,
    AgendaActivities,
    ChaseActivities,
    EditionActivities,
    EditionChangeActivities,
    ExecutiveActivities,
    LeavingActivities,
    MergingActivities,
    OnboardingActivities,
    PauseActivities,
    RecruitmentActivities,
    SessionActivities,
    SuccessionActivities,
)


def channels_of(settings: Settings) -> Mapping[str, Channel]:
    """Return the ways out, by the name that the ledger's rows carry."""
    if settings.outbox_dir is not None:
        return {"mail": OutboxChannel(settings.outbox_dir)}
    server = smtp_server(settings.smtp_url.get_secret_value())
    connections = settings.smtp_connections
    return {"mail": SmtpChannel(server, deadline=settings.smtp_deadline, connections=connections)}


def course_activities(database: Database, client: Client, task_queue: str) -> list[Activity]:
    """Return the course transactions, and what starts a sponsor's coaching."""
    holders: list[object] = [kind(database) for kind in COURSE_ACTIVITIES]
    holders.append(StartActivities(database, client, task_queue))
    return [method for holder in holders for method in activities_of(holder)]


def dispatch_activities(
    database: Database, dispatcher: Dispatcher, client: Client
) -> list[Activity]:
    """Return the activity that empties the ledger of what is due."""
    return activities_of(DispatchActivities(database, dispatcher, client))


def activities_of(holder: object) -> list[Activity]:
    """Return the methods of an object that are activities, by name."""
    found = (getattr(holder, name) for name in sorted(dir(type(holder))))
    return [method for method in found if hasattr(method, "__temporal_activity_definition")]
