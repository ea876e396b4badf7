"""What policies that learned nothing score: what the `fitness_floor` of a RATE task is chosen from.

    python -m benchmarks.floors quadcopter ant humanoid anymal

Two see nothing and do not insist: no action, and one drawn anew at each step. The floor is the lower F of these, less
its standard error, rounded down to a tenth. For comparison the worst of many that are held: every world tries another
one, half of them corners of the action space, half drawn from within it, and the worst is measured again in as many
worlds as an evaluation has, since the least of many noisy numbers is too low.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch
from torch import Tensor

from harness.environment import Environment
from harness.fitness import EpisodeMeter
from harness.registry import load_task
from harness.task import Task

WORLDS = 128
"""Of an evaluation."""
TRIED = 256
"""Actions that are held."""
SEED = 20_231_019
"""Of no run."""


def measure(task: Task, worlds: int, steps: int, choose: Callable[[torch.Generator], Tensor]) -> Tensor:
    """F of each world, (worlds,), over so many steps under the actions (worlds, A) chosen at each."""
    environment, rng = Environment(task, worlds, SEED), torch.Generator().manual_seed(SEED)
    meter = EpisodeMeter(task.fitness, worlds)
    for _ in range(steps):
        step = environment.step(choose(rng))
        meter.update(step.score, step.done)
    return meter.per_world()


def main() -> None:
    """Print the F of each kind of policy on the tasks that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="+")
    parser.add_argument("--steps", type=int, help="control steps in place of a time limit")
    arguments = parser.parse_args()
    for name in arguments.tasks:
        task = load_task(name)
        size, steps = task.num_actions, arguments.steps or task.timing.episode_steps
        tried = 2.0 * torch.rand(TRIED, size, generator=torch.Generator().manual_seed(SEED)) - 1.0
        tried[: TRIED // 2] = tried[: TRIED // 2].sign()
        found = measure(task, TRIED, steps, lambda _, held=tried: held)
        worst = tried[found.argmin()].expand(WORLDS, size)
        rows = {
            "no action": measure(task, WORLDS, steps, lambda _, size=size: torch.zeros(WORLDS, size)),
            "another action at each step": measure(
                task,
                WORLDS,
                steps,
                lambda rng, size=size: 2.0 * torch.rand(WORLDS, size, generator=rng) - 1.0,
            ),
            f"the worst of {TRIED} held actions": measure(task, WORLDS, steps, lambda _, held=worst: held),
        }
        for policy, f in rows.items():
            print(
                f"{name}\t{policy}\t{f.mean():.3f} ± {f.std() / WORLDS**0.5:.3f} {task.fitness_unit}",
                flush=True,
            )


if __name__ == "__main__":
    main()
