"""What a picture shows: a task's scene through its camera, frame by frame.

Run as a module it draws one job of `harness.rendering`. If that fails, the last line of standard error says why, and
the exit code is NOT_DRAWN unless it is the graphics that fail.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from harness.environment import Environment
from harness.registry import load_task, resolve
from harness.rendering import NOT_DRAWN, WEBP
from harness.sim.cpu import CpuSimulation
from harness.task import Task
from harness.training.policy import Policy, load_checkpoint

WIDTH, HEIGHT = 640, 480
FRAMES_PER_SECOND = 12
SMALL = 2
"""A small picture has this many times fewer pixels each way, and frames per second."""
OVERSAMPLING = 2
"""Pixels are drawn this many times finer each way and averaged. Multisampling, at the same price on a CPU, smooths
the outlines of bodies only: shadows and textures stay ragged."""
SHADOW_MAP = 2048


class Scene:
    """World 0 of a simulation, as the camera of its task sees it. An OpenGL context: make one per process.

    Pictures are `WIDTH` x `HEIGHT`, divided by `shrink`.
    """

    def __init__(self, task: Task, sim: CpuSimulation, shrink: int = 1) -> None:
        width, height = WIDTH * OVERSAMPLING // shrink, HEIGHT * OVERSAMPLING // shrink
        visual = sim.model.vis
        visual.global_.offwidth, visual.global_.offheight = width, height
        visual.quality.offsamples, visual.quality.shadowsize = 0, SHADOW_MAP
        self.task, self.sim = task, sim
        self.camera = mujoco.MjvCamera()
        self.camera.azimuth = task.camera.get("azimuth", 120.0)
        self.camera.elevation = task.camera.get("elevation", -20.0)
        self._data = mujoco.MjData(sim.model)
        self.renderer = mujoco.Renderer(sim.model, height, width)

    def close(self) -> None:
        """Free the context, before another one is made."""
        self.renderer.close()

    def picture(self) -> Image.Image:
        """The scene as it is now."""
        return Image.fromarray(self.render()).reduce(OVERSAMPLING)

    def render(self) -> NDArray[Any]:
        """What `renderer` makes of it, finer than the picture by `OVERSAMPLING`."""
        self.sim.data(0, self._data)
        mujoco.mj_forward(self.sim.model, self._data)
        followed = None if self.task.follow is None else self._data.body(self.task.follow).xpos
        self.camera.lookat[:], self.camera.distance = view(self.task.camera, followed)
        self.renderer.update_scene(self._data, self.camera)
        image: NDArray[Any] = self.renderer.render()
        return image


def view(camera: dict[str, Any], followed: NDArray[np.float64] | None) -> tuple[NDArray[np.float64], float]:
    """The point (3,) that a task's camera looks at and its distance (m), given where the followed body is (3,).

    The camera goes with the body over the ground. If it has a `nearest` distance, it keeps both its own `lookat` and
    the body in the picture instead, and comes as near as that allows.
    """
    place = np.array(camera.get("lookat", (0.0, 0.0, 0.5)), dtype=float)
    distance = float(camera.get("distance", 3.0))
    if followed is None:
        return place, distance
    if "nearest" not in camera:
        return np.array([*followed[:2], place[2]]), distance
    apart = float(np.linalg.norm(followed - place))
    return 0.5 * (place + followed), min(distance, camera["nearest"] + 1.1 * apart)


def frames(
    scene: Scene, environment: Environment, policy: Policy | None, seconds: float, every: int
) -> Iterator[Image.Image]:
    """The start, then (with a policy) what it does for `seconds` of simulated time: each `every`th control step."""
    yield scene.picture()
    if policy is None:
        return
    control_dt = environment.task.timing.control_dt
    for step in range(1, round(seconds / control_dt) + 1):
        environment.step(policy(environment.observations))
        if step % every == 0:
            yield scene.picture()


def steps_per_frame(control_dt: float, shrink: int = 1) -> int:
    """Control steps of `control_dt` (s) from a frame to the next."""
    return max(1, round(shrink / (FRAMES_PER_SECOND * control_dt)))


def save(images: list[Image.Image], out: Path, frame_ms: int) -> None:
    """Write one picture, or a moving one whose frames last `frame_ms` each, in the format that `out` ends in."""
    if len(images) == 1:
        images[0].save(out)
        return
    options = WEBP if out.suffix.lower() == ".webp" else {"optimize": True}
    images[0].save(out, save_all=True, append_images=images[1:], duration=frame_ms, loop=0, **options)


def draw_job(
    task: str, options: str, out: str, checkpoint: str | None, seconds: float, seed: int, small: bool
) -> None:
    """Draw. What fails because of the task, its policy or the place to write to ends the process with NOT_DRAWN."""
    torch.set_num_threads(1)
    with _failures_said():
        made = load_task(dataclasses.replace(resolve(task), options=options))
        environment = Environment(made, worlds=1, seed=seed)
        assert isinstance(environment.sim, CpuSimulation)
        policy = Policy(load_checkpoint(Path(checkpoint))["model"]) if checkpoint else None
    shrink = SMALL if small else 1
    with closing(Scene(made, environment.sim, shrink)) as scene, _failures_said():
        control_dt = made.timing.control_dt
        every = steps_per_frame(control_dt, shrink)
        images = list(frames(scene, environment, policy, seconds, every))
        save(images, Path(out), round(1000 * every * control_dt))


@contextmanager
def _failures_said() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}".splitlines()[0] + "\n")
        sys.exit(NOT_DRAWN)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("job", type=json.loads)
    draw_job(**parser.parse_args().job)
