"""Pure rules about days, slots, delays, places and clashes."""
