"""How the properties of this room are tried."""

from hypothesis import settings

# The same cases in every run, so that a red run is never luck; no deadline, because a busy machine
# is not a fault.
settings.register_profile("house", derandomize=True, deadline=None, max_examples=200)
settings.load_profile("house")
