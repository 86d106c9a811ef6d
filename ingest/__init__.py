"""Turning the outside world into articles."""
