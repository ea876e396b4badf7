"""Bodies as the original tasks see them: one row of 13 numbers each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from harness.rotations import quat_mul, wxyz_to_xyzw
from harness.task import Simulation, constant

if TYPE_CHECKING:
    from torch import Tensor


def body_states(sim: Simulation, names: Sequence[str]) -> Tensor:
    """Position (3, m), quaternion (4, xyzw), linear and angular velocity (3 + 3) of body frames, (N, B, 13), float32.

    In the world frame; the linear velocity is that of the frame's origin.
    """
    bodies = sim.bodies(names)
    position, rotation = bodies.xpos.float(), wxyz_to_xyzw(bodies.xquat.float())
    return torch.cat([position, rotation, bodies.velocity_as(torch.float32)], dim=-1)


def y_up(rotation: Tensor) -> Tensor:
    """Orientation (..., 4; xyzw, float32) of a link with y up, from that of the body (wxyz) that stands for it here.

    The originals' jointed objects are modelled with y up and stood upright by a fixed joint: x, y and z of their
    links are -y, z and -x of ours.
    """
    ours = wxyz_to_xyzw(rotation.float())
    return quat_mul(ours, constant((-0.5, 0.5, 0.5, -0.5), ours).expand_as(ours))
