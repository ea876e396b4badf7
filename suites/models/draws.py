"""Random numbers and rotations in the worlds of a mask, as the hand tasks draw them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.rotations import quat_from_angle_axis, quat_mul
from harness.task import rand

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def uniform(worlds: Tensor, *shape: int, rng: torch.Generator) -> Tensor:
    """Independent draws from [-1, 1] in the worlds of a mask (N,): (N, *shape), float64."""
    return 2.0 * rand(worlds, *shape, rng=rng) - 1.0


def turn(angle: Tensor, axis: int) -> Tensor:
    """Rotations (N, 4) xyzw by `angle` (N,) in rad about the coordinate axis 0, 1 or 2."""
    direction = angle.new_zeros(len(angle), 3)
    direction[:, axis] = 1.0
    return quat_from_angle_axis(angle, direction)


def random_rotation(worlds: Tensor, rng: torch.Generator) -> Tensor:
    """Rotations (N, 4) xyzw, drawn in the worlds of a mask (N,).

    A turn about y, then one about x: every orientation, not all as likely.
    """
    about_x, about_y = (math.pi * uniform(worlds, rng=rng) for _ in range(2))
    return quat_mul(turn(about_x, 0), turn(about_y, 1))
