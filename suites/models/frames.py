"""Bodies as the original tasks see them: one row of 13 numbers each."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from harness.rotations import wxyz_to_xyzw
from harness.sim import Simulation


def body_states(sim: Simulation, bodies: Sequence[int]) -> Tensor:
    """Position (3, m), quaternion (4, xyzw), linear and angular velocity (3 + 3) of body frames, (N, B, 13).

    In the world frame; the linear velocity is that of the frame's origin. MuJoCo's `cvel` refers to the centre
    of mass of the body's kinematic tree, hence the shift.
    """
    ids = torch.as_tensor(bodies, device=sim.qpos.device)
    roots = torch.as_tensor(sim.model.body_rootid, device=sim.qpos.device)[ids].long()
    position, rotation = sim.xpos[:, ids], wxyz_to_xyzw(sim.xquat[:, ids])
    spin, velocity = sim.cvel[:, ids].split(3, dim=-1)
    velocity = velocity + torch.linalg.cross(spin, position - sim.subtree_com[:, roots])
    return torch.cat([position, rotation, velocity, spin], dim=-1).float()
