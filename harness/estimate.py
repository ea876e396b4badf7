"""How long a run will take on this machine, and what a model will cost: said before it starts."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from harness.code import harness_digest, task_digest
from harness.errors import UserError
from harness.execution.asked import asked
from harness.identity import TaskId
from harness.machine import available_cores, machine
from harness.methods.racing import going_on
from harness.missing import Missing, env_steps
from harness.plan import Plan
from harness.prompts import initial_messages
from harness.proposers import Limits
from harness.proposers.limits import Cost
from harness.proposers.prices import check_money_limit, load_prices, price_of
from harness.proposers.worst_case import worst_case
from harness.registry import TASKS, load_task
from harness.remembered import remembered
from harness.task import Budget, budget_of
from harness.training.schedule import evaluation_of, halfway_evaluation
from harness.trial import versions

SPEEDS = Path(__file__).parent / "speeds.json"
SAMPLE_WORLDS = 256
CHARACTERS_PER_TOKEN = 4
ANSWER_TOKENS = 800  # of one candidate; published runs took 360 to 570, without the analysis asked for here
FEEDBACK_TOKENS = 1200


MEASURED_ENGINE = "cpu"
"""Of the typical speeds."""
Speeds = tuple[float, float]
"""Env steps per second of training and of evaluation, on one core."""


@dataclass(frozen=True)
class Estimate:
    """Wall-clock seconds by task, and the model's part, of what is missing."""

    seconds: dict[TaskId, float | None]
    """None where the speed of a task is unknown."""
    jobs: int
    """Trials side by side."""
    tokens: int
    usd: float | None
    """None where the price is unknown."""
    machine: str | None = None
    """The processor that the seconds are of, None for this one."""

    @property
    def total(self) -> float:
        """Seconds of the whole run, as far as they are known."""
        return sum(seconds for seconds in self.seconds.values() if seconds is not None)


def estimate(
    plan: Plan,
    amounts: Mapping[TaskId, Missing],
    jobs: int | None,
    prices: str | None = None,
    *,
    measure: bool = True,
) -> Estimate:
    """Multiply what is missing by speeds that are measured in two epochs of a training.

    Of the built-in tasks one is measured, and says how fast this machine is compared with the one on which all of
    them were once measured. Without `measure` the speeds are that machine's, and other tasks' are unknown.
    """
    cores = available_cores()
    trials = sum(amount.total for amount in amounts.values())
    side_by_side = max(1, min(jobs or cores, trials, cores))
    wanted = [task for task, amount in amounts.items() if amount.total]
    speeds = (
        _speeds_here(wanted, plan.budget, plan.precision, plan.engine)
        if measure
        else _typical(wanted, plan.precision, plan.engine)
    )
    seconds: dict[TaskId, float | None] = {}
    for task, amount in amounts.items():
        if not amount.total:
            seconds[task] = 0.0
        else:
            speed = speeds.get(task)
            seconds[task] = _seconds(plan, task, amount, speed) / side_by_side if speed else None
    searching = sum(amount.candidates for amount in amounts.values())
    tokens, usd = _model_cost(plan, prices) if searching else (0, 0.0)
    return Estimate(seconds, side_by_side, tokens, usd, None if measure else typical_speeds().machine)


def _speeds_here(tasks: list[TaskId], budget: str, precision: str, engine: str) -> dict[TaskId, Speeds]:
    typical = _typical(tasks, precision, engine)
    speeds = {task: _measured(task, budget, precision, engine) for task in tasks if task not in typical}
    if typical:
        probe = max(typical, key=lambda task: typical[task])  # what is measured soonest
        speeds[probe] = _remembered(probe, budget, precision)
        training, evaluation = (
            here / there for here, there in zip(speeds[probe], typical[probe], strict=True)
        )
        for task in typical.keys() - {probe}:
            speeds[task] = training * typical[task][0], evaluation * typical[task][1]
    return speeds


def _typical(tasks: list[TaskId], precision: str, engine: str) -> dict[TaskId, Speeds]:
    """The typical speeds of those of the tasks that are built in, on the engine that was measured."""
    known = typical_speeds().speeds[precision] if engine == MEASURED_ENGINE else {}
    return {
        task: known[task.slug]
        for task in tasks
        if TASKS.get(task.slug) == task.reference and task.slug in known
    }


def _seconds(plan: Plan, task: TaskId, amount: Missing, speeds: Speeds) -> float:
    """Of one processor, for so many trials at these speeds of training and of evaluation."""
    training, evaluation = speeds
    seconds = env_steps(plan, task, amount) / training
    worlds = amount.finals * evaluation_of(plan.budget, plan.protocol, "final").worlds
    of_a_candidate: float = evaluation_of(plan.budget, plan.protocol, "search").worlds
    if plan.raced(task) < 1.0:
        samples = plan.most_samples
        of_a_candidate *= going_on(samples) / samples
        of_a_candidate += halfway_evaluation(plan.budget).worlds
    worlds += round(amount.candidates * of_a_candidate)
    return seconds + worlds * load_task(task).timing.episode_steps / evaluation


def largest_request(plan: Plan, limits: Limits, prices: str | None) -> Cost | None:
    """The most that one request of the searches can cost; None if no model is asked. Measures nothing.

    UserError for a limit on dollars without a price.
    """
    if not plan.searching or not plan.proposer.startswith("openai:"):
        return None
    model = plan.proposer.removeprefix("openai:")
    price = price_of(model, load_prices(prices))
    check_money_limit(model, limits, price)
    return max(
        (
            worst_case(
                initial_messages(load_task(task)), plan.most_samples, limits.max_completion_tokens, price
            )
            for task in plan.tasks
        ),
        key=lambda cost: cost.tokens,
    )


def check_limits(plan: Plan, limits: Limits, request: Cost) -> None:
    """UserError if not even one request fits into the limits."""
    samples, longest = plan.most_samples, limits.max_completion_tokens
    size = f"{samples} answer(s) of up to {longest} tokens and the prompt"
    remedy = "or lower --samples or --max-answer-tokens"
    if limits.max_tokens is not None and request.tokens > limits.max_tokens:
        raise UserError(
            f"--max-tokens {limits.max_tokens} is too little for one request: it may need {request.tokens} tokens "
            f"({size}); raise it, {remedy}"
        )
    if limits.max_usd is not None and request.usd > limits.max_usd:
        raise UserError(
            f"--max-usd {limits.max_usd:g} is too little for one request: it may cost ${request.usd:.4f} "
            f"({size}); raise it, {remedy}"
        )


def _remembered(task: TaskId, budget: str, precision: str) -> Speeds:
    """The speeds of a built-in task here, measured if they were not in the last days."""
    question = {
        "task": task.slug,
        "budget": budget,
        "precision": precision,
        "code": [task_digest(load_task(task)), harness_digest("training"), harness_digest("evaluation")],
        "versions": versions(),
        "machine": machine(),
    }
    training, evaluation = remembered(question, lambda: list(_measured(task, budget, precision)))
    return training, evaluation


def _measured(task: TaskId, budget: str, precision: str, engine: str = MEASURED_ENGINE) -> Speeds:
    """The speeds of a task here, measured in a process of its own. UserError if it cannot be trained."""
    speeds: Speeds = asked("estimate", speeds_here, task, budget, precision, engine)
    return speeds


@dataclass(frozen=True)
class Typical:
    """Speeds of the built-in tasks on some machine."""

    machine: str
    """Its processor."""
    speeds: dict[str, dict[str, Speeds]]
    """By precision and slug."""


def typical_speeds() -> Typical:
    """What `python -m benchmarks.speeds` has measured."""
    found = json.loads(SPEEDS.read_text(encoding="utf-8"))
    return Typical(
        found["machine"],
        {
            precision: {slug: tuple(pair) for slug, pair in speeds.items()}
            for precision, speeds in found["speeds"].items()
        },
    )


def speeds_here(
    task_id: TaskId,
    budget_name: str,
    precision: str = "fp32",
    engine: str = MEASURED_ENGINE,
    clock: Callable[[], float] = time.monotonic,
) -> Speeds:
    """The speeds of a task by a clock, measured in this process. Sets torch's threads to one."""
    from harness.environment import Environment
    from harness.training.record import Recorder
    from harness.training.trainer import train

    torch.set_num_threads(1)
    task = load_task(task_id)
    full = budget_of(task, budget_name)
    worlds = min(full.worlds, SAMPLE_WORLDS)
    minibatch = min(full.minibatch, worlds * full.horizon)
    while worlds * full.horizon % minibatch:
        minibatch -= 1
    budget = Budget(worlds, 3, full.horizon, minibatch)
    environment = Environment(task, worlds, 0, engine)
    recorder = Recorder(environment, lambda named: (torch.zeros(worlds, device=environment.device), {}), None)
    marks = []
    with contextlib.redirect_stdout(io.StringIO()):  # rl-games talks
        train(
            environment,
            recorder,
            task.ppo,
            budget,
            0,
            {},
            lambda epoch: marks.append(clock()),
            precision=precision,
        )
        actions = torch.zeros(worlds, task.num_actions, device=environment.device)
        before = clock()
        for _ in range(budget.horizon):
            environment.step(actions)
    steps = worlds * budget.horizon
    training = 2 * steps / (marks[2] - marks[0])
    return training, steps / (clock() - before)


def _model_cost(plan: Plan, prices: str | None) -> tuple[int, float | None]:
    """Expected tokens and dollars of all searches; zero for a proposer that is no model."""
    if not plan.searching or not plan.proposer.startswith("openai:"):
        return 0, 0.0
    prompt = completion = 0
    for task in plan.tasks:
        words = sum(len(message["content"]) for message in initial_messages(load_task(task)))
        first = words // CHARACTERS_PER_TOKEN
        later = first + ANSWER_TOKENS + FEEDBACK_TOKENS
        for settings in plan.settings.values():
            prompt += plan.searches * (first + (settings.iterations - 1) * later)
            completion += plan.searches * settings.iterations * settings.samples * ANSWER_TOKENS
    price = price_of(plan.proposer.removeprefix("openai:"), load_prices(prices))
    return prompt + completion, None if price is None else price.cost(prompt, completion)
