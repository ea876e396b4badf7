"""Scissors: open a pair that lies on a table (Bi-DexHands' ShadowHandScissors)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness.task import MemoryForm, Simulation, Text, Timing, tensor
from suites.dexterity.hand_points import reach
from suites.dexterity.handles import Handles, StartOptions, stored_goal
from suites.dexterity.hands import read_object
from suites.dexterity.options import quirk
from suites.models import scissors as model

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

OPEN = -0.3  # rad, of the pivot
LOST = 1.75  # m, sum of the distances of five fingertips to a grip at which the episode ends
GOAL = (0.0, 0.0, 10.6, 0.0, 0.0, 0.7068252, 0.7073883)  # m, xyzw


class ScissorsOptions(StartOptions):
    """What may be chosen of Scissors."""

    pivot_angle: Literal["hidden", "shown"] = quirk("hidden", original="hidden")
    """Whether rewards may read the angle that decides (`object_dof_pos`). It follows from the rotations of the grips,
    and the distance between these tells as much."""


class Scissors(Handles):
    """One hand alone may do it: nothing asks for both."""

    text = Text(
        given="open a closed pair of scissors that lies on a table, with two hands",
        true="turn one leg about the pivot, from -0.59 rad to beyond -0.3 rad; a single hand may do it",
    )
    timing = Timing(dt=0.01667, substeps=2, episode_steps=150)
    memory_form = MemoryForm.SCALAR_EMA
    table_height = 0.6
    camera = {"lookat": (0.14, 0.0, 0.67), "distance": 1.05, "azimuth": 20.0, "elevation": -30.0}

    Options = ScissorsOptions
    options: ScissorsOptions

    @dataclass
    class State(Handles.State):
        scissors_right_handle_pos: Tensor = tensor("position", "m", "grip of the right leg", (3,))
        scissors_right_handle_rot: Tensor = tensor("rotation", "1", "of the right leg, world frame", (4,))
        scissors_left_handle_pos: Tensor = tensor("position", "m", "grip of the left leg", (3,))
        scissors_left_handle_rot: Tensor = tensor("rotation", "1", "of the left leg, world frame", (4,))
        _object_dof_pos: Tensor = tensor("joint position", "rad", "of the pivot", (1,))

    @dataclass
    class WithAngle(State):
        object_dof_pos: Tensor = tensor("joint position", "rad", "of the pivot; more is more open", (1,))

    def __init__(self, options: ScissorsOptions | None = None) -> None:
        super().__init__(options)
        shown = self.options.pivot_angle == "shown"
        if shown:
            self.State = self.WithAngle  # type: ignore[misc]
        place = model.IN_TABLE if self.options.start_height == "original" else model.Scissors.pos
        self.scissors = model.Scissors(pos=place, tells_angle=shown)

    def scene(self) -> mujoco.MjSpec:
        return self.scissors.add_to(self.table_scene())

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        self.scissors.reset(sim, worlds)

    def read(self, sim: Simulation, carried: Any) -> Any:
        return self.State(
            **self.read_hands(sim, carried),
            **read_object(sim, "scissors"),
            **stored_goal(sim, GOAL),
            **self.scissors.read(sim),
            _object_dof_pos=self.scissors.angle_of(sim),
        )

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        handles = [state.scissors_right_handle_pos, state.scissors_left_handle_pos]
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state), *handles], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        right = reach(state, "right", state.scissors_right_handle_pos)
        left = reach(state, "left", state.scissors_left_handle_pos)
        return (right >= LOST) | (left >= LOST)

    def score(self, state: Any) -> Tensor:
        angle: Tensor = state._object_dof_pos[:, 0]
        return (angle > OPEN).float()
