"""The fitness of saved policies: fresh episodes, deterministic actions, no reward anywhere near."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from harness.fitness import EpisodeMeter
from harness.task import Fitness, Task
from harness.training.environment import Environment
from harness.training.policy import Policy, load_checkpoint


def evaluate(
    task: Task,
    checkpoints: Mapping[Path, int],
    seed: int,
    engine: str = "cpu",
    threads: int = 1,
) -> list[dict[str, Any]]:
    """F of each checkpoint (`01.pt`, ... → worlds) over one time limit, as rows of evaluation.json.

    All checkpoints are evaluated side by side in one simulation. `stderr` is the standard error of F over
    worlds.
    """
    loaded = [load_checkpoint(path) for path in checkpoints]
    policies = [Policy(checkpoint["model"]) for checkpoint in loaded]
    sizes = list(checkpoints.values())
    environment = Environment(task, sum(sizes), seed, engine, threads)
    meter = EpisodeMeter(task.fitness, environment.worlds, environment.device)
    unstable = torch.zeros(environment.worlds, dtype=torch.long, device=environment.device)
    for _ in range(task.timing.episode_steps):
        shares = environment.observations.split(sizes)
        step = environment.step(
            torch.cat([policy(share) for policy, share in zip(policies, shares, strict=True)])
        )
        meter.update(step.score, step.done)
        unstable += step.unstable
    rows = []
    measured = (values.split(sizes) for values in (meter.per_world(), meter.first_length, unstable))
    for path, checkpoint, f, lengths, failures in zip(checkpoints, loaded, *measured, strict=True):
        rows.append(
            {
                "checkpoint": int(path.stem),
                "epoch": checkpoint["epoch"],
                "env_steps": checkpoint["env_steps"],
                "worlds": len(f),
                "f": finite_or_none(f.double().mean()),
                "stderr": finite_or_none(f.double().std() / math.sqrt(len(f))),
                "episodes": {
                    "count": int(lengths.isfinite().sum()),
                    "length": finite_or_none(lengths.nanmean()),
                    "success": finite_or_none(f.mean()) if task.fitness is Fitness.SUCCESS else None,
                },
                "unstable": int(failures.sum()),
            }
        )
    return rows


def finite_or_none(value: torch.Tensor) -> float | None:
    """A float for JSON, None where it is not finite."""
    number = float(value)
    return number if math.isfinite(number) else None
