"""The main job: carry out a plan, resume what is there, and leave everything that a report needs."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from harness import terminal
from harness.errors import CannotWrite, Lost, UserError
from harness.execution.local import Executor
from harness.files import write_json
from harness.identity import TaskId
from harness.methods import Record, new_record
from harness.methods.eureka import Search, run_search
from harness.plan import Plan
from harness.proposers import Answer, Proposer, Request
from harness.repetitions import MOST, repetitions
from harness.store import Store

log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What a run came to."""

    records: list[Record] = field(default_factory=list)
    """Of the searches, and of the methods that do not search."""
    problems: list[str] = field(default_factory=list)
    """What is missing, one line each."""


def carry_out(
    plan: Plan,
    record: Record,
    store: Store,
    executor: Executor,
    proposer: Proposer,
    finished: Callable[[list[Record]], None] = lambda records: None,
) -> Outcome:
    """Run every method on every task.

    Searches run side by side, each in a thread that mostly waits for its trials; the trials share the
    executor's slots. What the store already holds is not done again. The first search asks before anything is
    trained: a wrong key, model or address ends the run there. After that, what cannot go on costs nothing else.
    `finished` is called, from these threads, with the records of what has come to its end.
    """
    write_json(store.folder / "run.json", record)
    asked = _FirstAnswer(proposer)
    searches: list[Callable[[], Outcome]] = [
        functools.partial(_search, plan, store, executor, asked, task, method, index)
        for task in plan.tasks
        for method in plan.searching
        for index in range(plan.searches)
    ]
    fixed = [
        functools.partial(_fixed, plan, store, executor, task, method)
        for task in plan.tasks
        for method in plan.fixed(task)
    ]
    every: list[Callable[[], Outcome]] = [*searches, *fixed]
    jobs = [functools.partial(_reported, job, finished) for job in every]
    with ThreadPoolExecutor(len(jobs), thread_name_prefix="search") as pool:
        futures: list[Future[Outcome]] = []
        try:
            if searches:
                futures.append(pool.submit(jobs.pop(0)))
                futures[0].add_done_callback(lambda _: asked.tried.set())
                terminal.wait(asked.tried.wait)
                if not asked.answered:
                    futures[0].result()
            futures += [pool.submit(job) for job in jobs]
            terminal.wait_for(futures)
        except BaseException:  # interrupted: the searches end with the answers and trials under way
            proposer.stop()
            executor.stop()
            terminal.wait_for(futures)
            raise
    outcomes = [future.result() for future in futures]
    return Outcome(
        [record for outcome in outcomes for record in outcome.records],
        [problem for outcome in outcomes for problem in outcome.problems],
    )


def _reported(job: Callable[[], Outcome], finished: Callable[[list[Record]], None]) -> Outcome:
    outcome = job()
    finished(outcome.records)
    return outcome


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


def _fixed(plan: Plan, store: Store, executor: Executor, task: TaskId, method: str) -> Outcome:
    program = plan.program(task, method)
    assert program is not None
    before = store.search(task.slug, method, 0)
    return _finals(plan, store, executor, task, new_record(task.slug, method, 0, program), before)


def _search(
    plan: Plan,
    store: Store,
    executor: Executor,
    asked: _FirstAnswer,
    task: TaskId,
    method: str,
    index: int,
) -> Outcome:
    before = store.search(task.slug, method, index)

    def save(record: Record) -> None:
        """Keep how far the search is, unless an earlier command has come further."""
        if before is None or len(record["iterations"]) > len(before["iterations"]):
            store.write_search(record)

    search = Search(
        task=task,
        method=method,
        index=index,
        settings=plan.settings,
        described=plan.described,
        proposer=asked,
        make_spec=lambda source: plan.spec(task, method, source, "search", index),
        submit=executor.submit,
        give_up=store.give_up,
        trial_folder=store.trial_folder,
        save=save,
        asked=lambda: asked.answered,
    )
    record = run_search(search)
    outcome = _finals(plan, store, executor, task, record, before)
    if record["status"] != "ok":
        where = f"{method} on {task.slug}, search {index}"
        outcome.problems.insert(
            0, f"{where}: {'stopped: ' * (record['status'] == 'stopped')}{record['error']}"
        )
    return outcome


def _finals(
    plan: Plan, store: Store, executor: Executor, task: TaskId, record: Record, before: Record | None
) -> Outcome:
    """Train the record's program once per seed; `before` is what the folder held of it."""
    outcome = Outcome([record])
    method, program = record["method"], record["program"]
    specs = [] if program is None else plan.finals(task, method, program, record["search"])
    finals = [{"seed": spec.seed, "trial": spec.hash} for spec in specs]
    record["finals"] = _kept(before, record, finals, repetitions(plan.first_seed, record["search"], MOST))
    store.write_search(record)
    label = f"{task.slug} {method}" + (f" search {record['search']}" if plan.searches > 1 else "")
    waiting = [executor.submit(spec, f"{label} seed {spec.seed}") for spec in specs]
    done: Record = {}
    for spec, future in zip(specs, waiting, strict=True):
        try:
            done[str(spec.seed)] = future.result().hash
        except CannotWrite:
            raise
        except (UserError, Lost) as error:
            outcome.problems.append(f"{label} seed {spec.seed} is missing: {error}")
    for final in record["finals"]:
        final["trial"] = done.get(str(final["seed"]), final["trial"])
    store.write_search(record)
    return outcome


def _kept(before: Record | None, record: Record, finals: list[Record], possible: range) -> list[Record]:
    """`finals`, and those of more (possible) seeds that an earlier run has trained with the same program."""
    if before is None or before["program"] != record["program"]:
        return finals
    seeds = {final["seed"] for final in finals}
    more = [final for final in before["finals"] if final["seed"] in possible and final["seed"] not in seeds]
    return sorted([*finals, *more], key=lambda final: int(final["seed"]))
