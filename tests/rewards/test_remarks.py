"""What is said about a program that is used all the same."""

from __future__ import annotations

import pytest

from harness.registry import expert_reward, load_task
from harness.rewards import compile_reward
from harness.rewards.flags import KINDS, Flag
from tests.tasks import EVERY

from .fixtures import TOY, body

ANGLE = "angle = dof_pos[:, 1].abs()\n"
ODD = {
    "constant": ("return torch.ones_like(dof_pos[:, 0]), {}", "constant", "is 1 in every state"),
    "constant after all": (ANGLE + "return angle * 0.0, {'angle': angle}", "constant", "is 0 in every state"),
    "mean over worlds": (ANGLE + "return angle.mean() - angle, {}", "batch", "other worlds"),
    "rank": (ANGLE + "return angle.argsort().argsort().float(), {}", "batch", "other worlds"),
    "running sum": (ANGLE + "return angle.cumsum(0), {}", "batch", "other worlds"),
    "number of worlds": (ANGLE + "return angle / dof_pos.shape[0], {}", "batch", "how many there are"),
    "written for one number of worlds": (
        ANGLE + "return angle.view(4, 8).flatten() - torch.zeros(32), {}",
        "batch",
        "works for 32 worlds only",
    ),
    "huge": (ANGLE + "return -1e30 * angle, {'angle': angle}", "scale", "the reward reaches"),
    "huge component": (ANGLE + "return -angle, {'far': 1e9 * angle}", "scale", "component `far` reaches"),
    "tiny": (ANGLE + "return -1e-12 * angle, {}", "scale", "the reward stays below"),
    "not a number at a limit": (
        "r = torch.sqrt(2.4 - dof_pos[:, 0].abs()) - 2.0\nreturn r, {'inside': r}",
        "non_finite",
        "component `inside` in",
    ),
    "infinite component": (
        "r = dof_pos[:, 1].abs()\nreturn -r, {'far': torch.log((1.2 - r).clamp(min=0.0))}",
        "non_finite",
        "component `far` in",
    ),
    "whole numbers": ("return (dof_pos[:, 1].abs() < 0.1).long(), {}", "cast", "int64"),
    "yes or no": ("return dof_pos[:, 1].abs() < 0.1, {}", "cast", "bool"),
    "many operations": (
        ANGLE + "for i in range(200):\n    angle = angle + torch.sin(dof_vel[:, 1]) * 0.01\nreturn angle, {}",
        "slow",
        "operations on",
    ),
    "large tensors": (
        ANGLE + "return angle + dof_vel[:, :1].expand(32, 2_000_000).sin().mean(1), {}",
        "slow",
        "ms",
    ),
}


def flags(source: str, reference: str = "cartpole", worlds: int = 32) -> list[Flag]:
    return list(compile_reward(source, load_task(reference), worlds).flags)


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_said(name: str) -> None:
    lines, kind, words = ODD[name]
    found = flags(body(lines))
    assert words in " ".join(flag.message for flag in found if flag.kind == kind), found
    assert {flag.kind for flag in found} <= {kind, "batch"} | ({"scale"} if kind == "constant" else set())
    assert all("\n" not in flag.message for flag in found)


def test_a_step_counter_is_named() -> None:
    (flag,) = flags(body("return dof_pos[:, 0] * progress_buf, {}", "dof_pos, progress_buf"))
    assert flag.kind == "counter"
    assert "`progress_buf`" in flag.message


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_odd_about_the_experts_rewards(name: str) -> None:
    source = expert_reward("human", name)
    assert source is not None
    assert flags(source, name, 64) == []


def test_constants_of_the_task_do_not_count_as_worlds() -> None:
    assert flags(body("return (ball_pos - goal).norm(dim=-1), {}", "ball_pos, goal"), TOY) == []


def test_a_flag_survives_its_json_and_is_cut_and_made_printable() -> None:
    flag = Flag("batch", "a line")
    assert Flag.from_dict(flag.to_dict()) == flag
    odd = Flag.from_dict({"kind": "other", "message": "a\x1b[31m\n" + "b" * 5000})
    assert odd.kind in KINDS
    assert odd.message.isprintable()
    assert len(odd.message) <= 400
