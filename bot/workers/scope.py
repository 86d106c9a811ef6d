"""Which articles a server sees, and where what is said there is kept."""

from __future__ import annotations

from retrieval.types import PUBLIC


def scope_of(guild: int | None) -> str:
    """The scope in which a server's articles, conversations and votes are kept; for direct messages the public one."""
    return PUBLIC if guild is None else str(guild)


def visible_scopes(guild: int | None) -> tuple[str, ...]:
    """The scopes that a server may read: the public one and its own; direct messages read the public one alone."""
    return (PUBLIC,) if guild is None else (PUBLIC, str(guild))
