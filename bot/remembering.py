"""What is kept of replies for their buttons, written behind the reply so that nobody waits for the disk."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from retrieval.errors import OnRecordError
from retrieval.library import Library
from retrieval.replies import Kept

log = logging.getLogger(__name__)


class Keeping:
    """Keeps replies in a library. Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._pending: dict[str, Kept] = {}
        self._thread = ThreadPoolExecutor(1, "keep")

    def keep(self, scope: str, kind: str, body: Mapping[str, Any], key: str | None = None) -> str:
        """Keep a reply; the key under which `find` has it at once, and after a restart once it is written."""
        key = key or secrets.token_hex(8)
        self._pending[key] = Kept(key, scope, kind, body, 0.0)
        self._thread.submit(self._write, key)
        return key

    def find(self, key: str, scope: str) -> Kept | None:
        """The reply of a scope; None where it was forgotten, or is another scope's."""
        waiting = self._pending.get(key)
        if waiting is not None:
            return waiting if waiting.scope == scope else None
        return self._library.replies.find(key, scope)

    def written(self) -> None:
        """Wait until all that was kept so far is written."""
        self._thread.submit(lambda: None).result()

    def close(self) -> None:
        """Write what is left, and end."""
        self._thread.shutdown()

    def _write(self, key: str) -> None:
        one = self._pending.get(key)
        if one is None:
            # Kept twice in a moment: the later of the two is written.
            return
        try:
            self._library.replies.keep(one.scope, one.kind, one.body, key)
        except OnRecordError as error:
            # Its buttons say so when they are pressed; the reply itself is out.
            log.warning("a reply could not be kept: %s", type(error).__name__)
        finally:
            if self._pending.get(key) is one:
                del self._pending[key]
