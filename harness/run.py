"""The main job: carry out a plan, resume what is there, and leave everything that a report needs."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from harness.errors import EnvironmentProblem, UserError
from harness.execution.local import Executor
from harness.methods import FIXED, Record, new_record
from harness.methods.eureka import Search, run_search
from harness.plan import Plan
from harness.proposers import Answer, Proposer, Request
from harness.registry import expert_reward, load_task, task_slug
from harness.rendering import draw
from harness.seeds import Role, derive
from harness.store import Store, read_json, write_json
from harness.trial import TrialResult, TrialSpec, make_spec

log = logging.getLogger(__name__)


def carry_out(
    plan: Plan, record: Record, store: Store, executor: Executor, proposer: Proposer
) -> list[Record]:
    """Run every method on every task; returns the search records, the fixed methods' among them.

    Searches run side by side, each in a thread that mostly waits for its trials; the trials share the
    executor's slots. What the store already holds is not done again. The first search asks before anything is
    trained: a wrong key, model or address ends the run there. Later a search that cannot go on (no answer from
    the model, money spent) is logged at once and raised when the others have ended.
    """
    write_json(store.folder / "run.json", record)
    asked = _FirstAnswer(proposer)
    searches = [
        functools.partial(_search, plan, store, executor, asked, task, method, index)
        for task in plan.tasks
        for method in plan.searching
        for index in range(plan.searches)
    ]
    fixed = [
        functools.partial(_fixed, plan, store, executor, task, method, source)
        for task in plan.tasks
        for method in plan.methods
        if method in FIXED and (source := expert_reward(method, task)) is not None
    ]
    jobs: list[Callable[[], Record]] = [*searches, *fixed]  # searches first: they have the longest way to go
    with ThreadPoolExecutor(len(jobs), thread_name_prefix="search") as pool:
        futures: list[Future[Record]] = []
        try:
            if searches:
                futures.append(pool.submit(jobs.pop(0)))
                futures[0].add_done_callback(lambda _: asked.tried.set())
                asked.tried.wait()
                if not asked.answered:
                    futures[0].result()
            futures += [pool.submit(job) for job in jobs]
            wait(futures)
        except BaseException:  # interrupted: the searches end with the answers and trials under way
            proposer.stop()
            executor.stop()
            raise
    return [future.result() for future in futures]


class _FirstAnswer:
    """A proposer that says when it has been asked for the first time, and whether it was answered."""

    def __init__(self, proposer: Proposer) -> None:
        self.name = proposer.name
        self.stop = proposer.stop
        self.answered = False
        self.tried = threading.Event()
        self._proposer = proposer

    def propose(self, request: Request) -> list[Answer]:
        answers = self._proposer.propose(request)
        self.answered = True
        self.tried.set()
        return answers


def draw_rollouts(records: list[Record], store: Store) -> str | None:
    """An animated picture of each method's median final policy; returns why not, if it cannot be drawn."""
    trained: dict[tuple[str, str], list[TrialResult]] = {}
    for record in records:
        results = [store.result(final["trial"]) for final in record["finals"]]
        scored = [result for result in results if result is not None and result.f is not None]
        trained.setdefault((record["task"], record["method"]), []).extend(scored)
    for (task, _), scored in trained.items():
        if not scored:
            continue
        ranked = sorted(scored, key=lambda result: (result.f, result.hash))
        folder = store.trial_folder(ranked[(len(ranked) - 1) // 2].hash)
        picture, policies = folder / "rollout.webp", sorted(folder.glob("checkpoints/*.pt"))
        if picture.exists() or not policies:
            continue
        unfinished = folder / ".rollout.webp"
        try:
            draw(task, unfinished, policies[-1], seed=derive(Role.ROLLOUT, task))
            unfinished.replace(picture)
        except EnvironmentProblem as error:
            return str(error)
    return None


def _fixed(plan: Plan, store: Store, executor: Executor, task: str, method: str, source: str) -> Record:
    return _finals(plan, store, executor, new_record(task, method, 0, source))


def _search(
    plan: Plan, store: Store, executor: Executor, asked: _FirstAnswer, task: str, method: str, index: int
) -> Record:
    search = Search(
        task=task,
        method=method,
        index=index,
        settings=plan.settings,
        proposer=asked,
        make_spec=lambda source: trial_spec(plan, task, method, source, "search", index),
        submit=executor.submit,
        trial_folder=store.trial_folder,
        save=store.write_search,
    )
    try:
        record = run_search(search)
    except UserError as error:
        if asked.answered:  # else it ends the run, and is said there
            log.error("%s on %s, search %d stopped: %s", method, task_slug(task), index, error)
        raise
    return _finals(plan, store, executor, record)


def _finals(plan: Plan, store: Store, executor: Executor, record: Record) -> Record:
    """Train the record's program once per seed."""
    if record["program"] is not None:
        task, method, program = record["task"], record["method"], record["program"]
        specs = [trial_spec(plan, task, method, program, "final", seed) for seed in range(plan.seeds)]
        record["finals"] = [{"seed": spec.seed, "trial": spec.hash} for spec in specs]
        store.write_search(record)
        label = f"{task_slug(task)} {method}"
        waiting: list[Future[TrialResult]] = [
            executor.submit(spec, f"{label} seed {spec.seed}") for spec in specs
        ]
        for future in waiting:
            future.result()
    store.write_search(record)
    return record


def trial_spec(plan: Plan, task: str, method: str, source: str, role: str, seed: int) -> TrialSpec:
    """The trial of a method's program. Candidates get the goal bonus if the plan has it: the expert's has its own."""
    return make_spec(
        task,
        source,
        role=role,
        seed=seed,
        budget=plan.budget,
        engine=plan.engine,
        protocol=plan.protocol,
        goal_bonus=plan.goal_bonus and method not in FIXED,
    )


def trial_of(store: Store, task: str, method: str, seed: int = 0, search: int = 0) -> Path:
    """The folder of a method's final trial. EnvironmentProblem if the run does not hold it."""
    path = store.search_path(task, method, search)
    if not path.is_file():
        raise EnvironmentProblem(f"{store.folder} has no {method} on {task_slug(task)}: run it first")
    finals = {final["seed"]: final["trial"] for final in read_json(path)["finals"]}
    folder = store.trial_folder(finals.get(seed, ""))
    if seed not in finals or not (folder / "done.json").is_file():
        raise EnvironmentProblem(
            f"{store.folder} has no finished seed {seed} of {method} on {task_slug(task)}"
        )
    return folder
