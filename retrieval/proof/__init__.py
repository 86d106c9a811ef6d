"""Checks whether a claim is supported by its evidence; the only place that makes citations."""

from retrieval.proof.verifier import cite, verify

__all__ = ["cite", "verify"]
