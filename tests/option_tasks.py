"""The sound task with options, as source: below which height its episodes end, and in which words its goal is told."""

from __future__ import annotations

from pathlib import Path

from tests.contract_tasks import write_task

GIVEN, TRUE = "keep the ball low", "keep the ball high"
OPTIONS = f'''
    class Options(TextOptions):
        floor: float = Field(default=0.5, le=100.0)
        """Height (m) below which an episode ends."""
        level: Literal[1, 2] = 1
        """How hard it is."""
        side: Side = Side.LEFT
        """Where the ball starts."""
        heavy: bool = False
        """Whether the ball is heavy."""
        name: str = "ball"
        """What it is called."""

    options: Options
    text = Text(given="{GIVEN}", true="{TRUE}")
'''
SIDE = """
class Side(Enum):
    LEFT = "left"
    RIGHT = "right"


class Mine(Task):"""
CHANGES = (
    ("import mujoco\n", "from enum import Enum\nfrom typing import Literal\n\nimport mujoco\n"),
    ("from torch import Tensor\n", "from pydantic import Field\nfrom torch import Tensor\n"),
    ("import PPO, Budget, Fitness, Task,", "import PPO, Budget, Fitness, Task, Text, TextOptions,"),
    ("class Mine(Task):", SIDE),
    ('    description = "keep the ball high"\n', OPTIONS),
    ("height < 0.5", "height < self.options.floor"),
)
HUMAN = "def compute_reward(height):\n    return height, {}\n"


def write_option_task(folder: Path, name: str = "mine") -> str:
    """A reference to the task in a file of its own, its human reward beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}_human_reward.py").write_text(HUMAN)
    return write_task(folder, name, *CHANGES)
