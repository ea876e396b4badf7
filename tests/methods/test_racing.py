"""A race: the better half of the candidates at half their training goes on, as if nothing had been measured there."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.execution.local import LocalExecutor
from harness.files import read_json
from harness.methods.racing import going_on, ranked, share
from harness.records import Candidate, Half
from harness.store import WORK, Store
from harness.trial import TrialResult, TrialSpec, make_spec
from tests.methods.test_eureka import FALLING, MIDDLE, PROSE, UNKNOWN, UPRIGHT, Scripted, search

ROUND = [UPRIGHT, FALLING, PROSE, MIDDLE]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, LocalExecutor]]:
    store = Store(tmp_path_factory.mktemp("race"))
    with store.opened():
        executor = LocalExecutor(store)
        yield store, executor
        executor.stop()


@pytest.fixture(scope="module")
def raced(parts: tuple[Store, LocalExecutor]) -> dict[str, Any]:
    return search(parts, Scripted(ROUND), iterations=1, samples=4, racing=True)


def test_the_better_half_goes_on(raced: dict[str, Any], parts: tuple[Store, LocalExecutor]) -> None:
    candidates = {c["id"]: c for c in raced["iterations"][0]["candidates"]}
    assert sorted(c["status"] for c in candidates.values()) == ["dropped", "ok", "ok", "rejected"]
    (dropped,) = (c for c in candidates.values() if c["status"] == "dropped")
    finished = [c for c in candidates.values() if c["status"] == "ok"]
    assert all(dropped["half"]["f"] <= c["half"]["f"] for c in finished)
    assert (dropped["f"], dropped["trial"]) == (None, dropped["half"]["trial"])
    assert raced["reward_score"] == max(c["f"] for c in finished)
    store = parts[0]
    for candidate in finished:
        half, whole = (store.spec(key) for key in (candidate["half"]["trial"], candidate["trial"]))
        assert (half["until"], half["budget"]["epochs"], "until" in whole) == (5, 10, False)
        rows = read_json(store.trial_folder(candidate["half"]["trial"]) / "evaluation.json")["checkpoints"]
        assert [(row["checkpoint"], row["epoch"], row["worlds"]) for row in rows] == [(5, 5, 2)]
    assert not list((store.trials / WORK).iterdir())  # neither of the finished ones nor of the dropped


def test_a_training_that_goes_on_is_the_one_that_was_never_broken_off(
    raced: dict[str, Any], parts: tuple[Store, LocalExecutor], tmp_path: Path
) -> None:
    whole = Store(tmp_path / "whole")
    with whole.opened():
        executor = LocalExecutor(whole)
        record = search((whole, executor), Scripted(ROUND), iterations=1, samples=4)
        executor.stop()
    undisturbed = {c["id"]: c for c in record["iterations"][0]["candidates"]}
    for candidate in raced["iterations"][0]["candidates"]:
        if candidate["status"] == "ok":
            assert candidate["trial"] == undisturbed[candidate["id"]]["trial"]
            assert candidate["feedback"] == undisturbed[candidate["id"]]["feedback"]
            ours, theirs = (s.trial_folder(candidate["trial"]) for s in (parts[0], whole))
            for name in ("curve.csv", "evaluation.json", "training.json", "checkpoints/10.pt"):
                assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name
            assert "the training goes on after epoch 5" in (ours / "log.txt").read_text()


def test_the_same_race_again_trains_nothing(
    raced: dict[str, Any], parts: tuple[Store, LocalExecutor], tmp_path: Path
) -> None:
    before = {path.name for path in parts[0].trials.iterdir()}
    assert search(parts, Scripted(ROUND), iterations=1, samples=4, racing=True) == raced
    assert {path.name for path in parts[0].trials.iterdir()} == before


def test_repaired_candidates_race_too(parts: tuple[Store, LocalExecutor]) -> None:
    proposer = Scripted([FALLING, UNKNOWN], [UPRIGHT])
    record = search(parts, proposer, iterations=1, samples=2, repairs=1, racing=True)
    statuses = {c["id"]: c["status"] for c in record["iterations"][0]["candidates"]}
    assert statuses["0-1"] == "rejected"
    assert sorted((statuses["0-0"], statuses["0-1.1"])) == ["dropped", "ok"]


@pytest.mark.parametrize(
    ("scores", "order"),
    [([], ""), ([1.0, 2.0], "ba"), ([1.0, 3.0, 2.0], "bca"), ([2.0, 1.0, 2.0, 2.0], "acdb")],
)
def test_the_best_at_half_is_first_and_of_equals_the_first(scores: list[float], order: str) -> None:
    candidates = [
        Candidate(name, 0, 0, None, "", trial=name, f=f, half=Half(name, None))
        for name, f in zip("abcd", scores, strict=False)
    ]
    failed = Candidate("x", 0, 0, None, "", trial="x", status="failed", half=Half("x", None))
    whole = Candidate("y", 0, 0, None, "", trial="y", f=9.0)  # too short to have a half
    found = ranked([*candidates, failed, whole])
    assert "".join(c.id for c in found) == order
    assert all(c.half == Half(c.id, scores["abcd".index(c.id)]) for c in found)


def test_half_of_the_candidates_rounded_up_go_on() -> None:
    assert [going_on(count) for count in range(6)] == [0, 1, 1, 2, 2, 3]
    assert [share(samples) for samples in (1, 2, 8)] == [1.0, 0.75, 0.75]


class Fails(LocalExecutor):
    """Whole trainings of one program fail."""

    bad = ""

    def _run(self, spec: TrialSpec, label: str) -> TrialResult:
        result = super()._run(spec, label)
        if spec.until is None and spec.source == self.bad:
            error = {"kind": "failed", "message": "it diverged", "designer": "it diverged"}
            return TrialResult(result.hash, "failed", None, error)
        return result


def test_the_next_one_goes_on_where_none_of_the_better_half_comes_to_its_end(tmp_path: Path) -> None:
    answers = [UPRIGHT, FALLING]
    store, again = Store(tmp_path / "first"), Store(tmp_path / "again")
    with store.opened(), again.opened():
        executor = LocalExecutor(store)
        first = search((store, executor), Scripted(answers), iterations=1, samples=2, racing=True)
        executor.stop()
        loser = next(c for c in first["iterations"][0]["candidates"] if c["status"] == "dropped")
        failing = Fails(again)
        failing.bad = first["program"]
        record = search((again, failing), Scripted(answers), iterations=1, samples=2, racing=True)
        failing.stop()
    statuses = {c["id"]: c["status"] for c in record["iterations"][0]["candidates"]}
    assert statuses == {loser["id"]: "ok", first["best"]: "failed"}
    assert (record["status"], record["program"]) == ("ok", loser["source"])
    assert not list((again.trials / WORK).iterdir())


def test_a_half_that_was_killed_while_it_was_handed_over_loses_nothing(tmp_path: Path) -> None:
    """What a kill leaves of the next trial's folder is no reason to throw the state away."""
    spec = make_spec(
        "cartpole", "pass", role="search", seed=0, budget="smoke", engine="cpu", protocol="strict"
    )
    half, failed, store = spec.half, dataclasses.replace(spec, seed=1).half, Store(tmp_path)
    assert half is not None
    assert failed is not None
    done = {"status": "ok", "f": 1.0, "error": None}
    with store.opened():
        for remains in (spec.hash, f"{spec.hash}.new"):
            (store.trials / WORK / remains / "checkpoints").mkdir(parents=True)
        folder = store.begin_trial(half)
        (folder / "state.pt").write_text("half way")
        store.finish_trial(half, done)
        assert (store.begin_trial(spec) / "state.pt").read_text() == "half way"
        assert [path.name for path in (store.trials / WORK).iterdir()] == [spec.hash]
        store.give_up(spec)
        (store.begin_trial(failed) / "state.pt").write_text("diverged")
        store.finish_trial(failed, done | {"status": "failed", "f": None})
        assert not list((store.trials / WORK).iterdir())
