"""The tables, by noun. A table object never leaves the storage room."""
