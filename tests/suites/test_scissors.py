"""The scissors against their facts: masses, the pivot, and where the grips are."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
import torch

from harness.rotations import quat_apply
from suites.models.scissors import IN_TABLE, Scissors
from tests.suites.scenes import check_reset, rest, scene, touches, worlds

TABLE = ((0.5, 1.0, 0.6), (0.0, 0.0, 0.3))  # m
START = Scissors()


def test_masses_and_joints() -> None:
    model, data = scene(START)
    assert [model.joint(i).name for i in range(model.njnt)] == ["scissors", "scissors_right"]
    for name, mass, moments in (
        ("scissors", 0.1039205, (4.038876e-05, 0.001189097, 0.001227444)),
        ("scissors_right", 0.1038925, (3.959662e-05, 0.001197016, 0.001234575)),
    ):
        assert model.body(name).mass[0] == pytest.approx(mass)
        np.testing.assert_allclose(np.sort(model.body(name).inertia), moments, rtol=2e-5)
    np.testing.assert_allclose(model.body("scissors").ipos, (-0.05985, -0.03788, -0.00189))
    np.testing.assert_allclose(model.body("scissors_right").ipos, (0.06973, -0.10981, 0.00211))
    np.testing.assert_allclose(data.joint("scissors_right").xaxis, (0, 0, 1), atol=1e-9)
    np.testing.assert_allclose(model.body("scissors_right").pos, (-0.0034, 0.0698, 0.0), atol=1e-4)
    np.testing.assert_allclose(model.joint("scissors_right").range, (-0.5969026, 0.4))
    assert (model.dof_damping[6], model.dof_armature[6]) == (0.01, 0.0005)
    assert not model.dof_frictionloss.any()


@pytest.mark.parametrize(("pos", "z"), [(START.pos, 0.608), (IN_TABLE, 0.6)], ids=["settled", "original"])
def test_grips_at_the_start(pos: tuple[float, float, float], z: float) -> None:
    scissors = Scissors(pos=pos)
    sim = check_reset(scissors)
    state = scissors.read(sim)
    assert list(state) == [
        f"scissors_{side}_handle_{part}" for side in ("right", "left") for part in ("pos", "rot")
    ]
    assert {value.dtype for value in state.values()} == {torch.float32}
    assert state["scissors_right_handle_pos"][0].tolist() == pytest.approx((0.152, -0.0317, z), abs=3e-4)
    assert state["scissors_left_handle_pos"][0].tolist() == pytest.approx((0.1499, -0.1001, z), abs=3e-4)
    assert sim.joint("scissors_right").qpos[0].item() == -0.59


def test_grips_part_as_the_pivot_turns_and_are_fixed_points_of_the_legs() -> None:
    scissors = Scissors(pos=IN_TABLE)
    sim = worlds(3, scissors)
    sim.joint("scissors_right").qpos = torch.tensor([[-0.59], [-0.3], [0.0]])
    sim.forward()
    state = scissors.read(sim)
    right, left = (state[f"scissors_{side}_handle_pos"] for side in ("right", "left"))
    assert (right - left).norm(dim=-1).tolist() == pytest.approx([0.0684, 0.133, 0.197], abs=1e-3)
    assert right[2].tolist() == pytest.approx((0.1303, 0.0965, 0.6), abs=3e-4)
    for side, body, offset in (
        ("right", "scissors_right", (0.2, 0.0, -0.1)),
        ("left", "scissors", (0.15, 0.0, 0.1)),
    ):
        turned = quat_apply(state[f"scissors_{side}_handle_rot"], torch.tensor([offset] * 3))
        torch.testing.assert_close(state[f"scissors_{side}_handle_pos"], sim.body(body).xpos.float() + turned)


@pytest.mark.parametrize("angle", [-0.59, 0.0])
def test_they_rest_on_their_table(angle: float) -> None:
    model, data = scene(START, table=TABLE)
    data.joint("scissors_right").qpos[0] = angle
    deepest, drift, turn = rest(model, data, "scissors")
    assert 0.6 < data.body("scissors").xpos[2] < 0.609
    assert 0.0 < deepest < 0.0046 / 3  # of a blade
    assert drift < 1e-4
    assert turn < 1e-3
    assert data.joint("scissors_right").qpos[0] == pytest.approx(angle, abs=3e-3)


def test_they_start_on_the_table_and_in_the_original_inside_it() -> None:
    for pos, low, high in ((START.pos, 0.0, 5e-4), (IN_TABLE, 7e-3, 9e-3)):
        _, data = scene(Scissors(pos=pos), table=TABLE)
        assert low <= -data.contact.dist.min(initial=0.0) < high


def test_legs_pass_through_each_other_and_grips_are_filled() -> None:
    model, data = scene(START)
    for angle in np.linspace(-0.59, 0.4, 5):
        data.joint("scissors_right").qpos[0] = angle
        mujoco.mj_forward(model, data)
        assert data.ncon == 0
    data.joint("scissors_right").qpos[0] = 0.0
    mujoco.mj_forward(model, data)
    for side in ("left", "right"):
        assert f"scissors_{side}_fill" in touches(START, data.site(f"scissors_{side}_handle").xpos)


def test_their_friction_is_the_usual_one() -> None:
    assert touches(START, "scissors_right_fill")["scissors_right_fill"].friction == 1.0
