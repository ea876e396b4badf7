"""Which policies of a run are drawn, and when."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from harness import rollouts
from harness.errors import EnvironmentProblem
from harness.records import FinalTrial, SearchRecord
from harness.rollouts import Rollouts
from harness.store import Store
from harness.trial import TrialResult, TrialSpec
from tests.test_plan import plan_of


class Now:
    """An executor that does spare work at once."""

    def submit(self, spec: TrialSpec, label: str) -> Future[TrialResult]:
        raise NotImplementedError

    def spare(self, work: Callable[[threading.Event], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(threading.Event()))
        except Exception as error:
            future.set_exception(error)
        return future

    def stop(self) -> None: ...


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """With three trials that have reached 1, 2 and 3, and one that failed."""
    store = Store(tmp_path)
    plan = plan_of(methods="human", seeds=4)
    with store.opened():
        for spec, f in zip(plan.finals(plan.tasks[0], "human", "pass"), (2.0, 3.0, 1.0, None), strict=True):
            folder = store.begin_trial(spec)
            (folder / "checkpoints" / "10.pt").write_text("weights")
            store.finish_trial(spec, {"status": "ok" if f else "failed", "f": f, "error": None})
    return store


def record(store: Store, method: str, search: int = 0) -> SearchRecord:
    keys = sorted(path.parent.name for path in store.trials.glob("*/done.json"))
    finals = tuple(FinalTrial(seed, key) for seed, key in enumerate(keys))
    return SearchRecord("cartpole", method, search, finals=finals)


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    found: list[Path] = []
    monkeypatch.setattr(rollouts, "draw", lambda task, picture, policy, **_: found.append(policy))
    return found


def test_the_median_policy_is_drawn_when_all_searches_are_done(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = drawn(monkeypatch)
    pictures = Rollouts(plan_of(methods="human,eureka", searches=2), store, Now())
    pictures.finished([record(store, "eureka", 1)])
    assert found == []
    pictures.finished([record(store, "eureka", 0)])
    assert pictures.wait() is None
    ((policy,),) = (found,)
    result = store.result(policy.parent.parent.name)
    assert result is not None
    assert result.f == 2.0


def test_a_policy_that_two_methods_share_is_drawn_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found = drawn(monkeypatch)
    pictures = Rollouts(plan_of(methods="human,sparse"), store, Now())
    pictures.finished([record(store, "human")])
    pictures.finished([record(store, "sparse")])
    assert len(found) == 1


def test_where_one_cannot_be_drawn_it_is_said_once_and_no_other_is_tried(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def fails(*_: Any, **__: Any) -> None:
        tried.append(1)
        raise EnvironmentProblem("no graphics here")

    monkeypatch.setattr(rollouts, "draw", fails)
    pictures = Rollouts(plan_of(methods="human,sparse"), store, Now())
    pictures.finished([record(store, "human")])
    pictures._begun.clear()  # as if it were another policy
    pictures.finished([record(store, "sparse")])
    assert (pictures.wait(), len(tried)) == ("no graphics here", 1)
