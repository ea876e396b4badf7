"""What a reward program does when it is called: its result tidied, its faults found and explained."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from harness.rewards.errors import RewardError, problem
from harness.rewards.names import describe, fixed_values
from harness.rewards.program import ENTRY, FILENAME, Program
from harness.rewards.states import Named
from harness.rewards.verify import LONGEST_NAME, MOST_COMPONENTS, is_component_name
from harness.task import Task

FORM = "Return `reward, components`: a tensor (N,), one reward per world, and a dict of name → tensor (N,)."


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
        self.tables = {name: value for name, value in fixed.items() if isinstance(value, Tensor)}
        self._fixed = {name: value for name, value in fixed.items() if not isinstance(value, Tensor)}
        self.inputs = tuple(name for name in program.parameters if name not in self._fixed)
        self._function = self._guarded(lambda: program.load(device))

    def __call__(self, *tensors: Tensor) -> tuple[list[Tensor], tuple[str, ...]]:
        """Reward and components, each (N,) float32, and the components' names; `tensors` as in `inputs`."""
        named = dict(zip(self.inputs, tensors, strict=True))
        return self._tidy(self._guarded(lambda: self._function(**named, **self._fixed)))

    def fresh(self) -> Behaviour:
        """The same program loaded anew, without anything it may have kept."""
        return Behaviour(self.program, self.task, self.worlds, self.device)

    def arguments(self, state: Named) -> list[Tensor]:
        """Fresh copies of what the program reads of a state."""
        return [(self.tables[name] if name in self.tables else state[name]).clone() for name in self.inputs]

    def run(self, state: Named) -> list[Tensor]:
        """Results on a real state. RewardError if they are not finite or an argument changed."""
        arguments = self.arguments(state)
        results, names = self(*arguments)
        for name, before, after in zip(self.inputs, self.arguments(state), arguments, strict=True):
            if not torch.equal(before, after):
                raise self._mutation(name, state)
        titles = ("the reward", *(f"component `{name}`" for name in names))
        for name, values in zip(titles, results, strict=True):
            if not values.isfinite().all():
                raise self._non_finite(name, values, state)
        return results

    def problem(self, kind: str, what: str, advice: str, line: int | None = None) -> RewardError:
        """A RewardError about this program."""
        return problem(kind, what, advice, self.program.source, line)

    def _guarded(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            line = _line(error)
            text = " ".join(str(error).split())[:300] or "no message"
            shapes = describe(self.task, self.program.parameters)
            what = f"{type(error).__name__}: {text}"
            raise self.problem(
                "error", what, f"What `{ENTRY}` gets: {shapes}; N = {self.worlds} worlds.", line
            ) from error

    def _tidy(self, result: Any) -> tuple[list[Tensor], tuple[str, ...]]:
        if not (isinstance(result, (tuple, list)) and len(result) == 2):
            raise self._shape(f"`{ENTRY}` returns {_kind(result)}", FORM)
        reward, components = result
        if not isinstance(reward, Tensor):
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
        if not isinstance(value, Tensor):
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
        line = _first_line(lambda: self(*arguments), lambda _: not torch.equal(argument, before))
        advice = f"Copy first: `x = {name}.clone()`; or write `x = x + y` in place of `x += y`."
        return self.problem("mutation", f"the argument `{name}` is changed in place", advice, line)

    def _non_finite(self, name: str, values: Tensor, state: Named) -> RewardError:
        arguments = self.arguments(state)
        line = _first_line(lambda: self(*arguments), _has_non_finite)
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
    return isinstance(result, Tensor) and result.is_floating_point() and not bool(result.isfinite().all())


class _Watch(TorchDispatchMode):
    """Notes the program's line at the first operation after which `suspicious(result)` holds."""

    def __init__(self, suspicious: Callable[[Any], bool]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.suspicious = suspicious
        self.line: int | None = None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if self.line is None and self.suspicious(result):
            frame = sys._getframe(1)
            while frame.f_back is not None and frame.f_code.co_filename != FILENAME:
                frame = frame.f_back
            self.line = frame.f_lineno if frame.f_code.co_filename == FILENAME else None
        return result


def _first_line(call: Callable[[], Any], suspicious: Callable[[Any], bool]) -> int | None:
    with _Watch(suspicious) as watch:
        call()
    line: int | None = watch.line
    return line
