"""Engines, executors and trainers of other packages: one file each."""

import json
from pathlib import Path

import pytest

from harness.errors import UserError
from harness.parts import check_part, find_part, part_names
from tests.end_to_end.runs import program

REPOSITORY = Path(__file__).parents[1]
SMALL = ("--suite", "cartpole", "--methods", "human", "--budget", "smoke", "--seeds", "1", "--no-pictures")

MOON = '''
"""An engine: the CPU's, on the moon."""
from harness.sim.cpu import CpuSimulation


class Moon(CpuSimulation):
    def __init__(self, model, worlds, threads=1):
        super().__init__(model, worlds, threads)
        self.expand("opt.gravity")[:, 2] = -1.62
'''

ONE_BY_ONE = '''
"""An executor: trials one after another, in the caller's own thread."""
import threading
from concurrent.futures import Future

from harness.execution.contract import Listener
from harness.execution.trial_runner import run_trial


class OneByOne:
    jobs = 1

    def __init__(self, store, jobs=None, listener=None, reuse=None, cost=None):
        self.store, self.listener = store, listener or Listener()

    def submit(self, spec, label):
        result = self.store.result(spec.hash)
        if result is None:
            result = self.store.finish_trial(spec, run_trial(spec, self.store.begin_trial(spec)))
            self.listener.done(spec, label + " one by one", result)
        future = Future()
        future.set_result(result)
        return future

    def spare(self, work):
        future = Future()
        future.set_result(work(threading.Event()))
        return future

    def stop(self):
        pass
'''

SLOW = '''
"""A trainer: rl-games with a tenth of the learning rate."""
import dataclasses

from harness.training.trainer import train_members


def train_slowly(setting, members):
    ppo = dataclasses.replace(setting.ppo, learning_rate=setting.ppo.learning_rate / 10)
    return train_members(dataclasses.replace(setting, ppo=ppo), members)
'''


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    info = folder / "more_parts-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: more-parts\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[eureka_harness.engines]\nmoon = moon:Moon\nbroken = no_such_module:X\n"
        "[eureka_harness.executors]\none_by_one = one_by_one:OneByOne\n"
        "[eureka_harness.trainers]\nslow = slow:train_slowly\n"
    )
    for name, text in (("moon", MOON), ("one_by_one", ONE_BY_ONE), ("slow", SLOW)):
        (folder / f"{name}.py").write_text(text)
    return folder


def test_an_engine_an_executor_and_a_trainer_take_one_file_each(site: Path) -> None:
    cwd, path = site.parent, f"{site}:{REPOSITORY}"
    named = {
        "usual": (),
        "moon": ("--engine", "moon"),
        "one_by_one": ("--executor", "one_by_one"),
        "slow": ("--trainer", "slow"),
    }
    specs, curves = {}, {}
    for name, options in named.items():
        run = program("run", *SMALL, *options, "--out", name, cwd=cwd, PYTHONPATH=path)
        assert run.returncode == 0, run.stderr
        (trial,) = (cwd / name / "trials").glob("*/done.json")
        specs[name] = json.loads((trial.parent / "spec.json").read_text())
        curves[name] = (trial.parent / "curve.csv").read_bytes()
        assert ("one by one" in run.stdout) == (name == "one_by_one")
        assert f"engine {specs[name]['engine']}" in (cwd / name / "report/index.html").read_text()
    assert specs["one_by_one"] == specs["usual"]  # where a trial runs changes nothing
    assert curves["one_by_one"] == curves["usual"]
    assert len(set(curves.values())) == 3
    assert (specs["moon"]["engine"], specs["slow"]["trainer"]) == ("moon", "slow")
    assert set(specs["moon"]["plugins"]) == {"engine"}  # whose code is in the key
    assert set(specs["slow"]["plugins"]) == {"trainer"}
    assert "plugins" not in specs["usual"]
    again = program("run", *SMALL, "--out", "moon", cwd=cwd, PYTHONPATH=path)  # the folder's engine
    assert "nothing is missing" in again.stdout, again.stderr
    for options, words in (
        (("--engine", "mars"), "engine 'mars' is not here: expected one of cpu, "),
        (("--engine", "broken"), "engine 'broken' does not import: ModuleNotFoundError"),
        (("--executor", "ray"), "executor 'ray' is not here: expected one of local, one_by_one"),
        (("--trainer", "none"), "trainer 'none' is not here: expected one of rl_games, slow"),
        (("--engine", "cpu", "--out", "moon"), "holds results of engine 'moon', not 'cpu'"),
        (("--trainer", "slow", "--out", "usual"), "holds results of trainer 'rl_games', not 'slow'"),
    ):
        refused = program("run", *SMALL, "--out", "other", *options, cwd=cwd, PYTHONPATH=path)
        assert (refused.returncode, words in refused.stderr) == (2, True), refused.stderr
        assert "Traceback" not in refused.stderr
    assert not (cwd / "other" / "trials").exists()


def test_what_comes_with_the_harness_is_found() -> None:
    assert part_names("engine")[0] == "cpu"
    assert find_part("engine", "cpu").__name__ == "CpuSimulation"
    assert find_part("executor", "local").__name__ == "LocalExecutor"
    assert find_part("trainer", "rl_games").__name__ == "train_members"
    with pytest.raises(UserError, match="engine 'gpu' is not here"):
        check_part("engine", "gpu")
