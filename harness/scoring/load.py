"""Read a run folder. Nothing in it is trusted: names are checked before they become paths."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from harness.errors import EnvironmentProblem, UserError
from harness.scoring.journal_usage import read_usage
from harness.scoring.rundata import (
    FIXED,
    Candidate,
    Checkpoint,
    Config,
    Iteration,
    Problem,
    Remark,
    RunData,
    Search,
    TaskInfo,
    Trial,
)

SCHEMA: Final = 1
HASH: Final = re.compile(r"[0-9a-f]{8,64}")
KIND: Final = re.compile(r"[a-z_]{1,20}")
MOST_REMARKS: Final = 100
LONGEST_REMARK: Final = 400
LONGEST_NAME: Final = 60


def load_run(folder: Path) -> RunData:
    """Everything a report needs from a run folder.

    UserError if `folder` is none or of another schema; EnvironmentProblem if a file in it is damaged.
    """
    if not (folder / "run.json").is_file():
        raise UserError(f"{folder} is not a run folder: it has no run.json; give the folder that `run` wrote")
    raw = read_json(folder / "run.json")
    if raw.get("schema") != SCHEMA:
        found = raw.get("schema")
        raise UserError(
            f"{folder}/run.json has schema {found!r}, expected {SCHEMA}: use the version that wrote it"
        )
    try:
        config, tasks = _config(raw), _tasks(raw)
    except (KeyError, TypeError, ValueError) as error:
        raise EnvironmentProblem(
            f"{folder}/run.json is incomplete ({error!r}): run again to rewrite it"
        ) from error
    slugs = {name: task.slug for task in tasks for name in (task.reference, task.slug)}
    searches: dict[tuple[str, str], list[Search]] = {}
    for path in sorted((folder / "searches").glob("*/search.json")):
        search = _search(folder, path, slugs)
        searches.setdefault((search.task, search.method), []).append(search)
    found = {method for _, method in searches}
    methods = [*(m for m in FIXED if m in config.methods or m in found)]
    methods += [m for m in (*config.methods, *sorted(found)) if m not in methods]
    return RunData(
        configs=((folder.resolve().name, config),),
        tasks=tuple(tasks),
        methods=tuple(dict.fromkeys(methods)),
        searches={
            key: tuple(sorted(group, key=lambda s: s.index)) for key, group in sorted(searches.items())
        },
        expected={
            (task.slug, method): (1 if method in FIXED else config.searches, config.seeds)
            for task in tasks
            for method in config.methods
            if method not in FIXED or method in task.given
        },
        usage=read_usage(folder / "journal.jsonl", slugs),
    )


def read_json(path: Path) -> Any:
    """A JSON file; EnvironmentProblem with its name if it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        raise EnvironmentProblem(f"{path} cannot be read ({error}): delete it and run again") from error


def load_trial(folder: Path, name: str, seed: int, *, curve: bool) -> Trial:
    """The trial called `name` in a run folder; status `missing` if it was never finished.

    A score that is not finite is a failed trial. `curve` says whether to read curve.csv too.
    """
    if not HASH.fullmatch(name):
        raise EnvironmentProblem(f"{name!r} in {folder} is no trial's name: expected 8 to 64 hex digits")
    place = folder / "trials" / name
    if not (place / "done.json").is_file():
        return Trial(name, seed, "missing")
    done = read_json(place / "done.json")
    status, score, error = str(done["status"]), finite(done.get("f")), _problem(done.get("error"))
    if status == "ok" and score is None:
        status = "failed"
        error = Problem("non_finite_score", "the score F is not a finite number")
    rollout = place / "rollout.webp"
    return Trial(
        hash=name,
        seed=seed,
        status=status,
        f=score if status == "ok" else None,
        f_final=finite(done.get("f_final")),
        f_max=finite(done.get("f_max")),
        stderr=finite(done.get("stderr")),
        legacy_f=finite(done.get("legacy_f")),
        env_steps=int(done.get("env_steps") or 0),
        unstable=int(done.get("unstable") or 0),
        nonfinite=int(done.get("nonfinite") or 0),
        nonfinite_components=_counts(done.get("nonfinite_components")),
        flags=_remarks(done.get("flags")),
        error=error,
        checkpoints=_checkpoints(place / "evaluation.json") if curve else (),
        curve=_curve(place / "curve.csv") if curve else pd.DataFrame(),
        rollout=rollout if curve and rollout.is_file() else None,
    )


def finite(value: object) -> float | None:
    """A number if it is one and finite."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None  # type: ignore[arg-type]


def line(text: object, longest: int) -> str:
    """A stranger's text as one printable line of at most `longest` characters."""
    plain = "".join(char if char.isprintable() else " " for char in str(text)[: 2 * longest])
    return " ".join(plain.split())[:longest]


def _config(raw: Mapping[str, Any]) -> Config:
    return Config(
        seeds=int(raw["seeds"]),
        searches=int(raw["searches"]),
        iterations=int(raw["iterations"]),
        samples=int(raw["samples"]),
        budget=str(raw["budget"]),
        engine=str(raw["engine"]),
        protocol=str(raw["protocol"]),
        goal_bonus=bool(raw.get("goal_bonus", False)),
        proposer=str(raw["proposer"]),
        methods=tuple(map(str, raw["methods"])),
        versions={str(k): str(v) for k, v in sorted(raw.get("versions", {}).items())},
        machine=dict(sorted(raw.get("machine", {}).items())),
        confinement=str(raw["confinement"]) if raw.get("confinement") else None,
    )


def _tasks(raw: Mapping[str, Any]) -> list[TaskInfo]:
    out = []
    for reference in raw["tasks"]:
        about = raw["task_info"][reference]
        out.append(
            TaskInfo(
                reference=str(reference),
                slug=str(about["slug"]),
                fitness=str(about["fitness"]),
                unit=str(about.get("unit", "")),
                description=str(about.get("description", "")),
                episode_steps=int(about["episode_steps"]) if about.get("episode_steps") else None,
                given=tuple(map(str, about.get("given", FIXED))),
            )
        )
    return out


def _search(folder: Path, path: Path, slugs: Mapping[str, str]) -> Search:
    raw = read_json(path)
    try:
        if raw["task"] not in slugs:
            raise EnvironmentProblem(f"{path} is of task {raw['task']!r}, which run.json does not list")
        return Search(
            task=slugs[raw["task"]],
            method=str(raw["method"]),
            index=int(raw["search"]),
            status=str(raw.get("status")),
            error=str(raw["error"]) if raw.get("error") else None,
            program=raw.get("program"),
            best=raw.get("best"),
            reward_score=finite(raw.get("reward_score")),
            iterations=tuple(_iteration(folder, part) for part in raw.get("iterations", [])),
            finals=tuple(
                load_trial(folder, str(part["trial"]), int(part["seed"]), curve=True)
                for part in sorted(raw.get("finals", []), key=lambda part: int(part["seed"]))
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EnvironmentProblem(f"{path} is damaged ({error!r}): delete it and run again") from error


def _iteration(folder: Path, raw: Mapping[str, Any]) -> Iteration:
    index = int(raw["index"])
    return Iteration(
        index=index,
        messages=tuple((str(m["role"]), str(m["content"])) for m in raw.get("messages", [])),
        best=raw.get("best"),
        best_so_far=raw.get("best_so_far"),
        candidates=tuple(
            Candidate(
                id=str(part["id"]),
                iteration=index,
                attempt=int(part.get("attempt") or 0),
                parent=part.get("parent"),
                answer=str(part.get("answer") or ""),
                source=part.get("source"),
                status=str(part["status"]),
                error=_problem(part.get("error")),
                f=finite(part.get("f")),
                feedback=part.get("feedback"),
                trial=load_trial(folder, str(part["trial"]), 0, curve=False) if part.get("trial") else None,
            )
            for part in raw.get("candidates", [])
        ),
    )


def _checkpoints(path: Path) -> tuple[Checkpoint, ...]:
    if not path.is_file():
        return ()
    out = []
    for part in read_json(path)["checkpoints"]:
        episodes = part.get("episodes") or {}
        out.append(
            Checkpoint(
                number=int(part["checkpoint"]),
                epoch=int(part["epoch"]),
                env_steps=int(part["env_steps"]),
                f=float("nan") if finite(part["f"]) is None else float(part["f"]),
                stderr=finite(part.get("stderr")),
                episodes=int(episodes.get("count") or 0),
                success=finite(episodes.get("success")),
            )
        )
    return tuple(out)


def _curve(path: Path) -> pd.DataFrame:
    if not path.is_file():
        return pd.DataFrame()
    try:
        return pd.read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(f"{path} is damaged ({error}): delete its trial and run again") from error


def _remarks(raw: object) -> tuple[Remark, ...]:
    """The flags of a trial; what is no flag is left out, a strange kind is called `other`."""
    found = [part for part in raw if isinstance(part, Mapping)] if isinstance(raw, list) else []
    kinds = [str(part.get("kind")) for part in found]
    return tuple(
        Remark(kind if KIND.fullmatch(kind) else "other", line(part.get("message", ""), LONGEST_REMARK))
        for kind, part in zip(kinds[:MOST_REMARKS], found, strict=False)
    )


def _counts(raw: object) -> dict[str, int]:
    """Names with a positive count each."""
    found = list(raw.items())[:MOST_REMARKS] if isinstance(raw, Mapping) else []
    return {
        line(name, LONGEST_NAME): count
        for name, count in found
        if isinstance(count, int) and not isinstance(count, bool) and count > 0
    }


def _problem(raw: Mapping[str, Any] | None) -> Problem | None:
    if raw is None:
        return None
    return Problem(str(raw.get("kind", "error")), str(raw.get("message", "")), str(raw.get("designer") or ""))
