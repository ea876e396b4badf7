"""Draw strips of frames of tasks: `MUJOCO_GL=egl python docs/strips.py OUT.webp [TASK ...] [--run FOLDER [--seed N]]`.

One row for each task (by default those of the Dexterity suite): its start, then what the policy of the run's method
does in evenly spaced moments of an episode; without a run, what actions do that are drawn anew every 15 steps.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageDraw

from harness.drawing import Scene
from harness.environment import Environment
from harness.registry import DEXTERITY, load_task, resolve
from harness.store import Store
from harness.training.policy import Policy, load_checkpoint

FRAMES = 5
SIZE = (256, 192)  # pixels of a frame
HELD = 15  # control steps
WRITTEN: dict[str, Any] = {"fill": "black", "stroke_width": 1, "stroke_fill": "white"}


def strip(name: str, run: Path | None, method: str, seed: int) -> Image.Image:
    """The row of one task."""
    task = load_task(name)
    environment = Environment(task, worlds=1, seed=0)
    policy = None
    if run is not None:
        trial = Store(run).final_trial(resolve(name).slug, method, seed)
        last = max(trial.glob("checkpoints/*.pt"), key=lambda path: int(path.stem))
        policy = Policy(load_checkpoint(last)["model"])
    rng = torch.Generator().manual_seed(0)
    row = Image.new("RGB", (SIZE[0] * FRAMES, SIZE[1]))
    steps = task.timing.episode_steps // FRAMES
    with closing(Scene(task, environment.sim)) as scene:  # type: ignore[arg-type]
        for frame in range(FRAMES):
            row.paste(scene.picture().resize(SIZE), (frame * SIZE[0], 0))
            ImageDraw.Draw(row).text(
                (frame * SIZE[0] + 6, 4), f"{frame * steps * task.timing.control_dt:.2f} s", **WRITTEN
            )
            for step in range(steps):
                if policy is not None:
                    actions = policy(environment.observations)
                elif step % HELD == 0:
                    actions = 2.0 * torch.rand(1, task.num_actions, generator=rng) - 1.0
                environment.step(actions)
    ImageDraw.Draw(row).text((6, SIZE[1] - 16), name, **WRITTEN)
    return row


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("tasks", nargs="*", default=list(DEXTERITY))
    parser.add_argument("--run", type=Path)
    parser.add_argument("--method", default="human")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = [strip(name, options.run, options.method, options.seed) for name in options.tasks]
    sheet = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)))
    for number, row in enumerate(rows):
        sheet.paste(row, (0, number * row.height))
    sheet.save(options.out, quality=60)


if __name__ == "__main__":
    main()
