"""The worker as it is, but for the waits before mail is tried again: seconds instead of minutes.

Those waits are real time. On a clock on which a day lasts seconds a minute is weeks, and a mail
server that was killed for a second would silence a month: nothing could go twice, or go at all.
"""

import runpy

from messaging import breaker

TIMES = 60


def main() -> None:
    """Run the worker."""
    breaker.RETRIES = tuple(wait / TIMES for wait in breaker.RETRIES)  # type: ignore[assignment]
    breaker.RESTS = tuple(rest / TIMES for rest in breaker.RESTS)  # type: ignore[assignment]
    runpy.run_module("worker", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
