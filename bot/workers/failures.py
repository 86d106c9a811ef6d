"""What is replied where something went wrong."""

from __future__ import annotations

import logging
import traceback

from bot.messages.markdown import escape, one_line
from bot.workers.replies import Reply
from retrieval.errors import OnRecordError, QuestionError, SourceError, TransientError

log = logging.getLogger(__name__)

_BUSY = "My library is busy. Please try again in a minute."
_BROKEN = "Something went wrong, and it is in my log. Please try again later."


def failure_reply(error: Exception) -> Reply:
    """A reply that says what went wrong; what the asker cannot help is logged, with where it happened."""
    if isinstance(error, QuestionError | SourceError):
        return Reply.from_text(escape(one_line(str(error), 900)), "unasked")
    if isinstance(error, TransientError):
        log.warning("a job failed for now: %s", type(error).__name__)
        return Reply.from_text(_BUSY, "failed:busy")
    # The error's own words may be an article's.
    where = "" if isinstance(error, OnRecordError) else "\n" + "".join(traceback.format_tb(error.__traceback__))
    log.error("a job failed: %s%s", type(error).__name__, where)
    return Reply.from_text(_BROKEN, f"failed:{type(error).__name__}")
