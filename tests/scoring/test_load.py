import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import EnvironmentProblem, UserError
from harness.scoring.load import load_run
from harness.scoring.rundata import Remark, RunData, Trial
from tests.reports.fake_run import write_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("load") / "run"
    return write_run(place, tasks=("cartpole", "ant"), searches=2, rollouts=False)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def change(path: Path, **fields: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def final(run: RunData, task: str = "cartpole", method: str = "human") -> Trial:
    return run.of(task, method)[0].finals[0]


def test_everything_is_read(folder: Path) -> None:
    run = load_run(folder)
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
    used = load_run(folder).usage["ant", "eureka", 1]
    assert used.calls == 2
    assert used.completion_tokens == 2 * 350 * 4
    assert used.dollars == pytest.approx(0.08)


def test_a_torn_last_journal_line_is_left_out_and_another_one_named(copy: Path) -> None:
    journal = copy / "journal.jsonl"
    whole = journal.read_text()
    journal.write_text(whole[:-40])
    assert load_run(copy).usage["ant", "eureka", 1].calls == 1
    lines = whole.splitlines()
    journal.write_text("\n".join([lines[0], lines[1][:20], *lines[2:]]) + "\n")
    with pytest.raises(EnvironmentProblem, match="line 2"):
        load_run(copy)


def test_a_failure_and_an_estimate_are_told(copy: Path) -> None:
    key = {"task": "ant", "method": "eureka", "search": 0}
    lines = [
        {"kind": "failure", "key": key, "part": 0, "reason": "timeout", "charged": True},
        {
            "kind": "response",
            "key": key,
            "part": 0,
            "usage": {"prompt_tokens": 5, "estimated": True},
            "usd": None,
        },
    ]
    (copy / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    used = load_run(copy).usage["ant", "eureka", 0]
    assert (used.calls, used.failures, used.prompt_tokens, used.estimated, used.dollars) == (
        1,
        1,
        5,
        True,
        None,
    )


def test_a_score_that_is_not_finite_is_a_failed_trial(copy: Path) -> None:
    done = copy / "trials" / final(load_run(copy)).hash / "done.json"
    for bad in (float("nan"), float("inf"), None, "12", True):
        change(done, f=bad)
        trial = final(load_run(copy))
        assert (trial.status, trial.f) == ("failed", None)
        assert trial.error is not None
        assert trial.error.kind == "non_finite_score"


def test_a_trial_without_done_is_missing(copy: Path) -> None:
    name = final(load_run(copy)).hash
    (copy / "trials" / name / "done.json").unlink()
    assert final(load_run(copy)).missing


def test_names_from_files_never_leave_the_run_folder(copy: Path) -> None:
    search = copy / "searches" / "ant-human-0" / "search.json"
    change(search, finals=[{"seed": 0, "trial": "../../../etc"}])
    with pytest.raises(EnvironmentProblem, match="hex digits"):
        load_run(copy)


def test_what_is_no_run_folder_is_said(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(UserError, match="not a run folder"):
        load_run(tmp_path)
    change(copy / "run.json", schema=2)
    with pytest.raises(UserError, match="schema 2, expected 1"):
        load_run(copy)


@pytest.mark.parametrize("name", ["run.json", "searches/ant-human-0/search.json"])
def test_a_damaged_file_is_named(copy: Path, name: str) -> None:
    path = copy / name
    path.write_text(path.read_text()[:50])
    with pytest.raises(EnvironmentProblem, match=path.name):
        load_run(copy)


def test_a_field_that_is_gone_is_said(copy: Path) -> None:
    data = json.loads((copy / "run.json").read_text())
    del data["task_info"]
    (copy / "run.json").write_text(json.dumps(data))
    with pytest.raises(EnvironmentProblem, match="task_info"):
        load_run(copy)


def test_methods_on_disk_are_shown_even_if_not_asked_for_any_more(copy: Path) -> None:
    change(copy / "run.json", methods=["human"])
    assert load_run(copy).methods == ("human", "sparse", "eureka")


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
    done = copy / "trials" / final(load_run(copy)).hash / "done.json"
    flags = [
        {"kind": "batch", "message": "line 3:\n the \x1b[31mmean\u202e over worlds"},
        {"kind": "<b>", "message": "x" * 5000},
        {"kind": "scale"},
        "no flag",
    ]
    change(done, flags=flags, nonfinite_components={"near": 3, "calm": 0, "tall\n": True, "wide\n": 7})
    trial = final(load_run(copy))
    assert trial.flags == (
        Remark("batch", "line 3: the [31mmean over worlds"),
        Remark("other", "x" * 400),
        Remark("scale", ""),
    )
    assert trial.nonfinite_components == {"near": 3, "wide": 7}
    for nothing in (None, 7, "flags", {"kind": "batch"}):
        change(done, flags=nothing, nonfinite_components=nothing)
        trial = final(load_run(copy))
        assert (trial.flags, dict(trial.nonfinite_components)) == ((), {})


def test_a_run_of_before_flags_is_read(copy: Path) -> None:
    done = copy / "trials" / final(load_run(copy)).hash / "done.json"
    old = {
        k: v for k, v in json.loads(done.read_text()).items() if k not in ("flags", "nonfinite_components")
    }
    done.write_text(json.dumps(old))
    trial = final(load_run(copy))
    assert (trial.flags, dict(trial.nonfinite_components)) == ((), {})


def test_the_models_that_answered_are_gathered(copy: Path) -> None:
    key = {"task": "ant", "method": "eureka", "search": 0}
    names = ["b-2026", "a-2026", None, "b-2026"]
    lines = [{"kind": "response", "key": key, "part": i, "model": name} for i, name in enumerate(names)]
    (copy / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert load_run(copy).usage["ant", "eureka", 0].models == ("a-2026", "b-2026")
