"""When to ask a service again, and how long it asks to be left alone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def passes(code: int) -> bool:
    """Whether what a status says of a service may be otherwise in a moment."""
    return code in (408, 409, 429) or code >= 500


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, by either header and in either form; None where it does not."""
    try:
        if stated := headers.get("retry-after-ms"):
            return float(stated) / 1000
        if stated := headers.get("retry-after"):
            plain = stated.strip().isdigit()
            return float(stated) if plain else parsedate_to_datetime(stated).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return None
