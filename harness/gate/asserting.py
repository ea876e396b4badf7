"""The gate inside a test suite of one's own."""

from __future__ import annotations

from os import PathLike
from pathlib import Path


def assert_no_regression(
    base: str | PathLike[str],
    new: str | PathLike[str],
    margin: float | None = None,
    *,
    method: str | None = None,
    against: str | None = None,
    any_version: bool = False,
) -> None:
    """Fail unless `python -m harness compare BASE NEW` passes: AssertionError with its words.

    `base` and `new` are run folders or baseline files; `margin` of the human-normalised score is by default the
    baseline file's, else 0.1. Undecided fails too, and so does whatever is missing. UserError where the two cannot be
    compared at all.
    """
    __tracebackhide__ = True
    from harness.gate.forms import of_comparison, to_text  # pandas and scipy take a second
    from harness.scoring.baseline import load_side
    from harness.scoring.gate import MARGIN
    from harness.scoring.gate_runs import compare

    (old, declared), (found, _) = load_side(Path(base)), load_side(Path(new))
    asked = next(one for one in (margin, declared, MARGIN) if one is not None)
    result = compare(old, found, asked, method=method, against=against, any_version=any_version)
    if result.verdict != "pass":
        raise AssertionError(to_text(of_comparison(result)))
