"""A benchmark and evaluation harness for reward design in robot learning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.installed import pin

if TYPE_CHECKING:
    from harness.scoring.frames import RunFrames

__version__ = "0.1.0"

pin()  # in every process, before anything of `suites`, `baselines` or `reports` is imported


def load_run(*folders: str | Path) -> RunFrames:
    """A run folder as tidy pandas DataFrames: `trials`, `curves`, `candidates`, `scores`, `headline`, `profile`.

    Several folders are merged as `report` does. The columns are described in docs/notebooks.md, and as data in
    `harness.scoring.columns.COLUMNS`. UserError if a folder is no run, or if the runs do not fit together;
    EnvironmentProblem if a file is damaged. Nothing is written, and nothing of a folder is imported or executed.
    """
    from harness.scoring.frames import load_frames  # pandas takes a second to import

    return load_frames(map(Path, folders))
