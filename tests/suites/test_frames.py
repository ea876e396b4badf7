"""Body rows against MuJoCo's own velocities of the same frames."""

import mujoco
import numpy as np
import torch

from harness.registry import load_task
from harness.sim import make_simulation
from suites.models.frames import body_states


def test_rows_are_pose_and_velocity_of_the_body_frames_in_the_world():
    sim = make_simulation(load_task("ant"), worlds=2)
    rng = torch.Generator().manual_seed(0)
    sim.qvel[:] = torch.randn(sim.qvel.shape, generator=rng, dtype=sim.qvel.dtype)
    sim.ctrl[:] = torch.randn(sim.ctrl.shape, generator=rng, dtype=sim.ctrl.dtype).clamp(-1, 1)
    sim.step(20)
    bodies = range(1, sim.model.nbody)
    rows = body_states(sim, [sim.model.body(body).name for body in bodies])
    for world in range(2):
        data = sim.data(world)
        for row, body in zip(rows[world], bodies, strict=True):
            motion = np.zeros(6)
            mujoco.mj_objectVelocity(sim.model, data, mujoco.mjtObj.mjOBJ_XBODY, body, motion, 0)
            w, *xyz = data.xquat[body]
            expected = [*data.xpos[body], *xyz, w, *motion[3:], *motion[:3]]
            assert np.allclose(row.numpy(), expected, atol=1e-4)
