"""When policies are saved, and in how many worlds each is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKPOINTS = 10
EVALUATION_WORLDS = {"smoke": 8, "quick": 128, "night": 128, "paper": 128}
CURVE_WORLDS = {"smoke": 2, "quick": 16, "night": 16, "paper": 16}
"""For checkpoints that only a learning curve shows."""
UNTRAINED_WORLDS = {"smoke": 4, "quick": 32, "night": 32, "paper": 32}
"""For the policy before training, which is never a result."""
HALFWAY_WORLDS = {"smoke": 2, "quick": 16, "night": 16, "paper": 16}
"""For candidates at half their training, of which the better half goes on."""


@dataclass(frozen=True)
class Evaluation:
    """In how many worlds the checkpoints of a training are measured; 0: not at all."""

    last: int
    """The final policy."""
    between: int
    """The saved policies before it."""
    first: int
    """The untrained one."""

    @property
    def worlds(self) -> int:
        """Of all checkpoints together."""
        return self.first + self.last + (CHECKPOINTS - 1) * self.between


def evaluation_of(budget: str, protocol: str, role: str) -> Evaluation:
    """Under the strict protocol the score is that of the last policy, under the paper's that of the best saved one.

    Of a candidate what its score needs is measured; of a final trial (`role`) the rest too, which the learning
    curve shows: in fewer worlds where it is not scored.
    """
    worlds = EVALUATION_WORLDS[budget]
    if protocol == "paper":
        return Evaluation(worlds, worlds, UNTRAINED_WORLDS[budget] if role == "final" else 0)
    if role == "search":
        return Evaluation(worlds, 0, 0)
    return Evaluation(worlds, CURVE_WORLDS[budget], UNTRAINED_WORLDS[budget])


def halfway_evaluation(budget: str) -> Evaluation:
    """Of a candidate at half its training: in as few worlds as tell the better half from the other."""
    return Evaluation(HALFWAY_WORLDS[budget], 0, 0)


def evaluation_worlds(evaluation: Evaluation, files: Sequence[Path]) -> dict[Path, int]:
    """Worlds by checkpoint, of those that are measured; `files` are all of a trial, named by number, in order."""
    *earlier, last = files
    sizes = {file: evaluation.first if int(file.stem) == 0 else evaluation.between for file in earlier}
    return {file: worlds for file, worlds in {**sizes, last: evaluation.last}.items() if worlds}


def checkpoint_epochs(epochs: int) -> list[int]:
    """The epochs after which a policy is saved: 10 at fixed intervals, the last one among them."""
    return sorted({max(1, round(i * epochs / CHECKPOINTS)) for i in range(1, CHECKPOINTS + 1)})


def halfway(epochs: int) -> int:
    """The epoch of the checkpoint at half a training, as near as checkpoints come; `epochs` where it is too short."""
    saved = checkpoint_epochs(epochs)
    return saved[(len(saved) - 1) // 2]
