"""run.json: what was asked for, and so what belongs to the run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.errors import EnvironmentProblem, UserError
from harness.fields import (
    Damaged,
    finite,
    kind,
    line,
    mapping,
    objects,
    optional_text,
    text,
    texts,
    truth,
    whole,
)
from harness.files import read_json
from harness.repetitions import MOST, REFERENCE
from harness.roles import REFERENCES
from harness.scoring.rundata import Config, Declared
from harness.scoring.task_info import TaskInfo

SCHEMA: Final = 2
SLUG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
METHOD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}(:[A-Za-z_]\w*=[A-Za-z0-9_.+-]*)*")
"""A method's name; a variant's with its settings, `eureka:elitism=true`."""
OPTION: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
FITNESS: Final = ("RATE", "SURVIVAL", "SUCCESS", "COUNT")
PROTOCOLS: Final = ("strict", "paper")
PRECISIONS: Final = ("fp32", "bf16")
LONGEST: Final = 400


@dataclass(frozen=True)
class Settings:
    """What run.json says."""

    config: Config
    tasks: tuple[TaskInfo, ...]
    methods: tuple[str, ...]
    """In order of display, references first."""
    expected: Mapping[tuple[str, str], tuple[int, int]]
    """Searches and final trials of each, by task slug and method."""


def read_settings(folder: Path) -> Settings:
    """The run.json of a folder. UserError without one or of another schema, EnvironmentProblem if it is damaged."""
    path = folder / "run.json"
    if not path.is_file():
        raise UserError(f"{folder} is not a run folder: it has no run.json; give the folder that `run` wrote")
    return settings_of(read_json(path), path)


def settings_of(raw: object, path: Path) -> Settings:
    """The content of a run.json, which `path` holds. Errors: see `read_settings`."""
    found = raw.get("schema") if isinstance(raw, dict) else None
    if isinstance(raw, dict) and "schema" in raw and (found != SCHEMA or isinstance(found, bool | float)):
        raise UserError(
            f"{path} has schema {line(repr(found), 40)}, expected {SCHEMA}: use the version that wrote it"
        )
    try:
        if not isinstance(raw, dict) or found is None:
            raise Damaged("expected an object with a schema")
        config = _config(raw)
        tasks = tuple(_task(mapping(raw, "task_info"), slug) for slug in texts(raw, "tasks"))
        expected = _expected(mapping(raw, "asked"), [task.slug for task in tasks], config)
    except Damaged as error:
        raise EnvironmentProblem(f"{path} is damaged ({error}): run again to rewrite it") from error
    asked = {method for _, method in expected}
    methods = dict.fromkeys([*REFERENCES, *config.methods, *sorted(asked)])
    return Settings(config, tasks, tuple(m for m in methods if m in asked), expected)


def _config(raw: Mapping[str, Any]) -> Config:
    search = None if raw.get("search") is None else _search(mapping(raw, "search"))
    settings = mapping({"settings": {}, **raw}, "settings")
    plugins = mapping({"plugin_methods": {}, **raw}, "plugin_methods")
    epochs = None if raw.get("candidate_epochs") is None else whole(raw, "candidate_epochs")
    versions, machine = mapping(raw, "versions"), mapping(raw, "machine")
    return Config(
        seeds=whole(raw, "seeds", MOST),
        searches=whole(raw, "searches", MOST),
        budget=text(raw, "budget"),
        engine=text(raw, "engine"),
        precision=_one_of(PRECISIONS, "precision", {"precision": "fp32", **raw}),
        protocol=_one_of(PROTOCOLS, "protocol", raw),
        goal_bonus=truth(raw, "goal_bonus"),
        methods=tuple(texts(raw, "methods")),
        search=search,
        settings={method: _search(mapping(settings, method)) for method in settings},
        plugin_methods={method: line(text(plugins, method), LONGEST) for method in plugins},
        given={method: text(mapping(raw, "given"), method) for method in mapping(raw, "given")},
        candidate_epochs=epochs,
        overrides=mapping({"overrides": {}, **raw}, "overrides"),
        first_seed=whole({"first_seed": 0, **raw}, "first_seed", REFERENCE),
        reused_versions=truth(raw, "reused_versions"),
        declared=tuple(_declared(part) for part in objects({"declared": [], **raw}, "declared")),
        versions={name: text(versions, name) for name in sorted(versions)},
        machine={
            name: line(value, LONGEST) if isinstance(value, str) else value
            for name, value in sorted(machine.items())
        },
    )


def _search(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of searches, with what all of them have."""
    text(settings, "proposer")
    whole(settings, "iterations")
    whole(settings, "samples")
    return settings


def _declared(raw: Mapping[str, Any]) -> Declared:
    return Declared(
        methods=tuple(line(method, LONGEST) for method in texts(raw, "methods")),
        tasks=whole(raw, "tasks"),
        seeds=whole(raw, "seeds", MOST),
        searches=whole(raw, "searches", MOST),
        estimator=line(text(raw, "estimator"), LONGEST),
        after=whole(raw, "after"),
    )


def _one_of(values: tuple[str, ...], name: str, raw: Mapping[str, Any]) -> str:
    found = text(raw, name)
    if found not in values:
        raise Damaged(f"{name}: expected {' or '.join(values)}, found {line(found, 40)!r}")
    return found


def _task(info: Mapping[str, Any], slug: str) -> TaskInfo:
    if not SLUG.fullmatch(slug):
        raise Damaged(f"tasks: {line(slug, 40)!r} is no task's name")
    about = mapping(info, slug)
    fitness, steps = text(about, "fitness"), whole(about, "episode_steps")
    if text(about, "slug") != slug or fitness not in FITNESS or not steps:
        raise Damaged(f"task_info of {slug}: slug, fitness or episode_steps is none")
    options, defaults = (_options(about, name) for name in ("options", "default_options"))
    if options.keys() != defaults.keys():
        raise Damaged(f"task_info of {slug}: options and default_options are not of the same names")
    programs = mapping({"programs": {}, **about}, "programs")
    return TaskInfo(
        slug=slug,
        fitness=fitness,
        unit=line(text(about, "unit"), LONGEST),
        description=optional_text(about, "description") or "",
        episode_steps=steps,
        code=optional_text(about, "code") or "",
        module=optional_text(about, "module") or "",
        env_steps=whole({"env_steps": 0, **about}, "env_steps"),
        worlds=whole({"worlds": 0, **about}, "worlds"),
        programs={method: text(programs, method) for method in programs if method in REFERENCES},
        declared_floor=_floor(about, fitness),
        options=options,
        default_options=defaults,
    )


def _floor(about: Mapping[str, Any], fitness: str) -> float | None:
    """What a failure scores; None for a RATE of a run from before tasks said it."""
    if fitness != "RATE" or "floor" not in about:
        return None
    found = finite(about["floor"])
    if found is None:
        raise Damaged(f"floor: expected a finite number, found {kind(about['floor'])}")
    return found


def _options(about: Mapping[str, Any], name: str) -> dict[str, object]:
    """The options of a task, or their defaults; nothing for a task without any."""
    found = mapping(about, name) if name in about else {}
    for option, value in found.items():
        if not OPTION.fullmatch(option) or not (isinstance(value, str | bool) or finite(value) is not None):
            raise Damaged(f"{name}: {line(option, 40)!r} is no option")
    return found


def _expected(
    asked: Mapping[str, Any], slugs: list[str], config: Config
) -> dict[tuple[str, str], tuple[int, int]]:
    if sorted(asked) != sorted(slugs):
        raise Damaged("asked: expected the same tasks as in tasks")
    out = {}
    for slug in slugs:
        for method in mapping(asked, slug):
            amount = mapping(asked[slug], method)
            if not METHOD.fullmatch(method):
                raise Damaged(f"asked: {line(method, 40)!r} is no method's name")
            if method not in REFERENCES and method not in config.given and config.search is None:
                raise Damaged(f"search: expected settings, for {method} was asked, found null")
            out[slug, method] = (
                whole(amount, "searches", MOST),
                whole(amount, "seeds", MOST),
            )
    return out
