"""What training with the human reward gained: `python -m benchmarks.learning RUN [TASK ...]`.

Of each task of a finished run, F and the human reward's own return of the untrained policies and of the trained ones:
deterministic actions, the same worlds before and after, of which returns take the first episode. Differences are of
means over seeds, with Welch's 95 % interval. Written as a Markdown table; the figure shows the reward in training,
averaged over the length of an episode. `--first-seed 3` leaves seeds 0 to 2 out.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from matplotlib.lines import Line2D

from harness.environment import Environment
from harness.files import read_json
from harness.identity import TaskId
from harness.registry import expert_reward, load_task, resolve
from harness.rewards import Graph, compile_reward
from harness.scoring.cells import Cell, estimate, make_cell
from harness.scoring.comparison import difference, welch
from harness.store import Store
from harness.task import Fitness
from harness.training.policy import Policy, load_checkpoint
from reports.figures.panels import LEFT, grid, name_panel, steps_axis
from reports.figures.style import look
from reports.text import number, p_value, with_interval

WORLDS = 64
FIRST_SEED = 1000
"""Of the worlds in which returns are measured, the same ones before and after a training."""
REWARD, F = "#0072b2", "#d55e00"


@dataclass(frozen=True)
class Learned:
    """A task's trainings, one for each seed."""

    task: TaskId
    f: tuple[Cell, Cell]
    """Of the untrained policies and of the trained ones."""
    returns: tuple[Cell, Cell]
    """The human reward, summed over an episode."""
    env_steps: int
    curves: list[pd.DataFrame]
    episode_epochs: int
    """How many epochs an episode lasts: all worlds begin theirs together, and rewards rise and fall with them."""


def measure(store: Store, task: TaskId, seeds: range) -> Learned:
    """Read what a run measured, and play each policy before and after its training."""
    rows: dict[str, list[list[float]]] = {"f": [[], []], "return": [[], []]}
    curves, done, trial = [], {}, store.folder
    reward = compile_reward(expert_reward("human", task) or "", load_task(task), WORLDS)
    for seed in seeds:
        trial = store.final_trial(task.slug, "human", seed)
        done = read_json(trial / "done.json")
        checkpoints = read_json(trial / "evaluation.json")["checkpoints"]
        files = sorted((trial / "checkpoints").glob("*.pt"))
        for arm, which in enumerate((0, -1)):
            rows["f"][arm].append(checkpoints[which]["f"])
            rows["return"][arm].append(episode_return(task, FIRST_SEED + seed, files[which], reward))
        curves.append(pd.read_csv(trial / "curve.csv"))
    episode = round(
        load_task(task).timing.episode_steps / read_json(trial / "spec.json")["budget"]["horizon"]
    )
    f, returns = ((make_cell([before]), make_cell([after])) for before, after in rows.values())
    return Learned(task, f, returns, done["env_steps"], curves, max(1, episode))


def episode_return(task: TaskId, seed: int, policy: Path, reward: Graph) -> float:
    """Mean undiscounted reward of the first episode of each world."""
    environment = Environment(load_task(task), WORLDS, seed)
    actor = Policy(load_checkpoint(policy)["model"])
    total, going = torch.zeros(WORLDS), torch.ones(WORLDS, dtype=torch.bool)
    for _ in range(environment.task.timing.episode_steps):
        step = environment.step(actor.mean(environment.observations))
        total += reward(step.named(environment.task))[0].masked_fill(~going, 0.0)
        going &= ~step.done
    return float(total.mean())


def row(found: Learned) -> list[str]:
    """A task's row of the table."""
    return [
        f"`{found.task}`",
        f"{found.env_steps / 1e6:.2f} M",
        *_compared(*found.f),
        *_compared(*found.returns),
        p_value(welch(found.returns[1], found.returns[0])),
    ]


def _compared(before: Cell, after: Cell) -> list[str]:
    gain = estimate(after).mean - estimate(before).mean
    return [number(estimate(before).mean), with_interval(gain, difference(after, before))]


HEAD = ("task", "env steps", "F before", "gained", "return before", "gained", "p")


def draw(learned: list[Learned], out: Path) -> None:
    """The human reward per step and F while the policies are trained, one line for each seed."""
    with look():
        handles = [
            Line2D([], [], color=REWARD, label="human reward per step (left)"),
            Line2D([], [], color=F, label="F of training's own episodes (right)"),
        ]
        figure, panels = grid(len(learned), handles, "env steps", right=LEFT)
        for panel, found in zip(panels, learned, strict=True):
            task = load_task(found.task)
            name_panel(panel, found.task.slug, "reward")
            right = panel.twinx()
            right.grid(False)
            for curve in found.curves:
                smooth = curve["reward"].rolling(found.episode_epochs).mean()
                panel.plot(curve["env_steps"], smooth, color=REWARD, lw=0.8)
                right.plot(curve["env_steps"], curve["f"], color=F, lw=0.8)
            if task.fitness is Fitness.SUCCESS:
                right.set_ylim(-0.03, 1.03)
            steps_axis(panel)
        figure.savefig(out, dpi=130)


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--first-seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    store = Store(options.run)
    record = read_json(options.run / "run.json")
    learned = []
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for name in options.tasks or record["tasks"]:
        learned.append(measure(store, resolve(name), range(options.first_seed, record["seeds"])))
        print("| " + " | ".join(row(learned[-1])) + " |", flush=True)
    if options.figure:
        draw(learned, options.figure)


if __name__ == "__main__":
    main()
