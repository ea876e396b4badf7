"""`report`: the page, the figures and the tables of run folders."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from harness.importing import importing, uncollected


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `report`."""
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="run folder")
    parser.add_argument("--out", type=Path, help="folder to write (default: RUN/report of the first run)")
    parser.add_argument(
        "--format",
        default="html",
        metavar="FORM[,FORM]",
        help="html (the page), pdf (it, printed), latex (tables and figures for a paper), md; default: html. "
        "Markdown, figures and CSV tables are always there",
    )


def execute(options: argparse.Namespace, console: Console) -> int:
    """Write the report."""
    forms = tuple(dict.fromkeys(form.strip() for form in options.format.split(",")))
    publish(options.runs, options.out or options.runs[0] / "report", console, forms)
    return 0


def publish(runs: Sequence[Path], out: Path, console: Console, forms: Sequence[str] = ("html",)) -> None:
    """Write the report of `runs` into `out` and show its main table."""
    with importing():  # the plotting libraries take seconds
        from harness.commands.summary import show_summary
        from harness.scoring.merge import read_runs
        from reports.content import make_content
        from reports.write import FORMS, check_forms, write_content

    check_forms(forms)
    with uncollected():  # nearly all of it is needed until the end
        content = make_content(read_runs(runs))
        write_content(content, out, forms)
    show_summary(content.analysis, console)
    for form in forms:
        name = "page" if form == "html" else form
        console.print(f"{name}: {out / FORMS[form]}", soft_wrap=True, highlight=False, markup=False)
