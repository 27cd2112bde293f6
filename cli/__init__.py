"""The drumbeat command."""
