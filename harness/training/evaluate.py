"""The fitness of saved policies: fresh episodes, deterministic actions, no reward anywhere near."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from harness.environment import Environment
from harness.fitness import EpisodeMeter
from harness.task import Fitness, Task
from harness.training.policy import Policy, finite, load_checkpoint

if TYPE_CHECKING:
    from torch import Tensor


def evaluate(
    task: Task,
    checkpoints: Mapping[Path, int],
    seed: int,
    engine: str = "cpu",
    threads: int = 1,
    tick: Callable[[], None] = lambda: None,
) -> list[dict[str, Any]]:
    """F of each checkpoint (`01.pt`, ... → worlds) over one time limit, as rows of evaluation.json.

    All checkpoints are evaluated side by side in one simulation, each as it would be alone if the task draws by
    `harness.tensors.rand`: `seed` and its number of worlds fix what a policy meets. `stderr` is the standard error of F
    over worlds. `nonfinite` says what of a policy was not a finite number, in any world at any step: its `weights`,
    `actions` or `scores`, the first of them; then it has no F, as MuJoCo would quietly take bad controls as zero.
    `tick` is called once per control step.
    """
    sizes = list(checkpoints.values())
    environment = Environment(task, sum(sizes), seed, engine, threads, sizes)
    loaded = [load_checkpoint(path, environment.device) for path in checkpoints]
    policies = [Policy(checkpoint["model"]) for checkpoint in loaded]
    meter = EpisodeMeter(task.fitness, environment.worlds, environment.device)
    unstable = torch.zeros(environment.worlds, dtype=torch.long, device=environment.device)
    acted = torch.ones(environment.worlds, dtype=torch.bool, device=environment.device)
    scored = acted.clone()
    for _ in range(task.timing.episode_steps):
        shares = environment.observations.split(sizes)
        actions = torch.cat([policy.mean(share) for policy, share in zip(policies, shares, strict=True)])
        acted &= actions.isfinite().all(dim=1)
        step = environment.step(actions.nan_to_num())
        meter.update(step.score, step.done)
        unstable += step.unstable
        scored &= step.score.isfinite()
        tick()
    rows = []
    scored &= meter.per_world().isfinite()
    measured = (v.split(sizes) for v in (acted, scored, meter.per_world(), meter.first_length, unstable))
    for path, checkpoint, *share in zip(checkpoints, loaded, *measured, strict=True):
        nonfinite = _nonfinite(checkpoint["model"], *share[:2])
        f, lengths, failures = share[2:]
        if nonfinite:
            f = torch.full_like(f, torch.nan)
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
                "nonfinite": nonfinite,
            }
        )
    return rows


def _nonfinite(weights: Mapping[str, Tensor], acted: Tensor, scored: Tensor) -> str | None:
    """What of a policy was not finite, given in which worlds its actions and scores always were, (N,) bool."""
    checks = {"weights": finite(weights), "actions": bool(acted.all()), "scores": bool(scored.all())}
    return next((name for name, good in checks.items() if not good), None)


def finite_or_none(value: Tensor) -> float | None:
    """A float for JSON, None where it is not finite."""
    number = float(value)
    return number if math.isfinite(number) else None
