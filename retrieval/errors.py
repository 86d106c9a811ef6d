"""Every error that On the Record raises on purpose.

    OnRecordError
    ├── PermanentError            trying again changes nothing: somebody has to act
    │   ├── SettingsError         a setting is wrong or unknown
    │   ├── SourceError           what was given cannot be read as an article
    │   │   └── IndexPage         a page that leads to articles and is none; `addresses` lists them
    │   │   ├── AddressRefused    our own rules keep us from an address: its form, its network, robots.txt
    │   │   ├── PageRefused       the site does not give the page, or not as anything we read
    │   │   └── PageGone          there is nothing at the address, or nothing any more
    │   ├── QuestionError         a question that cannot be asked
    │   ├── ModelError            the embedding model is missing or not the one expected
    │   ├── KeyRefused            the service of a model refuses the key
    │   ├── LibraryError          the stored library cannot be used as asked
    │   │   ├── WrongEmbedding    the library was built with another embedding
    │   │   ├── DamagedIndex      a piece of the vector index is not what was written; it is built anew
    │   │   ├── ForeignDatabase   another program's database stands where the library should
    │   │   └── BackupError       a backup cannot be written there, or is not what was written
    │   ├── SpanError             a span that does not lie in its text
    │   └── CitationError         what was to be shown as proof is not in the article
    └── TransientError            trying again later may help
        ├── SiteUnavailable       a site does not answer now, or asks for patience
        ├── ModelUnavailable      a model does not answer, not in time, or not with what can be used
        ├── OverBudget            what may be spent on a model today is spent
        ├── LibraryBusy           another process holds the library
        └── StorageFull           the disk is full or the folder cannot be written now

Messages are one line and say what to do. They never hold an article's text or a secret.
"""

from __future__ import annotations

from collections.abc import Sequence


class OnRecordError(Exception):
    """Base of all of them; `str(error)` is fit for a person to read."""


class PermanentError(OnRecordError):
    """Trying again changes nothing."""


class TransientError(OnRecordError):
    """Trying again later may help."""


class SettingsError(PermanentError):
    """A setting is wrong or unknown."""


class SourceError(PermanentError):
    """What was given cannot be read as an article."""


class IndexPage(SourceError):
    """A page that leads to articles and is none: `addresses`, in the page's order, are where."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = tuple(addresses)
        more = f" and {len(addresses) - 3} more" if len(addresses) > 3 else ""
        super().__init__(f"an index page, not an article: it leads to {', '.join(addresses[:3])}{more}")

    def __reduce__(self) -> tuple[type[IndexPage], tuple[tuple[str, ...]]]:
        """By its addresses, so that it can come from another process."""
        return IndexPage, (self.addresses,)


class AddressRefused(SourceError):
    """Our own rules keep us from an address: its form, the network it lies in, or the site's robots.txt."""


class PageRefused(SourceError):
    """The site does not give the page (401, 403, a bad certificate), or not as anything we read."""


class PageGone(SourceError):
    """There is nothing at the address; `for_good` where the site says that it took the page away (410)."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


class QuestionError(PermanentError):
    """A question that cannot be asked."""


class ModelError(PermanentError):
    """The embedding model is missing or not the one expected."""


class KeyRefused(PermanentError):
    """The service of a model refuses the key, or what the key may do; for operators alone."""


class LibraryError(PermanentError):
    """The stored library cannot be used as asked."""


class WrongEmbedding(LibraryError):
    """The library was built with another embedding; names `onrecord reindex`."""


class DamagedIndex(LibraryError):
    """A piece of the vector index is not what was written; the library answers without it and builds it anew."""


class ForeignDatabase(LibraryError):
    """Another program's database stands where the library should; it is left alone."""


class BackupError(LibraryError):
    """A backup cannot be written where it was to be, or a file is no backup that can be restored."""


class SpanError(PermanentError, ValueError):
    """A span that does not lie in its text."""


class CitationError(PermanentError):
    """What was to be shown as proof is not in the article."""


class SiteUnavailable(TransientError):
    """A site does not answer now (5xx, time-outs), or asks for patience: `retry_after` seconds, where it says so."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelUnavailable(TransientError):
    """A model does not answer, not in time, or not with what can be used."""


class OverBudget(TransientError):
    """What may be spent on a model today is spent."""


class LibraryBusy(TransientError):
    """Another process holds the library."""


class StorageFull(TransientError):
    """The disk is full, or the folder cannot be written."""
