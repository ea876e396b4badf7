"""The animated pictures of a run."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import terminal
from harness.errors import EnvironmentProblem
from harness.identity import TaskId
from harness.machine import available_cores
from harness.methods import Record
from harness.plan import Plan
from harness.rendering import draw
from harness.seeds import Role, derive
from harness.store import Store
from harness.trial import TrialResult

MOST_LARGE_PICTURES = 30
"""About 8 MB on a page."""


def draw_rollouts(plan: Plan, records: list[Record], store: Store, jobs: int | None = None) -> str | None:
    """A picture of each method's median final policy, `jobs` at a time (by default one per core).

    Returns why not, if one cannot be drawn. Where they are many, small ones, so that a page can hold them.
    """
    policies = _median_policies(plan, records, store)
    small = len(policies) > MOST_LARGE_PICTURES
    wanted = [(task, policy, picture) for task, policy, picture in policies if not picture.exists()]

    stop = threading.Event()

    def one(task: TaskId, policy: Path, picture: Path) -> None:
        draw(task, picture, policy, seed=derive(Role.ROLLOUT, task.slug), small=small, stop=stop)

    with ThreadPoolExecutor(jobs or available_cores(), thread_name_prefix="picture") as pool:
        futures = [pool.submit(one, *what) for what in wanted]
        try:
            for future in futures:
                terminal.wait_for([future])
                future.result()
        except EnvironmentProblem as error:
            return str(error)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    return None


def _median_policies(plan: Plan, records: list[Record], store: Store) -> list[tuple[TaskId, Path, Path]]:
    """Task, policy and place of the picture, of each task and method."""
    tasks = {task.slug: task for task in plan.tasks}
    trained: dict[tuple[str, str], list[TrialResult]] = {}
    for record in records:
        results = [store.result(final["trial"]) for final in record["finals"]]
        scored = [result for result in results if result is not None and result.f is not None]
        trained.setdefault((record["task"], record["method"]), []).extend(scored)
    found = []
    for (slug, _), scored in trained.items():
        if scored:
            ranked = sorted(scored, key=lambda result: (result.f, result.hash))
            folder = store.trial_folder(ranked[(len(ranked) - 1) // 2].hash)
            policies = sorted(folder.glob("checkpoints/*.pt"))
            found += [(tasks[slug], policies[-1], folder / "rollout.webp")] if policies else []
    return found
