"""What the four door tasks share: a double door, two hands before it, and the gap between its handles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import torch

from harness.task import MemoryForm, Simulation, Timing, tensor
from suites.dexterity.hand_points import reach
from suites.dexterity.handles import Handles, stored_goal
from suites.dexterity.hands import read_object
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.door import LEAVES, STANCES, Door
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

WIDE = 0.5  # m, between the y of the two handles: wider is open, narrower closed
SPRING = 5.0  # N m/rad
OPEN = 1.57  # rad, 0.8 mrad before the stop of a leaf


def _handle(leaf: str) -> Any:
    return tensor("position", "m", f"between pull and panel of the {leaf} leaf, world frame", (3,))


def _rotation(leaf: str) -> Any:
    return tensor("rotation", "1", f"of the {leaf} leaf, world frame", (4,))


class DoorTask(Handles):
    """The hands point at the door, palms facing each other. Every episode starts from the same state."""

    timing = Timing(dt=0.01667, substeps=2, episode_steps=250)
    memory_form = MemoryForm.SCALAR_EMA
    orientation_scale = 0.5
    right = Mount((0.55, 0.2, 0.6), (3.14159, 1.57, 1.57))
    left = Mount((0.55, -0.2, 0.6), (3.14159, -1.57, 1.57))
    camera = {"lookat": (0.2, 0.0, 0.64), "distance": 1.55, "azimuth": 148.0, "elevation": -22.0}
    opens: ClassVar[Literal["inward", "outward"]]
    """Towards the hands, or away from them."""
    angle: ClassVar[float] = 0.0
    """rad, of both leaves at the start."""
    lost: ClassVar[float] = 1.5
    """m, sum of the distances of the fingers of a hand to its handle that ends the episode."""
    goal_height: ClassVar[float] = 10.7
    """m, of the door that the original stores as the goal."""

    class Options(DexterityOptions):
        spring: Literal["off", "on"] = quirk("off", original="off")
        """Whether springs of 5 N m/rad pull the leaves to where they start. The original states them, for drives that
        are off."""

    options: Options

    @dataclass
    class State(Handles.State):
        door_left_handle_pos: Tensor = _handle("left")
        door_left_handle_rot: Tensor = _rotation("left")
        door_right_handle_pos: Tensor = _handle("right")
        door_right_handle_rot: Tensor = _rotation("right")

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        spring = SPRING if self.options.spring == "on" else 0.0
        self.door = Door(self.opens, (self.angle, self.angle), spring)
        w, x, y, z = STANCES[self.opens]
        self.goal = (0.0, 0.0, self.goal_height, x, y, z, w)

    def scene(self) -> mujoco.MjSpec:
        return self.door.add_to(self.hands_scene())

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)
        self.door.reset(sim, worlds)

    def read(self, sim: Simulation, carried: Any) -> Any:
        """The object is the frame of the door, which stands still."""
        frame, goal = read_object(sim, "door"), stored_goal(sim, self.goal)
        return self.State(**self.read_hands(sim, carried), **frame, **goal, **self.door.read(sim))

    def observe(self, state: Any, actions: Tensor) -> Tensor:
        handles = [state.door_left_handle_pos, state.door_right_handle_pos]
        return torch.cat([self.observe_hands(state, actions), *self.observe_object(state), *handles], dim=-1)

    def terminated(self, state: Any) -> Tensor:
        right = reach(state, "right", state.door_right_handle_pos)
        left = reach(state, "left", state.door_left_handle_pos)
        return (right >= self.lost) | (left >= self.lost)

    def gap(self, state: Any) -> Tensor:
        """Between the y of the two handles, m, (N,)."""
        gap: Tensor = (state.door_right_handle_pos - state.door_left_handle_pos)[:, 1].abs()
        return gap


class OpenDoor(DoorTask):
    """Both leaves are shut. One leaf that is opened as far as it goes does not make the gap wide enough."""

    def score(self, state: Any) -> Tensor:
        return (self.gap(state) > WIDE).float()


class CloseDoor(DoorTask):
    """Both leaves stand open. One that is shut is enough."""

    angle = OPEN

    class Options(DoorTask.Options):
        hinges: Literal["at_rest", "moving"] = quirk("at_rest", original="moving")
        """Whether the leaves are at rest at the start. The original takes their angles for their speeds too, so they
        run against their stops at 1.57 rad/s."""

    options: Options

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        super().reset(sim, carried, worlds, rng)
        speed = self.angle if self.options.hinges == "moving" else 0.0
        sim.joints([f"door_{leaf.side}" for leaf in LEAVES]).put(worlds, qvel=speed)

    def score(self, state: Any) -> Tensor:
        return (self.gap(state) < WIDE).float()
