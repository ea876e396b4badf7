"""What exists by name: tasks, suites, methods. The tables below are the only place to edit.

A user's own package adds to them through entry points (name → `module:Class`) of the groups `eureka_harness.tasks` and
`eureka_harness.methods`, and any task or method can be named directly as `module:Class` or `path/to/file.py:Class`.
"""

from __future__ import annotations

import difflib
import functools
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.contract_check import check_task
from harness.errors import UserError
from harness.identity import TaskId, find_class
from harness.installed import expert_file, states_of
from harness.plugins import hidden_plugins, plugin_target, plugin_targets
from harness.roles import SPARSE
from harness.task import Task
from harness.task_options import options_of, with_options

TASKS = {
    "cartpole": "suites.isaac.cartpole:Cartpole",
    "ball_balance": "suites.isaac.ball_balance:BallBalance",
    "quadcopter": "suites.isaac.quadcopter:Quadcopter",
    "ant": "suites.isaac.ant:Ant",
    "humanoid": "suites.isaac.humanoid:Humanoid",
    "anymal": "suites.isaac.anymal:Anymal",
    "franka_cabinet": "suites.isaac.franka_cabinet:FrankaCabinet",
    "allegro_hand": "suites.isaac.allegro_hand:AllegroHand",
    "shadow_hand": "suites.isaac.shadow_hand:ShadowHand",
    "shadow_hand_spin": "suites.isaac.shadow_hand_spin:ShadowHandSpin",
    "shadow_hand_upside_down": "suites.isaac.shadow_hand_upside_down:ShadowHandUpsideDown",
    "shadow_hand_spin_flip": "suites.isaac.shadow_hand_spin_flip:ShadowHandSpinFlip",
    "shadow_hand_upside_down_flip": "suites.isaac.shadow_hand_upside_down_flip:ShadowHandUpsideDownFlip",
    "over": "suites.dexterity.over:Over",
    "catch_underarm": "suites.dexterity.catch_underarm:CatchUnderarm",
    "catch_over2underarm": "suites.dexterity.catch_over2underarm:CatchOver2Underarm",
    "catch_abreast": "suites.dexterity.catch_abreast:CatchAbreast",
    "two_catch_underarm": "suites.dexterity.two_catch_underarm:TwoCatchUnderarm",
    "lift_underarm": "suites.dexterity.lift_underarm:LiftUnderarm",
    "door_open_inward": "suites.dexterity.door_open_inward:DoorOpenInward",
    "door_open_outward": "suites.dexterity.door_open_outward:DoorOpenOutward",
    "door_close_inward": "suites.dexterity.door_close_inward:DoorCloseInward",
    "door_close_outward": "suites.dexterity.door_close_outward:DoorCloseOutward",
    "bottle_cap": "suites.dexterity.bottle_cap:BottleCap",
    "push_block": "suites.dexterity.push_block:PushBlock",
    "switch": "suites.dexterity.switch:Switch",
    "kettle": "suites.dexterity.kettle:Kettle",
    "grasp_and_place": "suites.dexterity.grasp_and_place:GraspAndPlace",
    "block_stack": "suites.dexterity.block_stack:BlockStack",
    "re_orientation": "suites.dexterity.re_orientation:ReOrientation",
    "scissors": "suites.dexterity.scissors:Scissors",
    "pen": "suites.dexterity.pen:Pen",
    "swing_cup": "suites.dexterity.swing_cup:SwingCup",
}
ISAAC = (
    "cartpole",
    "ball_balance",
    "quadcopter",
    "anymal",
    "ant",
    "humanoid",
    "franka_cabinet",
    "allegro_hand",
    "shadow_hand",
)
DEXTERITY = tuple(name for name, place in TASKS.items() if place.startswith("suites.dexterity."))
SUITES = {
    "isaac": ISAAC,
    "quick": ("cartpole", "ball_balance", "switch"),
    "dexterity": DEXTERITY,
    "all": (*ISAAC, *DEXTERITY),
}


METHODS = {
    "human": "harness.methods.fixed:HUMAN_REWARD",
    "sparse": "harness.methods.fixed:SPARSE_REWARD",
    "eureka": "harness.methods.eureka:Eureka",
}
"""Method → where it is; `harness.methods.contract` says what one is."""

SLUG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
"""What a task's name may be: it becomes a part of names of files."""


def task_names() -> list[str]:
    """Every task that can be named, the built-in ones first."""
    return [*TASKS, *sorted(set(plugin_targets("task")) - {*TASKS, *SUITES})]


def resolve_suite(text: str) -> list[TaskId]:
    """The tasks of a suite, a task, or a comma-separated list of them, without repeats.

    UserError for a name that does not exist, and for two tasks of one name.
    """
    tasks: list[TaskId] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if part in SUITES and not SUITES[part]:
            filled = ", ".join(suite for suite, members in SUITES.items() if members)
            raise UserError(f"suite {part!r} has no tasks yet: expected one of {filled}, or a task")
        if part in SUITES:
            tasks.extend(resolve(name) for name in SUITES[part])
        elif part in TASKS or part in plugin_targets("task") or ":" in part:
            tasks.append(resolve(part))
        else:
            raise UserError(unknown("suite or task", part, [*SUITES, *task_names()]))
    if not tasks:
        raise UserError(f"no task to run: {text!r} names none; `python -m harness tasks` lists them")
    tasks = list(dict.fromkeys(tasks))
    for slug, count in Counter(task.slug for task in tasks).items():
        if count > 1:
            places = " and ".join(task.reference for task in tasks if task.slug == slug)
            raise UserError(f"two tasks are called {slug!r}: {places}; rename a class, or run them apart")
    return tasks


def resolve(reference: str) -> TaskId:
    """The task that a name, `module:Class` or `path.py:Class` means. UserError if it does not load.

    One task has one identity, however it is named: a built-in or installed one has its own name, any other that
    of its class in lower case. A name of a built-in task is that task's alone.
    """
    place, _, name = reference.rpartition(":")
    if place.endswith(".py"):  # the same relative path means another file in another folder
        reference = f"{Path(place).resolve()}:{name}"
    return _resolve(reference)


@functools.cache
def _resolve(reference: str) -> TaskId:
    target = TASKS.get(reference) or plugin_target("task", reference) or reference
    if reference in SUITES and target == reference:
        raise UserError(f"{reference!r} is a suite, not a task: name one of {', '.join(SUITES[reference])}")
    if ":" not in target:
        raise UserError(unknown("task", reference, task_names()))
    module, task_class = find_class(target, reference)
    found = f"{module}:{task_class.__qualname__}"
    names = {offers[0][1]: name for name, offers in plugin_targets("task").items() if len(offers) == 1}
    names |= {place: name for name, place in TASKS.items()}
    slug = names.get(found) or (reference if ":" not in reference else task_class.__qualname__.lower())
    if slug in TASKS and TASKS[slug] != found:
        raise UserError(
            f"task {found} has the name of the built-in task {slug!r}: give its class another name"
        )
    if not SLUG.fullmatch(slug):
        raise UserError(
            f"task {found} would be called {slug!r}: rename its class, with at most 60 plain letters, digits, _ and -"
        )
    return TaskId(slug, module, task_class.__qualname__)


def load_task(task: str | TaskId, options: Mapping[str, Any] | None = None) -> Task:
    """The task called so: a name, `module:Class`, `path.py:Class`, or its identity. UserError if it does not load.

    `options` take the place of those that its identity holds; what they leave open is at its default.
    """
    found = task if isinstance(task, TaskId) else resolve(task)
    return _load(found if options is None else with_options(found, options))


@functools.cache
def _load(task: TaskId) -> Task:
    _, task_class = find_class(task.reference, task.reference)
    options = options_of(task)
    try:  # a constructor of its own need not know of options that it does not have
        loaded: Task = task_class(options) if type(options).model_fields else task_class()
    except Exception as error:  # abstract methods left out, or a constructor of its own
        raise UserError(
            f"task {task.reference!r} is incomplete: {type(error).__name__}: {' '.join(str(error).split())}"
        ) from error
    if task.slug not in TASKS:
        check_task(loaded)
    return loaded


def expert_reward(kind: str, task: str | TaskId) -> str | None:
    """Source of the `human` or `sparse` reward of a task, or None if there is none.

    Built-in ones lie in `baselines/`, EnvironmentProblem if not; a task elsewhere brings its own beside its module,
    as `<module>_human_reward.py` and `<module>_sparse_reward.py`.
    """
    loaded = load_task(task)
    module = sys.modules[type(loaded).__module__]
    package, _, leaf = module.__name__.rpartition(".")
    if kind == SPARSE and loaded.sparse_variant:
        leaf = f"{leaf}_{loaded.sparse_variant}"
    if package.startswith("suites."):
        return expert_file(kind, package.removeprefix("suites."), leaf).read_text(encoding="utf-8")
    file = Path(str(module.__file__))
    stem = "_".join(filter(None, (file.stem, loaded.sparse_variant if kind == SPARSE else "")))
    beside = file.with_name(f"{stem}_{kind}_reward.py")
    return beside.read_text(encoding="utf-8") if beside.is_file() else None


def states_file(task: str | TaskId) -> Path:
    """Where the common states of a task lie, if they were recorded (see `harness.training.common_states`).

    In `baselines/`, or beside the module of a task elsewhere, as `<module>_states.npz`.
    """
    module = sys.modules[type(load_task(task)).__module__]
    package, _, leaf = module.__name__.rpartition(".")
    if package.startswith("suites."):
        return states_of(package.removeprefix("suites."), leaf)
    file = Path(str(module.__file__))
    return file.with_name(f"{file.stem}_states.npz")


def unknown(what: str, found: str, known: Iterable[str]) -> str:
    """One line for a name that does not exist, with the nearest ones that do."""
    known = list(known)
    near = difflib.get_close_matches(found, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of: {', '.join(known)}"
    return f"unknown {what} {found!r}: {hint}"


def task_notes(suite: str) -> list[str]:
    """What a user should know of the names in `--suite`: which task a name means where it could mean two."""
    parts = {piece.strip() for piece in suite.split(",")}
    named = parts | {name for part in parts for name in SUITES.get(part, ())}
    return hidden_plugins(named & TASKS.keys())
