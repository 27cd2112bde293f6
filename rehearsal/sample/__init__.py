"""The sample programme: a fictional year of a national programme, made from a seed."""
