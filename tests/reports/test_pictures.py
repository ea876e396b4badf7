"""Moving pictures on a page: as drawn while they are few, smaller where they are many."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from harness.scoring.analysis import analyse
from harness.scoring.load import read_run
from reports import pictures
from reports.pictures import clips, still, webp
from tests.reports.fake_run import write_run

FRAME_MS = 83


def moving(file: Path, frames: int = 12) -> Path:
    """A moving picture of the size that runs draw."""
    rng = np.random.default_rng(0)
    shown = [Image.fromarray(rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)) for _ in range(frames)]
    shown[0].save(file, save_all=True, append_images=shown[1:], duration=FRAME_MS, loop=0, quality=42)
    return file


def unpacked(uri: str | None) -> tuple[tuple[int, int], list[int]]:
    """Size in pixels and how long each frame lasts (ms)."""
    assert uri is not None
    times = []
    with Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))) as image:
        for frame in ImageSequence.Iterator(image):
            frame.load()
            times.append(frame.info["duration"])
        return image.size, times


def test_a_still_is_small_and_stands(tmp_path: Path) -> None:
    file = moving(tmp_path / "x.webp")
    assert unpacked(webp(file)) == ((640, 480), [FRAME_MS] * 12)
    size, times = unpacked(still(file))
    assert size == (320, 240)
    assert len(times) == 1
    assert len(still(file) or "") < 0.1 * len(webp(file) or "")


def test_what_is_no_picture_is_left_out(tmp_path: Path) -> None:
    file = moving(tmp_path / "x.webp")
    file.write_bytes(file.read_bytes()[:3000])
    assert still(file) is None
    file.write_bytes(b"GIF89a")
    assert webp(file) is still(file) is None


def test_stills_stand_for_what_a_page_cannot_hold_references_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(tmp_path / "run", tasks=("cartpole", "ant"), seeds=2, failures="none")
    for file in run.rglob("rollout.webp"):
        moving(file, frames=4)
    size = max(file.stat().st_size for file in run.rglob("rollout.webp"))
    analysis = analyse(read_run(run))

    def moved(most: int) -> list[tuple[str, str]]:
        monkeypatch.setattr(pictures, "MOST_BYTES", most)
        shown = clips(analysis)
        assert [task.slug for task, _ in shown] == ["cartpole", "ant"]
        for clip in (clip for _, row in shown for clip in row):
            assert unpacked(clip.data)[0][0] == (640 if clip.moving else 320)
        return [(task.slug, clip.method) for task, row in shown for clip in row if clip.moving]

    assert len(moved(10**9)) == 6
    assert moved(3 * size) == [("cartpole", "human"), ("cartpole", "eureka"), ("ant", "eureka")]
    assert moved(size) == [("cartpole", "eureka")]
    assert moved(0) == []
