"""Fixtures of a programme in which a ward is coached."""

from tests.activities.coached import coached as coached
from tests.activities.coached import lasting as lasting
from tests.activities.coached import prepared_files as prepared_files
