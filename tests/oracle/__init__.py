"""A second model of the programme's rules, against which the engine is held row by row."""
