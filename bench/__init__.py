"""What the programme costs, measured."""
