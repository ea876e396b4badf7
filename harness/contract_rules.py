"""What the contract of `harness.task` asks of each thing that a task declares: a test, and the words for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from harness.bound import BOUND
from harness.task import PPO, Budget, Fitness, MemoryForm, Timing

Test = Callable[[Any], bool]
Expected = tuple[Test, str]
"""What a value must be: a test, and the words for it."""

KINDS = (
    "position",
    "rotation",
    "velocity",
    "angular velocity",
    "joint position",
    "joint velocity",
    "direction",
    "force",
    "effort",
    "progress",
    "scalar",
    "observation",
)
"""Of state tensors (see `harness.task.tensor`)."""


def holds(test: Test, value: Any) -> bool:
    """Whether a value passes a test."""
    try:
        return test(value)
    except (TypeError, ValueError):  # it cannot even be compared
        return False


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(least: int) -> Expected:
    def test(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value >= least

    return test, f"a whole number, at least {least}"


def _bounded(low: float, high: float = math.inf, *, above: bool = False) -> Expected:
    def test(value: Any) -> bool:
        return is_number(value) and low <= value <= high and not (above and value == low)

    words = f"a number {'above' if above else 'of at least'} {low:g}"
    return test, words if math.isinf(high) else f"{words} and at most {high:g}"


def _or_none(expected: Expected) -> Expected:
    test, words = expected
    return lambda value: value is None or test(value), f"{words}, or None"


def instance_of(cls: type, words: str) -> Expected:
    """An instance of a class."""
    return lambda value: isinstance(value, cls), words


LINE: Expected = (
    lambda value: isinstance(value, str) and bool(value.strip()) and value.isprintable(),
    "one line of text",
)
POSITIVE = _bounded(0.0, above=True)
FLAG = instance_of(bool, "True or False")
CAMERA = ("lookat", "distance", "nearest", "azimuth", "elevation")
ATTRIBUTES: dict[str, Expected] = {
    "description": LINE,
    "timing": instance_of(Timing, "a harness.task.Timing"),
    "worlds": _whole(1),
    "num_actions": _whole(1),
    "fitness": instance_of(Fitness, "one of harness.task.Fitness"),
    "fitness_unit": LINE,
    "memory_form": _or_none(instance_of(MemoryForm, "one of harness.task.MemoryForm")),
    "memory_weight": _bounded(0.0, 1.0, above=True),
    "best_rate": _or_none((is_number, "a finite number")),
    "fitness_floor": _or_none((is_number, "a finite number")),
    "ppo": instance_of(PPO, "a harness.task.PPO"),
    "quick": instance_of(Budget, "a harness.task.Budget(worlds, epochs, horizon, minibatch, why)"),
    "night": _or_none(instance_of(Budget, "a harness.task.Budget")),
    "goal_bonus": _bounded(0.0),
    "constants": instance_of(dict, "a dict of numbers and rows of numbers"),
    "bound": (
        lambda value: isinstance(value, tuple) and set(value) <= set(BOUND),
        f"a tuple out of {BOUND}",
    ),
    "clip_observations": (
        lambda value: isinstance(value, int | float) and value > 0,
        "a number above 0, or infinity",
    ),
    "camera": (
        lambda value: isinstance(value, dict) and set(value) <= set(CAMERA),
        f"a dict with keys out of {CAMERA}",
    ),
    "follow": _or_none(LINE),
}
SIZES = {"horizon": _whole(1), "minibatch": _whole(1), "epochs": _whole(1)}
BUDGET = {**SIZES, "worlds": _whole(1), "why": instance_of(str, "a text")}
RECORDS: dict[str, dict[str, Expected]] = {
    "timing": {
        "dt": POSITIVE,
        "substeps": _whole(1),
        "decimation": _whole(1),
        "episode_steps": _whole(1),
    },
    "ppo": {
        **SIZES,
        "units": (
            lambda value: isinstance(value, tuple) and bool(value) and all(map(_whole(1)[0], value)),
            "a tuple of layer sizes",
        ),
        "mini_epochs": _whole(1),
        "learning_rate": POSITIVE,
        "kl_threshold": POSITIVE,
        "reward_scale": POSITIVE,
        "critic_coef": _bounded(0.0),
        "gamma": _bounded(0.0, 1.0),
        "gae_lambda": _bounded(0.0, 1.0),
        "grad_norm": _or_none(POSITIVE),
        "bounds_loss_coef": _bounded(0.0),
        "value_bootstrap": FLAG,
        "normalize_input": FLAG,
        "separate": FLAG,
        "schedule": (lambda value: value in ("legacy", "standard"), "'legacy' or 'standard'"),
    },
    "quick": BUDGET,
    "night": BUDGET,
}
METADATA: dict[str, Expected] = {
    "kind": (lambda value: value in KINDS, f"one of {', '.join(KINDS)}"),
    "unit": (lambda value: isinstance(value, str) and value.isprintable(), "a text, e.g. m/s"),
    "about": LINE,
    "shape": (
        lambda value: isinstance(value, tuple) and all(map(_whole(1)[0], value)),
        "a tuple of sizes without the world axis, e.g. (3,)",
    ),
}
METHODS: dict[str, tuple[str, ...]] = {
    "scene": (),
    "carry": ("worlds", "device"),
    "reset": ("sim", "carried", "worlds", "rng"),
    "act": ("sim", "carried", "actions", "rng"),
    "read": ("sim", "carried"),
    "observe": ("state", "actions"),
    "terminated": ("state",),
    "score": ("state",),
}
