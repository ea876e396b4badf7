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
    first, last = min(bodies), max(bodies) + 1
    whole = list(bodies) == list(range(first, last))
    chosen = slice(first, last) if whole else list(bodies)  # a slice is a view, a list a copy
    roots = sim.model.body_rootid[chosen].tolist()
    position, rotation = sim.xpos[:, chosen].float(), sim.xquat[:, chosen].float()
    spin, velocity = sim.cvel[:, chosen].float().split(3, dim=-1)
    centre = sim.subtree_com[:, roots[0], None] if len(set(roots)) == 1 else sim.subtree_com[:, roots]
    velocity = velocity + torch.linalg.cross(spin, position - centre.float())
    return torch.cat([position, wxyz_to_xyzw(rotation), velocity, spin], dim=-1)
