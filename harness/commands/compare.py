"""`compare`: is a run worse than another one, or than a baseline?"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from harness.errors import UserError
from harness.files import write_json, write_text
from harness.importing import importing

if TYPE_CHECKING:
    from harness.gate.forms import Findings

CODES = "exit codes: 0 pass, 1 regression, 2 usage, 3 undecided or not enough data, 4 environment"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `compare`."""
    parser.epilog = CODES
    parser.add_argument("base", type=Path, metavar="BASE", help="run folder or baseline file")
    parser.add_argument("new", type=Path, metavar="NEW", help="run folder or baseline file")
    parser.add_argument("--method", help="method of NEW (default: the only one that both have)")
    parser.add_argument("--against", help="method of BASE (default: that of NEW)")
    parser.add_argument(
        "--any-version",
        action="store_true",
        help="compare runs of other versions of the libraries too, and say so",
    )
    parser.add_argument(
        "--update", action="store_true", help="write the baseline file BASE from the run folder NEW instead"
    )
    add_form_arguments(parser, "--out")


def add_form_arguments(parser: argparse.ArgumentParser, file_option: str) -> None:
    """The margin, and options of what is printed and written."""
    parser.add_argument(
        "--margin",
        type=float,
        help="the largest drop of the human-normalised score that passes (default: the baseline file's, else 0.1)",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "github", "junit"),
        default="text",
        help="what is printed: text, json, github (annotations), junit (XML) (default: text)",
    )
    parser.add_argument(
        file_option,
        type=Path,
        metavar="FILE",
        dest="file",
        help="write it too: as junit to *.xml, as json to *.json, else as printed",
    )


def execute(options: argparse.Namespace, console: Console) -> int:
    """Compare, print, and return the verdict's exit code."""
    with importing():
        from harness.gate.forms import of_comparison
        from harness.scoring.baseline import load_side
        from harness.scoring.gate import MARGIN
        from harness.scoring.gate_runs import compare

    margin = checked_margin(options.margin)
    if options.update:
        update(options.base, options.new, margin, console)
        return 0
    base, declared = load_side(options.base)
    new, _ = load_side(options.new)
    result = compare(
        base,
        new,
        next(one for one in (margin, declared, MARGIN) if one is not None),
        method=options.method,
        against=options.against,
        any_version=options.any_version,
    )
    return show(of_comparison(result), options, console)


def update(file: Path, run: Path, margin: float | None, console: Console) -> None:
    """Write a baseline file from a run folder; without a margin it keeps the one that it declares."""
    from harness.scoring.baseline import baseline_of, read_baseline
    from harness.scoring.gate import MARGIN

    if margin is None:
        margin = read_baseline(file)[1] if file.is_file() else MARGIN
    write_json(file, baseline_of(run, margin))
    console.print(f"baseline: {file}", highlight=False, markup=False, soft_wrap=True)


def checked_margin(margin: float | None) -> float | None:
    """UserError for a margin that is none."""
    if margin is not None and not (math.isfinite(margin) and margin >= 0):
        raise UserError(f"--margin {margin}: expected a number of 0 or more, of the human-normalised score")
    return margin


def show(found: Findings, options: argparse.Namespace, console: Console) -> int:
    """Print what a gate found, write it to a file if one is named, and return its exit code."""
    from harness.gate.forms import FORMS

    console.out(FORMS[options.format](found), end="", highlight=False)
    if options.file is not None:
        form = {".xml": "junit", ".json": "json"}.get(options.file.suffix, options.format)
        write_text(options.file, FORMS[form](found))
    return found.exit_code
