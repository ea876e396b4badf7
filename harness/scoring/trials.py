"""Trials of a run folder, each checked before a number of it is believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from harness.errors import EnvironmentProblem
from harness.fields import (
    Damaged,
    clean,
    finite,
    kind,
    line,
    mapping,
    objects,
    optional_text,
    read_object,
    whole,
)
from harness.files import read_json
from harness.scoring.correlate import Moments, RewardPairs
from harness.scoring.evidence import Place, misplaced, other_making, unfounded
from harness.scoring.searchdata import NO_CURVE, Checkpoint, Problem, Remark, Trial
from harness.seal import alteration

HASH: Final = re.compile(r"[0-9a-f]{8,64}")
KIND: Final = re.compile(r"[a-z_]{1,20}")
MOST_REMARKS: Final = 100
LONGEST_REMARK: Final = 400
LONGEST_NAME: Final = 60
LONGEST_MESSAGE: Final = 2000
MOST_PAIRS: Final = 100_000
SAME_MEAN: Final = 1e-6
"""Of a curve whose numbers have nine digits, and sums in double precision."""


class Trials:
    """The trials of one run folder; each is hashed once, however often it is named."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checked: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {}

    def read(self, name: object, seed: int, place: Place, *, curve: bool) -> Trial:
        """The trial called `name`: `missing` if it was never finished, `altered` if it may not be believed.

        `seed` is shown. `curve` says whether to read curve.csv and the checkpoints' scores too. Damaged if
        `name` is none; EnvironmentProblem if a file cannot be read.
        """
        if not isinstance(name, str) or not HASH.fullmatch(name):
            shown = line(name, 40) if isinstance(name, str) else kind(name)
            raise Damaged(f"trial: expected 8 to 64 hex digits, found {shown!r}")
        folder = self._folder / "trials" / name
        if not (folder / "done.json").is_file():
            return Trial(name, seed, "missing")
        if name not in self._checked:
            self._checked[name] = _check(folder)
        done, spec, what = self._checked[name]
        what = what or misplaced(spec, place)
        if what is None:
            other = other_making(spec, place.config)
            try:
                return _trial(folder, done, seed, place, other + _other_code(spec, place), curve=curve)
            except Damaged as error:
                what = f"done.json or evaluation.json: {error}"
            except _Unfounded as error:
                what = str(error)
        return Trial(name, seed, "altered", error=Problem("altered", what))


class _Unfounded(Exception):
    pass


def _check(folder: Path) -> tuple[dict[str, Any], dict[str, Any], str | None]:
    """The content of done.json and spec.json, and what of the folder is not as it was stored."""
    try:
        done = read_object(folder / "done.json")
    except EnvironmentProblem:
        return {}, {}, "done.json is not what was stored"
    try:
        spec = read_json(folder / "spec.json")
    except EnvironmentProblem:
        spec = None
    try:
        what = alteration(folder, done, spec)
    except OSError as error:
        raise EnvironmentProblem(
            f"{folder} cannot be read ({error.strerror}): delete it and run again"
        ) from error
    return done, spec if isinstance(spec, dict) else {}, what


def _trial(
    folder: Path, done: Mapping[str, Any], seed: int, place: Place, made_with: tuple[str, ...], *, curve: bool
) -> Trial:
    files = {name: folder / f"{name}.json" for name in ("evaluation", "training")}
    evaluation, training = (read_json(path) if path.is_file() else None for path in files.values())
    what = unfounded(done, evaluation, training, place)
    if what is not None:
        raise _Unfounded(what)
    counts = {name: whole(done, name) for name in ("env_steps", "unstable", "nonfinite") if name in done}
    rollout = folder / "rollout.webp"
    rows = _curve(folder / "curve.csv") if curve else NO_CURVE
    return Trial(
        hash=folder.name,
        seed=seed,
        status=done["status"],
        f=finite(done.get("f")),
        f_final=finite(done.get("f_final")),
        f_max=finite(done.get("f_max")),
        stderr=finite(done.get("stderr")),
        legacy_f=finite(done.get("legacy_f")),
        **counts,
        nonfinite_components=_counts(done.get("nonfinite_components")),
        flags=_remarks(done.get("flags")),
        error=problem(done.get("error")),
        checkpoints=_checkpoints(evaluation) if curve and isinstance(evaluation, dict) else (),
        curve=rows,
        pairs=_pairs(folder, done, rows) if curve and done["status"] == "ok" else RewardPairs(),
        rollout=rollout if curve and rollout.is_file() else None,
        made_with=made_with,
    )


def problem(raw: object) -> Problem | None:
    """The error of a trial or a candidate. Damaged if it is none."""
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        raise Damaged(f"error: expected an object or null, found {kind(raw)}")
    words = [clean(str(raw.get(name) or ""))[:LONGEST_MESSAGE] for name in ("kind", "message", "designer")]
    return Problem(words[0] or "error", *words[1:])


def _other_code(spec: Mapping[str, Any], place: Place) -> tuple[str, ...]:
    code = spec.get("code")
    made = code.get("task") if isinstance(code, Mapping) else None
    return (f"other code of the task {place.task.slug}",) if made != place.task.code else ()


def _checkpoints(evaluation: dict[str, Any]) -> tuple[Checkpoint, ...]:
    out = []
    for row in objects(evaluation, "checkpoints"):
        found = row.get("episodes")
        episodes = found if isinstance(found, dict) else {}
        f = finite(row.get("f"))
        out.append(
            Checkpoint(
                number=whole(row, "checkpoint"),
                epoch=whole(row, "epoch"),
                env_steps=whole(row, "env_steps"),
                f=float("nan") if f is None else f,
                stderr=finite(row.get("stderr")),
                episodes=whole(episodes, "count") if "count" in episodes else 0,
                success=finite(episodes.get("success")),
            )
        )
    return tuple(out)


def _curve(path: Path) -> pd.DataFrame:
    if not path.is_file():
        return NO_CURVE
    try:
        return pd.read_csv(path)
    except (ValueError, OSError) as error:  # pandas' own errors are ValueErrors
        raise EnvironmentProblem(
            f"{path} is damaged ({line(error, 200)}): delete its trial and run again"
        ) from error


def _pairs(folder: Path, done: Mapping[str, Any], curve: pd.DataFrame) -> RewardPairs:
    """What a trial holds of the trained reward beside the human one; trials of older versions hold nothing."""
    transitions = None if done.get("transitions") is None else _moments(mapping(done, "transitions"))
    if transitions is not None and not _follows(transitions, done, curve):
        raise _Unfounded("its sums over transitions do not fit its env steps and its curve")
    return RewardPairs(
        transitions=transitions,
        sample=_numbers(folder / "transitions.csv", ("reward", "human_reward")),
        buffer=None if (buffer := optional_text(done, "states")) is None else line(buffer, LONGEST_NAME),
        states=_numbers(folder / "states.csv", ("trajectory", "reward", "human_reward")),
    )


def _moments(raw: Mapping[str, Any]) -> Moments:
    names = ("reward_mean", "human_mean", "reward_squares", "human_squares", "products")
    found = {name: finite(raw.get(name)) for name in names}
    for name, value in found.items():
        if value is None:
            raise Damaged(f"{name}: expected a number, found {kind(raw.get(name))}")
    numbers = {name: value for name, value in found.items() if value is not None}
    return Moments(n=whole(raw, "n"), left_out=whole(raw, "left_out"), **numbers)


def _follows(sums: Moments, done: Mapping[str, Any], curve: pd.DataFrame) -> bool:
    """Whether sums over transitions may be those of a training: of all its steps, with the means of its curve."""
    if not sums.possible or sums.n + sums.left_out != done.get("env_steps"):
        return False
    if sums.left_out:  # of which the curve knows one reward, or none
        return True
    for name, mean in (("reward", sums.reward_mean), ("human_reward", sums.human_mean)):
        if name in curve:
            series = pd.to_numeric(curve[name], errors="coerce").to_numpy(dtype=np.float64)
            if not abs(series.mean() - mean) <= SAME_MEAN * np.abs(series).max():
                return False
    return True


def _numbers(path: Path, names: tuple[str, ...]) -> pd.DataFrame:
    """Columns of numbers; empty where there is no such file."""
    if not path.is_file():
        return pd.DataFrame()
    try:
        return pd.read_csv(path, usecols=list(names), dtype=np.float64, nrows=MOST_PAIRS)
    except (ValueError, OSError) as error:
        raise EnvironmentProblem(
            f"{path} is damaged ({line(error, 200)}): delete its trial and run again"
        ) from error


def _remarks(raw: object) -> tuple[Remark, ...]:
    """The flags of a trial; what is no flag is left out, a strange kind is called `other`."""
    found = [part for part in raw if isinstance(part, Mapping)] if isinstance(raw, list) else []
    kinds = [str(part.get("kind")) for part in found]
    return tuple(
        Remark(name if KIND.fullmatch(name) else "other", line(part.get("message", ""), LONGEST_REMARK))
        for name, part in zip(kinds[:MOST_REMARKS], found, strict=False)
    )


def _counts(raw: object) -> dict[str, int]:
    """Names with a positive count each."""
    found = list(raw.items())[:MOST_REMARKS] if isinstance(raw, Mapping) else []
    return {
        line(name, LONGEST_NAME): count
        for name, count in found
        if isinstance(count, int) and not isinstance(count, bool) and count > 0
    }
