"""Run folders with invented but plausible numbers, byte for byte the same for the same arguments.

They are what the harness leaves: sealed records and trials, trials under the keys of their specs, a chained journal.
"""

from __future__ import annotations

import json
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from harness.repetitions import MOST, repetitions
from harness.seal import CHAIN, chain, sealed
from tests.reports.fake_parts import ERRORS, PROGRAM, TASKS
from tests.reports.fake_trial import EPOCHS, HORIZON, HUMAN, VERSIONS, WORLDS, FakeTrials, code_of, write_json

FIXED = ("human", "sparse")
OPTIONS = {"speed": 1.0, "text": "given"}
"""Defaults of the options of a task."""


def write_run(
    folder: Path,
    *,
    tasks: tuple[str, ...] = ("cartpole", "quadcopter", "ant", "franka_cabinet"),
    methods: tuple[str, ...] = ("human", "sparse", "eureka"),
    given: tuple[str, ...] = (),
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
    stopped: tuple[str, ...] = (),
    versions: dict[str, str] = VERSIONS,
    options: dict[str, dict[str, Any]] | None = None,
) -> Path:
    """Write a run. `failures`: `none`, `some` (candidates of every class, one trial) or `all` candidates.

    `answer` is put into every answer and program comment, for trying hostile text. `given` are methods with a user's
    own program. On tasks in `stopped`, search 0 could not go on after its first iteration. `options` are those of each
    task that has some; their defaults are OPTIONS.
    """
    options = options or {}
    searching = [method for method in methods if method not in FIXED]
    settings = {
        "proposer": proposer,
        "iterations": iterations,
        "samples": samples,
        "elitism": False,
        "repairs": 0,
        "temperature": 1.0,
        "max_answer_tokens": 4096,
    }
    names = (*methods, *given)
    amounts = {m: {"searches": searches if m in searching else 1, "seeds": seeds} for m in names}
    record = {
        "schema": 2,
        "tasks": list(tasks),
        "methods": list(names),
        "seeds": seeds,
        "searches": searches,
        "asked": dict.fromkeys(tasks, amounts),
        "search": settings if searching else None,
        "given": {name: f"{name}.py" for name in given},
        "budget": budget,
        "engine": "cpu",
        "protocol": protocol,
        "goal_bonus": protocol == "paper",
        "candidate_epochs": None,
        "reused_versions": False,
        "versions": versions,
        "harness": "0.1.0",
        "machine": {"cpu": "An Ordinary CPU @ 3.00GHz", "cores": 2, "gpu": None, "memory_gb": 24},
        "task_info": {
            name: {
                "slug": name,
                "module": f"suites.{TASKS[name].suite}.{name}",
                "qualname": name.title(),
                "code": code_of(name),
                "given": ["human", "sparse"],
                "fitness": TASKS[name].fitness,
                "unit": TASKS[name].unit,
                "floor": TASKS[name].floor,
                "description": TASKS[name].description,
                "episode_steps": 500,
                "env_steps": WORLDS * HORIZON * EPOCHS,
                "worlds": WORLDS,
                **({"options": options[name], "default_options": OPTIONS} if name in options else {}),
            }
            for name in tasks
        },
    }
    write_json(folder / "run.json", record)
    trials = FakeTrials(folder, protocol, budget, seed, rollouts, versions, options)
    fake = _Fake(folder, trials, settings, seed, failures, answer)
    for task in tasks:
        for method in names:
            if method in searching:
                for k in range(searches):
                    fake.search(task, method, k, seeds, stopped=task in stopped and k == 0)
            else:
                fake.fixed(task, method, seeds)
    return folder


class _Fake:
    def __init__(
        self,
        folder: Path,
        trials: FakeTrials,
        settings: dict[str, Any],
        seed: int,
        failures: str,
        answer: str,
    ) -> None:
        self.folder, self.trials, self.settings = folder, trials, settings
        self.seed, self.failures, self.answer = seed, failures, answer
        self.link = ""

    def rng(self, *key: object) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(repr(key).encode())])

    def fixed(self, task: str, method: str, seeds: int) -> None:
        """A method that is given its program."""
        about = TASKS[task]
        level = {"human": about.human, "sparse": about.sparse}.get(method, (about.human + about.found) / 2)
        other = PROGRAM.format(
            about=f"The {method} reward.", scale=2.0 + len(method), temperature=0.5, calm=0.01
        )
        source = HUMAN if method == "human" else other
        record = {
            "settings": None,
            "status": "ok",
            "error": None,
            "program": source,
            "best": None,
            "reward_score": None,
            "iterations": [],
        }
        self.finish(task, method, 0, record, level, seeds)

    def search(self, task: str, method: str, k: int, seeds: int, *, stopped: bool) -> None:
        """A search; one that stopped has had its first iteration only."""
        rounds, best = self.rounds(task, method, k, 1 if stopped else self.settings["iterations"])
        level = best["level"] if best else math.nan
        for part in rounds:
            for candidate in part["candidates"]:
                candidate.pop("level", None)
        status = "stopped" if stopped else "ok" if best else "failed"
        errors = {
            "ok": None,
            "stopped": "the limit of 5,000 tokens is reached",
            "failed": "no candidate of any iteration could be trained",
        }
        record = {
            "settings": self.settings,
            "status": status,
            "error": errors[status],
            "program": best["source"] if best else None,
            "best": best["id"] if best else None,
            "reward_score": best["f"] if best else None,
            "iterations": rounds,
        }
        self.finish(task, method, k, record, level, seeds)

    def finish(
        self, task: str, method: str, k: int, record: dict[str, Any], level: float, seeds: int
    ) -> None:
        """Train the program of a record, and write it."""
        rng, about, source = self.rng(task, method, k), TASKS[task], record["program"]
        finals = []
        for number in repetitions(0, k, seeds if source else 0):
            bad = self.failures == "some" and (task, method, k, number) == ("ant", "eureka", 0, 1)
            tricky = self.failures == "some" and (task, method, number % MOST) == ("quadcopter", "eureka", 0)
            reached = level + about.noise * abs(about.human - about.start) * rng.normal()
            final = self.trials.write(
                task, method, source, "final", number, reached, failed=bad, tricky=tricky
            )
            finals.append({"seed": number, "trial": final["hash"]})
        place = {"schema": 2, "task": task, "method": method, "search": k, "finals": finals}
        write_json(self.folder / "searches" / f"{task}-{method}-{k}" / "search.json", sealed(record | place))

    def rounds(
        self, task: str, method: str, k: int, iterations: int
    ) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """The iterations of a search, and its best candidate."""
        about = TASKS[task]
        messages = [
            {"role": "system", "content": "You write reward programs.\nAnswer with one code block."},
            {"role": "user", "content": f"Task: {about.description}.\n\nclass State:\n    dof_pos: Tensor"},
        ]
        rounds: list[dict[str, Any]] = []
        best: dict[str, Any] | None = None
        parent: dict[str, Any] | None = None
        rng = self.rng(task, method, k, "rounds")
        for index in range(iterations):
            candidates = [
                self.candidate(task, method, k, index, response, parent, rng)
                for response in range(self.settings["samples"])
            ]
            good = [c for c in candidates if c["f"] is not None]
            winner = max(good, key=lambda c: float(c["f"]), default=None)
            if winner and (best is None or winner["f"] > best["f"]):
                best = winner
            rounds.append(
                {
                    "index": index,
                    "messages": list(messages),
                    "best": winner["id"] if winner else None,
                    "best_so_far": best["id"] if best else None,
                    "candidates": candidates,
                }
            )
            self.journal(task, method, k, index, messages, [c["answer"] for c in candidates])
            if winner:
                parent = winner
                messages = [
                    *messages[:2],
                    {"role": "assistant", "content": winner["answer"]},
                    {"role": "user", "content": winner["feedback"]},
                ]
        return rounds, best

    def candidate(
        self,
        task: str,
        method: str,
        k: int,
        index: int,
        response: int,
        parent: dict[str, Any] | None,
        rng: np.random.Generator,
    ) -> dict[str, Any]:
        """An answer with what became of it."""
        about, kinds = TASKS[task], sorted(ERRORS)
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
            "finish_reason": "stop",
            "note": "",
            "flags": [],
            "parent": parent["id"] if parent else None,
            "answer": f"I reward closeness. {self.answer}\n\n```python\n{source}```\n",
            "source": source,
            "trial": None,
            "status": "ok",
            "error": None,
            "f": None,
            "feedback": None,
        }
        if self.failures == "all" or (self.failures == "some" and rng.random() < 0.25):
            kind = kinds[int(rng.integers(len(kinds)))]
            message, designer = ERRORS[kind]
            candidate["status"] = "rejected"
            candidate["error"] = {"kind": kind, "message": message, "designer": designer}
            return candidate
        progress = (index + rng.uniform(0.2, 1.0)) / self.settings["iterations"]
        goal = about.found + 0.15 * (about.found - about.start) * rng.normal()
        level = about.start + (goal - about.start) * min(1.0, progress)
        result = self.trials.write(
            task, method, source, "search", k, level, flags=self.flags(task, index, response)
        )
        candidate |= {"trial": result["hash"], "f": result["f"], "level": level}
        candidate["feedback"] = "closeness: [0.1, 0.4, 0.7]\ntask_score: [1.0, 2.0, 3.0]"
        return candidate

    def journal(
        self, task: str, method: str, k: int, index: int, messages: list[Any], answers: list[str]
    ) -> None:
        """The exchange of one iteration."""
        key = {"task": task, "method": method, "search": k, "iteration": index, "attempt": 0}
        part = {"key": {**key, "response": None, "messages": "0" * 16}, "part": 0}
        worst = {"tokens": 9000, "usd": 1.0}
        samples = len(answers)
        usage = {"prompt_tokens": 900 + 400 * len(messages), "completion_tokens": 350 * samples}
        choices = [{"text": text, "finish_reason": "stop"} for text in answers]
        reply = {"choices": choices, "usage": usage, "usd": 0.01 * samples, "model": "a-model"}
        lines: list[dict[str, Any]] = []
        if not self.link:
            lines.append({"kind": "header", "schema": 2, "proposer": self.settings["proposer"]})
        lines.append(
            {"kind": "request", **part, "samples": samples, "messages": messages, "worst_case": worst}
        )
        lines.append({"kind": "response", **part, **reply})
        with (self.folder / "journal.jsonl").open("a") as file:
            for line in lines:
                self.link = chain(self.link, line)
                file.write(json.dumps(line | {CHAIN: self.link}, sort_keys=True) + "\n")

    def flags(self, task: str, index: int, response: int) -> tuple[dict[str, str], ...]:
        """Remarks on a candidate: two candidates of every search have the same harmless one, one a grave one."""
        if self.failures != "some":
            return ()
        dropped = {"kind": "dropped", "message": f"line 3: print was dropped {self.answer}"}
        scale = {"kind": "scale", "message": "component `closeness` reaches 3.0e+07"}
        return ((dropped,) if response < 2 else ()) + ((scale,) if (index, response) == (1, 0) else ())
