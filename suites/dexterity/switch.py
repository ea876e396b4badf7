"""Switch: press two rockers down, one with each hand (Bi-DexHands' ShadowHandSwitch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness.task import MemoryForm, Simulation, Text, Timing, tensor
from suites.dexterity.handles import Handles, stored_goal
from suites.dexterity.hands import read_object
from suites.dexterity.options import DexterityOptions, quirk
from suites.models import switch as model

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

PRESSED = 1.35  # m, least sum of the heights of both points to press that is no success
PLACES = {"right": (0.0, 0.2, 0.65), "left": (0.0, -0.2, 0.65)}  # m
GOAL = (0.0, 0.2, 10.65, 0.7073883, 0.0, -0.7068252, 0.0)  # m, xyzw


class SwitchOptions(DexterityOptions):
    """What may be chosen of Switch."""

    geometry: Literal["reachable", "original"] = quirk("reachable", original="original")
    """The original's rockers end 33 mm (both together) above what it calls a success, so that F is 0 whatever one
    does; the reachable ones have a longer lever and travel. Scores with them compare with no published ones."""


class Switch(Handles):
    """Rockers start released, where the original's keep their angle from one episode to the next.

    No episode ends early, even if the hands are far away.
    """

    text = Text(
        given="use the fingers of both hands to push the button in question down",
        true="press two rockers down on the side of the hands, further than the original's could go",
    )
    timing = Timing(dt=0.01667, substeps=2, episode_steps=125)
    memory_form = MemoryForm.SCALAR_EMA
    table_height = 0.55
    camera = {"lookat": (0.14, 0.0, 0.70), "distance": 1.0, "azimuth": 20.0, "elevation": -30.0}

    Options = SwitchOptions
    options: SwitchOptions

    @dataclass
    class State(Handles.State):
        switch_right_handle_pos: Tensor = tensor("position", "m", "where to press the right rocker", (3,))
        switch_right_handle_rot: Tensor = tensor("rotation", "1", "of the right rocker, world frame", (4,))
        switch_left_handle_pos: Tensor = tensor("position", "m", "where to press the left rocker", (3,))
        switch_left_handle_rot: Tensor = tensor("rotation", "1", "of the left rocker, world frame", (4,))

    def __init__(self, options: SwitchOptions | None = None) -> None:
        super().__init__(options)
        geometry = self.options.geometry
        self.switches = [model.Switch(f"switch_{side}", pos, geometry) for side, pos in PLACES.items()]

    def scene(self) -> mujoco.MjSpec:
        spec = self.table_scene()
        for switch in self.switches:
            switch.add_to(spec)
        return spec

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        for switch in self.switches:
            switch.reset(sim, worlds)

    def read(self, sim: Simulation, carried: Any) -> Any:
        right, left = (switch.read(sim) for switch in self.switches)
        thing = read_object(sim, "switch_right")
        return self.State(**self.read_hands(sim, carried), **thing, **stored_goal(sim, GOAL), **right, **left)

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        handles = [state.switch_right_handle_pos, state.switch_left_handle_pos]
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state), *handles], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        return torch.zeros_like(state.object_pos[:, 0], dtype=torch.bool)

    def score(self, state: Any) -> Tensor:
        height: Tensor = state.switch_right_handle_pos[:, 2] + state.switch_left_handle_pos[:, 2]
        return (height < PRESSED).float()
