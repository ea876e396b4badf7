"""Run folders with invented but plausible numbers, byte for byte the same for the same arguments."""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tests.reports.fake_parts import ERRORS, PROGRAM, TASKS, write_picture

HORIZON = 16
WORLDS = 512
EPOCHS = 100
TRICKY = (
    {"kind": "batch", "message": "the reward of a world depends on the other worlds"},
    {"kind": "non_finite", "message": "NaN or infinite in 819,200 world-steps of training: the reward in 17"},
)


def write_run(
    folder: Path,
    *,
    tasks: tuple[str, ...] = ("cartpole", "quadcopter", "ant", "franka_cabinet"),
    methods: tuple[str, ...] = ("human", "sparse", "eureka"),
    seeds: int = 3,
    searches: int = 1,
    iterations: int = 2,
    samples: int = 4,
    protocol: str = "strict",
    budget: str = "quick",
    proposer: str = "grammar",
    seed: int = 0,
    failures: str = "some",
    answer: str = "",
    rollouts: bool = True,
) -> Path:
    """Write a run. `failures`: `none`, `some` (candidates of every class, one trial) or `all` candidates.

    `answer` is put into every answer and program comment, for trying hostile text.
    """
    fake = _Fake(folder, protocol, budget, seed, failures, answer, rollouts)
    _json(
        folder / "run.json",
        {
            "schema": 1,
            "tasks": list(tasks),
            "methods": list(methods),
            "seeds": seeds,
            "searches": searches,
            "iterations": iterations,
            "samples": samples,
            "budget": budget,
            "engine": "cpu",
            "protocol": protocol,
            "goal_bonus": protocol == "paper",
            "proposer": proposer,
            "versions": {"torch": "2.13.0", "mujoco": "3.17.0", "rl-games": "1.6.5", "harness": "0.1.0"},
            "machine": {"cpu": "An Ordinary CPU @ 3.00GHz", "cores": 2, "gpu": None, "memory_gb": 24},
            "task_info": {
                name: {
                    "slug": name,
                    "fitness": TASKS[name].fitness,
                    "unit": TASKS[name].unit,
                    "description": TASKS[name].description,
                    "episode_steps": 500,
                    "env_steps": WORLDS * HORIZON * EPOCHS,
                }
                for name in tasks
            },
        },
    )
    for task in tasks:
        for method in methods:
            fixed = method in ("human", "sparse")
            for k in range(1 if fixed else searches):
                rounds = (0, 0) if fixed else (iterations, samples)
                fake.search(task, method, k, seeds, *rounds)
    return folder


class _Fake:
    def __init__(
        self, folder: Path, protocol: str, budget: str, seed: int, failures: str, answer: str, rollouts: bool
    ) -> None:
        self.folder, self.protocol, self.budget, self.seed = folder, protocol, budget, seed
        self.failures, self.answer, self.rollouts = failures, answer, rollouts
        folder.mkdir(parents=True, exist_ok=True)

    def rng(self, *key: object) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(repr(key).encode())])

    def search(self, task: str, method: str, k: int, seeds: int, iterations: int, samples: int) -> None:
        rng, about = self.rng(task, method, k), TASKS[task]
        if iterations == 0:
            source = PROGRAM.format(about=f"The {method} reward.", scale=1.0, temperature=0.5, calm=0.01)
            level = about.human if method == "human" else about.sparse
            record: dict[str, Any] = {"status": "ok", "program": source, "best": None, "reward_score": None}
            rounds: list[dict[str, Any]] = []
        else:
            rounds, best = self.rounds(task, method, k, iterations, samples)
            source = best["source"] if best else None
            level = best["level"] if best else math.nan
            record = {
                "status": "ok" if best else "failed",
                "program": source,
                "best": best["id"] if best else None,
                "reward_score": best["f"] if best else None,
            }
        for part in rounds:
            for candidate in part["candidates"]:
                candidate.pop("level", None)
        finals = []
        for number in range(seeds if source else 0):
            bad = self.failures == "some" and (task, method, k, number) == ("ant", "eureka", 0, 1)
            tricky = self.failures == "some" and (task, method, number) == ("quadcopter", "eureka", 0)
            spread = about.noise * abs(about.human - about.start)
            final = self.trial(
                task,
                method,
                f"{source}",
                "final",
                number,
                level + spread * rng.normal(),
                failed=bad,
                tricky=tricky,
            )
            finals.append({"seed": number, "trial": final["hash"]})
        _json(
            self.folder / "searches" / f"{task}-{method}-{k}" / "search.json",
            {
                "schema": 1,
                "task": task,
                "method": method,
                "search": k,
                "error": None if source else "no candidate of any iteration could be trained",
                "iterations": rounds,
                "finals": finals,
                **record,
            },
        )

    def rounds(
        self, task: str, method: str, k: int, iterations: int, samples: int
    ) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        rng, about = self.rng(task, method, k, "rounds"), TASKS[task]
        messages = [
            {"role": "system", "content": "You write reward programs.\nAnswer with one code block."},
            {"role": "user", "content": f"Task: {about.description}.\n\nclass State:\n    dof_pos: Tensor"},
        ]
        rounds: list[dict[str, Any]] = []
        best: dict[str, Any] | None = None
        parent: dict[str, Any] | None = None
        kinds = sorted(ERRORS)
        for index in range(iterations):
            candidates: list[dict[str, Any]] = []
            for response in range(samples):
                source = PROGRAM.format(
                    about=f"Candidate {index}-{response} of search {k}. {self.answer}",
                    scale=rng.uniform(0.5, 3),
                    temperature=rng.uniform(0.1, 1),
                    calm=rng.uniform(0, 0.02),
                )
                candidate: dict[str, Any] = {
                    "id": f"{index}-{response}",
                    "response": response,
                    "attempt": 0,
                    "parent": parent["id"] if parent else None,
                    "answer": f"I reward closeness. {self.answer}\n\n```python\n{source}```\n",
                    "source": source,
                    "trial": None,
                    "status": "ok",
                    "error": None,
                    "f": None,
                    "feedback": None,
                }
                broken = self.failures == "all" or (self.failures == "some" and rng.random() < 0.25)
                if broken:
                    kind = kinds[int(rng.integers(len(kinds)))]
                    message, designer = ERRORS[kind]
                    candidate["status"] = "timeout" if kind == "timeout" else "rejected"
                    candidate["error"] = {"kind": kind, "message": message, "designer": designer}
                else:
                    progress = (index + rng.uniform(0.2, 1.0)) / iterations
                    goal = about.found + 0.15 * (about.found - about.start) * rng.normal()
                    level = about.start + (goal - about.start) * min(1.0, progress)
                    flags = self.flags(task, index, response)
                    result = self.trial(task, method, source, "search", 0, level, flags=flags)
                    candidate |= {"trial": result["hash"], "f": result["f"], "level": level}
                    candidate["feedback"] = "closeness: [0.1, 0.4, 0.7]\ntask_score: [1.0, 2.0, 3.0]"
                candidates.append(candidate)
            good = [c for c in candidates if c["f"] is not None]
            round_best = max(good, key=lambda c: float(c["f"]), default=None)
            if round_best and (best is None or round_best["f"] > best["f"]):
                best = round_best
            rounds.append(
                {
                    "index": index,
                    "messages": list(messages),
                    "best": round_best["id"] if round_best else None,
                    "best_so_far": best["id"] if best else None,
                    "candidates": candidates,
                }
            )
            self.journal(task, method, k, index, samples, messages)
            if round_best:
                parent = round_best
                messages = [
                    *messages[:2],
                    {"role": "assistant", "content": round_best["answer"]},
                    {"role": "user", "content": round_best["feedback"]},
                ]
        return rounds, best

    def journal(self, task: str, method: str, k: int, index: int, samples: int, messages: list[Any]) -> None:
        path = self.folder / "journal.jsonl"
        lines: list[dict[str, Any]] = []
        if not path.exists():
            lines.append({"kind": "header", "schema": 1, "proposer": "grammar"})
        key = {
            "task": task,
            "method": method,
            "search": k,
            "iteration": index,
            "attempt": 0,
            "response": None,
        }
        part = {"key": {**key, "messages": "0" * 16}, "part": 0}
        worst = {"tokens": 9000, "usd": 1.0}
        lines.append(
            {"kind": "request", **part, "samples": samples, "messages": messages, "worst_case": worst}
        )
        usage = {"prompt_tokens": 900 + 400 * len(messages), "completion_tokens": 350 * samples}
        reply = {"choices": [], "usage": usage, "usd": 0.01 * samples, "model": "a-model"}
        lines.append({"kind": "response", **part, **reply})
        with path.open("a") as file:
            file.writelines(json.dumps(line, sort_keys=True) + "\n" for line in lines)

    def flags(self, task: str, index: int, response: int) -> tuple[dict[str, str], ...]:
        """Remarks on a candidate: two candidates of every search have the same harmless one, one a grave one."""
        if self.failures != "some":
            return ()
        dropped = {"kind": "dropped", "message": f"line 3: print was dropped {self.answer}"}
        scale = {"kind": "scale", "message": "component `closeness` reaches 3.0e+07"}
        return ((dropped,) if response < 2 else ()) + ((scale,) if (index, response) == (1, 0) else ())

    def trial(
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
        key = (task, source, role, number, self.protocol, self.budget)
        name = hashlib.sha256(repr((key, self.seed)).encode()).hexdigest()[:16]
        place, rng, about = self.folder / "trials" / name, self.rng(name), TASKS[task]
        low, high = {"RATE": (-9.0, 99.0), "SUCCESS": (0.0, 1.0)}.get(about.fitness, (0.0, 499.0))
        if about.fitness == "COUNT":
            high = 50.0
        _json(
            place / "spec.json", {"schema": 1, "task": task, "source": source, "role": role, "seed": number}
        )
        if failed:
            error = {
                "kind": "error",
                "message": "training stopped: the simulation ran out of memory",
                "designer": "",
            }
            done: dict[str, Any] = {
                "schema": 1,
                "status": "failed",
                "error": error,
                "f": None,
                "env_steps": 0,
            }
            _json(place / "done.json", done)
            return {"hash": name, "f": None}
        time = np.linspace(0, 1, EPOCHS)
        rise = 1 - np.exp(-time * rng.uniform(3, 7))
        clean = about.start + (level - about.start) * rise / rise[-1]
        wobble = 0.03 * abs(level - about.start) * rng.normal(size=EPOCHS)
        f = np.clip(clean + wobble, low, high)
        agree = {"human": 1.0, "sparse": 0.3}.get(method, rng.uniform(-0.2, 0.9))
        human = 2 * rise + 0.1 * rng.normal(size=EPOCHS)
        reward = human if method == "human" else agree * human + (1 - abs(agree)) * rng.normal(size=EPOCHS)
        steps = (np.arange(EPOCHS) + 1) * HORIZON * WORLDS
        lines = ["epoch,env_steps,f,legacy_f,episode_length,reward,human_reward,reward/closeness,reward/calm"]
        for e in range(EPOCHS):
            numbers = [
                f[e],
                f[e] + wobble[e],
                100 + 300 * rise[e],
                reward[e],
                human[e],
                0.8 * reward[e],
                0.2 * reward[e],
            ]
            lines.append(f"{e + 1},{steps[e]}," + ",".join(f"{value:.9g}" for value in numbers))
        place.mkdir(parents=True, exist_ok=True)
        (place / "curve.csv").write_text("\n".join(lines) + "\n")
        checkpoints = []
        for c in range(11):
            epoch = c * EPOCHS // 10
            stderr = 0.01 * abs(about.human - about.start)
            reached = clean[epoch - 1] if c else about.start
            value = float(np.clip(reached + stderr * rng.normal(), low, high))
            if tricky:
                value = value - 0.5 * abs(about.human - about.sparse)
            checkpoints.append(
                {
                    "checkpoint": c,
                    "epoch": epoch,
                    "env_steps": int(steps[epoch - 1]) if c else 0,
                    "f": value,
                    "stderr": stderr,
                    "episodes": {
                        "count": 128,
                        "length": 200.0,
                        "success": round(value * 128) / 128 if about.fitness == "SUCCESS" else None,
                    },
                }
            )
        _json(
            place / "evaluation.json",
            {"schema": 1, "worlds": 128, "episode_steps": 500, "seed": 7, "checkpoints": checkpoints},
        )
        final, most = checkpoints[-1]["f"], max(point["f"] for point in checkpoints[1:])
        done = {
            "schema": 1,
            "status": "ok",
            "error": None,
            "f": most if self.protocol == "paper" else final,
            "f_final": final,
            "f_max": most,
            "stderr": checkpoints[-1]["stderr"],
            "legacy_f": float(f.max()),
            "env_steps": int(steps[-1]),
            "unstable": 3 if tricky else 0,
            "nonfinite": 17 if tricky else 0,
            "nonfinite_components": {"calm": 17, "closeness": 1200} if tricky else {},
            "flags": [*flags, *(TRICKY if tricky else ())],
            "components": ["calm", "closeness"],
            "graph_hash": name,
            "seconds": {"probe": 0.5, "train": 12.3, "evaluate": 3.1},
        }
        _json(place / "done.json", done)
        if self.rollouts and role == "final":
            write_picture(place / "rollout.webp", rng)
        return {"hash": name, "f": done["f"]}


def _json(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, sort_keys=True, indent=1) + "\n")
