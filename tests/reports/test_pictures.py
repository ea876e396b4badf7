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
from reports.pictures import clips, small_webp, webp
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


def test_a_small_picture_lasts_as_long_with_half_the_frames(tmp_path: Path) -> None:
    file = moving(tmp_path / "x.webp")
    assert unpacked(webp(file)) == ((640, 480), [FRAME_MS] * 12)
    assert unpacked(small_webp(file)) == ((320, 240), [2 * FRAME_MS] * 6)
    assert len(small_webp(file) or "") < 0.3 * len(webp(file) or "")


def test_what_is_small_already_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "x.webp"
    Image.new("RGB", (320, 240)).save(file)
    assert small_webp(file) == webp(file)


def test_what_is_no_picture_is_left_out(tmp_path: Path) -> None:
    file = moving(tmp_path / "x.webp")
    file.write_bytes(file.read_bytes()[:3000])
    assert small_webp(file) is None
    file.write_bytes(b"GIF89a")
    assert webp(file) is small_webp(file) is None


@pytest.mark.parametrize(("most", "width"), [(10**9, 640), (10**5, 320)])
def test_pictures_shrink_where_a_page_cannot_hold_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, width: int
) -> None:
    run = write_run(tmp_path / "run", tasks=("cartpole", "ant"), methods=("human",), seeds=2)
    for file in run.rglob("rollout.webp"):
        moving(file, frames=4)
    monkeypatch.setattr(pictures, "MOST_BYTES", most)
    shown = clips(analyse(read_run(run)))
    assert [task.slug for task, _ in shown] == ["cartpole", "ant"]
    assert [unpacked(clip.data)[0][0] for _, row in shown for clip in row] == [width, width]
