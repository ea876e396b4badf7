"""What the two-handed tasks share: two Shadow Hands, what they do, what a policy sees of them, and the latch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import mujoco
import torch

from harness.rotations import scale
from harness.task import PPO, Budget, Fitness, Simulation, Task, Timing, constant, put, rand, tensor
from suites.dexterity.hands import (
    FOREARMS,
    JOINT_NAMES,
    SERVO_NAMES,
    hand_entries,
    hand_fields,
    object_entries,
    unread_fields,
)
from suites.dexterity.options import DexterityOptions
from suites.models.common import add_ground, empty_scene, set_shadow_reach
from suites.models.shadow_hand import ACTUATED, JOINTS, LOWER, UPPER
from suites.models.two_hands import LINK_DRAG, SIDES, Mount, add_two_hands

if TYPE_CHECKING:
    from torch import Tensor

FORCE, TORQUE = 1e5, 1e3  # per s and unit of action at the scales 1: N, N m


def _hidden(kind: str, unit: str, shape: tuple[int, ...]) -> Any:
    return tensor(kind, unit, "of one hand, as `hands.read_hand` says", shape)


class Bimanual(Task):
    """Two hands do something to an object within an episode, or not: F is how often they do.

    Physics steps of 8.3 ms, two to a control step, as in the original. With them none of 32 worlds went unstable: in
    10,000 random steps with the mounts and wrenches of Over, Catch Underarm and Push Block by the discrete law of
    drag, nor in 4,000 steps of extreme actions, held for 25 each, with those of Push Block and Catch Over to Underarm
    by either law. By the discrete law 99 of 100 contacts of a hand are less than 10 mm deep, half of them less than
    2 mm. By the continuous one hands that are driven into each other or into the ground sink up to 60 mm, and single
    fingers whirl for a step. Twice as many steps cost twice as much and helped little in shorter runs.

    An action is clipped to [-1, 1]: for each hand, the right one first, the wrench on a free base (force and torque on
    its forearm, world axes), then the targets of the 20 servos, mapped to the ranges of their joints.

    A task's `score` is its criterion as things are. `Carried.succeeded` holds the largest score of the episode's
    earlier steps: `act` takes the last one in, `reset` clears it. F counts the largest score of an episode, so that it
    needs no latch. The sparse reward does, for it is paid until the end of an episode: `State._succeeded` is there for
    it (zero with the option `sparse=instant`), and `latched` makes the reward of a step of it and of what the step
    itself is worth.
    """

    timing = Timing(dt=0.01667, substeps=2, episode_steps=75)
    worlds = 2048
    num_actions = 52
    fitness = Fitness.SUCCESS
    fitness_unit = "share of episodes"
    ppo = PPO(
        units=(512, 256, 128),
        horizon=8,
        minibatch=16384,
        mini_epochs=5,
        epochs=6000,
        learning_rate=3e-4,
        kl_threshold=0.016,
        reward_scale=0.01,
        critic_coef=1,
        gamma=0.96,
        bounds_loss_coef=1e-3,
        value_bootstrap=True,
        normalize_input=False,
        separate=True,
        schedule="standard",
    )
    quick = Budget(256, 60, 16, 1024, "some minutes on two cores: hands find handles, the switch is pressed")
    bound = ("obs_buf", "actions", "num_envs")
    right: ClassVar[Mount]
    left: ClassVar[Mount]
    free: ClassVar[bool] = True
    """Whether the bases move; if not, `num_actions` is 40."""
    transition_scale: ClassVar[float] = 0.0
    """Share of `FORCE` that a unit of action is, of free bases."""
    orientation_scale: ClassVar[float] = 0.0
    """The same of `TORQUE`."""
    joint_spread: ClassVar[float] = 0.0
    """Share of the joint ranges over which start angles are drawn."""
    start_angles: ClassVar[Mapping[str, float]] = {}
    """Joint (without its hand) → where it starts, rad; the others at 0."""
    base_point: ClassVar[Literal["root", "palm"]] = "root"
    """What a policy sees of the place of a free hand: its root, or the point before its palm (`PalmPoints`)."""

    Options = DexterityOptions
    options: DexterityOptions

    @dataclass
    class State(Task.State):
        object_pose: Tensor = tensor("scalar", "m, 1", "object_pos, object_rot", (7,))
        object_pos: Tensor = tensor("position", "m", "of the object, world frame", (3,))
        object_rot: Tensor = tensor("rotation", "1", "of the object, world frame", (4,))
        object_linvel: Tensor = tensor("velocity", "m/s", "of the object, world frame", (3,))
        object_angvel: Tensor = tensor("angular velocity", "rad/s", "of the object, world frame", (3,))
        fingertip_state: Tensor = tensor(
            "scalar",
            "m, 1, m/s, rad/s",
            "position, quaternion, linear and angular velocity of the last bodies of first, middle, ring, little finger"
            " and thumb of the right hand; world frame",
            (5, 13),
        )
        fingertip_pos: Tensor = tensor("position", "m", "positions of fingertip_state", (5, 3))
        fingertip_another_state: Tensor = tensor(
            "scalar", "m, 1, m/s, rad/s", "fingertip_state of the left hand", (5, 13)
        )
        fingertip_another_pos: Tensor = tensor(
            "position", "m", "positions of fingertip_another_state", (5, 3)
        )
        _right_dof_pos: Tensor = _hidden("joint position", "rad", (24,))
        _right_dof_vel: Tensor = _hidden("joint velocity", "rad/s", (24,))
        _right_dof_force: Tensor = _hidden("effort", "N m", (24,))
        _right_fingertip_wrench: Tensor = _hidden("force", "N, N m", (30,))
        _right_root_pos: Tensor = _hidden("position", "m", (3,))
        _right_root_euler: Tensor = _hidden("scalar", "rad", (3,))
        _right_palm_pos: Tensor = _hidden("position", "m", (3,))
        _left_dof_pos: Tensor = _hidden("joint position", "rad", (24,))
        _left_dof_vel: Tensor = _hidden("joint velocity", "rad/s", (24,))
        _left_dof_force: Tensor = _hidden("effort", "N m", (24,))
        _left_fingertip_wrench: Tensor = _hidden("force", "N, N m", (30,))
        _left_root_pos: Tensor = _hidden("position", "m", (3,))
        _left_root_euler: Tensor = _hidden("scalar", "rad", (3,))
        _left_palm_pos: Tensor = _hidden("position", "m", (3,))
        _succeeded: Tensor = tensor("scalar", "1", "largest score of earlier steps, if it is latched")

    @dataclass
    class Carried(Task.Carried):
        succeeded: Tensor
        """(N,) float32, largest score of the steps of the episode before the last one."""
        fresh: Tensor
        """(N,) bool: no step since the reset, so the start counts for nothing."""

    def carry(self, worlds: int, device: torch.device) -> Any:
        return self.Carried(**self.carry_hands(worlds, device))

    def carry_hands(self, worlds: int, device: torch.device) -> dict[str, Tensor]:
        """The fields of `Bimanual.Carried`, for a task with more of them."""
        fresh = torch.ones(worlds, dtype=torch.bool, device=device)
        return {"succeeded": torch.zeros(worlds, device=device), "fresh": fresh}

    def hands_scene(self) -> mujoco.MjSpec:
        """Ground, light, and both hands on their mounts."""
        spec = empty_scene()
        spec.option.disableflags |= mujoco.mjtDisableBit.mjDSBL_ISLAND  # few islands: a little faster
        add_ground(spec)
        set_shadow_reach(spec, 1.2)
        add_two_hands(spec, self.right, self.left, free=self.free)
        return spec

    def reset_hands(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        """Start angles, the same in both hands, as targets too; bases where they are mounted, and at rest."""
        lower, upper = constant(LOWER, sim.qpos), constant(UPPER, sim.qpos)
        start = constant(tuple(self.start_angles.get(joint.name, 0.0) for joint in JOINTS), sim.qpos)
        angles = start.expand(sim.worlds, -1)
        if self.joint_spread > 0.0:
            draw = 2.0 * rand(worlds, len(JOINTS), rng=rng) - 1.0
            angles = start + self.joint_spread * (lower + draw * (upper - lower))
        angles = angles.clamp(lower, upper)
        for side in SIDES:
            sim.joints(JOINT_NAMES[side]).put(worlds, qpos=angles)
        driven = angles[:, constant(ACTUATED, worlds, torch.long)]
        sim.actuators(SERVO_NAMES).put(worlds, ctrl=torch.cat([driven, driven], dim=-1))
        put(carried.succeeded, worlds, 0.0)
        put(carried.fresh, worlds, True)

    def act(self, sim: Simulation, carried: Any, actions: Tensor, rng: torch.Generator) -> None:
        self.latch(sim, carried)
        hands = actions.to(sim.ctrl).view(sim.worlds, 2, -1)
        targets = hands[..., -len(ACTUATED) :]
        sim.actuators(SERVO_NAMES).ctrl = scale(targets, *_ranges(targets)).flatten(1)
        if self.free:
            sim.bodies(FOREARMS).xfrc_applied = hands[..., :6] * constant(self.wrench(), hands)

    def latch(self, sim: Simulation, carried: Any) -> None:
        """Take the score of the state as it is into `succeeded`, unless it is a start."""
        score = self.score_now(sim, carried).to(carried.succeeded)
        carried.succeeded.copy_(torch.maximum(carried.succeeded, score.masked_fill(carried.fresh, 0.0)))
        carried.fresh.fill_(False)

    def score_now(self, sim: Simulation, carried: Any) -> Tensor:
        """The score (N,) of the state as it is, without reading the hands: no score depends on them."""
        blind = self._blind
        return blind.score(blind.read(sim, carried))

    @cached_property
    def _blind(self) -> Bimanual:
        """The same task, in whose states all that is of the hands is None."""
        reading = {"read_hands": lambda self, sim, carried: unread_fields(self, carried)}
        blind: Bimanual = type(type(self).__name__, (type(self),), reading)(self.options)
        return blind

    def wrench(self) -> tuple[float, ...]:
        """Force (N) and torque (N m) on a forearm per unit of action, by the chosen law of drag.

        The original's law multiplies velocities by 1 - `LINK_DRAG` h in every physics step h, after the wrench has
        changed them. So a hand is as slow as in a viscous drag under a wrench that is weaker by this factor.
        """
        dt = self.timing.dt
        share = 1.0 - LINK_DRAG * dt / 2 if self.options.base_drag == "discrete" else 1.0
        force, torque = FORCE * self.transition_scale, TORQUE * self.orientation_scale
        return (share * dt * force,) * 3 + (share * dt * torque,) * 3

    @property
    def latches(self) -> bool:
        return self.options.sparse == "latched"

    def latched(self, state: Any, reward: Tensor) -> Tensor:
        """The larger of a step's own reward and those before it; where successes count, their sum."""
        earlier: Tensor = state._succeeded
        return reward + earlier if self.fitness is Fitness.COUNT else torch.maximum(reward, earlier)

    @abstractmethod
    def read(self, sim: Simulation, carried: Any) -> Any: ...

    def read_hands(self, sim: Simulation, carried: Any) -> dict[str, Tensor]:
        """The state of both hands: fingertips, and the hand points that the task's State has."""
        return hand_fields(self, sim, carried)

    def observe_hands(self, state: Any, actions: Tensor) -> Tensor:
        """What a policy sees of the hands, (N, 398) of free ones, (N, 374) of fixed ones."""
        return torch.cat(hand_entries(self, state, actions), dim=-1)

    def observe_object(self, state: Any) -> list[Tensor]:
        """What a policy sees of the object: pose, velocity, spin, (N, 13) in all."""
        return object_entries(state)


def _ranges(like: Tensor) -> tuple[Tensor, Tensor]:
    lower, upper = (tuple(side[place] for place in ACTUATED) for side in (LOWER, UPPER))
    return constant(lower, like), constant(upper, like)
