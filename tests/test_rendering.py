"""Pictures, where this machine can draw any."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from harness.errors import EnvironmentProblem
from harness.rendering import HEIGHT, WIDTH, draw
from tests.training.test_trainer import SMALL, train_cartpole


def test_a_still_and_a_moving_picture(tmp_path: Path) -> None:
    still, moving = tmp_path / "still.png", tmp_path / "moving.webp"
    try:
        draw("ant", still)
    except EnvironmentProblem as problem:
        pytest.skip(str(problem))
    image = Image.open(still)
    assert image.size == (WIDTH, HEIGHT)
    assert np.asarray(image).std() > 10  # not one colour
    _, files = train_cartpole(tmp_path, SMALL)
    draw("cartpole", moving, files[-1], seconds=0.5)
    frames = [
        np.asarray(frame.convert("RGB"), dtype=float) for frame in ImageSequence.Iterator(Image.open(moving))
    ]
    assert len(frames) == 11
    assert np.abs(frames[-1] - frames[0]).max() > 30  # the cart moved


def test_without_a_graphics_back_end_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUJOCO_GL", "glfw")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(EnvironmentProblem, match="install EGL or OSMesa") as caught:
        draw("cartpole", tmp_path / "x.png")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
