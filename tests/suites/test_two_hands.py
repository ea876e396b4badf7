"""Two hands in a scene: where they are mounted, and how their bases move under a wrench."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest
import torch

from harness.rotations import quat_apply
from harness.sim import compile_scene
from harness.task import Timing
from suites.dexterity.hand_points import reach
from suites.models.shadow_hand import JOINTS
from suites.models.two_hands import HAND_COM, HAND_INERTIA, HAND_MASS, LINK_DRAG, WRIST_DRAG, Mount
from tests.suites.hands import ABOVE, DOOR, Table, play

FACING = {"right": Mount((0.0, 0.0, 0.5)), "left": Mount((0.0, -1.15, 0.5), (0.0, 0.0, 3.1415))}
RAISED = Mount((0.0, 0.0, 0.5), (1.67, 3.14, 0.0))
FOLDED = {"THJ4": -1.04, "THJ3": 1.2, "THJ0": -1.57}
BOTTLE = {
    "right": Mount((0.0, -1.05, 0.5), (0.5, 3.14159, 3.14159)),
    "left": Mount((0.0, -0.25, 0.45), (0.0, 0.87, 0.0)),
    "start_angles": FOLDED,
}
STACK = {
    "right": Mount((0.0, 0.6, 0.7), (3.14159, 0.0, 3.14)),
    "left": Mount((0.0, -0.6, 0.7), (3.14159, 0.0, 0.0)),
}
CUP = {
    "right": Mount((0.35, 0.2, 0.8), (3.14159, 1.57, 1.57)),
    "left": Mount((0.35, -0.2, 0.8), (3.14159, -1.57, 1.57)),
}


@pytest.mark.parametrize(
    ("mounts", "right", "left"),
    [
        (FACING, (0.0, -0.37, 0.51), (0.0, -0.78, 0.51)),
        (ABOVE, (0.18, 0.2, 0.79), (0.18, -0.2, 0.79)),
        (DOOR, (0.18, 0.19, 0.6), (0.18, -0.19, 0.6)),
        (CUP, (-0.02, 0.19, 0.8), (-0.02, -0.19, 0.8)),
        (STACK, (-0.001, 0.23, 0.69), (0.0, -0.23, 0.69)),
        (BOTTLE, (0.0, -0.721, 0.669), (0.008, -0.62, 0.456)),
    ],
)
def test_palms_are_where_the_original_has_them(mounts: dict[str, Any], right: Any, left: Any) -> None:
    state = Table(play(**mounts)).state()
    torch.testing.assert_close(state.right_hand_pos[0], torch.tensor(right), atol=1.5e-3, rtol=0.0)
    torch.testing.assert_close(state.left_hand_pos[0], torch.tensor(left), atol=1.5e-3, rtol=0.0)


@pytest.mark.parametrize(
    ("mounts", "side", "point", "distance"),
    [
        (ABOVE, "right", (0.0, 0.2, 0.6), 1.178),
        (ABOVE, "left", (0.0, -0.2, 0.6), 1.178),
        (ABOVE, "right", (0.0, 0.1, 0.6), 1.245),
        (ABOVE, "left", (0.0, -0.07, 0.6), 1.382),
        (DOOR, "right", (0.0485, 0.0365, 0.7167), 1.053),
        (DOOR, "left", (0.0456, -0.0304, 0.7167), 1.167),
        (CUP, "right", (0.0, 0.062, 0.6), 1.445),
        (CUP, "left", (0.0, -0.06, 0.6), 1.296),
        (STACK, "right", (0.0, 0.1, 0.625), 0.539),
        (STACK, "left", (0.0, -0.1, 0.625), 0.540),
        (BOTTLE, "right", (-0.0966, -0.6, 0.6147), 0.806),
    ],
)
def test_fingers_are_as_far_from_things_as_in_the_original(
    mounts: dict[str, Any], side: str, point: Any, distance: float
) -> None:
    found = reach(Table(play(**mounts)).state(), side, torch.tensor([point]))
    assert found.item() == pytest.approx(distance, abs=2e-3)


def test_fingertips_and_palms_of_raised_and_leaning_hands() -> None:
    raised = Table(play(right=RAISED, left=FACING["left"]))
    state = raised.state()
    torch.testing.assert_close(
        state._right_palm_pos[0], torch.tensor([0.0, 0.039, 0.788]), atol=1e-3, rtol=0.0
    )
    torch.testing.assert_close(
        state.right_hand_mf_pos[0], torch.tensor([0.010, 0.057, 0.976]), atol=2e-3, rtol=0.0
    )
    out = quat_apply(state.right_hand_rot, torch.tensor([[0.0, -1.0, 0.0]]))[0]
    torch.testing.assert_close(out, torch.tensor([0.0, -0.995, 0.099]), atol=3e-3, rtol=0.0)
    leaning = {
        "right": Mount((0.0, -0.55, 0.5), (0.0, 0.3925, -1.57)),
        "left": Mount((0.0, -1.15, 0.5), (0.0, -0.3925, -1.57)),
    }
    state = Table(play(**leaning)).state()
    torch.testing.assert_close(
        state._right_palm_pos[0], torch.tensor([-0.290, -0.546, 0.491]), atol=1e-3, rtol=0.0
    )
    torch.testing.assert_close(
        state._left_palm_pos[0], torch.tensor([-0.290, -1.154, 0.491]), atol=1e-3, rtol=0.0
    )
    tips = Table(play(**FACING)).state()
    torch.testing.assert_close(
        tips.right_hand_mf_pos[0], torch.tensor([-0.011, -0.479, 0.49]), atol=1e-3, rtol=0.0
    )
    torch.testing.assert_close(
        tips.left_hand_mf_pos[0], torch.tensor([0.011, -0.671, 0.49]), atol=1e-3, rtol=0.0
    )


@pytest.mark.parametrize(
    ("mounts", "right", "left"),
    [
        (FACING, (0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 4.6e-5)),
        (DOOR, (0.500398, 0.500001, -0.499999, 0.499603), (0.500399, 0.499999, 0.500001, -0.499601)),
        (
            {"right": RAISED, "left": ABOVE["left"]},
            (0.00059, 0.671177, -0.741296, 0.000534),
            (0.707388, 0.706825, 0, 0),
        ),
    ],
)
def test_roots_are_turned_as_in_the_original(mounts: dict[str, Any], right: Any, left: Any) -> None:
    """Rotation of the hand at a mount without angles, then that of the root: against the palm's in the world."""
    plain, turned = (
        Table(play(**m)).state() for m in ({"right": Mount((0, 0, 1)), "left": Mount((0, 1, 1))}, mounts)
    )
    for side, root in (("right", right), ("left", left)):
        axis = torch.tensor([[0.3, -0.5, 0.8]])
        before = quat_apply(getattr(plain, f"{side}_hand_rot"), axis)
        expected = quat_apply(torch.tensor([root]), before)
        found = quat_apply(getattr(turned, f"{side}_hand_rot"), axis)
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=0.0)


def test_drag_is_that_of_all_bodies_and_acts_at_the_centre_of_mass() -> None:
    """The damping of the base's joints and of the wrist against `LINK_DRAG` times the mass matrix without armature."""
    model = compile_scene(play(**FACING))
    damping, drags = model.dof_damping.copy(), model.actuator_biasprm[:, 2]
    data = mujoco.MjData(model)
    model.dof_armature[:] = 0.0
    mujoco.mj_forward(model, data)
    matrix = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, matrix)
    root = model.body("left_hand_mount").id
    for side in ("right", "left"):
        first = model.joint(f"{side}_base_x").dofadr[0]
        own = matrix[first : first + 8, first : first + 8] * LINK_DRAG
        extra = [
            *[0.0] * 3,
            -drags[model.actuator(f"{side}_drag_x").id],
            -drags[model.actuator(f"{side}_drag_y").id],
            0.0,
        ]
        np.testing.assert_allclose(damping[first : first + 6] + extra, np.diag(own)[:6], rtol=3e-3)
        np.testing.assert_allclose(own[:3, 3:6], 0.0, atol=1e-2)
        for place, joint in enumerate(WRIST_DRAG):
            assert damping[first + 6 + place] - JOINTS[place].damping == pytest.approx(
                own[6 + place, 6 + place], abs=0.01
            )
            assert JOINTS[place].name == joint
    assert model.body_subtreemass[root] == pytest.approx(HAND_MASS)
    centre = data.body("left_hand_mount").xmat.reshape(3, 3).T @ (data.subtree_com[root] - data.xpos[root])
    np.testing.assert_allclose(centre, HAND_COM, atol=1e-5)
    assert min(HAND_INERTIA) == HAND_INERTIA[2]


@pytest.mark.parametrize("substeps", [2, 4])
@pytest.mark.parametrize(("law", "factor"), [("discrete", 1.0), ("continuous", 1.0 / 0.1665)])
@pytest.mark.parametrize(
    ("force", "torque", "speed", "spin", "about_fingers"),
    [
        (0.05, 0.5, 0.0277, 0.53, 1.24),
        (0.1, 2.0, 0.0554, 2.12, 4.96),
        (0.5, 0.1, 0.2769, 0.107, 0.248),
        (0.25, 1.0, 0.138, 1.06, 2.48),
    ],
)
def test_bases_move_as_fast_as_derived_for_either_law(
    substeps: int,
    law: str,
    factor: float,
    force: float,
    torque: float,
    speed: float,
    spin: float,
    about_fingers: float,
) -> None:
    """Six worlds, each with one component of the wrench on the left hand, whose fingers point along y."""
    timing = Timing(dt=0.01667, substeps=substeps, episode_steps=75)
    scales = {"transition_scale": force, "orientation_scale": torque}
    table = Table(play({"base_drag": law}, timing=timing, **FACING, **scales), count=6)
    actions = table.idle()
    actions[:, 1, :6] = torch.eye(6)
    for _ in range(6):  # 0.1 s, ten time constants; a hand that spins turns by some radians meanwhile
        table.step(actions)
    mount = table.sim.body("left_hand_mount")
    motion, centre = mount.velocity, mount.subtree_com
    linear = motion[:, :3] + torch.linalg.cross(motion[:, 3:], centre - mount.xpos)
    along = (linear[:3].diagonal() / factor).tolist()
    assert along == pytest.approx([speed] * 3, rel=0.02)
    if torque * factor < 1.0:  # a hand that turns fast leaves its axes
        turning = (motion[3:, 3:].diagonal() / factor).tolist()
        assert turning == pytest.approx([spin, about_fingers, spin], rel=0.03)
    right = table.sim.body("right_hand_mount").velocity
    assert right.abs().max() < 1e-3


def test_a_hand_that_is_pushed_moves_straight_and_one_that_is_let_go_stops() -> None:
    table = Table(play(**FACING, transition_scale=0.5), count=3)
    actions, start = table.idle(), table.state()._right_root_pos
    actions[:, 0, :3] = torch.eye(3)
    for _ in range(20):
        state, _ = table.step(actions)
    moved = state._right_root_pos - start
    assert (moved.diagonal() > 0.08).all()
    assert (moved - torch.diag(moved.diagonal())).abs().max() < 0.01
    for _ in range(6):
        state, _ = table.step(table.idle())
    still = state._right_root_pos
    for _ in range(6):
        state, _ = table.step(table.idle())
    assert (state._right_root_pos - still).abs().max() < 1e-3
