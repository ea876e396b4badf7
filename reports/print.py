"""The page as PDF, printed by a browser that is there, or by WeasyPrint."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from harness.errors import EnvironmentProblem
from harness.fields import line

BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
QUIET: Final = (
    *("--headless", "--disable-gpu", "--disable-quic", "--disable-sync", "--disable-extensions"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
)
PATIENCE_S: Final = 180.0
DATES: Final = re.compile(rb"/(?:CreationDate|ModDate) ?\([^()]*\)")


def to_pdf(page: bytes) -> bytes:
    """The page as PDF, without dates. EnvironmentProblem if nothing is there to print it, or if that fails."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is not None:
        return undated(_browser(browser, page))
    if importlib.util.find_spec("weasyprint") is not None:
        return undated(importlib.import_module("weasyprint").HTML(string=page.decode()).write_pdf())
    raise EnvironmentProblem(
        "a PDF needs a browser or WeasyPrint, and neither was found: install Chromium or Google Chrome "
        "so that it is on the PATH, or `pip install weasyprint`"
    )


def undated(pdf: bytes) -> bytes:
    """A PDF without the dates of its making; blanks in their place, so that all its offsets hold."""
    return DATES.sub(lambda found: b" " * len(found[0]), pdf)


def _browser(browser: str, page: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="report-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "page.html").write_bytes(page)
        command = [browser, *QUIET, f"--user-data-dir={folder / 'profile'}", "--no-pdf-header-footer"]
        if os.geteuid() == 0:  # which browsers refuse to be in a sandbox of their own
            command.append("--no-sandbox")
        command += [f"--print-to-pdf={folder / 'page.pdf'}", (folder / "page.html").as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _unprinted(browser, str(error)) from error
        if done.returncode or not (folder / "page.pdf").is_file():
            said = done.stderr.decode(errors="replace").split("\n")
            raise _unprinted(browser, next((text for text in reversed(said) if text.strip()), "no message"))
        return (folder / "page.pdf").read_bytes()


def _unprinted(browser: str, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"{browser} did not print the page ({line(why, 200)}): mend it, or leave `pdf` out of --format"
    )
