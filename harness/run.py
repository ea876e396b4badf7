"""The main job: carry out a plan, resume what is there, and leave everything that a report needs."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from harness import terminal
from harness.errors import CannotWrite, Lost, UserError
from harness.execution.contract import Executor
from harness.files import write_json
from harness.identity import TaskId
from harness.methods.contract import Problem
from harness.methods.searching import RunTools, run_search
from harness.plan import Plan
from harness.prompts import initial_messages
from harness.proposers import Answer, Proposer, Request
from harness.records import FinalTrial, SearchRecord
from harness.registry import load_task
from harness.repetitions import MOST, repetitions
from harness.seeds import Role, derive
from harness.store import Store


@dataclass
class Outcome:
    """What a run came to."""

    records: list[SearchRecord] = field(default_factory=list)
    """Of the searches, and of the methods that do not search."""
    problems: list[str] = field(default_factory=list)
    """What is missing, one line each."""


Finished = Callable[[list[SearchRecord]], None]
"""Called with the records of what has come to its end."""


@dataclass(frozen=True)
class Run:
    """A plan, and the parts that carry it out."""

    plan: Plan
    store: Store
    executor: Executor
    proposer: _FirstAnswer


def run_plan(
    plan: Plan,
    record: dict[str, Any],
    store: Store,
    executor: Executor,
    proposer: Proposer,
    finished: Finished = lambda records: None,
) -> Outcome:
    """Run every method on every task, with `record` as run.json.

    Searches run side by side, each in a thread that mostly waits for its trials; the trials share the
    executor's slots. What the store already holds is not done again. The first search asks before anything is
    trained: a wrong key, model or address ends the run there. After that, what cannot go on costs nothing else.
    `finished` is called from these threads.
    """
    write_json(store.folder / "run.json", record)
    asked = _FirstAnswer(proposer)
    run = Run(plan, store, executor, asked)
    searches: list[Callable[[], Outcome]] = [
        functools.partial(_search, run, task, method, index)
        for task in plan.tasks
        for method in plan.searching
        for index in range(plan.searches)
    ]
    fixed = [
        functools.partial(_fixed, run, task, method) for task in plan.tasks for method in plan.fixed(task)
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


def _reported(job: Callable[[], Outcome], finished: Finished) -> Outcome:
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


def _fixed(run: Run, task: TaskId, method: str) -> Outcome:
    program = run.plan.program(task, method)
    assert program is not None
    before = run.store.search(task.slug, method, 0)
    return _finals(run, task, SearchRecord(task.slug, method, 0, program), before)


def _search(run: Run, task: TaskId, method: str, index: int) -> Outcome:
    plan, store = run.plan, run.store
    before = store.search(task.slug, method, index)

    def write(record: SearchRecord) -> None:
        """Keep how far the search is, unless an earlier command has come further."""
        if before is None or len(record.iterations) > len(before.iterations):
            store.write_search(record)

    loaded = load_task(task)
    problem = Problem(
        task=loaded,
        slug=task.slug,
        method=method,
        index=index,
        seed=derive(Role.PROPOSER, task.slug, method, index),
        settings=plan.settings[method],
        described=plan.described(plan.settings[method]),
        messages=tuple(initial_messages(loaded)),
        temperature=plan.asking.temperature,
    )
    tools = RunTools(
        proposer=run.proposer,
        make_spec=lambda source: plan.spec(task, method, source, "search", index),
        submit=run.executor.submit,
        give_up=store.give_up,
        trial_folder=store.trial_folder,
        write=write,
        place=(task.slug, method, index),
    )
    record = run_search(plan.search_method(method), problem, tools, lambda: run.proposer.answered)
    outcome = _finals(run, task, record, before)
    if record.status != "ok":
        where = f"{method} on {task.slug}, search {index}"
        outcome.problems.insert(0, f"{where}: {'stopped: ' * (record.status == 'stopped')}{record.error}")
    return outcome


def _finals(run: Run, task: TaskId, record: SearchRecord, before: SearchRecord | None) -> Outcome:
    """Train the record's program once per seed; `before` is what the folder held of it."""
    plan, store = run.plan, run.store
    specs = [] if record.program is None else plan.finals(task, record.method, record.program, record.search)
    asked = [FinalTrial(spec.seed, spec.hash) for spec in specs]
    record = replace(
        record, finals=_kept(before, record, asked, repetitions(plan.first_seed, record.search, MOST))
    )
    store.write_search(record)
    label = f"{task.slug} {record.method}" + (f" search {record.search}" if plan.searches > 1 else "")
    waiting = [run.executor.submit(spec, f"{label} seed {spec.seed}") for spec in specs]
    done: dict[int, str] = {}
    problems = []
    for spec, future in zip(specs, waiting, strict=True):
        try:
            done[spec.seed] = future.result().hash
        except CannotWrite:
            raise
        except (UserError, Lost) as error:
            problems.append(f"{label} seed {spec.seed} is missing: {error}")
    finals = tuple(replace(final, trial=done.get(final.seed, final.trial)) for final in record.finals)
    record = replace(record, finals=finals)
    store.write_search(record)
    return Outcome([record], problems)


def _kept(
    before: SearchRecord | None, record: SearchRecord, finals: list[FinalTrial], possible: range
) -> tuple[FinalTrial, ...]:
    """`finals`, and those of more (possible) seeds that an earlier run has trained with the same program."""
    if before is None or before.program != record.program:
        return tuple(finals)
    seeds = {final.seed for final in finals}
    more = [final for final in before.finals if final.seed in possible and final.seed not in seeds]
    return tuple(sorted([*finals, *more], key=lambda final: final.seed))
