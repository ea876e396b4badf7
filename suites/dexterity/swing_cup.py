"""Swing Cup: turn a cup round by its two handles (Bi-DexHands' ShadowHandSwingCup)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import mujoco
import torch
from torch import Tensor

from harness.rotations import quat_diff_rad
from harness.task import MemoryForm, Simulation, Text, Timing, tensor
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hand_points import HandPoints
from suites.dexterity.hands import pose_fields, read_object
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.cup import REST, Cup
from suites.models.frames import body_states
from suites.models.table import add_table
from suites.models.two_hands import Mount

TABLE_SIZE, TABLE_PLACE = (0.3, 0.3, 0.6), (0.0, 0.0, 0.3)  # m
TABLE_TOP = 0.6  # m
GOAL_HEIGHT, GOAL_ROTATION = 1.6, (-0.70710678, 0.0, 0.0, 0.70710678)  # m; wxyz
TURNED = 0.785  # rad, from the goal: the cup starts opposite to it
FALLEN = 0.3  # m, height of the cup


def _point(side: str) -> Any:
    return tensor("position", "m", f"in the {side} handle, world frame", (3,))


class SwingCup(Bimanual):
    """A cup on a small table, handles towards the hands. Any rotation near enough to the goal's counts, wherever."""

    text = Text(
        given="hold a cup by its two handles, one in either hand, and swing it round",
        true="spin the cup 135 degrees or more about the vertical, either way round",
    )
    timing = Timing(dt=0.01667, substeps=2, episode_steps=150)
    memory_form = MemoryForm.SCALAR_EMA
    transition_scale, orientation_scale = 0.5, 0.1
    right = Mount((0.35, 0.2, 0.8), (3.14159, 1.57, 1.57))
    left = Mount((0.35, -0.2, 0.8), (3.14159, -1.57, 1.57))
    base_point = "palm"
    camera = {"lookat": (0.1, 0.0, 0.71), "distance": 0.95, "azimuth": 32.0, "elevation": -27.0}

    class Options(DexterityOptions):
        start: Literal["settled", "original"] = quirk("settled", original="original")
        """Where the cup starts: standing on the table, or as in the original, 84 mm deep in it, from where it is
        thrown up."""

    options: Options

    @dataclass
    class State(HandPoints, Bimanual.State):
        goal_pose: Tensor = tensor("scalar", "m, 1", "goal_pos, goal_rot", (7,))
        goal_pos: Tensor = tensor("position", "m", "a constant: 1 m over the table, world frame", (3,))
        goal_rot: Tensor = tensor("rotation", "1", "that the object should get, world frame", (4,))
        cup_right_handle_pos: Tensor = _point("right")
        cup_right_handle_rot: Tensor = tensor("rotation", "1", "of the cup, world frame", (4,))
        cup_left_handle_pos: Tensor = _point("left")
        cup_left_handle_rot: Tensor = tensor("rotation", "1", "of the cup with y up, world frame", (4,))

    @property
    def cup(self) -> Cup:
        """The cup as the options have it."""
        height = TABLE_TOP + (REST if self.options.start == "settled" else 0.0)
        return Cup(pos=(0.0, 0.0, height))

    def scene(self) -> mujoco.MjSpec:
        spec = self.cup.add_to(self.hands_scene())
        add_table(spec, TABLE_SIZE, TABLE_PLACE)
        spec.worldbody.add_body(name="goal", pos=(0.0, 0.0, GOAL_HEIGHT), quat=GOAL_ROTATION)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        self.cup.reset(sim, worlds)

    def read(self, sim: Simulation, carried: Any) -> State:
        goal_pose = body_states(sim, ("goal",))[:, 0, :7]
        return self.State(
            **self.read_hands(sim, carried),
            **read_object(sim, "cup"),
            **pose_fields("goal", goal_pose),
            **self.cup.read(sim),
        )

    def observe(self, state: State, actions: Tensor) -> Tensor:
        handles = [state.cup_right_handle_pos, state.cup_left_handle_pos]
        return torch.cat(
            [self.observe_hands(state, actions), *self.observe_object(state), *handles], dim=-1
        )

    def terminated(self, state: State) -> Tensor:
        return state.object_pos[:, 2] <= FALLEN

    def score(self, state: State) -> Tensor:
        return (quat_diff_rad(state.object_rot, state.goal_rot) < TURNED).float()
