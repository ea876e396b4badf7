"""`--worlds`, `--epochs` and `--set`: trainings that are not the benchmark's, for experiments."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from harness.config import RunConfig
from harness.contract_rules import BUDGET, RECORDS, SIZES
from harness.errors import UserError
from harness.registry import unknown
from harness.task import PPO, Budget

Overrides = dict[str, Any]
"""`worlds`, `epochs`, `horizon`, `minibatch` or `ppo.FIELD` → its value in every training of a run, as JSON has it."""

PPO_PART: Final = "ppo."
RULES: Final = {name: SIZES[name] for name in ("horizon", "minibatch")} | {
    PPO_PART + name: rule for name, rule in RECORDS["ppo"].items() if name not in SIZES
}
"""What --set can change, and to what."""
NUMBERS: Final = {
    PPO_PART + field.name for field in dataclasses.fields(PPO) if str(field.type).startswith("float")
}


def asked_overrides(config: RunConfig) -> Overrides:
    """What a command line changes. UserError, one line with the choices, for a wrong name or value."""
    found = {name: value for name in ("worlds", "epochs") if (value := getattr(config, name)) is not None}
    for argument in config.set:
        name, equals, text = argument.partition("=")
        if not equals:
            raise UserError(f"--set {argument!r}: expected NAME=VALUE, with a NAME out of {', '.join(RULES)}")
        if name not in RULES:
            raise UserError(f"--set {argument!r}: {unknown('setting', name, RULES)}")
        value = _value(text)
        if not _fits(name, value):
            raise UserError(f"--set {argument!r}: expected {RULES[name][1]}")
        found[name] = float(value) if name in NUMBERS and value is not None else value
    return dict(sorted(found.items()))


def held_overrides(record: Mapping[str, Any], folder: Path) -> Overrides:
    """What the trainings of a run folder were changed in, as its run.json says. UserError for what cannot be."""
    found: Overrides = record.get("overrides", {})
    for name, value in found.items():
        if not _fits(name, value):
            raise UserError(
                f"run folder {folder} holds what cannot be now (setting {name!r} {value!r}): choose another with --out"
            )
    return found


def changed_budget(amount: Budget, overrides: Mapping[str, Any], task: str) -> Budget:
    """The budget of a task's trainings with what is changed. UserError where minibatches do not divide its batches."""
    sizes = {name: value for name, value in overrides.items() if not name.startswith(PPO_PART)}
    found = dataclasses.replace(amount, **sizes)
    batch = found.worlds * found.horizon
    if sizes and batch % min(found.minibatch, batch):
        raise UserError(
            f"{task}: minibatches of {found.minibatch} do not divide {found.worlds} worlds x {found.horizon} steps = "
            f"{batch} samples: choose other --worlds, or a divisor with --set minibatch=N"
        )
    return found


def changed_ppo(ppo: PPO, overrides: Mapping[str, Any]) -> PPO:
    """The PPO settings of a task with what is changed."""
    found: dict[str, Any] = {
        name.removeprefix(PPO_PART): tuple(value) if isinstance(value, list) else value
        for name, value in overrides.items()
        if name.startswith(PPO_PART)
    }
    return dataclasses.replace(ppo, **found)


def _fits(name: str, value: Any) -> bool:
    rule = (RULES | SIZES | {"worlds": BUDGET["worlds"]}).get(name)
    return rule is not None and rule[0](tuple(value) if isinstance(value, list) else value)


def _value(text: str) -> Any:
    """A value as JSON, or else as the text that it is."""
    try:
        return json.loads(text)
    except ValueError:
        return {"True": True, "False": False, "None": None}.get(text, text)


def as_asked(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a RunConfig that ask for this."""
    named = {name: overrides[name] for name in ("worlds", "epochs") if name in overrides}
    return named | {"set": tuple(f"{n}={json.dumps(v)}" for n, v in overrides.items() if n not in named)}
