"""The library, through which everything stored is read and changed, and its maintenance."""

from retrieval.library.facade import Library, open_library

__all__ = ["Library", "open_library"]
