"""The dispatcher's parts: judging, claiming, writing, handing over, and what became of it."""
