"""What a process needs to run: settings, logs, the Temporal client, the one door in."""
