import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import EnvironmentProblem, UserError
from harness.scoring.load import read_run
from harness.scoring.rundata import RunData
from harness.scoring.searchdata import Remark, Trial
from tests.reports.fake_parts import TASKS
from tests.reports.fake_run import write_run
from tests.reports.hand_edits import change, journal_lines, reseal, retrial, write_journal


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("load") / "run"
    return write_run(place, tasks=("cartpole", "ant"), searches=2, rollouts=False)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def final(run: RunData, task: str = "cartpole", method: str = "human") -> Trial:
    return run.of(task, method)[0].finals[0]


def test_everything_is_read(folder: Path) -> None:
    run = read_run(folder)
    assert [task.slug for task in run.tasks] == ["cartpole", "ant"]
    assert run.methods == ("human", "sparse", "eureka")
    assert [search.index for search in run.of("ant", "eureka")] == [0, 1]
    assert run.expected["ant", "eureka"] == (2, 3)
    search = run.of("cartpole", "eureka")[0]
    assert len(search.candidates) == 2 * 4
    best = search.candidates[str(search.best)]
    assert (best.source, best.f) == (search.program, search.reward_score)
    assert best.trial is not None
    assert best.trial.ok
    trial = search.finals[0]
    assert [point.number for point in trial.checkpoints] == list(range(11))
    assert trial.untrained_f == trial.checkpoints[0].f
    assert trial.f == trial.f_final == trial.checkpoints[-1].f
    assert len(trial.curve) == 100
    assert trial.env_steps == trial.curve["env_steps"].iloc[-1]


def test_usage_is_counted_by_search(folder: Path) -> None:
    used = read_run(folder).usage["ant", "eureka", 1]
    assert used.calls == 2
    assert used.completion_tokens == 2 * 350 * 4
    assert used.dollars == pytest.approx(0.08)


def test_a_torn_last_journal_line_is_left_out_and_another_one_named(copy: Path) -> None:
    journal = copy / "journal.jsonl"
    whole = journal.read_text()
    journal.write_text(whole + '{"kind": "resp')
    assert read_run(copy).usage["ant", "eureka", 1].calls == 2
    assert read_run(copy).alterations == ()
    lines = whole.splitlines()
    journal.write_text("\n".join([lines[0], lines[1][:20], *lines[2:]]) + "\n")
    run = read_run(copy)
    assert run.usage == {}
    (line,) = run.alterations
    assert line.startswith("journal.jsonl line 2 is no entry: model calls, tokens and money are not shown")


def test_a_failure_and_an_estimate_are_told(copy: Path) -> None:
    key = {"task": "ant", "method": "eureka", "search": 0, "iteration": 9, "attempt": 0, "response": None}
    usage = {"prompt_tokens": 5, "completion_tokens": 0, "estimated": True}
    more = [
        {"kind": "failure", "key": key, "part": 0, "reason": "timeout", "charged": True},
        {"kind": "response", "key": key, "part": 0, "choices": [], "usage": usage, "usd": None, "model": "m"},
    ]
    before = read_run(copy).usage["ant", "eureka", 0]
    write_journal(copy, [*journal_lines(copy), *more], link=True)
    used = read_run(copy).usage["ant", "eureka", 0]
    assert (used.calls, used.failures) == (before.calls + 1, 1)
    assert (used.prompt_tokens, used.estimated) == (before.prompt_tokens + 5, True)
    assert used.models == ("a-model", "m")


def test_a_trial_without_done_is_missing(copy: Path) -> None:
    name = final(read_run(copy)).hash
    (copy / "trials" / name / "done.json").unlink()
    assert final(read_run(copy)).missing


def test_names_from_files_never_leave_the_run_folder(copy: Path) -> None:
    search = copy / "searches" / "ant-human-0" / "search.json"
    reseal(search, finals=[{"seed": 0, "trial": "../../../etc"}])
    with pytest.raises(EnvironmentProblem, match="hex digits"):
        read_run(copy)
    record = json.loads((copy / "run.json").read_text())
    for slug, method in (("../../ant", "human"), ("ant", "../human")):
        info = record["task_info"]["ant"] | {"slug": slug}
        asked = {slug: {method: {"searches": 1, "seeds": 1}}}
        change(copy / "run.json", tasks=[slug], asked=asked, task_info={slug: info})
        with pytest.raises(EnvironmentProblem, match=r"is no .*'s name"):
            read_run(copy)


def test_only_what_run_json_asks_for_is_read(copy: Path) -> None:
    before = read_run(copy)
    shutil.copytree(copy / "searches" / "ant-eureka-0", copy / "searches" / "ant-eureka-0 copy")
    shutil.copytree(copy / "searches" / "ant-eureka-0", copy / "searches" / "ant-eureka-2")
    run = read_run(copy)
    assert run.searches == before.searches
    assert [line.partition(" is none")[0] for line in run.alterations] == [
        "searches/ant-eureka-0 copy",
        "searches/ant-eureka-2",
    ]
    asked = json.loads((copy / "run.json").read_text())["asked"]
    change(copy / "run.json", asked=asked | {"ant": {"human": {"searches": 1, "seeds": 3}}})
    assert {method for slug, method in read_run(copy).searches if slug == "ant"} == {"human"}


def test_the_floor_of_a_rate_is_what_its_task_declared(copy: Path) -> None:
    assert [task.floor for task in read_run(copy).tasks] == [0.0, TASKS["ant"].floor]
    info = json.loads((copy / "run.json").read_text())["task_info"]
    for strange in ("low", None, True, [1.0]):
        change(copy / "run.json", task_info=info | {"ant": info["ant"] | {"floor": strange}})
        with pytest.raises(
            EnvironmentProblem, match=r"run\.json is damaged \(floor: expected a finite number"
        ):
            read_run(copy)
    del info["ant"]["floor"], info["cartpole"]["floor"]
    change(copy / "run.json", task_info=info)
    assert [task.floor for task in read_run(copy).tasks] == [0.0, None]


def test_what_is_no_run_folder_is_said(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(UserError, match="not a run folder"):
        read_run(tmp_path)
    for schema in (1, 3, "2", 2.0, True, [2]):
        change(copy / "run.json", schema=schema)
        with pytest.raises(UserError, match=r"schema .*, expected 2"):
            read_run(copy)


@pytest.mark.parametrize("name", ["run.json", "searches/ant-human-0/search.json"])
def test_a_damaged_file_is_named(copy: Path, name: str) -> None:
    path = copy / name
    path.write_text(path.read_text()[:50])
    with pytest.raises(EnvironmentProblem, match=path.name):
        read_run(copy)


def test_a_field_that_is_gone_is_said(copy: Path) -> None:
    data = json.loads((copy / "run.json").read_text())
    del data["task_info"]
    (copy / "run.json").write_text(json.dumps(data))
    with pytest.raises(EnvironmentProblem, match="task_info"):
        read_run(copy)


def test_neither_torch_nor_a_simulator_is_imported() -> None:
    code = (
        "import sys, reports.write; "
        "print(sorted({'torch', 'mujoco', 'rl_games', 'openai', 'harness.registry'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert result.stdout == "[]\n"


def test_flags_and_components_that_were_not_finite_are_read_and_kept_within_bounds(copy: Path) -> None:
    done = copy / "trials" / final(read_run(copy)).hash / "done.json"
    flags = [
        {"kind": "batch", "message": "line 3:\n the \x1b[31mmean\u202e over worlds"},
        {"kind": "<b>", "message": "x" * 5000},
        {"kind": "scale"},
        "no flag",
    ]
    components = {"near": 3, "calm": 0, "tall\n": True, "wide\n": 7}
    change(done.with_name("training.json"), nonfinite_components=components)
    retrial(done.parent, copy, flags=flags, nonfinite_components=components)
    trial = final(read_run(copy))
    assert trial.flags == (
        Remark("batch", "line 3: the [31mmean over worlds"),
        Remark("other", "x" * 400),
        Remark("scale", ""),
    )
    assert trial.nonfinite_components == {"near": 3, "wide": 7}
    for nothing in (None, 7, "flags", {"kind": "batch"}):
        change(done.with_name("training.json"), nonfinite_components=nothing)
        retrial(done.parent, copy, flags=nothing, nonfinite_components=nothing)
        trial = final(read_run(copy))
        assert (trial.flags, dict(trial.nonfinite_components)) == ((), {})
