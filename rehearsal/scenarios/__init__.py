"""The edge cases of the domain, each a story that is played and then looked at."""
