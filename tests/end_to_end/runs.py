"""Starting the program as a user does, and comparing what it leaves."""

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from harness.cli import main

SMALL = (
    "run",
    "--suite",
    "cartpole",
    "--budget",
    "smoke",
    "--seeds",
    "1",
    "--methods",
    "human",
    "--no-pictures",
)
"""A whole run in a few seconds."""


CACHE = tempfile.TemporaryDirectory()
"""What programs remember, for this process's tests alone."""


def command(*arguments: str) -> list[str]:
    """The command line of `python -m harness`."""
    return [sys.executable, "-m", "harness", *arguments]


def environment(**extra: str) -> dict[str, str]:
    """This process's environment without a model's key, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    return kept | {"COLUMNS": "200", "XDG_CACHE_HOME": CACHE.name} | extra


def program(
    *arguments: str, cwd: Path, timeout: float = 280, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to the end in a process of its own, as a user does; returns output and exit code."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def harness(*arguments: str, cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, which has the libraries and a fork server already: seconds less than `program`."""
    output, errors = io.StringIO(), io.StringIO()
    log = logging.StreamHandler(errors)  # what is logged goes there too where nobody has set up more
    log.setLevel(logging.WARNING)
    environ = mock.patch.dict(os.environ, environment(**extra), clear=True)
    streams = contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors)
    logging.getLogger().addHandler(log)
    try:
        with environ, streams[0], streams[1], contextlib.chdir(cwd):
            code = main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        logging.getLogger().removeHandler(log)
    return subprocess.CompletedProcess(arguments, code, output.getvalue(), errors.getvalue())


def results(folder: Path) -> dict[str, Any]:
    """Everything a run found out: all files but logs, pictures and the times in done.json, to the byte."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not path.is_file() or path.suffix in (".txt", ".webp", ".lock") or name.startswith("report"):
            continue
        if path.name == ".checked.json":  # inodes and times
            continue
        if path.name == "done.json":
            done = json.loads(path.read_text())
            del done["seconds"], done["seal"]  # which covers them
            found[name] = done  # with the hashes of all other files
        else:
            found[name] = path.read_bytes()
    return found


def report_bytes(folder: Path) -> dict[str, bytes]:
    """The files of a report."""
    report = folder / "report"
    return {str(p.relative_to(report)): p.read_bytes() for p in sorted(report.rglob("*")) if p.is_file()}
