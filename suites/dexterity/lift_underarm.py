"""Lift Underarm: lift a pot by its handles (Bi-DexHands' ShadowHandLiftUnderarm)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness.rotations import wxyz_to_xyzw
from harness.task import MemoryForm, Simulation, Text, Timing, tensor
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hand_points import PalmPoints
from suites.dexterity.hands import pose_fields, read_object
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.friction import add_pair_friction, mean_friction
from suites.models.pot import WALL_FRICTION, Pot
from suites.models.table import add_table
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

HEIGHTS = {"settled": 0.4655, "original": 0.45}  # m, of the pot's origin at the start
GOAL_PLACE = (0.0, -0.6, 0.85)  # m
CLOSE = 0.05  # m, from the pot to its goal: lifted
FALLEN = 0.3  # m, height of a pot that ends the episode
LOST = 0.2  # m, from a palm to its handle: ends it too


class LiftUnderarmOptions(DexterityOptions):
    """Those of all two-handed tasks, and the oddity of this one."""

    start_height: Literal["settled", "original"] = quirk("settled", original="original")
    """Whether the pot starts on the table, or 15 mm deep in it."""


class LiftUnderarm(Bimanual):
    """The palms face up, just below the handles on either side of a pot on a small table."""

    text = Text(
        given="take a pot by its two handles, one in either hand, and lift it to its goal, as in a kitchen",
        true="raise the pot, lid and all, 0.4 m above where it stood",
    )
    memory_form = MemoryForm.SCALAR_EMA
    timing = Timing(dt=0.01667, substeps=2, episode_steps=500)
    right = Mount((0.0, 0.05, 0.45))
    left = Mount((0.0, -1.25, 0.45), (0.0, 0.0, 3.14159))
    transition_scale = 0.25
    orientation_scale = 1.0
    base_point = "palm"
    camera = {"lookat": (0.0, -0.6, 0.63), "distance": 1.35, "azimuth": 155.0, "elevation": -18.0}

    Options = LiftUnderarmOptions
    options: LiftUnderarmOptions

    @dataclass
    class State(PalmPoints, Bimanual.State):
        pot_right_handle_pos: Tensor = tensor("position", "m", "of the right handle, world frame", (3,))
        pot_left_handle_pos: Tensor = tensor("position", "m", "of the left handle, world frame", (3,))
        goal_pose: Tensor = tensor("scalar", "m, 1", "goal_pos, goal_rot", (7,))
        goal_pos: Tensor = tensor("position", "m", "where the pot should get, world frame", (3,))
        goal_rot: Tensor = tensor("rotation", "1", "that the pot should have there, world frame", (4,))

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        add_table(spec, (0.3, 0.3, 0.4), (0.0, -0.6, 0.2), **mean_friction(WALL_FRICTION))
        Pot((0.0, -0.6, HEIGHTS[self.options.start_height])).add_to(spec)
        add_pair_friction(spec, "pot_wall", "table", WALL_FRICTION)
        return Pot(GOAL_PLACE, name="goal", goal=True).add_to(spec)

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)

    def read(self, sim: Simulation, carried: Any) -> State:
        goal = sim.body("goal")
        goal_pose = torch.cat([goal.mocap_pos, wxyz_to_xyzw(goal.mocap_quat)], dim=-1).float()
        things = read_object(sim, "pot") | Pot().read(sim) | pose_fields("goal", goal_pose)
        return self.State(**self.read_hands(sim, carried), **things)

    def observe(self, state: State, actions: Tensor) -> Tensor:
        handles = [state.pot_right_handle_pos, state.pot_left_handle_pos]
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state), *handles], dim=-1)

    def terminated(self, state: State) -> Tensor:
        right = (state.pot_right_handle_pos - state.right_hand_pos).norm(dim=-1)
        left = (state.pot_left_handle_pos - state.left_hand_pos).norm(dim=-1)
        ends: Tensor = (state.object_pos[:, 2] <= FALLEN) | (right >= LOST) | (left >= LOST)
        return ends

    def score(self, state: State) -> Tensor:
        distance: Tensor = (state.goal_pos - state.object_pos).norm(dim=-1)
        return (distance < CLOSE).float()
