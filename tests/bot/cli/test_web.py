import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from retrieval.library import open_library
from retrieval.models.local import LocalEmbeddings
from tests.loopback.site import Site, trickle
from tests.waiting import HANGING

Run = Callable[..., Any]
STORY = "Crane falls at the quay\n\nA crane fell. “It was checked in May,” Mara Wendt told reporters.\n"
OTHER = "Bridge opens\n\nA bridge opened on Monday. “It holds,” Mara Wendt said to nobody in particular.\n"
OURS = {"ONRECORD_FETCH_ALLOW": "127.0.0.0/8"}


def at(site: Site, path: str) -> str:
    return site.at(path, "127.0.0.1")


def test_an_address_is_ingested(onrecord: Run, site: Site) -> None:
    """Where the settings allow its network; elsewhere it is refused with the setting's name, and nothing is asked."""
    site.serve("/story", STORY, "text/plain")
    ran = onrecord("ingest", at(site, "/story"), "--json")
    assert ran.code == 1
    assert "ONRECORD_FETCH_ALLOW" in ran.json["items"][0]["error"]
    assert site.requests == []
    ran = onrecord(
        "ingest", at(site, "/story"), at(site, "/none"), "--json", env=OURS | {"ONRECORD_USER_AGENT": "quay/1"}
    )
    assert sorted(item["status"] for item in ran.json["items"]) == ["added", "failed"]
    assert {request.headers["user-agent"] for request in site.requests} == {"quay/1"}


def test_feeds_from_subscribing_to_removing(onrecord: Run, site: Site) -> None:
    """A home page names the feed, polling reads it, listing tells how it fares, removing ends it."""
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    items = "".join(f"<item><link>{at(site, path)}</link></item>" for path in ("/1", "/2", "/none"))
    site.serve("/", f"<html>{link}<p>News")
    site.serve("/feed", f"<rss><channel><title>The Quay Post</title>{items}</channel></rss>")
    site.serve("/1", STORY, "text/plain")
    site.serve("/2", OTHER, "text/plain")
    added = onrecord("feeds", "add", at(site, "/"), "--json", env=OURS).json
    assert (added["status"], added["feed"]["title"]) == ("added", "The Quay Post")
    ran = onrecord("feeds", "poll", "--json", env=OURS)
    assert (ran.code, ran.json["totals"]) == (1, {"added": 2, "failed": 1})
    assert ran.json["feeds"][0]["failed"][0]["source"] == at(site, "/none")
    (listed,) = onrecord("feeds", "list", "--json").json["feeds"]
    assert (listed["id"], listed["entries"], listed["problem"]) == (added["feed"]["id"], 3, None)
    assert onrecord("feeds", "remove", listed["id"]).code == 0


def started(tmp_path: Path, cache: Path, *arguments: str) -> subprocess.Popen[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("ONRECORD_")}
    settings = {"ONRECORD_DATA_DIR": str(tmp_path / "data"), "XDG_CACHE_HOME": str(cache)} | OURS
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli.app", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=inherited | settings | {"PYTHONPATH": str(Path(__file__).parents[3])},
        cwd=tmp_path,
    )


def test_a_run_that_is_interrupted_says_what_is_done(onrecord: Run, site: Site, tmp_path: Path, cache: Path) -> None:
    """Ctrl-C ends the fetching at once; what was reported is stored, and the next run does the rest."""
    reached = threading.Event()

    async def hang(*arguments: Any) -> None:
        reached.set()
        await trickle(*arguments)

    (tmp_path / "story.txt").write_text(STORY)
    site.behave("/slow", hang)
    with started(tmp_path, cache, "ingest", "story.txt", at(site, "/slow"), "--json") as running:
        assert reached.wait(HANGING)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate()
    assert (running.returncode, "Traceback" in err) == (130, False), err
    assert "stopped" in err
    reported = [item["status"] for item in json.loads(out)["items"]]
    site.serve("/slow", OTHER, "text/plain")
    again = onrecord("ingest", "story.txt", at(site, "/slow"), "--json", env=OURS)
    assert [item["status"] for item in again.json["items"]] in (["unchanged", "added"], ["added", "added"])
    assert reported in ([], ["added"])
    assert (again.json["items"][0]["status"] == "unchanged") >= (reported == ["added"])


def test_watching_ends_when_it_is_asked_to(embedder: LocalEmbeddings, site: Site, tmp_path: Path, cache: Path) -> None:
    """A line for each feed as it is polled, and an orderly end."""
    site.serve("/feed", f"<rss><channel><title>Quay</title><item><link>{at(site, '/1')}</link></item></channel></rss>")
    site.serve("/1", STORY, "text/plain")
    with closing(open_library(tmp_path / "data", embedder)) as library:
        library.subscriptions.add("public", at(site, "/feed"), "Quay", 0)
    with started(tmp_path, cache, "feeds", "poll", "--watch", "--json") as running:
        assert running.stdout is not None
        polled = json.loads(running.stdout.readline())
        running.send_signal(signal.SIGINT)
        _, err = running.communicate()
    assert (polled["totals"], running.returncode, err) == ({"added": 1}, 0, "")
