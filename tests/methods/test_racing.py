"""A race: the better half of the candidates at half their training goes on, as if nothing had been measured there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.execution.local import LocalExecutor
from harness.methods.racing import drop_the_worse_half
from harness.store import WORK, Store, read_json
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
    ("scores", "kept"),
    [([], ""), ([1.0], "a"), ([1.0, 2.0], "b"), ([1.0, 3.0, 2.0], "bc"), ([2.0, 1.0, 2.0, 2.0], "ac")],
)
def test_half_rounded_up_goes_on_and_the_first_of_equals(scores: list[float], kept: str) -> None:
    candidates: list[dict[str, Any]] = [
        {"id": name, "status": "ok", "f": f, "half": {"trial": name, "f": None}, "trial": name}
        for name, f in zip("abcd", scores, strict=False)
    ]
    assert "".join(c["id"] for c in drop_the_worse_half(candidates)) == kept
    assert all(c["half"]["f"] == scores["abcd".index(c["id"])] for c in candidates)
    assert {c["id"] for c in candidates if c["status"] == "dropped"} == {c["id"] for c in candidates} - set(
        kept
    )
