"""What exists by name: tasks, suites, methods. The tables below are the only place to edit.

A user's own package adds tasks through the entry-point group `eureka_harness.tasks` (name → `module:Class`),
and any task can be named directly as `module:Class` or `path/to/file.py:Class`.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from harness.contract_check import check_task
from harness.errors import EnvironmentProblem, UserError
from harness.installed import expert_file
from harness.plugins import plugin_target, plugin_targets
from harness.task import Task

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
SUITES = {"isaac": ISAAC, "quick": ("cartpole", "ball_balance"), "dexterity": (), "all": ISAAC}


def task_names() -> list[str]:
    """Every task that can be named, the built-in ones first."""
    return [*TASKS, *sorted(set(plugin_targets()) - {*TASKS, *SUITES})]


def resolve_suite(text: str) -> list[str]:
    """Task references of a suite, a task, or a comma-separated list of them, without repeats."""
    tasks: list[str] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if part in SUITES and not SUITES[part]:
            filled = ", ".join(suite for suite, members in SUITES.items() if members)
            raise UserError(f"suite {part!r} has no tasks yet: expected one of {filled}, or a task")
        if part in SUITES:
            tasks.extend(SUITES[part])
        elif part in TASKS or part in plugin_targets() or ":" in part:
            tasks.append(part)
        else:
            raise UserError(unknown("suite or task", part, [*SUITES, *task_names()]))
    if not tasks:
        raise UserError(f"no task to run: {text!r} names none; `python -m harness tasks` lists them")
    return list(dict.fromkeys(tasks))


@functools.cache
def load_task(reference: str) -> Task:
    """The task called `reference`: a name, `module:Class` or `path.py:Class`. UserError if it does not load."""
    target = TASKS.get(reference) or plugin_target(reference) or reference
    if ":" not in target:
        raise UserError(unknown("task", reference, task_names()))
    module_name, _, class_name = target.rpartition(":")
    try:
        module = (
            _load_file(module_name) if module_name.endswith(".py") else importlib.import_module(module_name)
        )
    except EnvironmentProblem:
        raise
    except (Exception, SystemExit) as error:
        raise UserError(
            f"task {reference!r} does not import: {type(error).__name__}: {error}; fix the module {module_name!r}"
        ) from error
    task_class = getattr(module, class_name, None)
    if not (inspect.isclass(task_class) and issubclass(task_class, Task)):
        raise UserError(
            f"task {reference!r}: {module_name} has no harness.task.Task subclass called {class_name!r}"
        )
    try:
        task: Task = task_class()
    except Exception as error:  # abstract methods left out, or a constructor of its own
        raise UserError(f"task {reference!r} is incomplete: {type(error).__name__}: {error}") from error
    if reference not in TASKS:
        check_task(task)
    return task


def task_slug(reference: str) -> str:
    """A task reference as a file name: `ant`, or the class name of a task named by path."""
    return reference.rpartition(":")[2].lower() if ":" in reference else reference


def task_hash(task: Task) -> str:
    """SHA-256 (hex, 16 digits) of the source a task's behaviour rests on: its module and shared models."""
    digest = hashlib.sha256()
    modules = {sys.modules[cls.__module__] for cls in type(task).__mro__ if issubclass(cls, Task)}
    for module in sorted(_with_models(modules), key=lambda module: module.__name__):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:16]


def expert_reward(kind: str, reference: str, task: Task) -> str | None:
    """Source of the `human` or `sparse` reward of a task, or None if there is none.

    Built-in ones lie in `baselines/`, EnvironmentProblem if not; a task elsewhere brings its own beside its module,
    as `<module>_human_reward.py` and `<module>_sparse_reward.py`.
    """
    module = sys.modules[type(task).__module__]
    package, _, leaf = module.__name__.rpartition(".")
    if package.startswith("suites."):
        return expert_file(kind, package.removeprefix("suites."), leaf).read_text(encoding="utf-8")
    beside = Path(str(module.__file__)).with_name(f"{leaf}_{kind}_reward.py")
    return beside.read_text(encoding="utf-8") if beside.is_file() else None


def unknown(what: str, found: str, known: Iterable[str]) -> str:
    """One line for a name that does not exist, with the nearest ones that do."""
    known = list(known)
    near = difflib.get_close_matches(found, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of: {', '.join(known)}"
    return f"unknown {what} {found!r}: {hint}"


def _load_file(path: str) -> ModuleType:
    file = Path(path).resolve()
    name = file.stem
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise FileNotFoundError(f"no file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _with_models(modules: Iterable[ModuleType]) -> set[ModuleType]:
    """`modules` and what they import from `suites` or their own package, transitively."""
    found: set[ModuleType] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        for value in vars(module).values():
            name = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None)
            other = sys.modules.get(str(name))
            if other is not None and str(name).split(".")[0] == "suites":
                waiting.append(other)
    return found
