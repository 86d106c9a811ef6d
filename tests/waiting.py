"""How long tests wait. What a test checks never depends on these: they only end what would go on for ever."""

HANGING = 300.0
"""Seconds after which what a test waits for is taken to hang. A first start, which prepares the models, has taken two
minutes beside eight busy processes."""

NEVER = 600.0
"""Seconds of one of our own limits that no test is to reach: the most that the settings take."""
