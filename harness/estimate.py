"""How long a run will take on this machine, and what a model will cost: said before it starts."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection

import torch

from harness.errors import UserError
from harness.execution.child import Child
from harness.execution.fork_server import fork_server
from harness.execution.local import available_cores
from harness.identity import TaskId
from harness.plan import Missing, Plan, env_steps
from harness.prompts import initial_messages
from harness.proposers import Limits
from harness.proposers.limits import Cost
from harness.proposers.prices import check_money_limit, load_prices, price_of
from harness.proposers.worst_case import worst_case
from harness.registry import load_task
from harness.task import Budget, budget_of
from harness.training.schedule import CHECKPOINTS, evaluation_of

SAMPLE_WORLDS = 256
CHARACTERS_PER_TOKEN = 4
ANSWER_TOKENS = 800  # of one candidate; published runs took 360 to 570, without the analysis asked for here
FEEDBACK_TOKENS = 1200


@dataclass(frozen=True)
class Estimate:
    """Wall-clock seconds by task, and the model's part, of what is missing."""

    seconds: dict[TaskId, float]
    jobs: int
    """Trials side by side."""
    tokens: int
    usd: float | None
    """None where the price is unknown."""

    @property
    def total(self) -> float:
        """Seconds of the whole run."""
        return sum(self.seconds.values())


def estimate(
    plan: Plan, amounts: Mapping[TaskId, Missing], jobs: int | None, prices: str | None = None
) -> Estimate:
    """Measure two short trainings' worth of each task with something missing, and multiply."""
    cores = available_cores()
    trials = sum(amount.total for amount in amounts.values())
    side_by_side = max(1, min(jobs or cores, trials, cores))
    seconds = {}
    for task, amount in amounts.items():
        seconds[task] = _seconds(plan, task, amount) / side_by_side if amount.total else 0.0
    searching = sum(amount.candidates for amount in amounts.values())
    tokens, usd = _model_cost(plan, prices) if searching else (0, 0.0)
    return Estimate(seconds, side_by_side, tokens, usd)


def _seconds(plan: Plan, task: TaskId, amount: Missing) -> float:
    """Of one processor, for so many trials."""
    training, evaluation = _speeds(task, plan.budget)
    seconds = env_steps(plan, task, amount) / training
    for role, trials in (("final", amount.finals), ("search", amount.candidates)):
        measured = evaluation_of(plan.budget, plan.protocol, role)
        worlds = measured.first + measured.last + (CHECKPOINTS - 1) * measured.between
        seconds += trials * worlds * load_task(task).timing.episode_steps / evaluation
    return seconds


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
                initial_messages(load_task(task)), plan.settings.samples, limits.max_completion_tokens, price
            )
            for task in plan.tasks
        ),
        key=lambda cost: cost.tokens,
    )


def check_limits(plan: Plan, limits: Limits, request: Cost) -> None:
    """UserError if not even one request fits into the limits."""
    samples, longest = plan.settings.samples, limits.max_completion_tokens
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


def _speeds(task: TaskId, budget: str) -> tuple[float, float]:
    """Env steps per second of training and of evaluation, measured in a process of its own."""
    receiver, sender = fork_server().Pipe(duplex=False)
    process = Child("estimate", _measure, (task, budget, sender))
    with receiver, sender:
        process.start()
        sender.close()
        try:
            training, evaluation = receiver.recv()
        except EOFError:
            raise UserError(
                f"task {task.reference!r} cannot be trained: its trial run ended at once"
            ) from None
        finally:
            process.end()
    if isinstance(training, str):
        raise UserError(f"task {task.reference!r} cannot be trained: {training}")
    return float(training), float(evaluation)


def _measure(task_id: TaskId, budget_name: str, sender: Connection) -> None:
    try:
        sender.send(_speeds_here(task_id, budget_name))
    except Exception as error:
        sender.send((" ".join(f"{type(error).__name__}: {error}".split()), ""))


def _speeds_here(task_id: TaskId, budget_name: str) -> tuple[float, float]:
    from harness.training.environment import Environment
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
    environment = Environment(task, worlds, seed=0)
    recorder = Recorder(environment, lambda named: (torch.zeros(worlds), {}), None)
    marks = []
    with contextlib.redirect_stdout(io.StringIO()):  # rl-games talks
        train(environment, recorder, task.ppo, budget, 0, {}, lambda epoch: marks.append(time.monotonic()))
        actions = torch.zeros(worlds, task.num_actions)
        before = time.monotonic()
        for _ in range(budget.horizon):
            environment.step(actions)
    steps = worlds * budget.horizon
    training = 2 * steps / (marks[2] - marks[0])
    return training, steps / (time.monotonic() - before)


def _model_cost(plan: Plan, prices: str | None) -> tuple[int, float | None]:
    """Expected tokens and dollars of all searches; zero for a proposer that is no model."""
    if not plan.searching or not plan.proposer.startswith("openai:"):
        return 0, 0.0
    prompt = completion = 0
    for task in plan.tasks:
        words = sum(len(message["content"]) for message in initial_messages(load_task(task)))
        first = words // CHARACTERS_PER_TOKEN
        later = first + ANSWER_TOKENS + FEEDBACK_TOKENS
        prompt += first + (plan.settings.iterations - 1) * later
        completion += plan.settings.iterations * plan.settings.samples * ANSWER_TOKENS
    searches = plan.searches * len(plan.searching)
    prompt, completion = prompt * searches, completion * searches
    price = price_of(plan.proposer.removeprefix("openai:"), load_prices(prices))
    return prompt + completion, None if price is None else price.cost(prompt, completion)
