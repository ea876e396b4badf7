"""Pictures of the typical policy of each method on each task."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from harness.rendering import WEBP
from harness.roles import HUMAN, SPARSE
from harness.scoring.analysis import Analysis
from harness.scoring.median import median_trial
from harness.scoring.rundata import base_name
from harness.scoring.task_info import TaskInfo

MOST_BYTES: Final = 5_000_000
"""Of all moving pictures together; what is beyond is shown as a still."""
STILL_WIDTH: Final = 320  # pixels
LAST: Final = (HUMAN, SPARSE)
"""Methods that are moving after all others, in this order."""


@dataclass(frozen=True)
class Clip:
    """One policy at work."""

    task: TaskInfo
    method: str
    data: str | None
    """As data URI; None if no picture was recorded."""
    moving: bool
    """Whether `data` is the picture as it was drawn, not a still of it."""
    f: float | None
    seed: int | None


def clips(analysis: Analysis) -> list[tuple[TaskInfo, list[Clip]]]:
    """The trial with the median F of every method, by task."""
    run = analysis.run
    chosen = {
        (task.slug, method): median_trial(analysis.score(task, method).finals)
        for task in run.tasks
        for method in run.methods
    }
    files = {place: trial.rollout for place, trial in chosen.items() if trial is not None and trial.rollout}
    whole = _affordable(
        [files[t.slug, m] for m in _by_rank(run.methods) for t in run.tasks if (t.slug, m) in files]
    )
    out = []
    for task in run.tasks:
        row = []
        for method in run.methods:
            trial, file = chosen[task.slug, method], files.get((task.slug, method))
            data = None if file is None else webp(file) if file in whole else still(file)
            seed, f = (None, None) if trial is None else (trial.seed, trial.f)
            row.append(Clip(task, method, data, file in whole, f, seed))
        out.append((task, row))
    return out


def webp(path: Path) -> str | None:
    """A WebP file as data URI; None if it is none."""
    data = path.read_bytes()
    return _uri(data) if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def still(path: Path) -> str | None:
    """A frame of a moving picture, after the first eighth, as a small data URI; None if there is none."""
    try:
        with Image.open(path, formats=["WEBP"]) as image:
            image.seek(getattr(image, "n_frames", 1) // 8)
            frame = image.convert("RGB")
    except (OSError, EOFError, ValueError):  # it is no picture, or not all of it is there
        return None
    frame.thumbnail((STILL_WIDTH, STILL_WIDTH))
    made = io.BytesIO()
    frame.save(made, "WEBP", **WEBP)
    return _uri(made.getvalue())


def _by_rank(methods: tuple[str, ...]) -> list[str]:
    """Methods in the order in which they get moving pictures: what is compared first, references last."""
    return sorted(methods, key=lambda m: LAST.index(base_name(m)) if base_name(m) in LAST else -1)


def _affordable(files: list[Path]) -> set[Path]:
    """The first of these files that together are not above MOST_BYTES."""
    found: set[Path] = set()
    total = 0
    for file in dict.fromkeys(files):
        total += file.stat().st_size
        if total > MOST_BYTES:
            break
        found.add(file)
    return found


def _uri(data: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(data).decode()
