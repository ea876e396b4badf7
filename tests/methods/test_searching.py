"""A search whose method goes wrong: said in one line, and nothing is lost or written in another's place."""

import threading
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UserError
from harness.methods.contract import Problem, SearchSettings, Tools
from harness.methods.searching import RunTools, run_search
from harness.records import Candidate, Iteration, SearchRecord
from harness.registry import load_task
from harness.store import Store
from harness.trial import TrialResult, make_spec

PROGRAM = "def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}"


class Method:
    """Saves one iteration, and then does what it is told."""

    role = "search"
    Settings = SearchSettings

    def __init__(self, end: Any) -> None:
        self.end = end

    def search(self, problem: Problem, tools: Tools) -> SearchRecord:
        tried = Candidate("0-0", 0, 0, None, "an answer", source=PROGRAM, trial="a" * 16, f=1.0)
        record = replace(
            problem.record(), iterations=(Iteration(0, problem.messages, (tried,), "0-0", "0-0"),)
        )
        record = replace(record, program=PROGRAM, best="0-0", reward_score=1.0)
        tools.save(replace(record, status="stopped", error="under way"))
        found: SearchRecord = self.end(record, tools)
        return found


def problem_of() -> Problem:
    settings = SearchSettings()
    described = {"proposer": "grammar", **settings.described()}
    return Problem(
        load_task("cartpole"),
        "cartpole",
        "mine",
        0,
        1,
        settings,
        described,
        ({"role": "user", "content": "?"},),
    )


def searched(store: Store, end: Any, answered: bool = True) -> SearchRecord:
    tools = RunTools(
        proposer=None,  # type: ignore[arg-type]
        make_spec=lambda source: make_spec(
            "cartpole", source, role="search", seed=0, budget="smoke", engine="cpu", protocol="strict"
        ),
        submit=lambda spec, label: submitted,
        give_up=lambda spec: None,
        trial_folder=lambda key: Path("trials") / key,
        write=store.write_search,
        place=("cartpole", "mine", 0),
    )
    return run_search(Method(end), problem_of(), tools, lambda: answered)


submitted: Future[TrialResult] = Future()


def raised(record: SearchRecord, tools: Tools) -> SearchRecord:
    raise ValueError("of no\nuse")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (raised, "method mine raised ValueError: of no use (test_searching.py, line "),
        (lambda record, tools: None, "gave NoneType: expected a harness.records.SearchRecord"),
        (lambda record, tools: replace(record, task="ant"), "gave the record of another search"),
        (lambda record, tools: replace(record, settings={}), "gave a record with other settings"),
        (lambda record, tools: replace(record, program=None), "found no program: status `failed` says so"),
        (
            lambda record, tools: replace(record, status="done"),
            "cannot be kept: status: expected ok, failed, stopped",
        ),
        (lambda record, tools: replace(record, program=7), "cannot be kept: program: expected a text"),
        (
            lambda record, tools: tools.save(replace(record, method="eureka")),
            "saved the record of another search",
        ),
    ],
)
def test_what_a_method_does_wrong_stops_its_search_and_keeps_what_it_has(
    end: Any, words: str, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    with store.opened():
        record = searched(store, end)
    assert record.status == "stopped"
    assert words in (record.error or "")
    assert "\n" not in (record.error or "")
    assert (record.program, len(record.iterations)) == (PROGRAM, 1)
    assert [path.parent.name for path in store.searches.glob("*/search.json")] == ["cartpole-mine-0"]


def test_one_that_is_right_is_given_back_as_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.opened():
        record = searched(store, lambda record, tools: record)
        held = store.search("cartpole", "mine", 0)
    assert (record.status, record.error) == ("ok", None)
    assert held is not None
    assert replace(held, status="ok", error=None) == record


def test_an_outcome_is_there_when_its_trial_is() -> None:
    trial: Future[TrialResult] = Future()
    tools = RunTools(
        proposer=None,  # type: ignore[arg-type]
        make_spec=lambda source: make_spec(
            "cartpole", source, role="search", seed=0, budget="smoke", engine="cpu", protocol="strict"
        ),
        submit=lambda spec, label: trial,
        give_up=lambda spec: None,
        trial_folder=lambda key: Path("trials") / key,
        write=lambda record: None,
        place=("cartpole", "mine", 0),
    )
    outcome = tools.train({"0-0": PROGRAM})["0-0"]
    assert not outcome.done()
    threading.Timer(0.1, trial.set_result, (TrialResult("b" * 16, "ok", 2.0),)).start()
    found = outcome.result(10.0)
    assert (found.trial, found.status, found.f, found.half) == ("b" * 16, "ok", 2.0, False)
    assert found.folder == Path("trials") / ("b" * 16)
    failing: Future[TrialResult] = Future()
    trial = failing
    failing.set_exception(UserError("lost"))
    with pytest.raises(UserError, match="lost"):
        tools.train({"0-1": PROGRAM})["0-1"].result(10.0)
