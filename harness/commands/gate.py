"""`gate`: three tiers of checks for somebody who develops a method of reward search."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from harness.commands.compare import CODES, add_form_arguments, checked_margin, show, update
from harness.errors import UserError
from harness.importing import importing

if TYPE_CHECKING:
    from harness.gate.forms import Findings

TIERS = {
    0: "every commit, seconds: a recorded search is replayed: same prompts, programs, record and bytes",
    1: "pull requests, minutes: frozen reward programs are retrained: their order, and drops",
    2: "nightly, hours: the baseline's run again, with more seeds at each of four looks until it is decided",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `gate`."""
    parser.epilog = "tiers: " + "; ".join(f"{tier}, {text}" for tier, text in TIERS.items()) + f". {CODES}"
    parser.add_argument("--tier", type=int, choices=tuple(TIERS), required=True, help="what is checked")
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="tier 0: a transcript, tier 1 and 2: a baseline file (default: those of the harness; tier 2 needs one)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="RUN", help="run folder; the same command again resumes there"
    )
    parser.add_argument(
        "--update", action="store_true", help="write FILE anew from what is made now, and check nothing"
    )
    parser.add_argument("--jobs", type=int, help="trials at a time (default: one per core)")
    parser.add_argument(
        "--method", help="tier 2: the method, as for `run` (default: the baseline's only one)"
    )
    parser.add_argument("--suite", help="tier 2: the tasks, as for `run` (default: the baseline's)")
    parser.add_argument("--proposer", help="tier 2: as for `run` (default: the baseline's)")
    parser.add_argument("--max-usd", type=float, help="tier 2: as for `run`: never spend more on a model")
    parser.add_argument(
        "--any-version", action="store_true", help="let other versions of the libraries pass, and say so"
    )
    add_form_arguments(parser, "--file")


def execute(options: argparse.Namespace, console: Console) -> int:
    """Do what the tier does, print what was found, and return its exit code."""
    with importing():
        from harness.commands import gate_tiers
    checked_margin(options.margin)
    progress = Console(stderr=True)  # what is printed is for programs too
    if options.tier == 2 and options.update:
        if options.baseline is None or options.out is None:
            raise UserError("name the run folder with --out and the file to write with --baseline")
        update(options.baseline, options.out, options.margin, console)
        return 0
    tiers = {0: gate_tiers.replayed, 1: gate_tiers.retrained, 2: gate_tiers.looked}
    found: Findings | None = tiers[options.tier](options, progress)
    return 0 if found is None else show(found, options, console)
