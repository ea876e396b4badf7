"""What all two-handed tasks share: actions, state, what a policy sees, resets, the latch, options."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from harness.context import context_of
from harness.contract_check import check_task
from harness.contract_try import try_task
from harness.rotations import get_euler_xyz, quat_from_euler_xyz, scale
from harness.task import state_fields
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hand_points import HandPoints
from suites.dexterity.hands import JOINT_NAMES, SERVO_NAMES
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.shadow_hand import ACTUATED, JOINTS, LOWER, UPPER
from tests.suites.hands import ABOVE, DOOR, Play, Table, play

SIDES = ("right", "left")
FIXED = {"free": False, "num_actions": 40}


def moved(task: Play, count: int = 4, steps: int = 6) -> tuple[Table, Any, torch.Tensor]:
    """Worlds after some random steps: the last state, and the actions that led to it."""
    table = Table(task, count)
    for _ in range(steps):
        actions = table.draw()
        state, _ = table.step(actions)
    return table, state, actions


def test_the_base_meets_the_contract() -> None:
    for task in (play(), play(**FIXED)):
        check_task(task)
        try_task(task)


def test_state_has_the_names_and_shapes_of_the_original() -> None:
    shapes = {name: meta["shape"] for name, meta in state_fields(play()).items()}
    thing = {"pose": 7, "pos": 3, "rot": 4, "linvel": 3, "angvel": 3}
    expected = {f"object_{name}": (size,) for name, size in thing.items()}
    for name in ("fingertip", "fingertip_another"):
        expected |= {f"{name}_state": (5, 13), f"{name}_pos": (5, 3)}
    for part in ("", "ff_", "mf_", "rf_", "lf_", "th_"):
        expected |= {f"{side}_hand_{part}pos": (3,) for side in SIDES}
        expected |= {f"{side}_hand_{part}rot": (4,) for side in SIDES}
    assert shapes == expected
    _, state, _ = moved(play())
    for name, shape in expected.items():
        value = getattr(state, name)
        assert (value.shape, value.dtype) == ((4, *shape), torch.float32), name
    assert len(state_fields(type("Bare", (Bimanual,), {}))) == 9
    assert len(HandPoints.__dataclass_fields__) == 24


def test_no_designer_hears_of_the_latch_or_of_hidden_fields() -> None:
    context = context_of(Play())
    for secret in ("succeeded", "latch", "sparse", "_dof_force", "0.5", "score"):
        assert secret not in context.split("# functions that a reward may call")[0], secret


def test_actions_are_the_wrench_and_the_targets_of_the_right_hand_then_of_the_left_one() -> None:
    table = Table(play(transition_scale=0.5, orientation_scale=0.1), 3)
    actions = table.draw()
    table.step(actions)
    lower, upper = (torch.tensor([side[i] for i in ACTUATED], dtype=torch.float64) for side in (LOWER, UPPER))
    driven = [JOINTS[i].name for i in ACTUATED]
    for side, start in (("right", 0), ("left", 26)):
        targets = scale(actions[:, start + 6 : start + 26].double(), lower, upper)
        for place, name in enumerate(driven):
            ctrl = table.sim.actuator(f"{side}_{name}").ctrl[:, 0]
            torch.testing.assert_close(ctrl, targets[:, place])
        unit = torch.tensor([833.5 * 0.1665] * 3 + [1.667 * 0.1665] * 3, dtype=torch.float64)
        wrench = table.sim.body(f"{side}_forearm").xfrc_applied
        torch.testing.assert_close(wrench, actions[:, start : start + 6].double() * unit, rtol=1e-4, atol=0.0)
    others = table.sim.xfrc_applied.clone()
    others[:, [table.sim.model.body(f"{side}_forearm").id for side in SIDES]] = 0.0
    assert others.abs().max() == 0.0
    fixed = Table(play(**FIXED), 2)
    fixed.step(torch.ones(2, 40))
    torch.testing.assert_close(fixed.sim.actuators(SERVO_NAMES).ctrl, torch.cat([upper, upper]).expand(2, -1))
    assert fixed.sim.xfrc_applied.abs().max() == 0.0


def test_a_policy_sees_398_entries_of_free_hands() -> None:
    table, state, actions = moved(play())
    seen = table.task.observe(state, actions)
    assert seen.shape == (4, 398 + 13)
    lower, upper = torch.tensor(LOWER), torch.tensor(UPPER)
    tips = {"right": state.fingertip_state, "left": state.fingertip_another_state}
    for side, at in (("right", 0), ("left", 199)):
        joints = table.sim.joints(JOINT_NAMES[side])
        angles, speeds = joints.qpos.float(), joints.qvel.float()
        wrench = getattr(state, f"_{side}_fingertip_wrench")
        parts = [
            (2.0 * angles - upper - lower) / (upper - lower),
            speeds * 0.2,
            getattr(state, f"_{side}_dof_force") * 10.0,
            tips[side].flatten(1),
            wrench * 10.0,
            getattr(state, f"{side}_hand_pos"),
            getattr(state, f"_{side}_root_euler"),
            actions[:, :26] if side == "right" else actions[:, 26:],
        ]
        ends = [at + end for end in (24, 48, 72, 137, 167, 170, 173, 199)]
        for part, end in zip(parts, ends, strict=True):
            torch.testing.assert_close(seen[:, end - part.shape[1] : end], part)
    torch.testing.assert_close(seen[:, 398:405], state.object_pose)
    torch.testing.assert_close(seen[:, 405:408], state.object_linvel)
    torch.testing.assert_close(seen[:, 408:], state.object_angvel * 0.2)
    roots = play(base_point="root").observe(state, actions)
    torch.testing.assert_close(roots[:, 366:369], table.sim.body("left_hand_mount").xpos.float())
    table, state, actions = moved(play(**FIXED))
    seen = table.task.observe(state, actions)
    assert seen.shape == (4, 374 + 13)
    torch.testing.assert_close(seen[:, 167:187], actions[:, :20])
    torch.testing.assert_close(seen[:, 354:374], actions[:, 20:])


def test_efforts_are_those_of_the_servos_less_the_damping() -> None:
    table, state, _ = moved(play())
    damping = torch.tensor([0.5, 0.5, *[0.1] * 22])
    for side in SIDES:
        joints = table.sim.joints(JOINT_NAMES[side])
        servos = torch.zeros(4, 24)
        servos[:, list(ACTUATED)] = table.sim.actuators(
            [f"{side}_{JOINTS[i].name}" for i in ACTUATED]
        ).force.float()
        found = getattr(state, f"_{side}_dof_force")
        assert found.abs().max() > 0.1
        torch.testing.assert_close(found, servos - damping * joints.qvel.float(), atol=1e-5, rtol=0.0)
    table.reset(torch.ones(4, dtype=torch.bool))
    fresh = table.state()
    for name in ("dof_force", "fingertip_wrench", "dof_vel"):
        assert all(getattr(fresh, f"_{side}_{name}").abs().max() == 0.0 for side in SIDES)


def test_fingertips_feel_what_they_touch() -> None:
    """A fist presses the thumb and the fingers against each other, so each force has an equal one nearby."""
    table = Table(play(**FIXED), 1)
    for _ in range(60):
        state, _ = table.step(torch.ones(1, 40))
    wrench = state._left_fingertip_wrench.view(5, 6)
    assert wrench[:, :3].norm(dim=-1).max() > 0.1
    readings = table.sim.sensor("left_thdistal").data
    rotation = table.sim.body("left_thdistal").xmat[0]
    torch.testing.assert_close(wrench[4, :3], (readings[0, :3] @ rotation).float())


def test_roots_are_seen_as_roll_pitch_and_yaw() -> None:
    state = Table(play(**DOOR)).state()
    for side, mount in DOOR.items():
        angles = getattr(state, f"_{side}_root_euler")[0]
        assert ((angles >= 0.0) & (angles < 2.0 * math.pi)).all()
        found, expected = (
            quat_from_euler_xyz(*euler.double()) for euler in (angles, torch.tensor(mount.euler_xyz))
        )
        assert (found @ expected).abs().item() == pytest.approx(1.0, abs=1e-6)
        assert len(get_euler_xyz(found)) == 3


def test_hands_start_straight_or_spread_alike_or_as_told() -> None:
    straight = Table(play(), 3).sim
    assert all(straight.joints(JOINT_NAMES[side]).qpos.abs().max() == 0.0 for side in SIDES)
    table = Table(play(joint_spread=0.2), 500)
    right, left = (table.sim.joints(JOINT_NAMES[side]).qpos for side in SIDES)
    assert torch.equal(right, left)
    lower, upper = torch.tensor(LOWER, dtype=torch.float64), torch.tensor(UPPER, dtype=torch.float64)
    low, high = 0.2 * (2.0 * lower - upper), 0.2 * upper
    torch.testing.assert_close(right.amin(0), torch.maximum(low, lower), atol=0.01, rtol=0.0)
    torch.testing.assert_close(right.amax(0), high, atol=0.01, rtol=0.0)
    bend = right[:, [joint.name for joint in JOINTS].index("FFJ2")]
    assert (bend == 0.0).double().mean().item() == pytest.approx(0.5, abs=0.08)
    targets = table.sim.actuators(SERVO_NAMES).ctrl
    torch.testing.assert_close(targets[:, :20], right[:, list(ACTUATED)])
    chosen = Table(play(start_angles={"THJ0": -1.57}), 2).sim
    torch.testing.assert_close(chosen.joint("left_THJ0").qpos, torch.full((2, 1), -1.57, dtype=torch.float64))
    assert chosen.joint("left_THJ1").qpos.abs().max() == 0.0


def test_a_reset_puts_back_the_worlds_of_the_mask_alone() -> None:
    table, before, _ = moved(play(joint_spread=0.2, transition_scale=0.5, orientation_scale=2.0))
    assert before._right_root_pos.std(dim=0).max() > 1e-3
    table.reset(torch.tensor([False, True, False, False]))
    after, others = table.state(), [0, 2, 3]
    for name in ("_right_root_pos", "_left_root_euler", "_left_dof_pos", "fingertip_state", "object_pose"):
        assert torch.equal(getattr(after, name)[others], getattr(before, name)[others]), name
    assert after._right_root_pos[1].tolist() == pytest.approx(ABOVE["right"].pos, abs=1e-6)
    assert after.fingertip_state[1, :, 7:].abs().max() < 1e-6
    assert not torch.equal(after._left_dof_pos[1], before._left_dof_pos[1])
    assert table.sim.xfrc_applied[1].abs().max() == 0.0


def lift(table: Table, world: int, height: float) -> None:
    """Put the ball of one world so high (m) that it is above half a metre or not."""
    table.sim.joint("object").qpos[world, 2] = height
    table.sim.joint("object").qvel[world] = 0.0
    table.sim.forward()


def test_success_is_latched_until_the_episode_ends() -> None:
    table = Table(play(), 2)
    table.step(table.idle())
    lift(table, 0, 1.0)
    assert table.task.score(table.state()).tolist() == [1.0, 0.0]
    assert table.state()._succeeded.tolist() == [0.0, 0.0]
    state, _ = table.step(table.idle())
    assert state._succeeded.tolist() == [1.0, 0.0]
    lift(table, 0, 0.05)
    for _ in range(3):
        state, _ = table.step(table.idle())
        assert table.task.score(state).tolist() == [0.0, 0.0]
        assert state._succeeded.tolist() == [1.0, 0.0]
    table.reset(torch.tensor([False, True]))
    assert table.state()._succeeded.tolist() == [1.0, 0.0]
    table.reset(torch.tensor([True, False]))
    assert table.state()._succeeded.tolist() == [0.0, 0.0]


def test_a_start_that_scores_is_no_success_and_an_instant_reward_has_no_latch() -> None:
    table = Table(play(), 1)
    lift(table, 0, 0.52)
    table.sim.joint("object").qvel[0, 2] = -9.0
    state, _ = table.step(table.idle())
    assert state._succeeded.item() == 0.0
    instant = Table(play({"sparse": "instant"}), 1)
    instant.step(instant.idle())
    lift(instant, 0, 1.0)
    state, _ = instant.step(instant.idle())
    assert state._succeeded.item() == 0.0
    assert instant.carried.succeeded.item() == 1.0


def test_left_fingertips_are_the_left_ones_or_as_in_the_original() -> None:
    table, state, actions = moved(play())
    assert not torch.equal(state.fingertip_another_state, state.fingertip_state)
    torch.testing.assert_close(
        state.fingertip_another_pos[:, 4], table.sim.body("left_thdistal").xpos.float()
    )
    table, state, actions = moved(play({"fidelity": "original"}))
    assert torch.equal(state.fingertip_another_state, state.fingertip_state)
    assert torch.equal(state.fingertip_another_pos, state.fingertip_pos)
    seen = table.task.observe(state, actions)
    assert torch.equal(seen[:, 271:336], seen[:, 72:137])
    assert not torch.equal(state.left_hand_th_pos, state.right_hand_th_pos)


def test_force_entries_can_be_clipped() -> None:
    _, state, actions = moved(play())
    state._left_fingertip_wrench[:] = 50.0
    state._right_dof_force[:] = -50.0
    raw, clipped = (play({"force_entries": how}).observe(state, actions) for how in ("raw", "clipped"))
    assert raw[:, 336:366].min() == 500.0
    assert clipped[:, 336:366].min() == clipped[:, 336:366].max() == 100.0
    assert clipped[:, 48:72].max() == -100.0
    torch.testing.assert_close(clipped[:, 72:137], raw[:, 72:137])


class Odd(DexterityOptions):
    """With a quirk of its own."""

    height: str = quirk("settled", original="low")


def test_fidelity_chooses_all_that_is_not_given() -> None:
    fixed, original = Odd(), Odd.model_validate({"fidelity": "original"})
    assert (fixed.fidelity, fixed.left_fingertips, fixed.height) == ("fixed", "left", "settled")
    assert (original.fidelity, original.left_fingertips, original.height) == ("original", "right", "low")
    assert (original.base_drag, original.sparse, original.force_entries) == ("discrete", "latched", "raw")
    mixed = Odd.model_validate({"fidelity": "original", "height": "settled"})
    assert (mixed.fidelity, mixed.left_fingertips, mixed.height) == ("mixed", "right", "settled")
    assert Odd.model_validate({"base_drag": "continuous"}).fidelity == "mixed"
    assert Odd.model_validate({"fidelity": "mixed"}).fidelity == "fixed"
    for options in (fixed, original, mixed):
        values = options.model_dump(mode="json")
        changed = {
            name: value for name, value in values.items() if value != fixed.model_dump(mode="json")[name]
        }
        assert Odd.model_validate(changed) == options
    with pytest.raises(ValidationError, match="fidelity"):
        Odd.model_validate({"fidelity": "better"})


@pytest.mark.parametrize("law", ["discrete", "continuous"])
@pytest.mark.parametrize("hold", [1, 25])
def test_random_and_extreme_actions_are_stable(law: str, hold: int) -> None:
    """The strongest wrench of any task, over the ground that hands are pushed against.

    Fingers that the viscous drag lets crash into the ground spin fast for a step, but no world is lost.
    """
    table = Table(play({"base_drag": law}, **DOOR, transition_scale=0.5, orientation_scale=0.5), 32)
    for step in range(150):
        if step % hold == 0:
            actions = table.draw() if hold == 1 else table.draw().sign()
        state, unstable = table.step(actions)
        assert not unstable.any()
        assert law == "continuous" or state._right_dof_vel.abs().max() < 60.0
        assert state._right_root_pos.norm(dim=-1).max() < 10.0
