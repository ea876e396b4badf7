"""Moving pictures of the typical policy of each method on each task."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from harness.scoring.rundata import TaskInfo
from reports.analysis import Analysis
from reports.score_tables import median_trial


@dataclass(frozen=True)
class Clip:
    """One policy at work."""

    task: TaskInfo
    method: str
    data: str | None
    """As data URI; None if no picture was recorded."""
    f: float | None
    seed: int | None


def clips(of: Analysis) -> list[tuple[TaskInfo, list[Clip]]]:
    """The trial with the median F of every method, by task."""
    out = []
    for task in of.run.tasks:
        row = []
        for method in of.run.methods:
            trial = median_trial(of.score(task, method))
            data = webp(trial.rollout) if trial and trial.rollout else None
            row.append(Clip(task, method, data, trial.f if trial else None, trial.seed if trial else None))
        out.append((task, row))
    return out


def webp(path: Path) -> str | None:
    """A WebP file as data URI; None if it is none."""
    data = path.read_bytes()
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    return "data:image/webp;base64," + base64.b64encode(data).decode()
