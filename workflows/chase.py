"""A chase: an obligation is open, and somebody is asked, then somebody else, then a person decides.

Every course chases alike. When a step is due the database takes it, in working time and not while
the course is paused; a promise holds it until the promised day has passed.
"""

from activities.chases import ChaseActivities
from schemas.courses import Step
from workflows.course import Transaction

CHASE: dict[Step, Transaction] = {
    Step.CHASE: ChaseActivities.escalate,
    Step.PROMISE_LAPSES: ChaseActivities.lapse_promise,
}
