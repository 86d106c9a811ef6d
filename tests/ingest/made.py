"""Files for the tests of reading, and what is read from them."""

import io
from pathlib import Path

from ingest.article.build import ArticleMetadata
from ingest.readers.sandbox import run_here
from ingest.sources.local import Item, jobs_of


def items(source: Path | str, given: ArticleMetadata | None = None, stdin: bytes = b"") -> list[Item]:
    waiting = list(jobs_of(str(source), given or ArticleMetadata(), io.BytesIO(stdin), run_here))
    return [job.run_job() for job in waiting]


def write(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path
