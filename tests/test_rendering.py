"""Pictures: what they show, and one clear line where none can be drawn.

They are skipped only where neither EGL nor OSMesa is installed, or MUJOCO_GL switches graphics off. On any other
machine they have to work.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from harness.drawing import FRAMES_PER_SECOND, HEIGHT, WIDTH, view
from harness.drawing import SMALL as SMALL_BY
from harness.errors import EnvironmentProblem, UserError
from harness.registry import DEXTERITY, ISAAC, TASKS, resolve
from harness.rendering import LIBRARIES, OFF, draw, missing_library
from harness.task_options import with_options
from tests.commands.test_cli import SMALL as SMALL_RUN
from tests.commands.test_cli import fails
from tests.end_to_end.runs import harness
from tests.option_tasks import write_option_task
from tests.training.test_trainer import SMALL, train_cartpole

no_graphics = all(map(missing_library, LIBRARIES)) or os.environ.get("MUJOCO_GL", "").lower() in OFF
drawn = pytest.mark.skipif(no_graphics, reason="neither EGL nor OSMesa is here, or MUJOCO_GL is off")
no_osmesa = pytest.mark.skipif(missing_library("osmesa") is None, reason="OSMesa is installed")

IN_SIGHT = {
    "cartpole": {"cart": 1e-3, "pole": 1e-3},
    "ball_balance": {"tray": 2e-2, "ball": 2.5e-3},
    "quadcopter": {"chassis": 1.5e-3, "goal": 3e-4},
    "ant": {"torso": 1e-2},
    "humanoid": {"torso": 2e-3, "head": 2e-3},
    "anymal": {"base": 3e-2},
    "franka_cabinet": {
        "panda_hand": 5e-3,
        "panda_leftfinger": 3e-4,
        "panda_rightfinger": 3e-4,
        "drawer_top": 1e-2,
    },
    "allegro_hand": {"palm_link": 5e-3, "object": 1e-2, "goal": 1e-2},
    "shadow_hand": {"palm": 5e-3, "object": 1e-2, "goal": 1e-2},
    "shadow_hand_spin": {"palm": 5e-3, "object": 5e-3, "goal": 5e-3},
    "shadow_hand_spin_flip": {"palm": 5e-3, "object": 5e-3, "goal": 5e-3},
    "shadow_hand_upside_down": {"palm": 1.5e-3, "object": 1.5e-3, "goal": 3e-3},
    "shadow_hand_upside_down_flip": {"palm": 1.5e-3, "object": 1.5e-3, "goal": 3e-3},
    "lift_underarm": {"right_palm": 1e-3, "left_palm": 1e-3, "pot": 1e-2, "goal": 2e-2},
    "push_block": {
        "right_palm": 3e-3,
        "left_palm": 3e-3,
        "object": 2e-3,
        "block": 2e-3,
        "right_goal": 1.5e-3,
        "left_goal": 1.5e-3,
    },
    "grasp_and_place": {"right_palm": 3e-3, "left_palm": 3e-3, "object": 4e-3, "block": 2e-3},
    "block_stack": {
        "right_palm": 3e-3,
        "left_palm": 3e-3,
        "object": 3e-3,
        "block": 3e-3,
        "goal_low": 2e-3,
        "goal_high": 3e-3,
    },
    "over": {"right_palm": 1e-3, "left_palm": 1e-3, "object": 1e-3, "goal": 1e-3},
    "catch_underarm": {"right_palm": 1e-3, "left_palm": 1e-3, "object": 1e-3, "goal": 1e-3},
    "catch_over2underarm": {"right_palm": 1e-3, "left_palm": 1e-3, "object": 1e-3, "goal": 1e-3},
    "catch_abreast": {"right_palm": 1e-3, "left_palm": 1e-3, "object": 1e-3, "goal": 1e-3},
    "two_catch_underarm": {"right_palm": 1e-3, "left_palm": 1e-3, "object": 1e-3, "goal": 5e-4},
    "re_orientation": {"right_palm": 1e-3, "left_palm": 1e-3, "object": 1e-3, "goal": 1e-3},
    "door_open_inward": {"right_palm": 1e-3, "left_palm": 1e-3, "door_right": 2e-2, "door_left": 2e-2},
    "door_open_outward": {"right_palm": 1e-3, "left_palm": 1e-3, "door_right": 2e-2, "door_left": 2e-2},
    "door_close_inward": {"right_palm": 1e-3, "left_palm": 1e-3, "door_right": 2e-2, "door_left": 2e-2},
    "door_close_outward": {"right_palm": 1e-3, "left_palm": 1e-3, "door_right": 2e-2, "door_left": 2e-2},
    "swing_cup": {"right_palm": 3e-3, "left_palm": 3e-3, "cup": 1e-2},
    "bottle_cap": {"right_palm": 3e-3, "left_palm": 5e-4, "bottle": 1e-2, "bottle_cap": 1.5e-4},
    "switch": {
        "right_palm": 2e-3,
        "left_palm": 2e-3,
        "switch_right_rocker": 3e-3,
        "switch_left_rocker": 4e-3,
    },
    "kettle": {"right_palm": 1.5e-3, "left_palm": 8e-4, "kettle": 2e-2, "kettle_lid": 5e-3, "bucket": 7e-3},
    "scissors": {"right_palm": 2e-3, "left_palm": 2e-3, "scissors": 5e-3, "scissors_right": 9e-3},
    "pen": {"right_palm": 2e-3, "left_palm": 2e-3, "pen": 3e-3, "pen_cap": 2e-3},
}
"""Least share of the picture that bodies and sites cover when an episode starts."""


def pictures(folder: Path, names: tuple[str, ...], *seeds: int) -> dict[str, Any]:
    """What the pictures of tasks show where episodes start."""
    backend = draw("cartpole", folder / "x.png")
    run = subprocess.run(
        [sys.executable, "-m", "tests.shown", ",".join(names), *map(str, seeds)],
        env=os.environ | {"MUJOCO_GL": backend},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def check_sight(task: str, found: dict[str, Any]) -> None:
    """The picture of a task shows what matters."""
    assert found["size"] == [WIDTH, HEIGHT], task
    assert found["spread"] > 10, task  # not one colour
    for what, least in IN_SIGHT[task].items():
        assert found["share"].get(what, 0.0) > least, (task, what)
    assert found["specks"] < 0.006, task


EACH_SCENE = (
    *ISAAC,
    "shadow_hand_spin",
    "over",
    "two_catch_underarm",
    "door_close_inward",
    "block_stack",
    "pen",
)
"""Every robot and camera, and the objects that are the smallest."""


@drawn
@pytest.mark.parametrize(
    "names", [EACH_SCENE, pytest.param(tuple(TASKS), marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_what_matters_is_in_the_picture_and_a_goal_does_not_look_like_the_object(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    """Of all tasks at once: the process that draws them takes seconds to start."""
    found = pictures(tmp_path, names, 0)
    assert [name.split()[0] for name in found] == list(names)
    for name in names:
        check_sight(name, found[f"{name} 0"])
        if "hand" in name:
            assert found[f"{name} 0"]["alpha"]["object"] == 1.0
            assert found[f"{name} 0"]["alpha"]["goal"] < 0.7


@drawn
@pytest.mark.slow
def test_what_matters_is_in_the_pictures_of_other_seeds_too(tmp_path: Path) -> None:
    one_hand = tuple(name for name in TASKS if name not in DEXTERITY)  # two-handed tasks all start alike
    for name, found in pictures(tmp_path, one_hand, 1, 2).items():
        check_sight(name.split()[0], found)


@drawn
def test_a_moving_picture(tmp_path: Path) -> None:
    moving = tmp_path / "moving.webp"
    _, files = train_cartpole(tmp_path, SMALL)
    draw("cartpole", moving, files[-1], seconds=0.5)
    image = Image.open(moving)
    assert image.size == (WIDTH, HEIGHT)
    assert WIDTH >= 640
    frames = [np.asarray(frame.convert("RGB"), dtype=float) for frame in ImageSequence.Iterator(image)]
    assert len(frames) == 1 + round(0.5 * FRAMES_PER_SECOND)
    assert np.abs(frames[-1] - frames[0]).max() > 30  # the cart moved
    draw("cartpole", moving, files[-1], seconds=0.5, small=True)
    with Image.open(moving) as small:
        assert small.size == (WIDTH // SMALL_BY, HEIGHT // SMALL_BY)
        assert small.n_frames == 1 + round(0.5 * FRAMES_PER_SECOND / SMALL_BY)  # type: ignore[attr-defined]


def test_drawing_can_be_stopped(tmp_path: Path) -> None:
    """At once, whatever the back ends: none is tried after that."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(EnvironmentProblem, match=r"cannot draw .*: interrupted"):
        draw("cartpole", tmp_path / "x.png", stop=stop)
    assert not list(tmp_path.iterdir())


@drawn
def test_the_task_is_drawn_with_its_options(tmp_path: Path) -> None:
    plain = resolve(write_option_task(tmp_path))
    file = tmp_path / "mine.py"
    heavy = "assert self.options.heavy, 'too light'\n        spec = mujoco.MjSpec()"
    file.write_text(file.read_text().replace("spec = mujoco.MjSpec()", heavy))
    with pytest.raises(EnvironmentProblem, match="too light"):
        draw(plain, tmp_path / "x.png")
    draw(with_options(plain, {"heavy": True}), tmp_path / "x.png")
    assert Image.open(tmp_path / "x.png").size == (WIDTH, HEIGHT)


@drawn
def test_a_failure_leaves_the_picture_of_before_and_nothing_else(tmp_path: Path) -> None:
    picture, policy = tmp_path / "p.webp", tmp_path / "10.pt"
    picture.write_text("before")
    policy.write_text("no policy")
    with pytest.raises(EnvironmentProblem, match="cannot draw cartpole: ") as caught:
        draw("cartpole", picture, policy)
    assert "\n" not in str(caught.value)
    assert "graphics" not in str(caught.value)
    assert picture.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["10.pt", "p.webp"]


@pytest.mark.parametrize(
    ("out", "problem", "words"),
    [
        ("x.jpg", UserError, "expected a name ending in .png or .webp"),
        ("nodir/x.png", UserError, "there is no folder"),
        ("folder.png", UserError, "this is a folder"),
        ("x" * 250 + ".png", EnvironmentProblem, "cannot write picture"),
    ],
)
def test_places_where_no_picture_can_be(
    tmp_path: Path, out: str, problem: type[UserError], words: str
) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(problem, match=words) as caught:
        draw("cartpole", tmp_path / out)
    assert type(caught.value) is problem
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        pytest.param("osmesa", ("libOSMesa not found", "libosmesa6", "unset MUJOCO_GL"), marks=no_osmesa),
        ("glfw", ("MUJOCO_GL=glfw does not work here", "open a display", "unset MUJOCO_GL")),
        ("nonsense", ("MUJOCO_GL=nonsense", "expected egl, osmesa, glfw")),
        ("disable", ("MUJOCO_GL=disable", "unset it")),
    ],
)
def test_a_back_end_that_does_not_work_is_one_line(
    tmp_path: Path, backend: str, words: tuple[str, ...]
) -> None:
    arguments = ("tasks", "cartpole", "--picture", "x.png")
    fails(harness(*arguments, cwd=tmp_path, MUJOCO_GL=backend, DISPLAY=""), 4, *words)
    assert list(tmp_path.iterdir()) == []


def test_a_run_and_its_replay_without_graphics(tmp_path: Path) -> None:
    small = [word for word in SMALL_RUN if word != "--no-pictures"]
    run = harness(*small, "--no-report", "--out", "r", cwd=tmp_path, MUJOCO_GL="nonsense")
    assert run.returncode == 0, run.stderr
    assert "no pictures: MUJOCO_GL=nonsense" in run.stdout
    replay = ("replay", "r", "--task", "cartpole", "--method", "human", "--out", "p.webp")
    fails(harness(*replay, cwd=tmp_path, MUJOCO_GL="nonsense"), 4, "MUJOCO_GL=nonsense")
    fails(harness(*replay, "--seconds", "-1", cwd=tmp_path), 2, "--seconds -1")
    assert not (tmp_path / "p.webp").exists()


def test_a_camera_with_a_nearest_distance_keeps_goal_and_body_in_sight() -> None:
    camera = {"lookat": (0.0, 0.0, 1.0), "nearest": 0.8, "distance": 4.0}
    place, distance = view(camera, np.array([0.0, 2.0, 2.0]))
    assert place.tolist() == [0.0, 1.0, 1.5]
    assert 0.8 + 5**0.5 < distance < 4.0
    assert view(camera, np.array([0.0, 0.0, 1.0]))[1] == 0.8
    del camera["nearest"]
    assert view(camera, np.array([3.0, 2.0, 2.0]))[0].tolist() == [3.0, 2.0, 1.0]
