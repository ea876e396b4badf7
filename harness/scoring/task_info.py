"""What a run folder says of a task."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TaskInfo:
    """A task, as far as its scores need explaining."""

    slug: str
    fitness: str
    """RATE, SURVIVAL, SUCCESS or COUNT."""
    unit: str
    description: str = ""
    episode_steps: int | None = None
    """Control steps until the time limit."""
    code: str = ""
    """Digest of the code that defines it."""
    module: str = ""
    """Where its class is."""
    env_steps: int = 0
    """Control steps of a reported training, over all worlds."""
    worlds: int = 0
    programs: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Digests of the human and the sparse reward that it comes with."""
    declared_floor: float | None = None
    """What a failure scores where F is a RATE; None where the run does not say, as older ones."""
    options: Mapping[str, object] = field(default_factory=dict, hash=False)
    """All that is chosen of it; empty for a task without options."""
    default_options: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def suite(self) -> str | None:
        """The suite that brings it; None for a user's own."""
        top, _, rest = self.module.partition(".")
        return rest.partition(".")[0] if top == "suites" and rest else None

    @property
    def chosen(self) -> dict[str, object]:
        """The options that are not at their defaults."""
        return {name: value for name, value in self.options.items() if value != self.default_options[name]}

    @property
    def not_chosen(self) -> dict[str, object]:
        """The options that are at their defaults."""
        return {name: value for name, value in self.options.items() if name not in self.chosen}

    @property
    def floor(self) -> float | None:
        """What a failure scores; None for a RATE of a run that does not say."""
        return self.declared_floor if self.fitness == "RATE" else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest F that can be."""
        if self.fitness == "RATE":
            return -math.inf, math.inf
        if self.fitness == "SURVIVAL":
            return 0.0, self.episode_steps or math.inf
        return 0.0, 1.0 if self.fitness == "SUCCESS" else math.inf
