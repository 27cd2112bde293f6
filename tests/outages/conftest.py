"""What the tests of outages stand on."""

from tests.journeys.conftest import skipped as skipped
from tests.workflows.conftest import client as client
