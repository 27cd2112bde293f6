"""The whole report as one value: what the pictures, the JSON and the sheets are made of."""

from datetime import date, datetime

from rehearsal.report import in_short
from rehearsal.report.chases import Chase, ChaseCount, chase_counts, every_chase
from rehearsal.report.foreseen import Foreseen, foreseen
from rehearsal.report.load import Clash, PersonLoad, clashes_of, loads
from rehearsal.report.mail import (
    Account,
    Message,
    MessageCount,
    PersonMail,
    RoleMail,
    account,
    every_message,
    mail_of_people,
    mail_of_roles,
    message_counts,
)
from rehearsal.report.material import Material
from rehearsal.report.places import PlaceDay, places_over_time
from rehearsal.report.programme import SponsorRow, WardRow, programme, sponsors
from rehearsal.report.samples import Sample, samples
from rehearsal.report.wards import WardPage, ward_pages
from schemas.base import Record


class ReportData(Record):
    """A finished programme in numbers; ids and roles stand for people.

    Attributes:
        at: Programme time of the report, UTC; the times of sessions and messages are local.
        played_by: Who played it in a rehearsal, in words; empty where real people did.
        in_short: A sentence for each question that a coordinator asks.

    """

    edition: str
    title: str
    version: int
    played_by: str
    at: datetime
    zone: str
    opens: date
    closes: date
    places: int
    in_short: tuple[str, ...]
    account: Account
    programme: tuple[WardRow, ...]
    sponsors: tuple[SponsorRow, ...]
    loads: tuple[PersonLoad, ...]
    clashes: tuple[Clash, ...]
    mail_of_roles: tuple[RoleMail, ...]
    mail_of_people: tuple[PersonMail, ...]
    messages: tuple[MessageCount, ...]
    chases: tuple[ChaseCount, ...]
    every_chase: tuple[Chase, ...]
    places_over_time: tuple[PlaceDay, ...]
    foreseen: Foreseen
    samples: tuple[Sample, ...]
    wards: tuple[WardPage, ...]
    every_message: tuple[Message, ...]

    @property
    def every_way(self) -> tuple[WardRow | SponsorRow, ...]:
        """The ways of all services and sponsors: every session is in one of them."""
        return (*self.programme, *self.sponsors)


def report_data(material: Material, played_by: str = "") -> ReportData:
    """Return the report of a programme; the same database gives the same report."""
    edition, people, chases = material.edition, loads(material), every_chase(material)
    clashes, mails = clashes_of(material, people), mail_of_people(material)
    roles, places, seen = mail_of_roles(mails), places_over_time(material), foreseen(material)
    return ReportData(
        edition=edition.id,
        title=edition.title,
        version=edition.version,
        played_by=played_by,
        at=material.at,
        zone=edition.zone,
        opens=edition.window.opens,
        closes=edition.window.closes,
        places=edition.places,
        in_short=(
            in_short.about_places(edition.places, places),
            in_short.about_forecast(seen),
            in_short.about_load(people),
            in_short.about_clashes(clashes),
            in_short.about_mail(roles),
            in_short.about_chases(chases),
        ),
        account=account(material),
        programme=programme(material),
        sponsors=sponsors(material),
        loads=people,
        clashes=clashes,
        mail_of_roles=roles,
        mail_of_people=mails,
        messages=message_counts(material),
        chases=chase_counts(material, chases),
        every_chase=chases,
        places_over_time=places,
        foreseen=seen,
        samples=samples(material),
        wards=ward_pages(material),
        every_message=every_message(material),
    )
