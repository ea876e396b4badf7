"""Quaternion helpers, xyzw with leading batch axes: for tasks, and by name for reward programs.

The names are those that reward code for these benchmarks calls; `a * b` applies b first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def normalize(x: Tensor, eps: float = 1e-9) -> Tensor:
    """`x` (..., D) at unit length; the length is clamped from below."""
    length: Tensor = x.norm(p=2, dim=-1, keepdim=True)
    return x / length.clamp(min=eps)


def quat_unit(q: Tensor) -> Tensor:
    """`q` (..., 4) at unit length."""
    return normalize(q)


def quat_mul(a: Tensor, b: Tensor) -> Tensor:
    """Hamilton product of (..., 4) and (..., 4)."""
    av, aw, bv, bw = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    vector = aw * bv + bw * av + torch.linalg.cross(av, bv)
    return torch.cat([vector, aw * bw - (av * bv).sum(-1, keepdim=True)], dim=-1)


def quat_conjugate(q: Tensor) -> Tensor:
    """The inverse rotation of a unit quaternion (..., 4)."""
    return torch.cat([-q[..., :3], q[..., 3:]], dim=-1)


def quat_apply(q: Tensor, v: Tensor) -> Tensor:
    """`v` (..., 3) rotated by `q` (..., 4)."""
    axis, w = q[..., :3], q[..., 3:]
    t: Tensor = 2.0 * torch.linalg.cross(axis, v)
    twist: Tensor = torch.linalg.cross(axis, t)
    return v + w * t + twist


quat_rotate = tf_vector = get_basis_vector = quat_apply


def quat_rotate_inverse(q: Tensor, v: Tensor) -> Tensor:
    """`v` (..., 3) rotated by the inverse of `q` (..., 4)."""
    return quat_apply(quat_conjugate(q), v)


def quat_axis(q: Tensor, axis: int = 0) -> Tensor:
    """World image (..., 3) of coordinate axis 0, 1 or 2."""
    basis = torch.zeros_like(q[..., :3])
    basis[..., axis] = 1.0
    return quat_apply(q, basis)


def quat_from_angle_axis(angle: Tensor, axis: Tensor) -> Tensor:
    """Rotation by `angle` (...) in rad about `axis` (..., 3), which is normalised."""
    half = (0.5 * angle).unsqueeze(-1)
    return torch.cat([normalize(axis) * half.sin(), half.cos()], dim=-1)


def quat_from_euler_xyz(roll: Tensor, pitch: Tensor, yaw: Tensor) -> Tensor:
    """R = Rz(yaw) Ry(pitch) Rx(roll), angles (...) in rad."""
    cr, sr, cp, sp = (0.5 * roll).cos(), (0.5 * roll).sin(), (0.5 * pitch).cos(), (0.5 * pitch).sin()
    cy, sy = (0.5 * yaw).cos(), (0.5 * yaw).sin()
    return torch.stack(
        [
            cy * sr * cp - sy * cr * sp,
            cy * cr * sp + sy * sr * cp,
            sy * cr * cp - cy * sr * sp,
            cy * cr * cp + sy * sr * sp,
        ],
        dim=-1,
    )


def get_euler_xyz(q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Roll, pitch, yaw (...) of R = Rz(yaw) Ry(pitch) Rx(roll), each in [0, 2 pi)."""
    x, y, z, w = q.unbind(-1)
    roll = torch.atan2(2.0 * (w * x + y * z), w * w - x * x - y * y + z * z)
    pitch = torch.asin((2.0 * (w * y - z * x)).clamp(-1.0, 1.0))
    yaw = torch.atan2(2.0 * (w * z + x * y), w * w + x * x - y * y - z * z)
    return roll % (2 * math.pi), pitch % (2 * math.pi), yaw % (2 * math.pi)


def quat_diff_rad(a: Tensor, b: Tensor) -> Tensor:
    """Angle (...) in rad, in [0, pi], between rotations (..., 4) and (..., 4)."""
    difference = quat_mul(a, quat_conjugate(b))
    return 2.0 * torch.asin(difference[..., :3].norm(p=2, dim=-1).clamp(max=1.0))


def normalize_angle(x: Tensor) -> Tensor:
    """An angle in rad wrapped to [-pi, pi]."""
    return torch.atan2(torch.sin(x), torch.cos(x))


def tf_combine(q1: Tensor, t1: Tensor, q2: Tensor, t2: Tensor) -> tuple[Tensor, Tensor]:
    """The pose 1 ∘ 2: rotation (..., 4) and translation (..., 3)."""
    return quat_mul(q1, q2), quat_apply(q1, t2) + t1


def tf_inverse(q: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """The inverse of a pose."""
    inverse = quat_conjugate(q)
    return inverse, -quat_apply(inverse, t)


def tf_apply(q: Tensor, t: Tensor, v: Tensor) -> Tensor:
    """A point (..., 3) carried by a pose."""
    return quat_apply(q, v) + t


def scale(x: Tensor, lower: Tensor | float, upper: Tensor | float) -> Tensor:
    """[-1, 1] mapped to [lower, upper]."""
    return lower + 0.5 * (x + 1.0) * (upper - lower)


def unscale(x: Tensor, lower: Tensor | float, upper: Tensor | float) -> Tensor:
    """[lower, upper] mapped to [-1, 1]."""
    return (2.0 * x - upper - lower) / (upper - lower)


def tensor_clamp(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """`x` clamped element-wise between tensors."""
    return torch.maximum(torch.minimum(x, upper), lower)


def copysign(magnitude: float, sign: Tensor) -> Tensor:
    """`magnitude` with the sign of `sign` (...)."""
    return torch.copysign(torch.full_like(sign, magnitude), sign)


def saturate(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """`x` (..., D) clamped between `lower` and `upper` (D,): Isaac Gym's name for `tensor_clamp`."""
    return tensor_clamp(x, lower, upper)


def quat_to_angle_axis(q: Tensor) -> tuple[Tensor, Tensor]:
    """Angle (...) in rad, in [-pi, pi], and axis (..., 3) of a rotation; axis z where there is no rotation.

    angle = 2 atan2(|v|, w) wrapped, axis = v / |v| (Isaac Gym's `torch_jit_utils`).
    """
    vector, w = q[..., :3], q[..., 3]
    length: Tensor = vector.norm(p=2, dim=-1)
    turned = (length > 1e-5).unsqueeze(-1)
    angle = normalize_angle(2.0 * torch.atan2(length, w))
    z = torch.zeros_like(vector)
    z[..., 2] = 1.0
    axis = torch.where(turned, vector / length.clamp(min=1e-5).unsqueeze(-1), z)
    return torch.where(turned.squeeze(-1), angle, torch.zeros_like(angle)), axis


def quat_to_exp_map(q: Tensor) -> Tensor:
    """The rotation vector (..., 3), in rad: angle times axis."""
    angle, axis = quat_to_angle_axis(q)
    return angle.unsqueeze(-1) * axis


def exp_map_to_quat(v: Tensor) -> Tensor:
    """The rotation (..., 4) of a rotation vector (..., 3) in rad."""
    return quat_from_angle_axis(v.norm(p=2, dim=-1), v)


def calc_heading(q: Tensor) -> Tensor:
    """Heading (...) in rad of the rotated x axis (x', y', z'): atan2(y', x')."""
    ahead = quat_axis(q, 0)
    return torch.atan2(ahead[..., 1], ahead[..., 0])


def calc_heading_quat(q: Tensor) -> Tensor:
    """The rotation (..., 4) about z by the heading of `q`."""
    half = 0.5 * calc_heading(q)
    zero = torch.zeros_like(half)
    return torch.stack([zero, zero, half.sin(), half.cos()], dim=-1)


def calc_heading_quat_inv(q: Tensor) -> Tensor:
    """The inverse of `calc_heading_quat`."""
    return quat_conjugate(calc_heading_quat(q))


def quaternion_to_matrix(q: Tensor) -> Tensor:
    """The rotation matrix (..., 3, 3) of a unit quaternion wxyz (..., 4): w first, as in PyTorch3D."""
    xyzw = wxyz_to_xyzw(q)
    return torch.stack([quat_axis(xyzw, i) for i in range(3)], dim=-1)


def slerp(q0: Tensor, q1: Tensor, fraction: Tensor) -> Tensor:
    """From `q0` to `q1` (..., 4) along the shorter arc, `fraction` (..., 1): Shoemake, SIGGRAPH 1985."""
    cosine = (q0 * q1).sum(-1, keepdim=True)
    q1, cosine = torch.where(cosine < 0.0, -q1, q1), cosine.abs()
    angle = torch.acos(cosine.clamp(max=1.0))
    sine = torch.sqrt((1.0 - cosine * cosine).clamp(min=0.0))
    divisor = sine.clamp(min=1e-3)
    arc = (torch.sin((1.0 - fraction) * angle) * q0 + torch.sin(fraction * angle) * q1) / divisor
    line = (1.0 - fraction) * q0 + fraction * q1
    return torch.where(cosine >= 1.0, q0, torch.where(sine < 1e-3, line, arc))


def compute_heading_and_up(
    torso_rotation: Tensor, inv_start_rot: Tensor, to_target: Tensor, vec0: Tensor, vec1: Tensor, up_idx: int
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Of a torso with a target: rotation since the start, up and heading projection (N,), up and heading vector.

    The vectors are `vec1` and `vec0` (N, 3) rotated; the up projection is component `up_idx` of the first, the
    heading projection that of the second on the direction `to_target` (N, 3). Isaac Gym's `torch_jit_utils`.
    """
    torso = quat_mul(torso_rotation, inv_start_rot)
    up, heading = quat_apply(torso, vec1), quat_apply(torso, vec0)
    return torso, up[..., up_idx], (heading * normalize(to_target)).sum(-1), up, heading


def compute_rot(
    torso_quat: Tensor, velocity: Tensor, ang_velocity: Tensor, targets: Tensor, torso_positions: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Velocity and spin in the torso's frame (N, 3); roll, pitch, yaw (N,); angle to the target (N,), all in rad.

    The angle is atan2(z, x) of the way to the target, minus the yaw, as Isaac Gym's `torch_jit_utils` has it.
    """
    roll, pitch, yaw = get_euler_xyz(torso_quat)
    way = targets - torso_positions
    angle = torch.atan2(way[..., 2], way[..., 0]) - yaw
    local = (quat_rotate_inverse(torso_quat, v) for v in (velocity, ang_velocity))
    return *local, roll, pitch, yaw, angle  # type: ignore[return-value]


def wxyz_to_xyzw(q: Tensor) -> Tensor:
    """MuJoCo's quaternion order to the one of states."""
    return torch.cat([q[..., 1:], q[..., :1]], dim=-1)


def xyzw_to_wxyz(q: Tensor) -> Tensor:
    """The quaternion order of states to MuJoCo's."""
    return torch.cat([q[..., 3:], q[..., :3]], dim=-1)


REWARD_HELPERS = {
    function.__name__: function
    for function in (
        normalize,
        quat_unit,
        quat_mul,
        quat_conjugate,
        quat_apply,
        quat_rotate_inverse,
        quat_axis,
        quat_from_angle_axis,
        quat_from_euler_xyz,
        get_euler_xyz,
        quat_diff_rad,
        normalize_angle,
        tf_combine,
        tf_inverse,
        tf_apply,
        scale,
        unscale,
        tensor_clamp,
        copysign,
    )
} | {"quat_rotate": quat_apply, "tf_vector": quat_apply, "get_basis_vector": quat_apply}
"""Functions that a reward program may call without importing them."""

IMPORTED_HELPERS = (
    REWARD_HELPERS
    | {
        function.__name__: function
        for function in (
            saturate,
            quat_to_angle_axis,
            quat_to_exp_map,
            exp_map_to_quat,
            calc_heading,
            calc_heading_quat,
            calc_heading_quat_inv,
            quaternion_to_matrix,
            slerp,
            compute_heading_and_up,
            compute_rot,
        )
    }
    | {"my_quat_rotate": quat_apply, "scale_transform": unscale, "unscale_transform": scale}
)
"""What reward code for Isaac Gym may import or call by name; a designer is told of `REWARD_HELPERS` alone."""
