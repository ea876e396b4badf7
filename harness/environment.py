"""A task running in N worlds, step by step, with same-step resets. Knows nothing of rewards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from harness.bound import named_tensors
from harness.sim import make_simulation
from harness.task import Fitness, Task

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Step:
    """One control step of N worlds, as it looked before finished worlds were reset."""

    state: Any
    """The task's State."""
    obs_buf: Tensor
    """(N, O), what `observe` returned for that state, unclipped."""
    actions: Tensor
    """(N, A) in [-1, 1]."""
    progress: Tensor
    """(N,) int64, steps of the episode, this one included."""
    score: Tensor
    """(N,), contribution to F. Where the world went unstable: the worst so far of any world of its share if F is a
    rate, else 0."""
    done: Tensor
    """(N,) bool, the episode ended: terminated, at the time limit, or unstable."""
    time_out: Tensor
    """(N,) bool, it ended at the time limit only."""
    unstable: Tensor
    """(N,) bool, the physics of this world failed in this step."""

    def named(self, task: Task) -> dict[str, Tensor]:
        """Name → tensor (N, ...) of what a reward program may read of it."""
        return named_tensors(task, self.state, self.actions, self.progress, self.obs_buf)


class Environment:
    """N worlds of a task. `observations` is what a policy sees next: of the new episode where one ended.

    An episode lasts at most `timing.episode_steps` steps, exactly (the originals lose one step to their
    reset order). All randomness comes from `seed`. Worlds may be divided into `shares`, of so many worlds each: then
    what happens in one changes nothing in another, and a share alone would be the same, if the task
    draws by `rand`.
    """

    def __init__(
        self,
        task: Task,
        worlds: int,
        seed: int,
        engine: str = "cpu",
        threads: int = 1,
        shares: Sequence[int] | None = None,
    ) -> None:
        self.task = task
        self.worlds = worlds
        self.sim = make_simulation(task, worlds, engine, threads)
        self.device = self.sim.device
        sizes = torch.tensor(shares or [worlds], device=self.device)
        self._share = torch.arange(len(sizes), device=self.device).repeat_interleave(sizes)
        self.rng = torch.Generator(self.device).manual_seed(seed)
        if shares:
            from harness.streams import streams  # which defines a class of torch's, and so needs it loaded

            self.rng = streams(seed, shares, self.device)
        self.carried = task.carry(worlds, self.device)
        self.progress = torch.zeros(worlds, dtype=torch.long, device=self.device)
        self.actions = torch.zeros(worlds, task.num_actions, device=self.device)
        self._unstable = torch.zeros((), dtype=torch.long, device=self.device)
        self._worst = torch.zeros(len(sizes), device=self.device)
        self.reset(torch.ones(worlds, dtype=torch.bool, device=self.device))
        self.observations = self._clip(task.observe(task.read(self.sim, self.carried), self.actions))

    def step(self, actions: Tensor) -> Step:
        """Advance every world by one control step under actions (N, A), clipped to [-1, 1]; reset where it ended."""
        step = self.advance(actions)
        self.observations = self._clip(self._restart(step.done, step.obs_buf))
        return step

    def advance(self, actions: Tensor) -> Step:
        """`step` without resets: a world whose episode ended has to be `reset` before the next one."""
        task = self.task
        self.actions = actions.clamp(-1.0, 1.0)
        task.act(self.sim, self.carried, self.actions, self.rng)
        unstable = self.sim.step(task.timing.physics_steps)
        self.progress += 1
        state = task.read(self.sim, self.carried)
        obs_buf = task.observe(state, self.actions)
        terminated = task.terminated(state) | unstable
        time_out = (self.progress >= task.timing.episode_steps) & ~terminated
        score = self._score(state, unstable)
        progress, done = self.progress.clone(), terminated | time_out
        self._unstable += unstable.sum()
        return Step(state, obs_buf, self.actions, progress, score, done, time_out, unstable)

    def reset(self, worlds: Tensor) -> None:
        """Start new episodes in the worlds of a mask (N,); `observations` are as they were."""
        self.sim.reset(worlds)
        self.task.reset(self.sim, self.carried, worlds, self.rng)
        self.sim.forward(worlds)
        self.progress.masked_fill_(worlds, 0)

    def named(self) -> dict[str, Tensor]:
        """Name → tensor (N, ...) of what a reward program may read of the worlds as they are, copied."""
        state = self.task.read(self.sim, self.carried)
        named = named_tensors(self.task, state, self.actions, self.progress)
        return {name: value.clone() for name, value in named.items()}

    @property
    def unstable_count(self) -> int:
        """How often the physics of a world has failed."""
        return int(self._unstable)

    def state(self) -> dict[str, Any]:
        """All that the next step depends on, as tensors and numbers, which may be live: write it at once.

        Of worlds without shares, which have random streams beside.
        """
        return {
            "sim": self.sim.state(),
            "carried": _attributes(self.carried),
            "rng": self.rng.get_state(),
            "progress": self.progress,
            "actions": self.actions,
            "observations": self.observations,
            "unstable_count": self._unstable,
            "worst": self._worst,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on as the environment whose `state` this was."""
        self.sim.restore(state["sim"])
        self.rng.set_state(state["rng"])
        for name, value in state["carried"].items():
            object.__setattr__(self.carried, name, value)
        self.progress, self.actions = state["progress"], state["actions"]
        self.observations, self._worst = state["observations"], state["worst"]
        self._unstable = state["unstable_count"]

    def _score(self, state: Any, unstable: Tensor) -> Tensor:
        """Scores (N,), so that breaking the physics never pays: 0 is the best that some rates can be."""
        score = self.task.score(state).float()
        if self.task.fitness is Fitness.RATE:
            left_out = unstable | ~score.isfinite()
            valid = score.masked_fill(left_out, torch.inf)
            self._worst = self._worst.scatter_reduce(0, self._share, valid, "amin")
        return torch.where(unstable, self._worst[self._share], score)

    def _restart(self, done: Tensor, obs_buf: Tensor) -> Tensor:
        """Reset finished worlds; observations (N, O) with theirs replaced by those of the new episode."""
        if done.device.type == "cpu" and not done.any():  # elsewhere, looking would make the host wait
            return obs_buf
        self.reset(done)
        no_actions = self.actions.masked_fill(done.unsqueeze(1), 0.0)
        fresh = self.task.observe(self.task.read(self.sim, self.carried), no_actions)
        return torch.where(done.unsqueeze(1), fresh, obs_buf)

    def _clip(self, observations: Tensor) -> Tensor:
        bound = self.task.clip_observations
        return observations.clamp(-bound, bound)


def _attributes(carried: Any) -> dict[str, Any]:
    """Name → value of all that a `Carried` holds, with slots or without."""
    names = [*getattr(carried, "__dataclass_fields__", ()), *getattr(carried, "__dict__", ())]
    return {name: getattr(carried, name) for name in dict.fromkeys(names)}
