"""Before anything is trained: programs that no training could use."""

from __future__ import annotations

from harness.errors import UserError
from harness.execution.trial_runner import expert_graph, human_graph
from harness.importing import importing
from harness.plan import Plan
from harness.registry import TASKS, load_task
from harness.rewards import RewardError, probe
from harness.roles import SPARSE


def check_written(plan: Plan, *, built_in: bool = True) -> None:
    """Try what people wrote: their own tasks, experts' rewards, reward programs. UserError for what fails.

    Without `built_in` the experts' rewards of the built-in tasks are taken to be as sound as they came.
    """
    for task in plan.tasks:
        if task.slug not in TASKS:
            with importing():
                from harness.contract_try import try_task
            try_task(load_task(task))
        worlds = plan.experience(task).worlds
        if built_in or task.slug not in TASKS:
            human_graph(task, worlds)  # recorded beside every training
            if SPARSE in plan.methods:
                expert_graph(SPARSE, task, worlds)
        for method in plan.written:
            source = plan.program(task, method)
            if source is None:
                continue
            try:
                probe(source, task, worlds)
            except RewardError as error:
                raise UserError(
                    f"reward program {method} is refused on task {task.slug!r} ({error.kind}): {error.message}; "
                    "mend it, or run it on the tasks it was written for"
                ) from error
