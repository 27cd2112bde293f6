"""Deterministic orchestration: the story of an edition, a service and a sponsor."""
