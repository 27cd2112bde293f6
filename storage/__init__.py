"""Tables, transactions and row functions; the only room that speaks SQL."""
