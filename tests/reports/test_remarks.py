"""What is odd about programs, on the page; which models answered."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pandas as pd
from rich.console import Console

from harness.commands.summary import show_summary
from harness.rewards.flags import KINDS
from harness.scoring.analysis import analyse
from harness.scoring.load import read_run
from harness.scoring.merge import merge
from harness.scoring.rundata import RunData, Usage
from reports.content import make_content
from reports.costs import model_names, proposer_words
from reports.markdown import to_report
from reports.page import render
from reports.remarks import MEANINGS, find_remarks, remarks_table
from tests.reports.conftest import HOSTILE
from tests.reports.fake_run import write_run
from tests.reports.test_page import read


def answered(run: RunData, *models: str) -> RunData:
    usage = {key: Usage(calls=1, models=models) for key in run.usage}
    return dataclasses.replace(run, usage=usage)


def test_every_kind_of_remark_is_explained() -> None:
    assert MEANINGS.keys() == KINDS.keys()


def test_the_table_is_what_the_trials_say_gravest_first(run: Path, report: Path) -> None:
    found = pd.read_csv(report / "tables" / "remarks.csv", comment="#")
    on_disk = {path.parent.name: json.loads(path.read_text()) for path in run.glob("trials/*/done.json")}
    for name, done in on_disk.items():
        rows = found[found["trial"] == name]
        wanted = {(f["kind"], f["message"].strip()) for f in done.get("flags", [])}
        assert set(zip(rows["kind"], rows["remark"], strict=True)) == wanted
    kinds = list(dict.fromkeys(found["kind"]))
    assert kinds == ["batch", "scale", "non_finite", "dropped"]
    assert found["seed"].notna().sum() == 2 * 2  # the tricky trial of each search
    assert found[found["seed"].isna()]["candidate"].notna().all()


def test_programs_with_the_same_remark_share_a_row(run: Path) -> None:
    remarks = find_remarks(analyse(read_run(run)))
    table = remarks_table(remarks, ("eureka",))
    assert table is not None
    searches = {(r.task, r.search) for r in remarks if r.kind == "dropped"}
    rows = table.body[[row[0] for row in table.body].index("dropped") :]
    assert len(rows) == len(searches)
    assert any(re.fullmatch(r"candidates 0-[01], .*1-[01]", row[4]) for row in rows)
    assert "non_finite" not in {row[0] for row in table.body}  # counted in the table above
    assert "scale: values of an absurd size" in table.caption
    assert "counter" not in table.caption
    assert remarks_table([], ("eureka",)) is None
    counted = remarks_table([r for r in remarks if r.kind == "non_finite"], ("eureka",))
    assert counted is not None
    assert (counted.head, counted.body, len(counted.frame)) == ((), (), 2)


def test_what_a_program_made_it_say_is_text(page: str, report: Path) -> None:
    (table,) = re.findall(r'<figure class="table" id="table-remarks">.*?</figure>', page, re.S)
    assert f"line 3: print was dropped {HOSTILE}" in "".join(read(table).words)
    assert "<script>" not in (report / "report.md").read_text()


def test_a_grave_remark_on_a_program_behind_a_score_is_among_the_first_sentences(page: str) -> None:
    words = "".join(read(page).words)
    assert "Odd reward programs behind these scores: eureka on quadcopter: batch." in words


def test_a_run_without_remarks_has_no_such_table(tmp_path: Path) -> None:
    content = make_content(
        read_run(write_run(tmp_path, tasks=("cartpole",), failures="none", rollouts=False))
    )
    assert "remarks" not in {table.name for table in content.tables}
    assert "table-remarks" not in render(content)


def test_the_model_that_answered_stands_beside_the_proposer(tmp_path: Path) -> None:
    asked = read_run(write_run(tmp_path / "one", tasks=("cartpole",), proposer="openai:m", rollouts=False))
    run = answered(asked, "m-2026-03-05", "<b>m</b>\n| x |")
    words = "openai:m, answered by <b>m</b> | x |, m-2026-03-05"
    assert proposer_words(run, "one") == words
    content = make_content(run)
    page, markdown = render(content), to_report(content)
    assert "".join(read(page).words).count(words) == 1
    assert "answered by" in page
    assert "<b>m</b>" not in page + markdown
    assert proposer_words(answered(asked, "m"), "one") == "openai:m"  # the one that was asked for
    assert proposer_words(answered(asked), "one") == "openai:m"
    other = read_run(write_run(tmp_path / "two", tasks=("cartpole",), rollouts=False))
    merged = merge([run, answered(other, "grammar")])
    assert dict(make_content(merged).facts)["proposer (one)"] == words
    assert dict(make_content(merged).facts)["proposer (two)"] == "grammar"


def test_many_models_and_long_names_are_cut() -> None:
    assert model_names(["b", "a", "", "d", "c", "a"]) == "a, b, c and 1 more"
    assert len(model_names(["x" * 10_000])) == 60


def test_the_terminal_names_the_model_too(tmp_path: Path) -> None:
    run = write_run(tmp_path, tasks=("cartpole",), proposer="openai:m[red]", rollouts=False)
    console = Console(record=True, width=200)
    show_summary(analyse(read_run(run)), console)
    assert "proposer openai:m[red], answered by a-model" in " ".join(console.export_text().split())
