"""Trial folders with invented numbers: sealed, and under the key of their spec, as the harness leaves them."""

from __future__ import annotations

import io
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from harness.code import code_digest
from harness.keys import trial_key
from harness.seal import FILES, file_hashes, sealed
from tests.reports.fake_parts import PROGRAM, TASKS, write_picture

HORIZON = 16
WORLDS = 512
EPOCHS = 100
VERSIONS = {"torch": "2.13.0", "mujoco": "3.17.0", "rl-games": "1.6.5", "numpy": "2.4.0"}
COLUMNS = (
    *("epoch", "env_steps", "f", "legacy_f", "episode_length", "reward", "human_reward"),
    *("reward/closeness", "reward/calm", "reward_last_step", "human_reward_last_step"),
)
WITHOUT_STATES = ("franka_cabinet",)
"""Tasks whose common states nobody has recorded."""
TRICKY = (
    {"kind": "batch", "message": "the reward of a world depends on the other worlds"},
    {"kind": "non_finite", "message": "NaN or infinite in 819,200 world-steps of training: the reward in 17"},
)
HUMAN = PROGRAM.format(about="The human reward.", scale=1.0, temperature=0.5, calm=0.01)


@dataclass(frozen=True)
class FakeTrials:
    """Where trials are written, and what they have in common."""

    folder: Path
    protocol: str
    budget: str
    seed: int
    """Of everything invented."""
    rollouts: bool
    versions: dict[str, str]
    options: dict[str, dict[str, Any]]
    """Of each task that has some."""

    def spec(self, task: str, source: str, role: str, number: int) -> dict[str, Any]:
        """The spec of a trial."""
        return {
            "schema": 2,
            **({"options": self.options[task]} if task in self.options else {}),
            "task": task,
            "source": source,
            "role": role,
            "seed": number,
            "budget_name": self.budget,
            "budget": {"worlds": WORLDS, "epochs": EPOCHS, "horizon": HORIZON, "minibatch": 1024},
            "ppo": {"units": [64, 64]},
            "engine": "cpu",
            "protocol": self.protocol,
            "goal_bonus": 0.0,
            "human": code_digest(HUMAN),
            "code": {"task": code_of(task), "training": f"{self.seed:016x}"},
            "evaluation": {"last": 128, "between": 32, "first": 128},
            "evaluation_code": "0" * 16,
            "versions": self.versions,
        }

    def write(
        self,
        task: str,
        method: str,
        source: str,
        role: str,
        number: int,
        level: float,
        *,
        failed: bool = False,
        tricky: bool = False,
        flags: tuple[dict[str, str], ...] = (),
    ) -> dict[str, Any]:
        """Write a trial that reaches about `level`; returns its hash, status and F."""
        spec = self.spec(task, source, role, number)
        name = trial_key(spec)
        place = self.folder / "trials" / name
        rng = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
        write_json(place / "spec.json", spec)
        for part in ("graph", "human_graph"):
            write_json(place / f"{part}.json", {"operations": [], "of": part})
        if failed:
            message = "training stopped: a weight of the policy is not finite"
            error = {"kind": "failed", "message": message, "designer": message}
            return seal_trial(
                place, {"schema": 2, "status": "failed", "error": error, "f": None, "flags": []}
            )
        curve, clean = self._curve(task, method, level, rng)
        (place / "curve.csv").write_text(curve[0])
        states = task not in WITHOUT_STATES
        pairs = 1.0 if method == "human" else zlib.crc32((task + source).encode()) % 1500 / 1000 - 0.5
        for part in ("transitions", *(["states"] if states else [])):
            write_pairs(place / f"{part}.csv", pairs)
        training = {
            "env_steps": HORIZON * WORLDS * EPOCHS,
            "unstable": 3 if tricky else 0,
            "nonfinite": 17 if tricky else 0,
            "nonfinite_components": {"calm": 17, "closeness": 1200} if tricky else {},
            "components": ["calm", "closeness"],
            "legacy_f": curve[1],
            "transitions": transitions_of(curve[0], pairs, 17 if tricky else 0),
            "states": "0" * 16 if states else None,
        }
        write_json(place / "training.json", training)
        rows = self._checkpoints(place, task, clean, rng, tricky)
        evaluation = {"schema": 1, "episode_steps": 500, "seed": 7, "checkpoints": rows}
        write_json(place / "evaluation.json", evaluation)
        best = max(rows[1:], key=lambda row: float(row["f"]))
        chosen = best if self.protocol == "paper" else rows[-1]
        if self.rollouts and role == "final":
            write_picture(place / "rollout.webp", rng)
        done = {
            "schema": 2,
            "status": "ok",
            "error": None,
            "f": chosen["f"],
            "stderr": chosen["stderr"],
            "f_final": rows[-1]["f"],
            "f_max": best["f"],
            "flags": [*flags, *(TRICKY if tricky else ())],
            "graph_hash": name,
            "seconds": {"probe": 0.5, "train": 12.3, "evaluate": 3.1},
        }
        return seal_trial(place, done | training)

    def _curve(
        self, task: str, method: str, level: float, rng: np.random.Generator
    ) -> tuple[tuple[str, float], np.ndarray]:
        """curve.csv with its largest F, and F of the policies without noise."""
        about = TASKS[task]
        low, high = bounds(task)
        rise = 1 - np.exp(-np.linspace(0, 1, EPOCHS) * rng.uniform(3, 7))
        clean = about.start + (level - about.start) * rise / rise[-1]
        wobble = 0.03 * abs(level - about.start) * rng.normal(size=EPOCHS)
        f = np.clip(clean + wobble, low, high)
        agree = {"human": 1.0, "sparse": 0.3}.get(method, rng.uniform(-0.2, 0.9))
        human = 2 * rise + 0.1 * rng.normal(size=EPOCHS)
        reward = human if method == "human" else agree * human + (1 - abs(agree)) * rng.normal(size=EPOCHS)
        lines = [",".join(COLUMNS)]
        for e in range(EPOCHS):
            length = 100 + 300 * rise[e]
            numbers = [f[e], f[e] + wobble[e], length, reward[e], human[e], 0.8 * reward[e], 0.2 * reward[e]]
            numbers += [reward[e] + 0.01, human[e] - 0.01]
            lines.append(f"{e + 1},{(e + 1) * HORIZON * WORLDS}," + ",".join(f"{x:.9g}" for x in numbers))
        return ("\n".join(lines) + "\n", float(f.max())), clean

    def _checkpoints(
        self, place: Path, task: str, clean: np.ndarray, rng: np.random.Generator, tricky: bool
    ) -> list[dict[str, Any]]:
        """The rows of evaluation.json; their policies are written beside it."""
        about = TASKS[task]
        stderr = 0.01 * abs(about.human - about.start)
        (place / "checkpoints").mkdir()
        rows = []
        for c in range(11):
            epoch = c * EPOCHS // 10
            reached = clean[epoch - 1] if c else about.start
            value = float(np.clip(reached + stderr * rng.normal(), *bounds(task)))
            if tricky:
                value -= 0.5 * abs(about.human - about.sparse)
            (place / "checkpoints" / f"{c:02d}.pt").write_bytes(rng.bytes(64))
            success = round(value * 128) / 128 if about.fitness == "SUCCESS" else None
            rows.append(
                {
                    "checkpoint": c,
                    "epoch": epoch,
                    "env_steps": epoch * HORIZON * WORLDS,
                    "worlds": 128,
                    "f": value,
                    "stderr": stderr,
                    "nonfinite": None,
                    "episodes": {"count": 128, "length": 200.0, "success": success},
                }
            )
        return rows


def transitions_of(curve: str, agree: float, left_out: int) -> dict[str, Any]:
    """Sums over all transitions of a training with this curve, and a correlation of `agree`."""
    means = pd.read_csv(io.StringIO(curve)).mean()
    n = HORIZON * WORLDS * EPOCHS - left_out
    return {
        "n": n,
        "left_out": left_out,
        "reward_mean": float(means["reward"]),
        "human_mean": float(means["human_reward"]),
        "reward_squares": 4.0 * n,
        "human_squares": 1.0 * n,
        "products": 2.0 * n * agree,
    }


def write_pairs(path: Path, agree: float) -> None:
    """Rewards of 16 trajectories of 8 states each."""
    rng = np.random.default_rng(zlib.crc32(repr(agree).encode()))
    human = rng.normal(size=128)
    reward = agree * human + (1 - abs(agree)) * rng.normal(size=128)
    first = "transition" if path.stem == "transitions" else "trajectory"
    number = np.arange(128) if first == "transition" else np.arange(128) // 8
    frame = pd.DataFrame({first: number, "reward": reward, "human_reward": human})
    frame.to_csv(path, index=False, float_format="%.9g", lineterminator="\n")


def bounds(task: str) -> tuple[float, float]:
    """Smallest and largest F that is invented."""
    kinds = {"RATE": (-9.0, 99.0), "SUCCESS": (0.0, 1.0), "COUNT": (0.0, 50.0), "SURVIVAL": (0.0, 499.0)}
    return kinds[TASKS[task].fitness]


def code_of(task: str) -> str:
    """The digest of a task's code."""
    return f"{zlib.crc32(task.encode()):016x}"


def seal_trial(place: Path, done: dict[str, Any]) -> dict[str, Any]:
    """Write done.json over the files that lie there; returns hash, status and F."""
    write_json(place / "done.json", sealed(done | {FILES: file_hashes(place)}))
    return {"hash": place.name, "status": done["status"], "f": done["f"]}


def write_json(path: Path, data: Any) -> None:
    """A JSON file and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, sort_keys=True, indent=1) + "\n")
