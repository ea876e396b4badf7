"""Inverse kinematics of the Franka arm, to drive it like a careful operator."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEFT_ON_TOP = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""The hand points along world -x, and the left finger travels along +z."""


def reach(model: mujoco.MjModel, start: Floats, point: Sequence[float], steps: int = 80) -> Floats:
    """Arm joints (7,), near `start`, that bring the fingertips' middle to `point`, turned as LEFT_ON_TOP.

    Damped least squares; AssertionError if 1 mm and 0.01 rad are not met.
    """
    data, site = mujoco.MjData(model), model.site("tcp").id
    lower, upper = model.jnt_range[:7].T + np.array([[0.02], [-0.02]])
    joints, error = start.copy(), np.ones(6)
    jacobian, turn, spin = np.zeros((6, model.nv)), np.zeros(4), np.zeros(3)
    for _ in range(steps):
        data.qpos[:7] = joints
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        mujoco.mju_mat2Quat(turn, (LEFT_ON_TOP @ data.site_xmat[site].reshape(3, 3).T).flatten())
        mujoco.mju_quat2Vel(spin, turn, 1.0)
        error = np.concatenate([np.subtract(point, data.site_xpos[site]), spin])
        mujoco.mj_jacSite(model, data, jacobian[:3], jacobian[3:], site)
        arm = jacobian[:, :7]
        move = arm.T @ np.linalg.solve(arm @ arm.T + 1e-4 * np.eye(6), error)
        joints = np.clip(joints + np.clip(move, -0.2, 0.2), lower, upper)
    assert np.abs(error[:3]).max() < 1e-3, f"{point} is out of reach"
    assert np.abs(error[3:]).max() < 1e-2, f"{point} is out of reach at that rotation"
    return joints
