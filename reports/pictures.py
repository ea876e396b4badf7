"""Moving pictures of the typical policy of each method on each task."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageSequence

from harness.rendering import WEBP
from harness.scoring.analysis import Analysis
from harness.scoring.rundata import TaskInfo
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


MOST_BYTES = 7_000_000
"""Of all pictures together; beyond that they are made smaller."""
SMALL_WIDTH = 320  # pixels
SMALL_FRAME_MS = 150


def clips(of: Analysis) -> list[tuple[TaskInfo, list[Clip]]]:
    """The trial with the median F of every method, by task."""
    chosen = [
        (task, method, median_trial(of.score(task, method)))
        for task in of.run.tasks
        for method in of.run.methods
    ]
    files = {trial.rollout for _, _, trial in chosen if trial and trial.rollout}
    read = webp if sum(file.stat().st_size for file in files) <= MOST_BYTES else small_webp
    out: dict[str, tuple[TaskInfo, list[Clip]]] = {}
    for task, method, trial in chosen:
        data = read(trial.rollout) if trial and trial.rollout else None
        clip = Clip(task, method, data, trial.f if trial else None, trial.seed if trial else None)
        out.setdefault(task.slug, (task, []))[1].append(clip)
    return list(out.values())


def webp(path: Path) -> str | None:
    """A WebP file as data URI; None if it is none."""
    data = path.read_bytes()
    return _uri(data) if _is_webp(data) else None


def small_webp(path: Path) -> str | None:
    """The same with fewer pixels and frames: a quarter of the bytes."""
    data = path.read_bytes()
    if not _is_webp(data):
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width <= SMALL_WIDTH:
                return _uri(data)
            size = (SMALL_WIDTH, round(image.height * SMALL_WIDTH / image.width))
            frames: list[Image.Image] = []
            times: list[int] = []
            for frame in ImageSequence.Iterator(image):
                frame.load()  # before that, its duration is not known
                duration = frame.info.get("duration", SMALL_FRAME_MS)
                if times and times[-1] < SMALL_FRAME_MS:
                    times[-1] += duration
                else:
                    frames.append(frame.convert("RGB").resize(size))
                    times.append(duration)
    except (OSError, EOFError, ValueError):  # not all of it is there
        return None
    made = io.BytesIO()
    frames[0].save(made, "WEBP", save_all=True, append_images=frames[1:], duration=times, loop=0, **WEBP)
    return _uri(made.getvalue())


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _uri(data: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(data).decode()
