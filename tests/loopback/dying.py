"""A process like the bot's query workers, which dies of one request: `python -m tests.loopback.dying`."""

import asyncio
import os

from bot.workers.protocol import AnswerQuestion, AnyQueryRequest, ShowArticle, SuggestSpeakers
from bot.workers.replies import AnswerSoFar, AnyReply, Reply, Suggestion, Suggestions
from bot.workers.serve import Report, open_output, serve_requests
from bot.workers.wire import QUERY_LINES
from retrieval.errors import QuestionError

DIE, REFUSE, TELL = "die", "refuse", "tell"
"""Titles of the article that `ShowArticle` asks for, and what becomes of the request."""


class Mortal:
    def __init__(self) -> None:
        self.waiting = 0

    async def handle(self, request: AnyQueryRequest, report: Report) -> AnyReply:
        """Wait for ever over a question; else die, refuse, or reply how many questions wait, and this process's id."""
        if isinstance(request, AnswerQuestion):
            await self._wait(report)
        if isinstance(request, ShowArticle) and request.title == DIE:
            os._exit(3)
        if isinstance(request, ShowArticle) and request.title == REFUSE:
            raise QuestionError("not this")
        told = f"{self.waiting} {os.getpid()}"
        if isinstance(request, SuggestSpeakers):
            return Suggestions(suggestions=(Suggestion(label=told, value=told),))
        return Reply.from_text("…", told)

    async def _wait(self, report: Report) -> None:
        self.waiting += 1
        report(AnswerSoFar(text="waiting"))
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1


if __name__ == "__main__":
    asyncio.run(serve_requests(QUERY_LINES, Mortal().handle, open_output(), finish=False))
