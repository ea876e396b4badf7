"""Results on disk survive crashes."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import EnvironmentProblem
from harness.store import WORK, Store, read_json, write_json
from harness.trial import TrialSpec, make_spec

DONE = {"status": "ok", "f": 1.5, "error": None}


@pytest.fixture
def spec() -> TrialSpec:
    return make_spec(
        "cartpole", "pass", role="final", seed=0, budget="smoke", engine="cpu", protocol="strict"
    )


def test_a_trial_counts_only_when_it_is_done(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path / "run")
    with store.opened():
        folder = store.begin_trial(spec)
        (folder / "curve.csv").write_text("epoch\n")
        assert store.result(spec.hash) is None
        result = store.finish_trial(spec, DONE)
    assert result.f == 1.5
    assert store.result(spec.hash) == result
    assert (store.trial_folder(spec.hash) / "curve.csv").exists()
    assert read_json(store.trial_folder(spec.hash) / "spec.json") == json.loads(json.dumps(spec.to_dict()))


def test_what_an_interrupted_run_left_is_cleared(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path)
    with store.opened():
        (store.begin_trial(spec) / "junk").write_text("half")
    with store.opened():
        assert not (store.trials / WORK).exists()
        assert list(store.begin_trial(spec).iterdir()) != []


def test_two_runs_on_one_folder_the_second_says_so(tmp_path: Path) -> None:
    holder = (
        "import sys, time; from pathlib import Path; from harness.store import Store\n"
        f"with Store(Path({str(tmp_path)!r})).opened(): print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(EnvironmentProblem, match="in use by another process"), Store(tmp_path).opened():
            pass
    finally:
        process.kill()
        process.wait()
    with Store(tmp_path).opened():  # the lock of a killed process is free
        pass


def test_no_permission_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(EnvironmentProblem, match="cannot write the run folder"),
        Store(tmp_path / "file" / "run").opened(),
    ):
        pass


def test_the_hash_covers_everything_that_changes_a_result(spec: TrialSpec) -> None:
    changes: list[dict[str, object]] = [
        {"task": "ant"},
        {"source": "other"},
        {"role": "search"},
        {"seed": 1},
        {"budget": dataclasses.replace(spec.budget, epochs=11)},
        {"budget_name": "quick"},
        {"ppo": dataclasses.replace(spec.ppo, gamma=0.9)},
        {"task_hash": "x"},
        {"engine": "warp"},
        {"protocol": "paper"},
        {"goal_bonus": 250.0},
        {"versions": {}},
    ]
    hashes = {spec.hash} | {dataclasses.replace(spec, **change).hash for change in changes}  # type: ignore[arg-type]
    assert len(hashes) == len(changes) + 1
    assert {change for item in changes for change in item} == {
        field.name for field in dataclasses.fields(spec)
    }
    words = dataclasses.replace(spec, budget=dataclasses.replace(spec.budget, why="other words"))
    assert words.hash == spec.hash


def test_a_spec_survives_its_file(spec: TrialSpec) -> None:
    assert TrialSpec.from_dict(json.loads(json.dumps(spec.to_dict()))).hash == spec.hash


def test_seeds_of_searches_and_finals_are_disjoint(spec: TrialSpec) -> None:
    def seeds(role: str) -> set[int]:
        specs = [dataclasses.replace(spec, role=role, seed=seed) for seed in range(50)]
        return {s.training_seed for s in specs} | {s.evaluation_seed for s in specs}

    assert len(seeds("search")) == len(seeds("final")) == 100
    assert not seeds("search") & seeds("final")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_json_round_trip(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    path = tmp_path_factory.mktemp("json") / "x.json"
    write_json(path, data)
    assert read_json(path) == data
    assert [p.name for p in path.parent.iterdir()] == ["x.json"]


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"a": 1,\n "b"')
    with pytest.raises(EnvironmentProblem, match=r"run\.json is damaged at line 2"):
        read_json(tmp_path / "run.json")
