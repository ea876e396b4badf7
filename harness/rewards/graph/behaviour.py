"""What a reward program does when it is called: its result tidied, its faults found and explained."""

from __future__ import annotations

import contextlib
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from harness.rewards.errors import RewardError, problem
from harness.rewards.graph.states import Named
from harness.rewards.graph.verify import LONGEST_NAME, MOST_COMPONENTS, is_component_name
from harness.rewards.graph.watch import USE_WHERE, Refused, first_line, watched
from harness.rewards.language.names import describe, fixed_values
from harness.rewards.language.program import FILENAME, Program
from harness.task import Task

if TYPE_CHECKING:
    from torch import Tensor

NO_MEMORY = re.compile(
    r"can't allocate memory|not enough memory|out of memory|Storage size calculation overflowed"
)
WRONG_DEVICE = re.compile(r"same device|not compiled with CUDA|device type|backend", re.IGNORECASE)
AS_PYTHON = re.compile(r"Boolean value of Tensor|converted to Python scalars|cannot be converted to Scalar")
FORM = "Return `reward, components`: a tensor (N,), one reward per world, and a dict of name → tensor (N,)."


@dataclass(frozen=True)
class Outcome:
    """What a program gave on one state: reward and components, each (N,) float32, and the components' names."""

    state: Named
    results: list[Tensor]
    names: tuple[str, ...]

    def series(self) -> dict[str, Tensor]:
        """The results by what people call them."""
        titles = ("the reward", *(f"component `{name}`" for name in self.names))
        return dict(zip(titles, self.results, strict=True))


class Behaviour:
    """A program bound to a task for N worlds, callable on named tensors. Run it in a probe only.

    `inputs` are the tensors it reads by name: of the state, and `tables`, constants that are rows of numbers.
    """

    def __init__(self, program: Program, task: Task, worlds: int, device: torch.device) -> None:
        self.program = program
        self.task = task
        self.device = device
        self.worlds = worlds
        fixed = {
            name: value
            for name, value in fixed_values(task, worlds, device).items()
            if name in program.parameters
        }
        self.tables = {name: value for name, value in fixed.items() if isinstance(value, torch.Tensor)}
        self._fixed = {name: value for name, value in fixed.items() if not isinstance(value, torch.Tensor)}
        self.inputs = tuple(name for name in program.parameters if name not in self._fixed)
        self.reward_dtype = torch.float32
        """Of the reward as the program returned it last."""
        self._function = self._guarded(lambda: program.load(device))

    def __call__(self, *tensors: Tensor) -> tuple[list[Tensor], tuple[str, ...]]:
        """Reward and components, each (N,) float32, and the components' names; `tensors` as in `inputs`."""
        named = dict(zip(self.inputs, tensors, strict=True))
        return self._tidy(self._guarded(lambda: self._function(**named, **self._fixed)))

    def fresh(self, worlds: int | None = None) -> Behaviour:
        """The same program loaded anew, without anything it may have kept; perhaps for other many worlds."""
        return Behaviour(self.program, self.task, worlds or self.worlds, self.device)

    def arguments(self, state: Named) -> list[Tensor]:
        """Fresh copies of what the program reads of a state."""
        return [(self.tables[name] if name in self.tables else state[name]).clone() for name in self.inputs]

    def run(self, state: Named, watch: bool = False) -> Outcome:
        """What comes out on a state; `watch` looks at every operation. RewardError if an argument changed."""
        arguments = self.arguments(state)
        with watched(self.device) if watch else contextlib.nullcontext():
            results, names = self(*arguments)
        for name, before, after in zip(self.inputs, self.arguments(state), arguments, strict=True):
            if not torch.equal(before, after):
                raise self._mutation(name, state)
        return Outcome(state, results, names)

    def check_finite(self, outcome: Outcome) -> None:
        """RewardError `non_finite` if the reward or a component is no number in half of the worlds or more."""
        for title, values in outcome.series().items():
            if int(values.isfinite().sum()) * 2 <= self.worlds:
                raise self._non_finite(title, values, outcome.state)

    def problem(self, kind: str, what: str, advice: str, line: int | None = None) -> RewardError:
        """A RewardError about this program."""
        return problem(kind, what, advice, self.program.source, line)

    def _guarded(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Refused as refused:
            raise self.problem(refused.kind, refused.what, refused.advice, _line(refused)) from refused
        except Exception as error:
            kind, advice = self._explained(error)
            text = " ".join(str(error).split())[:300] or "no message"
            raise self.problem(kind, f"{type(error).__name__}: {text}", advice, _line(error)) from error

    def _explained(self, error: Exception) -> tuple[str, str]:
        """The kind of an exception out of the program, and what its author should know."""
        text = str(error)
        if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and NO_MEMORY.search(text)):
            return "resources", "Work on tensors of the state's own size, (N, ...), and on short lists."
        if isinstance(error, (RuntimeError, AssertionError)) and WRONG_DEVICE.search(text):
            return "device", "Leave tensors where they are; for new ones write `device=x.device`."
        if isinstance(error, (RuntimeError, ValueError)) and AS_PYTHON.search(text):
            return "control_flow", USE_WHERE
        shapes = describe(self.task, self.program.parameters)
        return "error", f"What `{self.program.entry}` gets: {shapes}; N = {self.worlds} worlds."

    def _tidy(self, result: Any) -> tuple[list[Tensor], tuple[str, ...]]:
        if not (isinstance(result, (tuple, list)) and len(result) == 2):
            raise self._shape(f"`{self.program.entry}` returns {_kind(result)}", FORM)
        reward, components = result
        if not isinstance(reward, torch.Tensor):
            raise self._shape(f"the reward is {_kind(reward)}, not a tensor", FORM)
        if reward.shape != (self.worlds,):
            raise self._shape(
                f"the reward has shape {tuple(reward.shape)}, expected ({self.worlds},)", _hint(reward)
            )
        if not isinstance(components, dict):
            raise self._shape(f"the components are {_kind(components)}, not a dict", FORM)
        if len(components) > MOST_COMPONENTS:
            what = f"there are more than {MOST_COMPONENTS} components"
            raise self.problem("signature", what, "Return fewer.", self.program.return_line)
        tidied = [self._component(name, value, reward) for name, value in components.items()]
        self.reward_dtype = reward.dtype
        if any(values.is_complex() for values in (reward, *tidied)):
            raise self._shape("a result is complex", "Keep to real numbers.")
        return [_float32(values) for values in (reward, *tidied)], tuple(components)

    def _component(self, name: Any, value: Any, reward: Tensor) -> Tensor:
        if not is_component_name(name):
            advice = f"Names are strings of 1 to {LONGEST_NAME} printable characters without commas."
            what = f"the component name {name!r:.100} cannot be used"
            raise self.problem("signature", what, advice, self.program.return_line)
        if isinstance(value, (bool, int, float)):
            return torch.full_like(reward, value, dtype=torch.float32)
        if not isinstance(value, torch.Tensor):
            raise self._shape(f"component `{name}` is {_kind(value)}, not a tensor", FORM)
        if value.shape == ():
            return value.expand(self.worlds)
        if value.shape == (self.worlds, 1):
            return value.squeeze(1)
        if value.shape != (self.worlds,):
            raise self._shape(f"component `{name}` has shape {tuple(value.shape)}", f"{_hint(value)} {FORM}")
        return value

    def _shape(self, what: str, advice: str) -> RewardError:
        return self.problem("shape", what, advice, self.program.return_line)

    def _mutation(self, name: str, state: Named) -> RewardError:
        arguments = self.arguments(state)
        argument = arguments[self.inputs.index(name)]
        before = argument.clone()
        line = first_line(lambda: self(*arguments), lambda _: not torch.equal(argument, before))
        advice = f"Copy first: `x = {name}.clone()`; or write `x = x + y` in place of `x += y`."
        return self.problem("mutation", f"the argument `{name}` is changed in place", advice, line)

    def _non_finite(self, name: str, values: Tensor, state: Named) -> RewardError:
        arguments = self.arguments(state)
        line = first_line(lambda: self(*arguments), _has_non_finite)
        count = int((~values.isfinite()).sum())
        what = f"{name} is NaN or infinite in {count} of {self.worlds} worlds"
        advice = (
            "Keep divisors and arguments of sqrt, log, acos and pow in range: add 1e-6 or use torch.clamp."
            " (torch.where computes both branches.)"
        )
        return self.problem("non_finite", what, advice, line)


def _float32(values: Tensor) -> Tensor:
    return values if values.dtype == torch.float32 else values.to(torch.float32)


def _kind(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return "nothing" if value is None else f"one {type(value).__name__}"


def _hint(values: Tensor) -> str:
    if values.ndim == 0:
        return "It is one number for all worlds: reduce over the last axis (dim=-1), not over everything."
    if values.ndim == 2 and values.shape[1] == 1:
        return "Drop the last axis: `.squeeze(-1)`."
    return "Reduce it over all axes but the first, as in `.sum(dim=-1)` or `.norm(dim=-1)`."


def _line(error: BaseException) -> int | None:
    """The program's innermost line in a traceback."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILENAME
    ]
    return lines[-1] if lines else None


def _has_non_finite(result: Any) -> bool:
    return (
        isinstance(result, torch.Tensor) and result.is_floating_point() and not bool(result.isfinite().all())
    )
