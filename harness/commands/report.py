"""`report`: the page, the figures and the tables of run folders."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from harness.importing import importing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `report`."""
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="run folder")
    parser.add_argument("--out", type=Path, help="folder to write (default: RUN/report of the first run)")


def execute(options: argparse.Namespace, console: Console) -> int:
    """Write the report."""
    publish(options.runs, options.out or options.runs[0] / "report", console)
    return 0


def publish(runs: Sequence[Path], out: Path, console: Console) -> None:
    """Write the report of `runs` into `out` and show its main table."""
    with importing():  # the plotting libraries take seconds
        from harness.commands.summary import show_summary
        from reports import write_report

    page = write_report(runs, out)
    show_summary(runs, console)
    console.print(f"page: {page}", soft_wrap=True, highlight=False, markup=False)
