"""Swing Cup: turn a cup round by its two handles (Bi-DexHands' ShadowHandSwingCup)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from harness.rotations import quat_diff_rad
from harness.task import Budget, MemoryForm, Simulation, Text, Timing, tensor
from suites.dexterity.handles import Handles, StartOptions, stored_goal
from suites.dexterity.hands import read_object
from suites.models.cup import Cup
from suites.models.table import add_table
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

TABLE_SIZE, TABLE_PLACE = (0.3, 0.3, 0.6), (0.0, 0.0, 0.3)  # m
IN_TABLE = (0.0, 0.0, 0.6)  # m, where the original starts: 84 mm too low
GOAL = (0.0, 0.0, 1.6, 0.0, 0.0, 0.70710678, -0.70710678)  # m; xyzw
TURNED = 0.785  # rad, from the goal: the cup starts opposite to it
FALLEN = 0.3  # m, height of the cup


def _point(side: str) -> Any:
    return tensor("position", "m", f"in the {side} handle, world frame", (3,))


class SwingCup(Handles):
    """A cup on a small table, handles towards the hands. Any rotation near enough to the goal's counts, wherever."""

    text = Text(
        given="hold a cup by its two handles, one in either hand, and swing it round",
        true="spin the cup 135 degrees or more about the vertical, either way round",
    )
    quick = Budget(256, 240, 16, 1024, "four times the suite's: hands find both handles")
    timing = Timing(dt=0.01667, substeps=2, episode_steps=150)
    memory_form = MemoryForm.SCALAR_EMA
    right = Mount((0.35, 0.2, 0.8), (3.14159, 1.57, 1.57))
    left = Mount((0.35, -0.2, 0.8), (3.14159, -1.57, 1.57))
    camera = {"lookat": (0.1, 0.0, 0.71), "distance": 0.95, "azimuth": 32.0, "elevation": -27.0}

    Options = StartOptions
    options: StartOptions

    @dataclass
    class State(Handles.State):
        goal_rot: Tensor = tensor("rotation", "1", "that the object should get, world frame", (4,))
        cup_right_handle_pos: Tensor = _point("right")
        cup_right_handle_rot: Tensor = tensor("rotation", "1", "of the cup, world frame", (4,))
        cup_left_handle_pos: Tensor = _point("left")
        cup_left_handle_rot: Tensor = tensor("rotation", "1", "of the cup with y up, world frame", (4,))

    def __init__(self, options: StartOptions | None = None) -> None:
        super().__init__(options)
        self.cup = Cup(pos=IN_TABLE if self.options.start_height == "original" else Cup.pos)

    def scene(self) -> mujoco.MjSpec:
        spec = self.cup.add_to(self.hands_scene())
        add_table(spec, TABLE_SIZE, TABLE_PLACE)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        self.cup.reset(sim, worlds)

    def read(self, sim: Simulation, carried: Any) -> State:
        thing, goal = read_object(sim, "cup"), stored_goal(sim, GOAL)
        return self.State(**self.read_hands(sim, carried), **thing, **goal, **self.cup.read(sim))

    def observe(self, state: State, actions: Tensor) -> Tensor:
        handles = [state.cup_right_handle_pos, state.cup_left_handle_pos]
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state), *handles], dim=-1)

    def terminated(self, state: State) -> Tensor:
        return state.object_pos[:, 2] <= FALLEN

    def score(self, state: State) -> Tensor:
        return (quat_diff_rad(state.object_rot, state.goal_rot) < TURNED).float()
