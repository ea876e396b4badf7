"""Methods against each other, on the page."""

from pathlib import Path

from harness.scoring.merge import read_runs
from reports.content import make_content
from tests.reports.fake_run import write_run


def test_two_methods_have_a_table_over_tasks_and_one_by_task(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", tasks=("cartpole", "ant"), given=("mine",), rollouts=False)
    tables = {table.name: table for table in make_content(read_runs([run])).tables}
    (row,) = tables["rivals"].body
    assert row[:2] == ("mine", "eureka")
    assert row[4].count(" / ") == 2
    assert sum(map(int, row[4].split(" / "))) == 2
    assert tables["rivals_by_task"].frame["task"].tolist() == ["cartpole", "ant"]


def test_one_method_has_none(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", tasks=("cartpole",), rollouts=False)
    assert not {"rivals", "rivals_by_task"} & {table.name for table in make_content(read_runs([run])).tables}
