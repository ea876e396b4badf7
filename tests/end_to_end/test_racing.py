"""A run with a race, as a user has it: what is dropped at half is on the page, and what is forged is seen."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.scoring.altered import alterations
from harness.scoring.load import read_run
from harness.scoring.searchdata import Search
from harness.seal import sealed
from tests.end_to_end.runs import SMALL, harness

RACE = (*SMALL, "--methods", "human,sparse,eureka", "--samples", "4", "--iterations", "1", "--out", "run")


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("race")
    done = harness(*RACE, "--racing", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 search(es) of 1 x 4, racing, by grammar" in done.stdout
    assert len(re.findall(r"candidate 0-\d at half: F = ", done.stdout)) == 4
    assert len(re.findall(r"candidate 0-\d: F = ", done.stdout)) == 2
    return folder


def test_the_page_says_what_was_dropped_at_half(raced: Path) -> None:
    run = read_run(raced / "run")
    (search,) = run.of("cartpole", "eureka")
    dropped = [c for c in search.candidates.values() if c.dropped]
    assert [c.f for c in dropped] == [None, None]
    assert max(c.half_f or 0.0 for c in dropped) <= min(
        c.half_f or 0.0 for c in search.candidates.values() if not c.dropped
    )
    page = (raced / "run" / "report" / "index.html").read_text()
    assert page.count("dropped at half, F ") == 2
    assert "Protocol strict, budget smoke, engine cpu, precision " in page
    assert ", racing, proposer grammar." in page
    assert "of which the better half at half their training goes on" in page
    table = (raced / "run" / "report" / "tables" / "searches.csv").read_text().splitlines()
    (row,) = csv.DictReader(table[1:])
    assert (row["trained"], row["dropped"], row["candidates"]) == ("2", "2", "4")
    assert not (raced / "run" / "report" / "tables" / "failures.csv").exists()


def test_running_again_trains_nothing_and_races_on(raced: Path) -> None:
    again = harness(*RACE, cwd=raced)
    assert again.returncode == 0, again.stderr
    assert "nothing is missing" in again.stdout


def rewritten(raced: Path, edit: Callable[[dict[str, Any]], None]) -> Search:
    """The search as a report reads it, its record edited and sealed anew for the moment."""
    path = next((raced / "run" / "searches").glob("cartpole-eureka-0/search.json"))
    before = path.read_text()
    record = json.loads(before)
    edit(record)
    try:
        path.write_text(json.dumps(sealed(record)))
        (search,) = read_run(raced / "run").of("cartpole", "eureka")
    finally:
        path.write_text(before)
    return search


def better_at_half(record: dict[str, Any]) -> None:
    next(c for c in record["iterations"][0]["candidates"] if c["status"] == "ok")["half"]["f"] += 1.0


def as_if_trained_to_its_end(record: dict[str, Any]) -> None:
    one = next(c for c in record["iterations"][0]["candidates"] if c["status"] == "dropped")
    one |= {"status": "ok", "f": one["half"]["f"]}


def the_better_one_dropped(record: dict[str, Any]) -> None:
    finished = [c for c in record["iterations"][0]["candidates"] if c["status"] == "ok"]
    other, best = sorted(finished, key=lambda candidate: candidate["half"]["f"])
    best |= {"status": "dropped", "f": None, "trial": best["half"]["trial"]}
    record |= {"best": other["id"], "program": other["source"], "reward_score": other["f"]}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (better_at_half, "is not what half its training says"),
        (as_if_trained_to_its_end, "is not what its trial says"),
        (the_better_one_dropped, "dropped a better candidate"),
    ],
)
def test_a_forged_place_in_the_race_is_seen(
    raced: Path, edit: Callable[[dict[str, Any]], None], words: str
) -> None:
    search = rewritten(raced, edit)
    assert search.altered
    assert words in (search.error or "")


def test_an_altered_half_of_one_that_went_on_is_named(raced: Path) -> None:
    (search,) = read_run(raced / "run").of("cartpole", "eureka")
    one = next(c for c in search.candidates.values() if not c.dropped)
    assert one.half is not None
    path = raced / "run" / "trials" / one.half.hash / "evaluation.json"
    before = path.read_bytes()
    try:
        path.write_bytes(before + b"\n")
        lines = alterations(read_run(raced / "run"))
    finally:
        path.write_bytes(before)
    assert len(lines) == 1
    assert f"candidate {one.id} at half (trial {one.half.hash})" in lines[0]
