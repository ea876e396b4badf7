"""Searches that stopped, programs that a user gave, runs in which nothing was searched for."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from harness.commands.summary import show_summary
from harness.scoring.load import read_run
from reports.content import make_content
from reports.page import render
from tests.reports.fake_run import write_run
from tests.reports.hand_edits import change, load
from tests.reports.test_page import read


def words_of(run: Path) -> str:
    return "".join(read(render(make_content(read_run(run)))).words)


def test_a_search_that_stopped_is_said_and_what_it_had_found_counts(tmp_path: Path) -> None:
    options = {"failures": "none", "rollouts": False, "iterations": 3}
    run = write_run(tmp_path / "run", tasks=("cartpole", "ant"), stopped=("ant",), **options)  # type: ignore[arg-type]
    content = make_content(read_run(run))
    why = "after 1 of 3 iterations: the limit of 5,000 tokens is reached"
    note = f"eureka on ant, search 0 stopped {why}; its final trials are of what it had found."
    assert note in content.notes
    score = content.analysis.scores["ant", "eureka"]
    assert (score.n, score.tally.ok, score.tally.missing) == (3, 3, 0)
    tables = {table.name: table for table in content.tables}
    flags = tables["flags"].frame
    assert flags.loc[flags["method"] == "eureka", ["what", "detail"]].values.tolist() == [
        ["stopped search", why]
    ]
    status = tables["searches"].frame.set_index("task")["status"]
    assert (status["ant"], status["cartpole"]) == ("stopped", "ok")
    assert [row[4] for row in tables["searches"].body][1].endswith(" (stopped)")
    page = words_of(run)
    assert page.count(note) == 1
    assert "The search stopped before its end: the limit of 5,000 tokens is reached" in page


def test_a_search_of_fewer_iterations_than_were_asked_for_by_now_is_not_at_its_end(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", tasks=("cartpole",), rollouts=False, failures="none")
    search = load(run / "run.json")["search"]
    change(run / "run.json", search=search | {"iterations": 5})
    found = read_run(run)
    assert found.of("cartpole", "eureka")[0].stopped
    assert found.alterations == ()
    assert any("search 0 stopped after 2 of 5 iterations" in note for note in make_content(found).notes)
    change(run / "run.json", search=search | {"iterations": 1})
    assert read_run(run).of("cartpole", "eureka")[0].altered


@pytest.mark.parametrize("methods", [("human", "sparse"), ("human", "sparse", "eureka")])
def test_a_users_own_program_is_compared_but_is_no_search(tmp_path: Path, methods: tuple[str, ...]) -> None:
    run = write_run(
        tmp_path / "run", tasks=("cartpole", "ant"), methods=methods, given=("my_reward",), failures="none"
    )
    held = read_run(run)
    content = make_content(held)
    assert held.searching == methods[2:]
    assert held.compared == (*methods[2:], "my_reward")
    assert any(sentence.startswith("my_reward reaches a mean ratio of ") for sentence in content.summary)
    assert dict(content.facts)["given programs"] == "my_reward (my_reward.py)"
    assert "my_reward" not in content.analysis.conditional
    tables = {table.name: table for table in content.tables}
    for name in {"searches", "best_of"} & set(tables):
        assert "my_reward" not in set(tables[name].frame["method"])
    assert "my_reward" in set(tables["normalised"].frame["method"])
    (line,) = [row for row in tables["headline"].body if row[0] == "my_reward"]
    assert line[-1] == "–"
    page = words_of(run)
    assert "my_reward, search" not in page
    if not methods[2:]:
        assert content.context == "Protocol strict, budget quick, engine cpu, precision fp32."
        assert "proposer" not in page
        assert "only the human and sparse rewards, and programs that were given." in page
        console = Console(record=True, width=200)
        show_summary(content.analysis, console)
        assert "proposer" not in console.export_text()
