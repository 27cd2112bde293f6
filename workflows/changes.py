"""What any course takes up when its day has come: another holder of a post, another version."""

from activities.edition_change import EditionChangeActivities
from activities.succession import SuccessionActivities
from schemas.courses import Step
from workflows.course import Transaction

CHANGES: dict[Step, Transaction] = {
    Step.TAKE_UP_SUCCESSION: SuccessionActivities.take_up_succession,
    Step.TAKE_UP_EDITION: EditionChangeActivities.take_up_edition,
}
