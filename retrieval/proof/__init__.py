"""Whether a claim is carried by its evidence; the only maker of citations."""

from retrieval.proof.verifier import cite, verify

__all__ = ["cite", "verify"]
