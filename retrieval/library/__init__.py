"""The door to what is stored, and its maintenance."""

from retrieval.library.facade import Library, open_library

__all__ = ["Library", "open_library"]
