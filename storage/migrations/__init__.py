"""The schema's revisions, oldest first, run by ``storage.schema``."""
