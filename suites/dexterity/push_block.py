"""Push Block: push two blocks over a table to a goal (Bi-DexHands' ShadowHandPushBlock)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness.rotations import wxyz_to_xyzw
from harness.task import MemoryForm, Simulation, Text, Timing, constant, tensor
from suites.dexterity.hands import read_object
from suites.dexterity.on_table import LYING, ON_TABLE, TABLE_TOP, OnTable, add_lying_block, read_handles
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.friction import mean_friction
from suites.models.table import add_table

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

NEAR = 0.1  # m, from a block to its goal: arrived
STARTS = {"object": (0.0, 0.2), "block": (0.0, -0.2)}  # m, x and y
GOALS = {"left_goal": (-0.2, -0.2, ON_TABLE), "right_goal": (-0.2, 0.2, ON_TABLE)}  # m
HEIGHTS = {"settled": ON_TABLE, "original": TABLE_TOP}  # m


class PushBlockOptions(DexterityOptions):
    """Those of all two-handed tasks, and the oddities of this one."""

    scoring: Literal["as_run", "intended"] = quirk("as_run", original="as_run")
    """`as_run`: both blocks have to get to the left goal, and what the left one's first arrival scores, a half or
    one, is the score of the episode. `intended`: each block has its own goal, and every step is scored anew."""
    blocks_back: Literal["own", "all"] = quirk("own", original="all")
    """Whether the end of an episode puts the blocks of its own world back to their start, or those of all worlds."""
    start_height: Literal["settled", "original"] = quirk("settled", original="original")
    """Whether the blocks start on the table, or half in it."""


class PushBlock(OnTable):
    """Blocks and goals lie 0.4 m apart from each other. The left block alone at its goal scores a half."""

    text = Text(
        given="each of two hands has a block before it and a goal for it: get to the block and push it there; meant to "
        "be easy",
        true="push both blocks to within 0.1 m of the left one's goal; the right one's goal is shown, but nothing "
        "reads it",
    )
    memory_form = MemoryForm.SCALAR_EMA
    timing = Timing(dt=0.01667, substeps=2, episode_steps=125)
    lost = 1.2
    camera = {"lookat": (0.12, 0.03, 0.66), "distance": 1.1, "azimuth": 150.0, "elevation": -32.0}

    Options = PushBlockOptions
    options: PushBlockOptions

    @dataclass
    class State(OnTable.State):
        left_goal_pos: Tensor = tensor("position", "m", "where the left block should get, world frame", (3,))
        left_goal_rot: Tensor = tensor("rotation", "1", "of the blocks at their start, world frame", (4,))
        right_goal_pos: Tensor = tensor(
            "position", "m", "where the right block should get, world frame", (3,)
        )
        right_goal_rot: Tensor = tensor("rotation", "1", "the same as left_goal_rot", (4,))
        _arrived: Tensor = tensor("scalar", "1", "score of the left block's first arrival, 0 before it")

    def scene(self) -> mujoco.MjSpec:
        spec = self.hands_scene()
        add_table(spec, (1.0, 1.0, TABLE_TOP), (0.0, 0.0, 0.5 * TABLE_TOP), **mean_friction(0.5))
        for name, place in STARTS.items():
            add_lying_block(spec, name, (*place, HEIGHTS[self.options.start_height]))
        for name, goal in GOALS.items():
            add_lying_block(spec, name, goal, goal=True)
        return spec

    def act(self, sim: Simulation, carried: Any, actions: Tensor, rng: torch.Generator) -> None:
        ended = self.options.blocks_back == "all" and bool(carried.fresh.any())
        super().act(sim, carried, actions, rng)
        if ended:  # put back here: a reset writes to its own worlds only
            for name, place in STARTS.items():
                pose = constant((*place, HEIGHTS[self.options.start_height], *LYING), sim.qpos)
                sim.joint(name).qpos, sim.joint(name).qvel = pose, 0.0
            sim.forward()

    def read(self, sim: Simulation, carried: Any) -> State:
        goals = {}
        for name in GOALS:
            marker = sim.body(name)
            goals[f"{name}_pos"] = marker.mocap_pos.float()
            goals[f"{name}_rot"] = wxyz_to_xyzw(marker.mocap_quat.float())
        things = read_object(sim) | read_handles(sim) | goals
        return self.State(
            **self.read_hands(sim, carried),
            **things,
            _arrived=carried.succeeded.clone(),
        )

    def observe(self, state: State, actions: Tensor) -> Tensor:
        blocks = [state.block_right_handle_pos, state.block_left_handle_pos]
        goals = [state.left_goal_pos, state.right_goal_pos]
        spare = actions.new_zeros(len(actions), 5)
        hands = self.observe_hands(state, actions)
        return torch.cat([hands, *self.observe_object(state), *blocks, *goals, spare], dim=-1)

    def latched(self, state: Any, reward: Tensor) -> Tensor:
        """As run, what the first arrival was worth stays what it is, though the program pays more for a second."""
        if self.options.scoring == "as_run":
            return torch.where(state._arrived > 0.0, state._arrived, reward)
        return super().latched(state, reward)

    @property
    def sparse_variant(self) -> str:
        return "" if self.options.scoring == "as_run" else self.options.scoring

    def score(self, state: State) -> Tensor:
        as_run = self.options.scoring == "as_run"
        right_goal = state.left_goal_pos if as_run else state.right_goal_pos
        left = (state.left_goal_pos - state.block_left_handle_pos).norm(dim=-1) <= NEAR
        right = (right_goal - state.block_right_handle_pos).norm(dim=-1) <= NEAR
        score = 0.5 * left.float() + 0.5 * (left & right).float()
        return torch.where(state._arrived > 0.0, state._arrived, score) if as_run else score
