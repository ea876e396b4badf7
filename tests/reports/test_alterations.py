"""One valid run folder, and what somebody may change in it by hand: each is named, and no number of it is used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.commands.summary import show_summary
from harness.scoring.altered import alterations
from harness.scoring.cells import pooled
from harness.scoring.load import read_run
from harness.scoring.rundata import RunData
from harness.scoring.scores import cell, floor, tally
from reports.content import make_content
from reports.page import render
from tests.reports.fake_run import write_run
from tests.reports.fake_trial import VERSIONS
from tests.reports.hand_edits import (
    change,
    copy_over,
    edit_search,
    finals,
    journal_lines,
    load,
    reseal,
    retrial,
    write_journal,
)
from tests.reports.test_page import read

Edit = Callable[[Path], None]
HUMAN = ("quadcopter", "human")
EUREKA = ("quadcopter", "eureka")
EVERYTHING = ("cartpole", "*"), ("quadcopter", "*")


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("valid") / "run"
    tasks = ("cartpole", "quadcopter")
    return write_run(folder, tasks=tasks, given=("my_reward",), seeds=2, failures="none", rollouts=False)


@pytest.fixture
def run(valid: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(valid, tmp_path / "run"))


def final(run: Path, method: str = "human") -> Path:
    return finals(run, f"quadcopter-{method}-0")[1]


def search(edit: Callable[[Any], None], *, seal: bool) -> Edit:
    return lambda run: edit_search(run, "quadcopter-eureka-0", edit, seal=seal)


def best(record: Any) -> Any:
    """The best candidate of a search."""
    candidates = [c for iteration in record["iterations"] for c in iteration["candidates"]]
    return next(c for c in candidates if c["id"] == record["best"])


def raised_f(run: Path) -> None:
    change(final(run) / "done.json", f=499.0)


def raised_f_and_seal(run: Path) -> None:
    retrial(final(run), run, f=499.0)


def raised_row(run: Path) -> None:
    path = final(run) / "evaluation.json"
    rows = load(path)["checkpoints"]
    rows[-1]["f"] = 499.0
    change(path, checkpoints=rows)


def edited_curve(run: Path) -> None:
    path = final(run) / "curve.csv"
    path.write_text(path.read_text().replace(",", ",9", 20))


def other_sums(run: Path, *, everywhere: bool = False) -> None:
    folder = final(run)
    sums = load(folder / "training.json")["transitions"]
    sums["reward_mean"] += 0.5
    if everywhere:
        change(folder / "training.json", transitions=sums)
    retrial(folder, run, transitions=sums)


def other_file(name: str) -> Edit:
    def replace(run: Path) -> None:
        (final(run) / name).write_bytes(b"\x00\x00\xc0\x7f" * 16)

    return replace


def other_source(run: Path) -> None:
    change(final(run) / "spec.json", source="def compute_reward(): return 0")


def added_policy(run: Path) -> None:
    (final(run) / "checkpoints" / "10.pt").unlink()


def trial_of_another_method(run: Path) -> None:
    copy_over(final(run, "eureka"), final(run))


def search_of_another_method(run: Path) -> None:
    copy_over(run / "searches" / "quadcopter-eureka-0", run / "searches" / "quadcopter-human-0")


def searched_finals(record: Any, run: Path) -> None:
    record["finals"] = load(run / "searches" / "quadcopter-eureka-0" / "search.json")["finals"]


def finals_of_another(seal: bool) -> Edit:
    return lambda run: edit_search(
        run, "quadcopter-human-0", lambda record: searched_finals(record, run), seal=seal
    )


def failed_to_ok(run: Path) -> None:
    done = load(final(run) / "done.json")
    retrial(
        final(run), run, status="failed", f=None, error={"kind": "failed", "message": "no", "designer": ""}
    )
    assert read_run(run).of(*HUMAN)[0].finals[1].status == "failed"
    change(final(run) / "done.json", status="ok", f=done["f"], error=None)


def injected_answer(run: Path) -> None:
    lines = journal_lines(run)
    lines[2]["choices"][0]["text"] = "use this instead"
    write_journal(run, lines, link=False)


def removed_line(run: Path) -> None:
    lines = journal_lines(run)
    write_journal(run, [*lines[:3], *lines[4:]], link=False)


def reordered_lines(run: Path) -> None:
    lines = journal_lines(run)
    lines[3], lines[4] = lines[4], lines[3]
    write_journal(run, lines, link=False)


def removed_end(run: Path) -> None:
    write_journal(run, journal_lines(run)[:-1], link=False)


def removed_journal(run: Path) -> None:
    (run / "journal.jsonl").unlink()


def run_json(**fields: object) -> Edit:
    return lambda run: change(run / "run.json", **fields)


def task_info(**fields: object) -> Edit:
    def edit(run: Path) -> None:
        record = load(run / "run.json")
        record["task_info"]["quadcopter"] |= fields
        change(run / "run.json", task_info=record["task_info"])

    return edit


def search_settings(run: Path) -> None:
    record = load(run / "run.json")
    change(run / "run.json", search=record["search"] | {"samples": 64})


def backup_copy(run: Path) -> None:
    for place in ("searches", "trials"):
        (first, *_) = sorted((run / place).iterdir())
        shutil.copytree(first, first.with_name(f"{first.name}.backup"))


DONE = "done.json is not what was stored"
STORED = "search.json is not what was stored; none of its numbers is used"
SEARCH = "eureka on quadcopter, search 0: "
TRIAL = "human on quadcopter, seed 1 (trial "
EDITS: dict[str, tuple[Edit, str, tuple[tuple[str, str], ...]]] = {
    "F in done.json": (raised_f, f"{TRIAL}*): {DONE}; it is not used", (HUMAN,)),
    "F in done.json, sealed": (raised_f_and_seal, "its score is not that of its evaluation", (HUMAN,)),
    "a row of evaluation.json": (raised_row, "evaluation.json is not what was stored", (HUMAN,)),
    "curve.csv": (edited_curve, "curve.csv is not what was stored", (HUMAN,)),
    "transitions.csv": (other_file("transitions.csv"), "transitions.csv is not what was stored", (HUMAN,)),
    "sums in done.json, sealed": (other_sums, "done.json is not what training.json says", (HUMAN,)),
    "sums in both, sealed": (
        lambda run: other_sums(run, everywhere=True),
        "its sums over transitions do not fit its env steps and its curve",
        (HUMAN,),
    ),
    "graph.json": (other_file("graph.json"), "graph.json is not what was stored", (HUMAN,)),
    "human_graph.json": (other_file("human_graph.json"), "human_graph.json is not what was stored", (HUMAN,)),
    "a policy of NaN": (
        other_file("checkpoints/10.pt"),
        "checkpoints/10.pt is not what was stored",
        (HUMAN,),
    ),
    "a policy less": (added_policy, "checkpoints/10.pt is missing", (HUMAN,)),
    "source in spec.json": (other_source, "spec.json is not what was stored", (HUMAN,)),
    "status of a failed trial": (failed_to_ok, f"{TRIAL}*): {DONE}", (HUMAN,)),
    "another method's trial": (trial_of_another_method, "spec.json is of another trial", (HUMAN,)),
    "another method's search": (
        search_of_another_method,
        "human on quadcopter: search.json is of quadcopter eureka 0",
        (HUMAN,),
    ),
    "finals of another method": (finals_of_another(seal=False), f"human on quadcopter: {STORED}", (HUMAN,)),
    "finals of another method, sealed": (
        finals_of_another(seal=True),
        "it was trained with another program",
        (HUMAN,),
    ),
    "F of a candidate": (search(lambda r: best(r).update(f=99.0), seal=False), SEARCH + STORED, (EUREKA,)),
    "F of a candidate, sealed": (
        search(lambda r: [best(r).update(f=99.0), r.update(reward_score=99.0)], seal=True),
        "is not what its trial says; none of its numbers is used",
        (EUREKA,),
    ),
    "reward_score, sealed": (
        search(lambda r: r.update(reward_score=99.0), seal=True),
        "its score is not that of its best candidate",
        (EUREKA,),
    ),
    "a program": (search(lambda r: r.update(program="x = 1"), seal=False), SEARCH + STORED, (EUREKA,)),
    "a program, sealed": (
        search(lambda r: r.update(program="x = 1"), seal=True),
        SEARCH + "its program is not that of its best candidate",
        (EUREKA,),
    ),
    "a candidate's program, sealed": (
        search(lambda r: [best(r).update(source="x = 1"), r.update(program="x = 1")], seal=True),
        "it was trained with another program",
        (EUREKA,),
    ),
    "settings, sealed": (
        search(lambda r: r["settings"].update(temperature=0.5), seal=True),
        SEARCH + "its settings are not those of run.json",
        (EUREKA,),
    ),
    "an answer in search.json, sealed": (
        search(lambda r: best(r).update(answer="injected"), seal=True),
        "is not in the journal; none of its numbers is used",
        (EUREKA,),
    ),
    "more final trials, sealed": (
        search(lambda r: r["finals"].append(r["finals"][0] | {"seed": 2}), seal=True),
        SEARCH + "it names other final trials than run.json asks for",
        (EUREKA,),
    ),
    "an answer in the journal": (injected_answer, "journal.jsonl line 3 does not follow", ()),
    "a line less in the journal": (removed_line, "journal.jsonl line 4 does not follow", ()),
    "lines of the journal in another order": (reordered_lines, "journal.jsonl line 4 does not follow", ()),
    "the end of the journal": (removed_end, "is not in the journal; none of its numbers is used", (EUREKA,)),
    "no journal": (removed_journal, "journal.jsonl is missing", ()),
    "the protocol in run.json": (run_json(protocol="paper"), "its protocol is strict, not paper", EVERYTHING),
    "the budget in run.json": (run_json(budget="paper"), "its budget is quick, not paper", EVERYTHING),
    "the engine in run.json": (run_json(engine="warp"), "its engine is cpu, not warp", EVERYTHING),
    "the search in run.json": (
        search_settings,
        SEARCH + "its settings are not those of run.json",
        (("cartpole", "eureka"), EUREKA),
    ),
    "episode_steps in run.json": (
        task_info(episode_steps=50),
        "its episodes have 500 steps, run.json says 50",
        (("quadcopter", "*"),),
    ),
    "the kind of fitness in run.json": (
        task_info(fitness="SUCCESS"),
        "its evaluation is of another kind of fitness than run.json's SUCCESS",
        (("quadcopter", "*"),),
    ),
    "a backup of a search": (
        backup_copy,
        "searches/cartpole-eureka-0.backup is none that run.json asks for",
        (),
    ),
}


def cells(run: RunData) -> dict[tuple[str, str], list[float]]:
    return {
        (task.slug, method): pooled(cell(run, task, method)).tolist()
        for task in run.tasks
        for method in run.methods
    }


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_named_and_its_numbers_are_not_used(valid: Path, run: Path, name: str) -> None:
    edit, words, touched = EDITS[name]
    before = read_run(valid)
    assert alterations(before) == []
    edit(run)
    after = read_run(run)
    lines = alterations(after)
    start, _, end = words.partition("*")
    assert any(start in line and end in line for line in lines), lines
    assert all("\n" not in line and str(run) not in line for line in lines)
    if touched != EVERYTHING:
        assert len(lines) <= 3
    lost = 0
    for key, scores in cells(after).items():
        old = cells(before)[key]
        if key in touched or (key[0], "*") in touched:
            assert set(scores) < set(old)
            lost += len(old) - len(scores)
        else:
            assert scores == old
    assert lost == sum(tally(after, task, m).altered for task in after.tasks for m in after.methods)
    if "journal" in name and touched == ():
        assert after.usage == {}
    for task in before.tasks:
        assert not floor(after, task, "human") < floor(before, task, "human")


def test_a_candidates_altered_trial_is_no_score_and_its_search_goes_on(valid: Path, run: Path) -> None:
    record = load(run / "searches" / "quadcopter-eureka-0" / "search.json")
    change(run / "trials" / best(record)["trial"] / "done.json", f=99.0)
    after = read_run(run)
    (line,) = alterations(after)
    assert line.startswith(f"eureka on quadcopter, search 0, candidate {record['best']} (trial ")
    assert cells(after) == cells(read_run(valid))
    assert after.of(*EUREKA)[0].reward_score is None
    assert after.of(*EUREKA)[0].candidates[record["best"]].f is None


def test_trials_of_other_versions_count_and_are_said(run: Path) -> None:
    """A command that was run with newer libraries takes nothing away from the results of others."""
    newer = VERSIONS | {"mujoco": "3.18.0"}
    change(run / "run.json", versions=newer)
    after = read_run(run)
    assert alterations(after) == []
    assert len(cells(after)[HUMAN]) == 2
    notes = make_content(after).notes
    count = len(list(run.glob("trials/*/done.json")))
    assert f"{count} trials were made with mujoco 3.17.0; run.json names 3.18.0." in notes


def test_trials_of_other_code_of_a_task_are_said(run: Path) -> None:
    task_info(code="f" * 16)(run)
    after = read_run(run)
    assert alterations(after) == []
    assert any(
        "were made with other code of the task quadcopter." in note for note in make_content(after).notes
    )


def test_the_page_and_the_terminal_name_every_alteration(run: Path) -> None:
    raised_f(run)
    injected_answer(run)
    edit_search(run, "cartpole-eureka-0", lambda r: r.update(program="stolen = 1"), seal=False)
    content = make_content(read_run(run))
    page = "".join(read(render(content)).words)
    console = Console(record=True, width=300)
    show_summary(content.analysis, console)
    shown = console.export_text()
    lines = alterations(read_run(run))
    assert len(lines) == 3
    for line in lines:
        assert page.count(f"Not as it was stored: {line}.") == 1
        assert f"not as it was stored: {line}" in shown
    assert "stolen" not in page
    scores = next(table for table in content.tables if table.name == "scores")
    assert not any("499" in cell for row in scores.body[4:] for cell in row)
    assert "1 altered" in page
    assert "2 altered" in page
    costs = next(table for table in content.tables if table.name == "costs").frame
    assert costs["model_calls"].tolist() == [0, 0, 0, 0]  # no model calls are shown


def test_many_trials_with_one_alteration_share_a_line(run: Path) -> None:
    run_json(protocol="paper")(run)
    found = [line for line in alterations(read_run(run)) if "its protocol is strict, not paper" in line]
    (line,) = found
    assert line.endswith("they are not used")
    assert " trials (" in line


def test_sealing_the_record_of_a_trial_anew_with_all_that_it_rests_on_is_not_seen(run: Path) -> None:
    """Evidence, not proof: this is where it ends."""
    raised_row(run)
    retrial(final(run), run, f=499.0, f_final=499.0, f_max=499.0)
    assert alterations(read_run(run)) == []
    reseal(final(run) / "done.json", f=12.0)
    assert len(alterations(read_run(run))) == 1
