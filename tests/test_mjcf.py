"""Scenes as files: the model that is read back is the one that is simulated."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
import pytest

from harness.environment import Environment
from harness.mjcf import START, write_mjcf
from harness.registry import load_task, resolve
from harness.sim import compile_scene
from harness.sim.cpu import CpuSimulation
from tests.end_to_end.runs import harness

MAY_DIFFER = ("_", "key_", "name_", "names", "site_size", "tex_pathadr", "tex_colorspace", "bvh_", "paths")
"""Begins the name of what may differ: names, the keyframe, where pictures lie, what only a picture shows."""


@pytest.mark.parametrize("name", ["cartpole", "anymal", "franka_cabinet", "shadow_hand", "kettle"])
def test_a_scene_is_the_same_model_when_it_is_read_back(tmp_path: Path, name: str) -> None:
    task = load_task(name)
    path = write_mjcf(resolve(name), tmp_path / "made" / "here")
    moved = (tmp_path / "made" / "here").rename(tmp_path / "there")
    read = mujoco.MjModel.from_xml_path(str(moved / path.name))
    model = compile_scene(task)
    assert read.opt.timestep == pytest.approx(task.timing.physics_dt)
    fields = [field for field in dir(model) if isinstance(getattr(model, field), np.ndarray)]
    fields = [field for field in fields if not field.startswith(MAY_DIFFER)]
    assert len(fields) > 200
    for field in fields:
        np.testing.assert_allclose(
            getattr(read, field), getattr(model, field), rtol=1e-4, atol=1e-5, err_msg=field
        )


def test_its_keyframe_is_how_an_episode_begins(tmp_path: Path) -> None:
    sim = Environment(load_task("shadow_hand"), worlds=1, seed=0).sim
    assert isinstance(sim, CpuSimulation)
    read = mujoco.MjModel.from_xml_path(str(write_mjcf(resolve("shadow_hand"), tmp_path)))
    key = read.key(START)
    np.testing.assert_allclose(key.qpos, sim.data(0).qpos, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(key.mpos.ravel(), sim.data(0).mocap_pos.ravel(), rtol=1e-4, atol=1e-5)
    assert np.ptp(key.qpos) > 0.1


def test_the_command_names_the_file_or_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = harness("tasks", "ant", "--mjcf", "scene", cwd=tmp_path)
    assert done.stdout.rstrip().endswith("scene: scene/ant.xml")
    assert (tmp_path / "scene" / "ant.xml").is_file()
    (tmp_path / "file").touch()
    done = harness("tasks", "ant", "--mjcf", "file", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert "cannot write file" in done.stderr
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = harness("tasks", "ant", "--view", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert "the viewer needs a display" in done.stderr
    assert harness("tasks", "--mjcf", "scene", cwd=tmp_path).returncode == 2
