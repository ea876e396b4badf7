"""Pen: draw the cap off a large pen that lies on a table (Bi-DexHands' ShadowHandPen)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from harness.task import MemoryForm, Simulation, Text, Timing, tensor
from suites.dexterity.hand_points import reach
from suites.dexterity.handles import Handles, StartOptions, stored_goal
from suites.dexterity.hands import read_object
from suites.models import pen as model

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

APART = 0.3  # m, between the handles; 0.17 m while the cap is on
LOST = 1.5  # m, sum of the distances of five fingertips to a handle at which the episode ends
IN_TABLE = (0.0, 0.0, 0.6)  # m, where the original starts: 12 mm too low
GOAL = (0.0, 0.0, 10.6, 0.4999998, 0.4999998, -0.4996018, 0.5003982)  # m, xyzw


class Pen(Handles):
    """The right handle is on the cap, the left one on the barrel; the cap slides on, but never comes free."""

    text = Text(
        given="take the cap off a pen that lies on a table, with two hands",
        true="draw the cap 0.13 m along the pen",
    )
    timing = Timing(dt=0.01667, substeps=2, episode_steps=125)
    memory_form = MemoryForm.PER_WORLD_LAST
    table_height = 0.6
    camera = {"lookat": (0.14, 0.0, 0.67), "distance": 1.05, "azimuth": 20.0, "elevation": -30.0}

    Options = StartOptions
    options: StartOptions

    @dataclass
    class State(Handles.State):
        pen_right_handle_pos: Tensor = tensor("position", "m", "where to hold the cap, world frame", (3,))
        pen_right_handle_rot: Tensor = tensor("rotation", "1", "of the cap, world frame", (4,))
        pen_left_handle_pos: Tensor = tensor("position", "m", "where to hold the barrel, world frame", (3,))
        pen_left_handle_rot: Tensor = tensor("rotation", "1", "of the barrel, world frame", (4,))

    def __init__(self, options: StartOptions | None = None) -> None:
        super().__init__(options)
        self.pen = model.Pen(pos=IN_TABLE if self.options.start_height == "original" else model.Pen.pos)

    def scene(self) -> mujoco.MjSpec:
        return self.pen.add_to(self.table_scene())

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        self.pen.reset(sim, worlds)

    def read(self, sim: Simulation, carried: Any) -> Any:
        thing, goal = read_object(sim, "pen"), stored_goal(sim, GOAL)
        return self.State(**self.read_hands(sim, carried), **thing, **goal, **self.pen.read(sim))

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        handles = [state.pen_right_handle_pos, state.pen_left_handle_pos]
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state), *handles], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        right = reach(state, "right", state.pen_right_handle_pos)
        left = reach(state, "left", state.pen_left_handle_pos)
        return (right >= LOST) | (left >= LOST)

    def score(self, state: Any) -> Tensor:
        distance: Tensor = (state.pen_right_handle_pos - state.pen_left_handle_pos).norm(dim=-1)
        return (distance > APART).float()
