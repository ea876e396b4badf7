"""A task's scene as files that MuJoCo's viewer, or any other program that reads MJCF, opens."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from harness.environment import Environment
from harness.errors import EnvironmentProblem, writing
from harness.identity import TaskId
from harness.registry import load_task
from harness.sim.cpu import CpuSimulation
from harness.task import Task

START = "start"
"""Keyframe: how an episode begins."""
GRID = (3, 4)
"""Cells of the picture of a cube's faces: MuJoCo writes names of twelve cells, whatever the grid."""
FACES = "RLUDFB......"
"""What is in these cells: right, left, up, down, front, back, as MuJoCo has them in memory."""


def write_mjcf(found: TaskId, folder: Path) -> Path:
    """Write the scene of a task into `<slug>.xml` in a folder, with the textures it needs; returns that file.

    It has the task's physics time step, and a keyframe with the beginning of an episode of seed 0. What the task does
    in its own code, actions, rewards and resets, is not in it. CannotWrite where the folder cannot be written.
    """
    spec = scene_at_start(load_task(found))
    spec.modelname = found.slug
    path = folder / f"{found.slug}.xml"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for texture in spec.textures:
            if texture.data:
                texture.file = f"{found.slug}_{texture.name}.png"
                pixels = np.frombuffer(texture.data, dtype=np.uint8)
                pixels = pixels.reshape(texture.height, texture.width, texture.nchannel)
                if texture.type == mujoco.mjtTexture.mjTEXTURE_CUBE:
                    pixels = _in_a_grid(pixels)
                    texture.gridsize, texture.gridlayout = GRID, FACES
                Image.fromarray(pixels).save(folder / texture.file)
                spec.assets[texture.file] = (folder / texture.file).read_bytes()
                texture.data = b""
        path.write_text(spec.to_xml(), encoding="utf-8")
    return path


def scene_at_start(task: Task) -> mujoco.MjSpec:
    """The scene of a task with its time step and, as keyframe START, the beginning of an episode of seed 0."""
    spec = task.scene()
    spec.option.timestep = task.timing.physics_dt
    sim = Environment(task, worlds=1, seed=0).sim
    assert isinstance(sim, CpuSimulation)
    data = sim.data(0)
    spec.add_key(
        name=START,
        qpos=data.qpos,
        qvel=data.qvel,
        act=data.act,
        ctrl=data.ctrl,
        mpos=data.mocap_pos.ravel(),
        mquat=data.mocap_quat.ravel(),
    )
    return spec


def open_viewer(found: TaskId) -> None:
    """Show the scene of a task in MuJoCo's viewer, until it is closed. EnvironmentProblem without a display."""
    import glfw
    import mujoco.viewer

    with warnings.catch_warnings(action="ignore"):
        opens = glfw.init()
    if not opens:
        why = os.fsdecode(glfw.get_error()[1] or "no reason given")
        raise EnvironmentProblem(
            f"the viewer needs a display ({why}): use --mjcf to look at the scene elsewhere"
        )
    model = scene_at_start(load_task(found)).compile()
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, 0)
    mujoco.viewer.launch(model, data)


def _in_a_grid(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Six faces (6n, n, c), one below the other, in the cells (3n, 4n, c) of GRID that FACES names."""
    side, rows, columns = faces.shape[1], *GRID
    cells = np.zeros((rows * columns, side, side, faces.shape[2]), dtype=np.uint8)
    cells[:6] = faces.reshape(6, side, side, -1)
    return (
        cells.reshape(rows, columns, side, side, -1).swapaxes(1, 2).reshape(rows * side, columns * side, -1)
    )
