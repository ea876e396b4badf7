"""Pictures of a task and of a policy at work, drawn off screen by MuJoCo.

Run as a module (`python -m harness.rendering`) it draws in a process of its own: a broken graphics driver
can then fail, or crash, without harm to the run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from harness.errors import EnvironmentProblem

WIDTH, HEIGHT = 320, 240
FRAMES_PER_SECOND = 20
SECONDS = 4.0
TIMEOUT_S = 180
BACKENDS = ("egl", "osmesa", "glfw")


def draw(
    task: str, out: Path, checkpoint: Path | None = None, seconds: float = SECONDS, seed: int = 0
) -> None:
    """Draw `task` into `out` (.webp or .gif: animated; .png: a still), moved by the policy of `checkpoint`.

    Tries the graphics back ends in turn (MUJOCO_GL overrides). EnvironmentProblem if none works.
    """
    job = {
        "task": task,
        "out": str(out.resolve()),
        "checkpoint": None if checkpoint is None else str(checkpoint.resolve()),
        "seconds": seconds,
        "seed": seed,
    }
    wanted = os.environ.get("MUJOCO_GL")
    reason = ""
    for backend in (wanted,) if wanted in BACKENDS else BACKENDS:
        command = [sys.executable, "-m", "harness.rendering", json.dumps(job)]
        environment = os.environ | {
            "MUJOCO_GL": backend,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        try:
            run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            reason = f"{backend}: no answer within {TIMEOUT_S} s"
            continue
        if run.returncode == 0:
            return
        reason = f"{backend}: {(run.stderr.strip().splitlines() or [f'exit code {run.returncode}'])[-1]}"
    raise EnvironmentProblem(
        f"cannot draw {out.name}: no graphics back end works ({reason}); install EGL or OSMesa "
        "(Debian: libegl1 libosmesa6) or set MUJOCO_GL"
    )


def _draw_here(task_name: str, out: str, checkpoint: str | None, seconds: float, seed: int) -> None:
    import mujoco
    import torch
    from PIL import Image

    from harness.registry import load_task
    from harness.sim.cpu import CpuSimulation
    from harness.training.environment import Environment
    from harness.training.policy import Policy, load_checkpoint

    torch.set_num_threads(1)
    task = load_task(task_name)
    environment = Environment(task, worlds=1, seed=seed)
    sim = environment.sim
    assert isinstance(sim, CpuSimulation)
    policy = Policy(load_checkpoint(Path(checkpoint))["model"]) if checkpoint else None
    renderer = mujoco.Renderer(sim.model, HEIGHT, WIDTH)
    camera = mujoco.MjvCamera()
    camera.lookat[:] = task.camera.get("lookat", (0.0, 0.0, 0.5))
    camera.distance = task.camera.get("distance", 3.0)
    camera.azimuth = task.camera.get("azimuth", 120.0)
    camera.elevation = task.camera.get("elevation", -20.0)
    data = mujoco.MjData(sim.model)

    def frame() -> Image.Image:
        sim.data(0, data)
        mujoco.mj_forward(sim.model, data)
        if task.follow is not None:
            camera.lookat[:2] = data.body(task.follow).xpos[:2]
        renderer.update_scene(data, camera)
        return Image.fromarray(renderer.render())

    frames = [frame()]
    if policy is not None:
        every = max(1, round(1.0 / (FRAMES_PER_SECOND * task.timing.control_dt)))
        for step in range(1, round(seconds / task.timing.control_dt) + 1):
            environment.step(policy(environment.observations))
            if step % every == 0:
                frames.append(frame())
    if len(frames) == 1:
        frames[0].save(out)
        return
    duration = round(1000 * every * task.timing.control_dt)
    options = {"quality": 60, "method": 4} if out.endswith(".webp") else {"optimize": True}
    frames[0].save(out, save_all=True, append_images=frames[1:], duration=duration, loop=0, **options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("job", type=json.loads)
    job = parser.parse_args().job
    _draw_here(job["task"], job["out"], job["checkpoint"], job["seconds"], job["seed"])
