"""Every error that On the Record raises on purpose.

    OnRecordError
    ├── PermanentError            trying again does not help: somebody has to act
    │   ├── SettingsError         a setting is wrong or unknown
    │   ├── SourceError           a source cannot be read as an article
    │   │   ├── IndexPage         a page that links to articles and is none itself; `addresses` lists them
    │   │   ├── AddressRefused    our own rules forbid an address: its form, its network, robots.txt
    │   │   ├── PageRefused       the site does not give the page, or not in a form that we read
    │   │   └── PageGone          there is nothing at the address, or no longer
    │   ├── QuestionError         a question that cannot be asked
    │   ├── ModelError            the embedding model is missing or not the one expected
    │   ├── KeyRefused            a model's service refuses the key
    │   ├── LibraryError          the stored library cannot be used as asked
    │   │   ├── WrongEmbedding    the library was built with another embedding
    │   │   ├── DamagedIndex      a part of the vector index is damaged; it is built again
    │   │   ├── ForeignDatabase   another program's database is where the library should be
    │   │   └── BackupError       a backup cannot be written there, or is damaged
    │   ├── SpanError             a span that is not within its text
    │   └── CitationError         what should be shown as proof is not in the article
    └── TransientError            trying again later may help
        ├── SiteUnavailable       a site does not answer now, or asks to wait
        ├── ModelUnavailable      a model does not answer, not in time, or not with anything usable
        ├── OverBudget            today's budget for a model is spent
        ├── LibraryBusy           another process has locked the library
        └── StorageFull           the disk is full or the folder cannot be written now

Messages are one line and say what to do. They never contain an article's text or a secret.
"""

from __future__ import annotations

from collections.abc import Sequence


class OnRecordError(Exception):
    """Base of all errors; `str(error)` is meant for people."""


class PermanentError(OnRecordError):
    """Trying again does not help."""


class TransientError(OnRecordError):
    """Trying again later may help."""


class SettingsError(PermanentError):
    """A setting is wrong or unknown."""


class SourceError(PermanentError):
    """A source cannot be read as an article."""


class IndexPage(SourceError):
    """A page that links to articles and is none itself; `addresses` are theirs, in the order of the page."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = tuple(addresses)
        more = f" and {len(addresses) - 3} more" if len(addresses) > 3 else ""
        super().__init__(f"an index page, not an article: it leads to {', '.join(addresses[:3])}{more}")

    def __reduce__(self) -> tuple[type[IndexPage], tuple[tuple[str, ...]]]:
        """Pickle it by its addresses, so that it can be sent from another process."""
        return IndexPage, (self.addresses,)


class AddressRefused(SourceError):
    """Our own rules forbid an address: its form, the network it is in, or the site's robots.txt."""


class PageRefused(SourceError):
    """The site does not give the page (401, 403, a bad certificate), or not in a form that we read."""


class PageGone(SourceError):
    """There is nothing at the address; `for_good`: the site says that the page was removed (410)."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


class QuestionError(PermanentError):
    """A question that cannot be asked."""


class ModelError(PermanentError):
    """The embedding model is missing or not the one expected."""


class KeyRefused(PermanentError):
    """A model's service refuses the key, or what the key may do; to be shown to operators only."""


class LibraryError(PermanentError):
    """The stored library cannot be used as asked."""


class WrongEmbedding(LibraryError):
    """The library was built with another embedding; the message names `onrecord reindex`."""


class DamagedIndex(LibraryError):
    """A part of the vector index is damaged; the library answers without it and builds it again."""


class ForeignDatabase(LibraryError):
    """Another program's database is where the library should be; it is not touched."""


class BackupError(LibraryError):
    """A backup cannot be written to the place given, or a file is no backup that can be restored."""


class SpanError(PermanentError, ValueError):
    """A span that is not within its text."""


class CitationError(PermanentError):
    """What should be shown as proof is not in the article."""


class SiteUnavailable(TransientError):
    """A site does not answer now (5xx, time-outs), or asks to wait: `retry_after` seconds, where it says how long."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelUnavailable(TransientError):
    """A model does not answer, not in time, or not with anything usable."""


class OverBudget(TransientError):
    """Today's budget for a model is spent."""


class LibraryBusy(TransientError):
    """Another process has locked the library."""


class StorageFull(TransientError):
    """The disk is full, or the folder cannot be written."""
