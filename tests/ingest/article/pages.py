"""Pages for the tests, written for them: towns, people and papers are invented."""

from __future__ import annotations

import json
from typing import Any

SENTENCES = [
    "The harbour ferry will run half of its sailings from Monday, its owner said, blaming the price of fuel.",
    "“We had no choice left after that winter,” Ines Halloran, who has run the line since 2011, told reporters.",
    "The council of Port Marrow, which pays a third of the costs, will meet on Thursday to discuss the change.",
]
BODY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
TITLE = "Ferry line cuts its winter timetable in half"
ADDRESS = "https://courier.example/2026/ferry-line"


def page(body: str = BODY, head: str = "", title: str = TITLE, top: str = "", end: str = "") -> str:
    """A news page with an article in it."""
    return (
        f'<!doctype html><html lang="en-GB"><head><title>{title} | The Marrow Courier</title>{head}</head><body>'
        f'<nav><a href="/">Home</a> <a href="/news">News</a></nav><main><article><h1>{title}</h1>{top}'
        f'<div class="article-body">{body}</div></article>{end}</main>'
        "<footer>© 2026 The Marrow Courier. All rights reserved.</footer></body></html>"
    )


def linked(**fields: Any) -> str:
    """A NewsArticle in JSON-LD."""
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE} | fields
    return script(json.dumps(node))


def script(text: str) -> str:
    """A script of JSON-LD."""
    return f'<script type="application/ld+json">{text}</script>'


def meta(**fields: str) -> str:
    """Meta tags; two underlines stand for a colon."""
    return "".join(f'<meta property="{k.replace("__", ":")}" content="{v}">' for k, v in fields.items())
