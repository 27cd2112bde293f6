"""The sample programme, its scripted cast and the drivers that play it."""
