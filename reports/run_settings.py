"""What was asked for, with what, and where: the settings of a run in words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from harness.scoring.analysis import Analysis
from harness.scoring.normalise import CLIPPED
from harness.scoring.option_words import option_words, override_words
from harness.scoring.rundata import Config
from reports.costs import proposer_words
from reports.text import listed, plural

PROTOCOLS = {
    "strict": "F of the final checkpoint; all searches; unclipped scores; mean over tasks of ratios of means",
    "paper": f"largest F of ten checkpoints; best of M searches; scores clipped to {CLIPPED}; mean of ratios",
}

PRECISIONS = {
    "fp32": "fp32: all of a policy is trained in single precision",
    "bf16": "bf16: hidden layers are trained in bfloat16, the rest in single precision; policies are evaluated in that",
}

GOAL_BONUS = {
    False: "off: candidates learn from their own reward alone",
    True: "on: hand tasks add 250 to a candidate's reward when a goal is reached, unseen by its designer",
}


def context(analysis: Analysis) -> str:
    """What every caption and file says: protocol, budget, engine, proposer, options that are not at their defaults."""
    config = analysis.run.config
    names = sorted({c.proposer for _, c in analysis.run.configs if c.proposer is not None})
    protocol = f"{config.protocol} with goal bonus" if config.goal_bonus else config.protocol
    changes = f" with {override_words(config.overrides)} (not the benchmark's)" if config.overrides else ""
    budget = f"{config.budget}{changes}"
    settings = f"Protocol {protocol}, budget {budget}, engine {config.engine}, precision {config.precision}"
    options = option_words({task.slug: task.chosen for task in analysis.run.tasks})
    if any(one.racing for _, one in analysis.run.configs):
        settings += ", racing"
    parts = [settings, f"proposer {listed(names)}" if names else "", f"options {options}" if options else ""]
    return " ".join(f"{', '.join(filter(None, parts))}.".split())


def facts(analysis: Analysis) -> list[tuple[str, str]]:
    """What was asked for, with what, and where."""
    run, config = analysis.run, analysis.run.config
    several = len(run.configs) > 1
    shown = [
        ("protocol", f"{config.protocol}: {PROTOCOLS.get(config.protocol, 'as named')}"),
        ("goal bonus", GOAL_BONUS[config.goal_bonus]),
        ("budget", config.budget),
        *([("not the benchmark's", override_words(config.overrides))] if config.overrides else []),
        ("engine", config.engine),
        ("precision", PRECISIONS.get(config.precision, config.precision)),
    ]
    if several:
        shown.append(("runs", ", ".join(name for name, _ in run.configs)))
    for name, one in run.configs:
        suffix = f" ({name})" if several else ""
        proposer = proposer_words(run, name)
        if proposer is not None:
            shown.append((f"proposer{suffix}", proposer))
            shown.append((f"searches{suffix}", _size(one, one.search or {})))
            shown += [(f"searches of {method}{suffix}", _of_method(one, method)) for method in one.settings]
        if one.given:
            files = ", ".join(f"{method} ({file})" for method, file in one.given.items())
            shown.append((f"given programs{suffix}", files))
        shown.append((f"seeds{suffix}", f"{plural(one.seeds, 'final trial')} per program"))
        shown += [(f"{name}{suffix}", words) for name, words in _declared(one)]
        shown.append((f"versions{suffix}", ", ".join(f"{k} {v}" for k, v in one.versions.items())))
        shown.append((f"machine{suffix}", _machine(one.machine)))
    chosen = option_words({task.slug: task.chosen for task in run.tasks})
    defaults = option_words({task.slug: task.not_chosen for task in run.tasks})
    options = [chosen, f"by default {defaults}" if defaults else ""]
    if any(options):
        shown.insert(1, ("task options", "; ".join(filter(None, options))))
    shown.insert(1, ("tasks", ", ".join(task.slug for task in run.tasks)))
    shown.insert(2, ("methods", ", ".join(run.methods)))
    return shown


def _of_method(config: Config, method: str) -> str:
    """How one method searches, where that is not as usual, and where it comes from."""
    own, usual = config.settings[method], config.search or {}
    known = ("proposer", "iterations", "samples", "racing")
    other = {name: value for name, value in own.items() if usual.get(name) != value and name not in known}
    origin = config.plugin_methods.get(method)
    parts = [
        _size(config, own),
        *(f"{name} {json.dumps(value)}" for name, value in other.items()),
        *([f"from {origin}"] if origin else []),
    ]
    return "; ".join(parts)


def _size(config: Config, settings: Mapping[str, object]) -> str:
    size = f"{settings.get('iterations')} × {settings.get('samples')} candidates"
    if settings.get("racing"):
        size += ", of which the better half at half their training goes on"
    return f"{config.searches} per method and task, each {size}"


def _declared(config: Config) -> list[tuple[str, str]]:
    """What was declared before the first trial, and each extension after a look at some."""
    found = []
    for one in config.declared:
        what = (
            f"{listed(list(one.methods))} on {plural(one.tasks, 'task')}, {plural(one.seeds, 'seed')}, "
            f"{plural(one.searches, 'search')}; {one.estimator}"
        )
        name = (
            f"extended after {plural(one.after, 'trial')}" if one.after else "declared before the first trial"
        )
        found.append((name, what))
    return found


def _machine(machine: object) -> str:
    known = dict(machine) if isinstance(machine, dict) else {}
    parts = [str(known["cpu"])] if known.get("cpu") else []
    parts += [f"{known['cores']} cores"] if known.get("cores") else []
    parts += [f"GPU {known['gpu']}" if known.get("gpu") else "no GPU"]
    parts += [f"{known['memory_gb']} GB"] if known.get("memory_gb") else []
    return ", ".join(parts)
