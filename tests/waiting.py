"""How long tests wait. What a test checks never depends on these: they only end what would go on for ever."""

HANGING = 120.0
"""Seconds after which what a test waits for is taken to hang: far more than it takes on the busiest machine."""

NEVER = 600.0
"""Seconds of one of our own limits that no test may reach: the most that settings take, and no less than a test has."""
