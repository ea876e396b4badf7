"""What a run is asked to do. The command line is made from these fields and their docstrings."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.proposers import DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT_S
from harness.repetitions import MOST

BUDGETS = ("smoke", "quick", "night", "paper")
SEARCH_SIZES = {"smoke": (1, 2), "quick": (2, 4), "night": (2, 4), "paper": (5, 16)}
"""Iterations and samples that a budget implies."""


class RunConfig(BaseModel):
    """A run: which tasks, methods, seeds and searches, at which budget."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    suite: str = "all"
    """A suite (isaac, dexterity, all of both, quick), a task, or a comma-separated list of them."""
    task_option: tuple[str, ...] = ()
    """NAME.FIELD=VALUE: an option of a task, or of all tasks of a suite that have it; may be given several times
    (`python -m harness tasks TASK` lists a task's)."""
    methods: str = "human,sparse,eureka"
    """Comma-separated methods to compare: human, sparse, eureka, a variant of one (eureka:elitism=true), a reward
    program of your own by its file (path/to/my_reward.py), or a method of your own (path/to/file.py:Class)."""
    method_option: tuple[str, ...] = ()
    """METHOD.FIELD=VALUE: a setting of a method that searches; may be given several times (`python -m harness methods`
    lists them)."""
    seeds: int = Field(default=5, ge=1, le=MOST)
    """Policy trainings of each final program, and of the human and sparse rewards."""
    searches: int = Field(default=1, ge=1, le=MOST)
    """Independent searches of each searching method on each task."""
    iterations: int | None = Field(default=None, ge=1)
    """Iterations of a search (default: by budget, smoke 1, quick and night 2, paper 5)."""
    samples: int | None = Field(default=None, ge=1)
    """Candidates per iteration (default: by budget, smoke 2, quick and night 4, paper 16)."""
    budget: Literal["auto", "smoke", "quick", "night", "paper"] = "auto"
    """How much experience a training gets (smoke: seconds, quick: minutes, night: hours on a core, paper: the
    original's); auto is quick."""
    engine: str = "auto"
    """Physics engine: cpu, or one that a package of yours offers; auto is the folder's, else cpu."""
    trainer: str = "rl_games"
    """What trains policies: rl_games, or one that a package of yours offers."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the networks' hidden layers while they are trained; auto is bf16 where the processor multiplies in it, else
    fp32."""
    protocol: Literal["strict", "paper"] = "strict"
    """How a trial becomes a number: F of the final checkpoint (strict) or of the best of ten (paper)."""
    goal_bonus: Literal["auto", "on", "off"] = "auto"
    """Hand tasks: add 250 to a candidate's reward when a goal is reached, unseen by the designer; auto is on with
    the paper protocol only."""
    candidate_epochs: int | None = Field(default=None, ge=1)
    """Epochs of each candidate's training (default: those of a reported one; Eureka's own runs: 3000)."""
    worlds: int | None = Field(default=None, ge=1, le=1_000_000)
    """Simulated copies in every training, instead of the budget's: for experiments, not for scores to be compared."""
    epochs: int | None = Field(default=None, ge=1, le=10_000_000)
    """Epochs of every training, instead of the budget's."""
    set: tuple[str, ...] = ()
    """Another setting of every training: NAME is ppo.learning_rate, another field of the task's PPO settings, horizon
    or minibatch; may be given several times."""
    proposer: str = "auto"
    """Who writes candidates: auto, grammar, openai:MODEL or replay:FILE."""
    elitism: bool = False
    """Feed back the best candidate so far instead of the best of the iteration."""
    repairs: int = Field(default=0, ge=0)
    """Repair attempts for each rejected candidate."""
    racing: bool = False
    """Rank the candidates of an iteration at half their training, and train only the better half to the end."""
    temperature: float = Field(default=1.0, ge=0.0, allow_inf_nan=False)
    """Sampling temperature of the model."""
    no_temperature: bool = False
    """Leave the temperature to the model server; some models accept no other."""
    timeout: float = Field(default=DEFAULT_TIMEOUT_S, gt=0, le=86400, allow_inf_nan=False)
    """Seconds that a model server has for one request, from beginning to end."""
    concurrency: int = Field(default=DEFAULT_CONCURRENCY, ge=1, le=256)
    """Requests at a time to a model server; fewer when they take too long."""
    max_usd: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Never spend more than this on a model, restarts included."""
    max_tokens: int | None = Field(default=None, gt=0)
    """Never use more tokens than this, restarts included."""
    max_answer_tokens: int = Field(default=4096, gt=0)
    """Longest answer that is asked for, in tokens; with reasoning models its thoughts included."""
    prices: str | None = None
    """JSON file with model prices, dollars per million tokens."""
    executor: str = "local"
    """Where trials run: local, or one that a package of yours offers."""
    jobs: int | None = Field(default=None, ge=1)
    """Trials at a time (default: one per core)."""
    retry_failed: bool = False
    """Train again what failed before; without it a failure is a result."""
    reuse_any_version: bool = False
    """Use stored trials of other versions of the libraries too; the page marks them."""
    out: str | None = None
    """Run folder (default: runs/<suite>-<budget>-<engine>); running again there resumes or extends."""

    @property
    def method_names(self) -> list[str]:
        """The methods as a list."""
        return list(dict.fromkeys(filter(None, (name.strip() for name in self.methods.split(",")))))


def search_size(budget: str, iterations: int | None, samples: int | None) -> tuple[int, int]:
    """Iterations × samples of a search."""
    default_iterations, default_samples = SEARCH_SIZES[budget]
    return iterations or default_iterations, samples or default_samples


def option_fields() -> dict[str, Any]:
    """Field name → pydantic FieldInfo, for building a command line."""
    return dict(RunConfig.model_fields)
