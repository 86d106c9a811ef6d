"""A process like those that the bot gives orders to, which dies of one of them: `python -m tests.loopback.dying`."""

import asyncio
import os
from typing import Any

from bot.workers import protocol
from retrieval.errors import QuestionError


class Mortal:
    def __init__(self) -> None:
        self.waiting = 0

    async def carry_out(self, order: protocol.Order, tell: protocol.Tell) -> Any:
        """ "die"; "wait" for ever; "refuse"; else give back how many wait, and who it is."""
        if order["do"] == "die":
            os._exit(3)
        if order["do"] == "refuse":
            raise QuestionError("not this")
        if order["do"] == "wait":
            self.waiting += 1
            tell({"so_far": "waiting"})
            try:
                await asyncio.Event().wait()
            finally:
                self.waiting -= 1
        return {"waiting": self.waiting, "pid": os.getpid()}


if __name__ == "__main__":
    asyncio.run(protocol.obey(Mortal().carry_out, protocol.telling(), finish=False))
