"""A trial's folder is all that its processes need: another interpreter does the same work in it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from harness.execution.trial_runner import run_trial
from harness.files import read_json, write_json
from harness.registry import expert_reward
from harness.trial import make_spec
from tests.end_to_end.runs import environment

REPOSITORY = Path(__file__).parents[2]


def test_another_interpreter_does_the_same_work_in_a_trials_folder(tmp_path: Path) -> None:
    source = expert_reward("human", "cartpole") or ""
    spec = make_spec(
        "cartpole", source, role="final", seed=0, budget="smoke", engine="cpu", protocol="strict"
    )
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        (folder / "checkpoints").mkdir(parents=True)
        write_json(folder / "spec.json", spec.to_dict())
    assert run_trial(spec, ours)["status"] == "ok"
    for name in ("graph.json", "human_graph.json"):
        shutil.copy(ours / name, theirs / name)
    for work in ("train", "evaluate"):
        done = subprocess.run(
            [sys.executable, "-m", "harness.execution.worker", work, "theirs", "cartpole"],
            cwd=tmp_path,
            env=environment(PYTHONPATH=str(REPOSITORY), MUJOCO_GL="disable"),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (theirs / "log.txt").read_text()
    for path in sorted(ours.rglob("*")):
        if path.is_file() and path.name not in ("log.txt", "state.pt", "times.json"):
            assert (theirs / path.relative_to(ours)).read_bytes() == path.read_bytes(), path
    assert json.loads((theirs / "evaluation.json").read_text())["checkpoints"][-1]["f"] > 0


def test_what_goes_wrong_there_is_left_in_the_folder(tmp_path: Path) -> None:
    spec = make_spec(
        "cartpole", "pass", role="final", seed=0, budget="smoke", engine="cpu", protocol="strict"
    )
    write_json(tmp_path / "spec.json", spec.to_dict())
    (tmp_path / "graph.json").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-m", "harness.execution.worker", "train", str(tmp_path), "cartpole"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(REPOSITORY), MUJOCO_GL="disable"),
    )
    assert done.returncode == 1
    assert "graph refused" in read_json(tmp_path / "error.json")["message"]
