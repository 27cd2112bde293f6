"""The report's tests stand on the small programme that the activities' tests play."""

from tests.activities.coached import coached as coached
from tests.activities.coached import lasting as lasting
from tests.activities.coached import prepared_files as prepared_files
from tests.activities.posting import autumn as autumn
from tests.activities.posting import autumn_template as autumn_template
