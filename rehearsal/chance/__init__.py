"""Casts by chance: who takes part, what they do, from one source of random numbers."""
