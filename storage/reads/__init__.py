"""Read models: what the doors list, each one SQL read that gives frozen records."""
