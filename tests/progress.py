"""What is printed while the tests run: a line for each file that is through, and each failure at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Sequence
from typing import Any

import pytest

_SHOWN = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
_CRASHED = "???"
"""What pytest-xdist calls the phase of a test that took its process along."""


class Progress:
    """Takes the place of pytest's dots, which with several processes do not tell what they are of."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._left: Counter[str] = Counter()
        self._outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._seconds: Counter[str] = Counter()
        self._tests = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """All tests are known, where they run in this process."""
        self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """All tests are known to one of several processes: to each the same."""
        self._expect(ids)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Any, Any]:
        """Print no letter for a test."""
        category, _, word = yield
        return category, "", word

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print a failure, and the line of a file after its last test."""
        file = _file_of(report.nodeid)
        category, *_ = self._config.hook.pytest_report_teststatus(report=report, config=self._config)
        self._outcomes[file][category] += 1
        self._seconds[file] += report.duration
        if report.failed:
            self._print(f"FAILED {report.nodeid} ({report.when})\n{report.longreprtext}", red=True)
        if report.when in ("teardown", _CRASHED):
            self._left[file] -= 1
            if not self._left[file]:
                self._print(self._line(file))

    def _expect(self, ids: Iterable[str]) -> None:
        self._left = Counter(map(_file_of, ids))
        self._tests = self._left.total()

    def _line(self, file: str) -> str:
        share = 1 - self._left.total() / self._tests
        outcomes = self._outcomes[file]
        counted = ", ".join(f"{outcomes[name]} {name}" for name in _SHOWN if outcomes[name])
        return f"{share:4.0%}  {file}: {counted} in {self._seconds[file]:.1f} s"

    def _print(self, text: str, **markup: bool) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        assert reporter is not None
        reporter.write_line(text, **markup)
        reporter.flush()


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]
