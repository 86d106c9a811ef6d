"""A question to an answer that quotes."""

from retrieval.answer.answerer import Answerer

__all__ = ["Answerer"]
