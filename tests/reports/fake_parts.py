"""What fake runs are made of: tasks with their levels, errors, a program, a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw


@dataclass(frozen=True)
class FakeTask:
    """A task with the scores that human and sparse rewards and a good program reach on it."""

    fitness: str
    unit: str
    description: str
    human: float
    sparse: float
    found: float
    start: float = 0.0
    noise: float = 0.05
    """Spread over seeds, as a share of human - start."""
    suite: str = "isaac"
    floor: float = 0.0


TASKS = {
    "cartpole": FakeTask("SURVIVAL", "steps", "keep the pole upright", 499.0, 310.0, 497.0, 25.0),
    "ball_balance": FakeTask("SURVIVAL", "steps", "keep the ball on the table", 470.0, 180.0, 492.0, 40.0),
    "quadcopter": FakeTask("RATE", "m", "hover at the target", -0.35, -1.6, -0.29, -2.4, floor=-3.0),
    "ant": FakeTask("RATE", "m/s", "run forward", 4.9, 1.2, 6.1, 0.0, 0.08, floor=-0.5),
    "humanoid": FakeTask("RATE", "m/s", "run forward", 3.8, 0.9, 3.1, 0.0, 0.12, floor=-0.5),
    "anymal": FakeTask("RATE", "(m/s)^2", "follow the commands", -0.7, -0.75, -0.9, -2.0, 0.2, floor=-4.0),
    "franka_cabinet": FakeTask("SUCCESS", "share", "open the drawer", 0.42, 0.05, 0.81, 0.0, 0.1),
    "shadow_hand": FakeTask("COUNT", "goals", "turn the cube to the goal", 6.2, 0.4, 8.9, 0.0, 0.1),
    "allegro_hand": FakeTask("COUNT", "goals", "turn the cube to the goal", 4.1, 0.2, 5.0, 0.0, 0.1),
}
BIMANUAL = (
    "over",
    "catch_underarm",
    "catch_over2underarm",
    "catch_abreast",
    "two_catch_underarm",
    "lift_underarm",
    "door_open_inward",
    "door_open_outward",
    "door_close_inward",
    "door_close_outward",
    "bottle_cap",
    "push_block",
    "switch",
    "kettle",
    "grasp_and_place",
    "block_stack",
    "re_orientation",
    "scissors",
    "pen",
    "swing_cup",
)
for _rank, _name in enumerate(BIMANUAL):
    _human = 0.35 + 0.03 * (_rank % 10)
    TASKS[_name] = FakeTask(
        "SUCCESS",
        "share of episodes",
        f"do what {_name} asks of two hands",
        human=_human,
        sparse=0.05 + 0.01 * (_rank % 4),
        found=min(1.0, _human * (0.6 + 0.08 * (_rank * 7 % 11))),
        noise=0.1,
        suite="dexterity",
    )
ERRORS = {
    "no_code": ("the answer has no code block", "put the whole program in one fenced block"),
    "syntax": ("line 4: '(' was never closed", "line 4: `reward = torch.exp(-speed`: close the bracket"),
    "unknown_name": ("argument 'pole_angle' is no state of this task", "use one of: dof_pos, dof_vel"),
    "forbidden": (
        "line 3: attribute '__class__' is not allowed",
        "line 3: `x.__class__`: use tensor operations",
    ),
    "shape": ("reward has shape (512, 2), expected (512,)", "sum or index the last axis"),
    "non_finite": ("reward is not finite on 3 of 512 worlds", "line 5: `torch.log(x)`: clamp x above zero"),
    "timeout": (
        "the program did not return within 20 s",
        "use tensor operations, no Python loop over worlds",
    ),
}
PROGRAM = '''import torch
from torch import Tensor


def compute_reward(dof_pos: Tensor, dof_vel: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """{about}"""
    closeness = {scale:.3f} * torch.exp(-dof_pos.abs().sum(dim=-1) / {temperature:.3f})
    calm = -{calm:.4f} * dof_vel.square().sum(dim=-1)
    reward = closeness + calm
    return reward, {{"closeness": closeness, "calm": calm}}
'''


def write_picture(path: Path, rng: np.random.Generator) -> None:
    """A short animated WebP: a cart with a pole crosses the floor."""
    frames = []
    colour = tuple(int(x) for x in rng.integers(60, 200, 3))
    for index in range(12):
        image = Image.new("RGB", (200, 150), (236, 239, 243))
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 115, 200, 150), fill=(205, 210, 218))
        x = 20 + index * 13
        pen.rounded_rectangle((x - 16, 92, x + 16, 114), 5, fill=colour)
        pen.line((x, 92, x + 14 * math.sin(index), 40), fill=(60, 60, 66), width=5)
        frames.append(image)
    path.parent.mkdir(parents=True, exist_ok=True)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80, loop=0, quality=60)
