"""run.json: what a run folder holds, and what was ever asked of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from harness import __version__
from harness.code import code_digest, source_digest
from harness.errors import UserError
from harness.files import read_json
from harness.identity import TaskId
from harness.machine import machine
from harness.methods.fixed import Given
from harness.plan import Plan
from harness.registry import expert_reward, load_task
from harness.roles import REFERENCES
from harness.run_json import SCHEMA
from harness.scoring.option_words import option_words
from harness.store import Store
from harness.task import Task
from harness.task_options import values_of
from harness.trial import make_spec, versions

ESTIMATORS = {"strict": "mean over tasks of ratios of means", "paper": "mean over tasks of clipped ratios"}
"""The aggregate comparison of each protocol."""
ONE_VALUE = (
    "budget",
    "engine",
    "trainer",
    "precision",
    "protocol",
    "goal_bonus",
    "candidate_epochs",
    "first_seed",
    "overrides",
)
"""What a run folder holds one value of."""


def run_record(plan: Plan, store: Store) -> dict[str, Any]:
    """The content of run.json after `plan`, together with what it held before.

    UserError if the plan does not go with that: another configuration, another task of the same name, other settings
    of the searches. A replayed run carries the name of what it replays.
    """
    asked = {
        task.slug: {method: _amount(plan, method) for method in _methods(plan, task)} for task in plan.tasks
    }
    new: dict[str, Any] = {
        "schema": SCHEMA,
        "tasks": [task.slug for task in plan.tasks],
        "methods": list(plan.methods),
        "seeds": plan.seeds,
        "searches": plan.searches,
        "asked": asked,
        "search": plan.described(plan.usual) if plan.searching else None,
        **_settings(plan),
        "given": {name: _text_of(plan, name) for name in plan.written},
        "budget": plan.budget,
        "engine": plan.engine,
        "trainer": plan.trainer,
        "precision": plan.precision,
        "protocol": plan.protocol,
        "goal_bonus": plan.goal_bonus,
        "candidate_epochs": plan.candidate_epochs,
        "first_seed": plan.first_seed,
        "overrides": plan.overrides,
        "reused_versions": plan.reuse.any_version,
        "versions": versions(),
        "harness": __version__,
        "machine": machine(),
        "task_info": {task.slug: task_info(plan, task) for task in plan.tasks},
    }
    held = store.run_record()
    record = new if held is None else _joined(held, new, store)
    return {**record, "declared": _declared(record, held, store)}


def _settings(plan: Plan) -> dict[str, Any]:
    """The settings of the methods that are not searched as usual, and where methods that are not built in are from."""
    usual = plan.described(plan.usual)
    described = {name: plan.described(settings) for name, settings in plan.settings.items()}
    other = {name: settings for name, settings in described.items() if settings != usual}
    from_elsewhere = {name: _text_of(plan, name) for name in plan.searching if plan.chosen[name].origin}
    return _where_there_are({"settings": other, "plugin_methods": from_elsewhere})


def _where_there_are(parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}


def _text_of(plan: Plan, name: str) -> str:
    """What a method that is not built in is recognised by: its file or class, and a digest of the text."""
    chosen = plan.chosen[name]
    if isinstance(chosen.method, Given):
        return f"{name}.py, {code_digest(chosen.method.source)}"
    return f"{chosen.origin}, {source_digest(chosen.method)}"


def _declared(record: dict[str, Any], held: dict[str, Any] | None, store: Store) -> list[dict[str, Any]]:
    """What was declared so far, and what `record` asks for beyond that; none where a run began without."""
    before: list[dict[str, Any]] = [] if held is None else held.get("declared", [])
    if held is not None and not before and store.has_trials():
        return []
    now = {
        "methods": record["methods"],
        "tasks": len(record["tasks"]),
        "seeds": record["seeds"],
        "searches": record["searches"],
        "estimator": ESTIMATORS[record["protocol"]],
    }
    if before and {**before[-1], "after": None} == {**now, "after": None}:
        return before
    done = store.finished()
    kept = before if done else []  # what was changed before the first trial was never looked at
    return [*kept, {**now, "after": done}]


def _joined(old: dict[str, Any], new: dict[str, Any], store: Store) -> dict[str, Any]:
    for key in ONE_VALUE:
        if old[key] != new[key]:
            raise UserError(
                f"run folder {store.folder} holds results of {key} {old[key]!r}, not {new[key]!r}: "
                f"choose another folder with --out"
            )
    held, asked = ({**record["given"], **record.get("plugin_methods", {})} for record in (old, new))
    for method, text in asked.items():
        if held.get(method, text) != text:
            raise UserError(
                f"run folder {store.folder} holds results of another text of {method}: "
                "rename the file, or choose another folder with --out"
            )
    for slug, info in new["task_info"].items():
        before = old["task_info"].get(slug, info)
        held, asked = before.get("options", {}), info.get("options", {})
        other = {name: value for name, value in asked.items() if name in held and held[name] != value}
        if other:
            found = option_words({slug: {name: held[name] for name in other}})
            raise UserError(
                f"run folder {store.folder} holds results of {found}, not {option_words({slug: other})}: "
                "choose another folder with --out"
            )
        if (
            any(before[part] != info[part] for part in ("module", "qualname"))
            and before["code"] != info["code"]
        ):
            raise UserError(
                f"run folder {store.folder} holds results of another task called {slug!r} "
                f"({before['module']}:{before['qualname']}): choose another folder with --out"
            )
    return {
        **new,
        "tasks": list(dict.fromkeys([*old["tasks"], *new["tasks"]])),
        "methods": list(dict.fromkeys([*old["methods"], *new["methods"]])),
        "seeds": max(old["seeds"], new["seeds"]),
        "searches": max(old["searches"], new["searches"]),
        "asked": _asked(old["asked"], new["asked"]),
        "search": _joined_settings("", old["search"], new["search"], store),
        **_joined_methods(old, new, store),
        "given": old["given"] | new["given"],
        "reused_versions": old["reused_versions"] or new["reused_versions"],
        "task_info": old["task_info"] | new["task_info"],
    }


def _asked(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The larger amount of each method on each task."""
    joined = {slug: dict(cells) for slug, cells in old.items()}
    for slug, cells in new.items():
        held = joined.setdefault(slug, {})
        for method, amount in cells.items():
            before = held.get(method, amount)
            held[method] = {name: max(before[name], number) for name, number in amount.items()}
    return joined


def _joined_methods(old: dict[str, Any], new: dict[str, Any], store: Store) -> dict[str, Any]:
    """What is said of single methods, together; nothing where there is nothing to say."""
    before, now = (record.get("settings", {}) for record in (old, new))
    for name in set(old["methods"]) & set(new["methods"]):
        _joined_settings(f" by {name}", before.get(name, old["search"]), now.get(name, new["search"]), store)
    settings = {name: held for name, held in before.items() if name not in new["methods"]} | now
    origins = old.get("plugin_methods", {}) | new.get("plugin_methods", {})
    return _where_there_are({"settings": settings, "plugin_methods": origins})


def _joined_settings(
    whose: str, old: dict[str, Any] | None, new: dict[str, Any] | None, store: Store
) -> dict[str, Any] | None:
    """The settings of searches: more iterations go on with what was searched, all else would be a new search."""
    if old is None or new is None or not has_searched(store):
        return new or old
    for name, value in {"racing": False, **new}.items():
        before = {"racing": False, **old}[name]
        if value != before and not (name == "iterations" and value > before):
            raise UserError(
                f"run folder {store.folder} holds searches{whose} with {name} {before!r}, not {value!r}: "
                f"choose another folder with --out"
            )
    return new


def has_searched(store: Store) -> bool:
    """Whether a search has got anywhere: an answer is in the journal, or a record of iterations is written."""
    for path in store.searches.glob("*/search.json"):
        with suppress(UserError, AttributeError):
            if read_json(path).get("settings"):
                return True
    try:
        with store.journal.open("rb") as file:
            return any(b'"kind": "response"' in line for line in file)
    except OSError:
        return False


def _methods(plan: Plan, task: TaskId) -> list[str]:
    return [*plan.fixed(task), *plan.searching]


def _amount(plan: Plan, method: str) -> dict[str, int]:
    return {"searches": plan.searches if method in plan.searching else 1, "seeds": plan.seeds}


def task_info(plan: Plan, task: TaskId) -> dict[str, Any]:
    """What the report needs to know of a task."""
    loaded, amount = load_task(task), plan.experience(task)
    programs = {method: expert_reward(method, task) for method in REFERENCES}
    spec = make_spec(
        task, "", role="final", seed=0, budget=plan.budget, engine=plan.engine, protocol=plan.protocol
    )
    return {
        "slug": task.slug,
        "module": task.module,
        "qualname": task.qualname,
        "code": spec.code.task,
        "programs": {
            method: code_digest(source) for method, source in programs.items() if source is not None
        },
        "description": loaded.description,
        "fitness": loaded.fitness.name,
        "unit": loaded.fitness_unit,
        "floor": loaded.fitness_floor or 0.0,
        "episode_steps": loaded.timing.episode_steps,
        "env_steps": amount.env_steps,
        "worlds": amount.worlds,
        **_options(loaded),
    }


def _options(task: Task) -> dict[str, Any]:
    """What of a task is chosen, and what it would be by default; nothing for a task without options."""
    options = values_of(task.options)
    return {"options": options, "default_options": values_of(type(task.options)())} if options else {}
