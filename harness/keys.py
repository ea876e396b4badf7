"""What a trial is known by: keys over what changes its result, computed from its stored spec alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from harness.code import LENGTH, code_digest

TRAINED_BY = ("task", "role", "seed", "budget", "ppo", "engine", "goal_bonus", "human", "code", "versions")
"""Entries of a spec that change a training, beside its program."""
SOMETIMES = ("latched", "precision", "until", "trainer", "plugins")
"""Entries that change it too, and need not be there."""
MEASURED_BY = ("protocol", "evaluation", "evaluation_code", "versions")
"""Entries of a spec that change what a training's policies are found to be worth."""

WORDING = "text"
"""Option of a task that chooses words (`harness.task.TextOptions`)."""


def training_key(spec: Mapping[str, Any]) -> str:
    """Key of the training that a spec asks for: what is trained once and may be evaluated in several ways."""
    parts = {name: spec[name] for name in TRAINED_BY} | {"program": code_digest(spec["source"])}
    more = {"options": options_that_train(spec), **{name: spec.get(name) for name in SOMETIMES}}
    return _digest(parts | {name: value for name, value in more.items() if value})


def trial_key(spec: Mapping[str, Any]) -> str:
    """Key of a trial, its name on disk: its training, and how that is evaluated and scored."""
    return _digest({"training": training_key(spec)} | {name: spec[name] for name in MEASURED_BY})


def options_that_train(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a spec's task that its training may depend on: all but what a designer is told."""
    options = spec.get("options", {})
    if not isinstance(options, Mapping):
        raise TypeError("options: expected an object")
    return {name: value for name, value in options.items() if name != WORDING}


def without_versions(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec as it would be with any versions of the libraries."""
    return {**spec, "versions": {}}


def without_code(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec as it would be with any code, of the harness, of the task and of its human reward."""
    return {**spec, "versions": {}, "code": {}, "evaluation_code": "", "human": None}


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spaces, as hashes are taken of it."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(data: Any) -> str:
    return hashlib.sha256(canonical(data).encode()).hexdigest()[:LENGTH]
