"""A programme that only remembers, for tests of imports."""

from runtime.programme import Refused
from schemas.courses import Course, CourseKind, Interest, Stage
from schemas.forms import (
    ActForm,
    Answer,
    ApplyForm,
    CoachForm,
    EventForm,
    PartnerForm,
    SlotForm,
    SponsorSessionForm,
)
from schemas.ids import service_course_id
from storage.courses import add_interest, course, open_course
from storage.courses import interest as known_interest
from storage.database import Database


class FakeDoor:
    """A programme that keeps interest in the database, and remembers what it was asked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.asked: list[ActForm] = []
        self.stage = Stage.ELIGIBLE

    async def apply(self, form: ApplyForm) -> Answer:
        self.asked.append(form)
        if form.service == "SVC-13":
            raise Refused("SVC-13 had its place in the pilot")
        assert form.submitted_at is not None
        with self.database.transaction() as rows:
            interest = Interest(
                id=form.interest_id,
                edition_id=form.edition,
                service_id=form.service,
                sponsor_id=form.sponsor,
                lead_id=form.lead,
                submitted_at=form.submitted_at,
                earlier_interest=form.earlier_interest,
            )
            if known_interest(rows, form.interest_id) is None:
                add_interest(rows, interest)
                course_id = service_course_id(form.edition, form.service)
                opened = Course(
                    id=course_id,
                    kind=CourseKind.SERVICE,
                    edition_id=form.edition,
                    subject_id=form.service,
                    stage=self.stage,
                    opened_at=form.submitted_at,
                )
                if course(rows, course_id) is None:
                    open_course(rows, opened)
        return Answer(course_id=f"service/{form.edition}/{form.service}", text="")

    async def note(self, form: ActForm) -> Answer:
        self.asked.append(form)
        return Answer(course_id="", text="")

    async def assign_coach(self, form: CoachForm) -> Answer:
        return await self.note(form)

    async def choose_slot(self, form: SlotForm) -> Answer:
        return await self.note(form)

    async def date_event(self, form: EventForm) -> Answer:
        return await self.note(form)

    async def seek_partner(self, form: PartnerForm) -> Answer:
        return await self.note(form)

    async def set_sponsor_session(self, form: SponsorSessionForm) -> Answer:
        return await self.note(form)
