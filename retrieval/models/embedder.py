"""What the library asks of an embedding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Embedder(Protocol):
    """What turns texts into unit vectors; `name` tells which embedding it is."""

    name: str

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of shape (len(texts), dimension)."""
        ...
