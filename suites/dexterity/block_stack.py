"""Block Stack: put one block on another in the middle of a table (Bi-DexHands' ShadowHandBlockStack)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from harness.task import MemoryForm, Simulation, Text, Timing, constant, tensor
from suites.dexterity.hands import object_entries, pose_fields, read_object
from suites.dexterity.on_table import (
    LYING_XYZW,
    ON_TABLE,
    TABLE_TOP,
    OnTable,
    add_lying_block,
    read_handles,
)
from suites.models.friction import add_pair_friction, mean_friction
from suites.models.objects import BLOCK_EDGE
from suites.models.table import add_table
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

FROM_GOAL = (0.0, -0.1, 0.0)  # m, from goal_pos to the place of the lower block
NEAR, LEVEL = 0.07, 0.03  # m, from a block to its place in the tower, and in height of the upper one
STARTS = {"object": (0.0, 0.1, ON_TABLE), "block": (0.0, -0.1, ON_TABLE)}  # m
TOWER = {"goal_low": (0.0, 0.0, ON_TABLE), "goal_high": (0.0, 0.0, ON_TABLE + BLOCK_EDGE)}  # m, markers
GOAL = (*STARTS["object"], *LYING_XYZW)
HAND_FRICTION = 0.5
BLOCKS = mean_friction(0.25, hand=HAND_FRICTION)
TABLE = mean_friction(0.2, hand=HAND_FRICTION)


class BlockStack(OnTable):
    """The hands face each other, palms down, a block under the fingers of each; all is slippery."""

    text = Text(
        given="build a tower of two blocks with two hands, one block on the other",
        true="have the left block on the right one at the middle of the table, if only for an instant",
    )
    memory_form = MemoryForm.PER_WORLD_LAST
    timing = Timing(dt=0.01667, substeps=2, episode_steps=250)
    right = Mount((0.0, 0.6, 0.7), (3.14159, 0.0, 3.14))
    left = Mount((0.0, -0.6, 0.7), (3.14159, 0.0, 0.0))
    transition_scale = 0.2
    orientation_scale = 0.02
    lost = 0.75
    camera = {"lookat": (0.0, 0.0, 0.66), "distance": 0.95, "azimuth": 160.0, "elevation": -25.0}

    @dataclass
    class State(OnTable.State):
        block_pose: Tensor = tensor("scalar", "m, 1", "block_pos, block_rot", (7,))
        block_pos: Tensor = tensor("position", "m", "of the left block, world frame", (3,))
        block_rot: Tensor = tensor("rotation", "1", "of the left block, world frame", (4,))
        block_linvel: Tensor = tensor("velocity", "m/s", "of the left block, world frame", (3,))
        block_angvel: Tensor = tensor("angular velocity", "rad/s", "of the left block, world frame", (3,))
        goal_pose: Tensor = tensor("scalar", "m, 1", "goal_pos, goal_rot", (7,))
        goal_pos: Tensor = tensor("position", "m", "where the right block starts, world frame", (3,))
        goal_rot: Tensor = tensor("rotation", "1", "of the right block at its start, world frame", (4,))

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        for geom in spec.geoms:
            if geom.name != "ground":
                geom.friction[0] = HAND_FRICTION
        add_table(spec, (0.5, 1.0, TABLE_TOP), (0.0, 0.0, 0.5 * TABLE_TOP), **TABLE)
        for name, place in STARTS.items():
            add_lying_block(spec, name, place, **BLOCKS)
            add_pair_friction(spec, name, "table", 0.225)
        add_pair_friction(spec, "object", "block", 0.25)
        for name, place in TOWER.items():
            add_lying_block(spec, name, place, goal=True)
        return spec

    def read(self, sim: Simulation, carried: Any) -> State:
        things = read_object(sim) | read_object(sim, "block", "block") | read_handles(sim)
        goal = constant(GOAL, things["object_pos"]).repeat(sim.worlds, 1)
        return self.State(**self.read_hands(sim, carried), **things, **pose_fields("goal", goal))

    def observe(self, state: State, actions: Tensor) -> Tensor:
        blocks = [*self.observe_object(state), *object_entries(state, "block")]
        spare = actions.new_zeros(len(actions), 4)
        return torch.cat([self.observe_hands(state, actions), *blocks, spare], dim=-1)

    def score(self, state: State) -> Tensor:
        low = state.goal_pos + constant(FROM_GOAL, state.goal_pos)
        high = low + constant((0.0, 0.0, BLOCK_EDGE), low)
        below = (low - state.block_right_handle_pos).norm(dim=-1) < NEAR
        above = (high - state.block_left_handle_pos).norm(dim=-1) < NEAR
        level = (high - state.block_left_handle_pos)[:, 2].abs() < LEVEL
        tower: Tensor = below & above & level
        return tower.float()
