"""Runs and reports that several tests look at, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.write import write_report
from tests.reports.fake_run import write_run

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} |cell| `code`"


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with everything in it: failures, flags, a hostile model."""
    folder = tmp_path_factory.mktemp("runs") / "a_run_name"
    return write_run(folder, searches=2, answer=HOSTILE)


@pytest.fixture(scope="session")
def report(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on it."""
    return write_report([run], tmp_path_factory.mktemp("out") / "report").parent


@pytest.fixture(scope="session")
def page(report: Path) -> str:
    """Its page."""
    return (report / "index.html").read_text(encoding="utf-8")
