"""What is the same text although it is typed otherwise."""

from __future__ import annotations

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters of no width: soft hyphens, joiners, byte order marks."""
