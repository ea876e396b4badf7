"""What a task is: data and a few short functions, with every tensor led by a world axis N."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from harness.budget import PPO as PPO
from harness.budget import Budget as Budget
from harness.sim import Simulation as Simulation
from harness.tensors import constant as constant
from harness.tensors import put as put
from harness.tensors import rand as rand

if TYPE_CHECKING:
    import mujoco
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Timing:
    """How simulated time passes; one control step lasts `dt * decimation` seconds."""

    dt: float
    """Seconds per engine call."""
    substeps: int = 1
    """Physics steps per engine call."""
    decimation: int = 1
    """Engine calls per action."""
    episode_steps: int = 500
    """Control steps until the time limit."""

    @property
    def control_dt(self) -> float:
        """Seconds per control step."""
        return self.dt * self.decimation

    @property
    def physics_dt(self) -> float:
        """Seconds per physics step."""
        return self.dt / self.substeps

    @property
    def physics_steps(self) -> int:
        """Physics steps per control step."""
        return self.substeps * self.decimation


class Fitness(Enum):
    """How per-step scores become the fitness F of a policy."""

    RATE = "mean score over all steps and worlds"
    SURVIVAL = "mean length of complete episodes, in control steps"
    SUCCESS = "share of complete episodes in which the score ever reached 1"
    COUNT = "mean sum of scores over complete episodes"


class MemoryForm(Enum):
    """How the original remembers the values of finished episodes in the fitness that it logs (form A, B or C)."""

    SCALAR_EMA = "A: every world that goes on counts as the last logged value"
    PER_WORLD_LAST = "B: mean over worlds of each one's last finished episode, 0 before it"
    EMA_OF_COUNTS = "C: a step's finished episodes weigh `memory_weight`, what was logged before the rest"


@dataclass(frozen=True)
class Text:
    """Two wordings of a task's goal. Which one a designer is told is the option `text` (see `TextOptions`)."""

    given: str
    """As the original has it, right or wrong."""
    true: str
    """What the task really asks for."""


def tensor(kind: str, unit: str, about: str, shape: tuple[int, ...] = ()) -> Any:
    """Declare a state tensor of shape (N, *shape): what it is, in which unit, in which frame.

    `kind` is what the grammar proposer composes terms from: one of `position`, `rotation` (xyzw),
    `velocity`, `angular velocity`, `joint position`, `joint velocity`, `direction` (unit vector),
    `force`, `effort`, `progress` (higher is nearer to the goal), `scalar`, `observation`.
    """
    return dataclasses.field(metadata={"kind": kind, "unit": unit, "about": about, "shape": shape})


class Task(ABC):
    """A robot, a scene, a goal and a fitness. Subclass it in one file; register it by name."""

    description: str
    """The goal in words, as a reward designer is told it."""
    text: ClassVar[Text | None] = None
    """In place of `description`: its wordings, for tasks whose Options are `TextOptions`."""
    timing: ClassVar[Timing]
    worlds: ClassVar[int]
    """Simulated copies in the original benchmark."""
    num_actions: ClassVar[int]
    fitness: ClassVar[Fitness]
    fitness_unit: ClassVar[str]
    """Unit of F, e.g. `m/s`."""
    memory_form: ClassVar[MemoryForm | None] = None
    """Of the original's log, recorded as `legacy_f`; None where it logs the step alone."""
    memory_weight: ClassVar[float] = 0.1
    """Of a step's finished episodes in the form EMA_OF_COUNTS, the original's `av_factor`."""
    best_rate: ClassVar[float | None] = None
    """The best that F can be where it is a RATE: 0 where it is minus an error, None where it has no bound."""
    fitness_floor: ClassVar[float | None] = None
    """What a failed candidate, trial or search scores where F is a RATE: the F of a policy that learned nothing
    (`python -m benchmarks.floors`). None for the other kinds, whose floor is 0."""
    ppo: ClassVar[PPO]
    quick: ClassVar[Budget]
    """The budget calibrated for two CPU cores."""
    night: ClassVar[Budget | None] = None
    """One for hours of a core; None for ten times the epochs of `quick`."""
    goal_bonus: ClassVar[float] = 0.0
    """What the original adds unseen to a candidate's reward on every step that scores 1 (its hand tasks: 250)."""
    constants: ClassVar[dict[str, float | Sequence[float]]] = {}
    """Plain numbers, or rows of numbers, that a reward may read by name, beside the state."""
    bound: ClassVar[tuple[str, ...]] = ("obs_buf", "actions")
    """What the harness itself offers to rewards: `obs_buf` (what `observe` returned), `actions`, `num_envs`."""
    clip_observations: ClassVar[float] = float("inf")
    """Bound on what the policy sees; `obs_buf` stays unclipped."""
    camera: ClassVar[dict[str, float | Sequence[float]]] = {}
    """Free camera for pictures: `lookat` (x, y, z), `distance`, `azimuth`, `elevation` (m, degrees).

    With `nearest` (m) it comes as near as `follow` and `lookat`, which is then a goal, both fit into the picture."""
    follow: ClassVar[str | None] = None
    """Body that the camera follows, if any."""

    class Options(BaseModel):
        """What may be chosen of a task: fields with a default, a docstring and plain values (bool, int, float, str,
        Literal, Enum). A task's own `class Options(Task.Options)` adds them, and `options: Options` for type checkers.
        """

        model_config = ConfigDict(
            frozen=True,
            extra="forbid",
            validate_default=True,
            allow_inf_nan=False,
            use_attribute_docstrings=True,
        )

    options: Options

    @dataclass
    class State:
        """The tensors that a reward program may read, by name.

        Fields with a leading underscore are for `terminated` and `score` alone: no designer hears of them.
        """

    @dataclass
    class Carried:
        """Per-world tensors that outlive a step: goals, last potentials, success counts."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = self.Options() if options is None else options
        if isinstance(self.text, Text) and isinstance(self.options, TextOptions):
            self.description = getattr(self.text, self.options.text)

    @abstractmethod
    def scene(self) -> mujoco.MjSpec:
        """The model of one world. The time step is set from `timing` by the simulation."""

    def carry(self, worlds: int, device: torch.device) -> Any:
        """Fresh `Carried` tensors for `worlds` worlds; `reset` fills them before anything is read."""
        return self.Carried()

    @abstractmethod
    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        """Write the start of an episode into the worlds of the mask `worlds` (N,), drawing only from `rng`.

        The simulation has put these worlds at the model's defaults before; it runs `forward` after. `rand` draws by
        mask, and from a stream for each policy where several are evaluated side by side, which torch's own functions do
        not; `put`, and `put` of named access, write by mask.
        """

    @abstractmethod
    def act(self, sim: Simulation, carried: Any, actions: Tensor, rng: torch.Generator) -> None:
        """Turn actions (N, A) in [-1, 1] into controls, drawing only from `rng`.

        Called once at the start of every control step.
        """

    @abstractmethod
    def read(self, sim: Simulation, carried: Any) -> Any:
        """The state after a step, float32, rotations as quaternions xyzw.

        May be called again without a step between (after a reset), and must then give the same: shift
        "previous" values in `act`, not here.
        """

    @abstractmethod
    def observe(self, state: Any, actions: Tensor) -> Tensor:
        """What the policy sees, (N, O), given the state and the actions (N, A) that led to it."""

    @abstractmethod
    def terminated(self, state: Any) -> Tensor:
        """Worlds whose episode ends here, (N,) bool. Time limits are not the task's business."""

    @abstractmethod
    def score(self, state: Any) -> Tensor:
        """This step's contribution to F, (N,). Never shown to a designer."""

    @property
    def sparse_variant(self) -> str:
        """Which sparse reward goes with the chosen score, where an option changes that: file `<task>_<variant>.py`."""
        return ""

    @property
    def latches(self) -> bool:
        """Whether the sparse reward, once earned, is paid until the end of the episode: then as `latched` says."""
        return False

    def latched(self, state: Any, reward: Tensor) -> Tensor:
        """The sparse reward (N,) of a step that the program pays `reward` (N,) for."""
        return reward


class TextOptions(Task.Options):
    """The options of a task with two wordings."""

    text: Literal["given", "true"] = "given"
    """Wording of the goal that a designer is told: as the original has it, or what the task really asks for."""


def state_fields(task: Task | type[Task]) -> dict[str, dict[str, Any]]:
    """Name → metadata (kind, unit, about, shape) of the state tensors that a reward may read, in order."""
    fields = dataclasses.fields(task.State)
    return {field.name: dict(field.metadata) for field in fields if not field.name.startswith("_")}


def budget_of(task: Task | type[Task], name: str) -> Budget:
    """The budget called `name` (smoke, quick, night or paper) for a task."""
    ppo = task.ppo
    if name == "paper":
        return Budget(task.worlds, ppo.epochs, ppo.horizon, ppo.minibatch, "the original benchmark's")
    if name == "quick":
        return task.quick
    if name == "night":
        ten_times = dataclasses.replace(task.quick, epochs=10 * task.quick.epochs, why="ten times quick")
        return task.night or ten_times
    if name == "smoke":
        return Budget(
            64, 10, ppo.horizon, 32 * ppo.horizon, "a few seconds: shows that everything runs, not more"
        )
    raise ValueError(f"unknown budget {name!r}: expected smoke, quick, night or paper")
