"""The helpers that reward code imports from Isaac Gym: what they give, and by which imports they are had."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from harness.registry import load_task
from harness.rewards import check
from harness.rewards.allowed import ISAAC_HELPERS
from harness.rotations import IMPORTED_HELPERS as HELPERS
from harness.rotations import quat_apply, quat_from_angle_axis, quat_mul, xyzw_to_wxyz

from .fixtures import RETURN, body

ANGLE = torch.tensor([0.3, -2.0, 1.5, 0.0])
AXIS = torch.nn.functional.normalize(torch.tensor([[1.0, 2, 3], [0, 0, 1], [-1, 1, 0], [0, 1, 0]]), dim=-1)
TURN = quat_from_angle_axis(ANGLE, AXIS)
VECTOR = torch.tensor([[1.0, 0, 0], [0, 2, 0], [1, 1, 1], [0, 0, -1]])


def close(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, atol=1e-5)


def call(name: str, *arguments: Any) -> Any:
    function: Callable[..., Any] = HELPERS[name]
    return function(*arguments)


def test_angle_and_axis_and_rotation_vectors_are_one_rotation() -> None:
    angle, axis = call("quat_to_angle_axis", TURN)
    assert close(quat_apply(quat_from_angle_axis(angle, axis), VECTOR), quat_apply(TURN, VECTOR))
    assert axis[3].tolist() == [0.0, 0.0, 1.0]
    assert close(call("quat_to_exp_map", TURN), ANGLE.unsqueeze(-1) * AXIS)
    assert close(call("exp_map_to_quat", ANGLE.unsqueeze(-1) * AXIS).abs(), TURN.abs())


def test_headings_are_those_of_the_rotated_x_axis() -> None:
    yaw = quat_from_angle_axis(torch.tensor([0.7, -2.5]), torch.tensor([[0.0, 0, 1], [0, 0, 1]]))
    assert close(call("calc_heading", yaw), torch.tensor([0.7, -2.5]))
    assert close(call("calc_heading_quat", yaw), yaw)
    identity = torch.tensor([0.0, 0.0, 0.0, 1.0]).expand(2, 4)
    assert close(quat_mul(call("calc_heading_quat_inv", yaw), yaw), identity)


def test_matrices_take_the_scalar_first() -> None:
    turned = call("quaternion_to_matrix", xyzw_to_wxyz(TURN)) @ VECTOR.unsqueeze(-1)
    assert close(turned.squeeze(-1), quat_apply(TURN, VECTOR))


def test_slerp_goes_a_share_of_the_way() -> None:
    z = torch.tensor([[0.0, 0.0, 1.0]])
    start, end = (quat_from_angle_axis(torch.tensor([angle]), z) for angle in (0.2, 1.4))
    for sign in (1.0, -1.0):
        middle = call("slerp", start, sign * end, torch.tensor([[0.25]]))
        assert close(middle, quat_from_angle_axis(torch.tensor([0.5]), z))
    assert close(call("slerp", start, start, torch.tensor([[0.5]])), start)


def test_ranges_and_other_names() -> None:
    x, lower, upper = torch.tensor([-3.0, 0.0, 3.0]), torch.full((3,), -1.0), torch.full((3,), 2.0)
    assert call("saturate", x, lower, upper).tolist() == [-1.0, 0.0, 2.0]
    assert close(call("unscale_transform", call("scale_transform", x, lower, upper), lower, upper), x)
    assert close(call("my_quat_rotate", TURN, VECTOR), quat_apply(TURN, VECTOR))


def test_a_torso_and_its_target() -> None:
    identity = torch.tensor([[0.0, 0.0, 0.0, 1.0]])
    yaw = quat_from_angle_axis(torch.tensor([math.pi / 2]), torch.tensor([[0.0, 0, 1]]))
    x, z = torch.tensor([[1.0, 0, 0]]), torch.tensor([[0.0, 0, 1]])
    torso, up, ahead, up_vec, heading = call("compute_heading_and_up", yaw, identity, 5.0 * x, x, z, 2)
    assert close(torso, yaw)
    assert close(up, torch.tensor([1.0]))
    assert close(ahead, torch.tensor([0.0]))
    assert close(up_vec, z)
    assert close(heading, torch.tensor([[0.0, 1.0, 0.0]]))
    velocity, spin, roll, pitch, turn, angle = call("compute_rot", yaw, x, z, 9.0 * x, 0.0 * x)
    assert close(velocity, torch.tensor([[0.0, -1.0, 0.0]]))
    assert close(spin, z)
    assert close(torch.stack([roll, pitch, turn]).squeeze(), torch.tensor([0.0, 0.0, math.pi / 2]))
    assert close(angle, torch.tensor([-math.pi / 2]))


@pytest.mark.parametrize("module", ISAAC_HELPERS)
def test_all_can_be_imported_from_where_isaac_gym_has_them(module: str) -> None:
    task = load_task("cartpole")
    for before in (f"from {module} import {', '.join(HELPERS)}", f"from {module} import *"):
        assert check(body(RETURN, before=before), task).imports.items() >= HELPERS.items()
    before = f"import {module}\nimport {module} as u\n"
    calls = ", ".join(f"u.{name}, {module}.{name}" for name in HELPERS)
    imports = check(body(f"x = [{calls}]\n{RETURN}", before=before), task).imports
    assert vars(imports["u"]) == HELPERS
