"""The report of a finished programme: pictures with their tables, and the same data as files."""
