"""A trial's key changes with what changes its result, and with nothing else."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.code import COMPUTING, code_digest, task_digest
from harness.keys import training_key, trial_key
from harness.registry import load_task, resolve
from harness.trial import TrialSpec, make_spec

ROOT = Path(__file__).parents[1]
TASK = '''
"""A task of one's own."""
from suites.isaac.cartpole import Cartpole
from harness.task import Budget

LIMIT = 1.0

class Reach(Cartpole):
    """Words."""
    description = "reach"  # more words
    quick = Budget(64, 2, 16, 512, "a reason")

    def terminated(self, state):
        """When it is over."""
        return super().terminated(state) | (state.dof_pos[:, 0].abs() > LIMIT)
'''
WORDS: dict[str, Callable[[str], str]] = {
    "comment": lambda text: text.replace("# more words", "# other words\n    # and more"),
    "docstring": lambda text: text.replace("When it is over.", "The end.").replace('"""Words."""', ""),
    "description": lambda text: text.replace('"reach"', '"reach the end"'),
    "floor": lambda text: text.replace("    quick =", "    fitness_floor = None\n    quick ="),
    "reason of a budget": lambda text: text.replace("a reason", "another reason"),
    "layout": lambda text: text.replace(".abs() > LIMIT", ".abs(\n        ) > LIMIT"),
}
CODE: dict[str, Callable[[str], str]] = {
    "a constant": lambda text: text.replace("LIMIT = 1.0", "LIMIT = 2.0"),
    "an expression": lambda text: text.replace("> LIMIT", ">= LIMIT"),
    "a method": lambda text: (
        text + "\n    def score(self, state):\n        return 2 * super().score(state)\n"
    ),
    "a base class": lambda text: text.replace(
        "cartpole import Cartpole", "ball_balance import BallBalance as Cartpole"
    ),
}


def spec_of(source: str = "pass", **changes: object) -> TrialSpec:
    options = {"role": "final", "seed": 0, "budget": "smoke", "engine": "cpu", "protocol": "strict"} | changes
    return make_spec("cartpole", source, **options)  # type: ignore[arg-type]


def digest(folder: Path, text: str) -> str:
    folder.mkdir()
    (folder / "reach.py").write_text(text)
    return task_digest(load_task(f"{folder / 'reach.py'}:Reach"))


@pytest.mark.parametrize("edit", WORDS)
def test_words_and_layout_of_a_task_keep_its_trials(tmp_path: Path, edit: str) -> None:
    edited = WORDS[edit](TASK)
    assert edited != TASK
    assert digest(tmp_path / "before", TASK) == digest(tmp_path / "after", edited)


@pytest.mark.parametrize("edit", CODE)
def test_what_a_task_computes_is_in_the_key(tmp_path: Path, edit: str) -> None:
    edited = CODE[edit](TASK)
    assert edited != TASK
    assert digest(tmp_path / "before", TASK) != digest(tmp_path / "after", edited)


def test_a_scene_from_a_file_is_in_the_key(tmp_path: Path) -> None:
    scene = '<mujoco><worldbody><body><freejoint/><geom size="{size}" mass="1"/></body></worldbody></mujoco>'
    text = TASK.replace(
        "    def terminated",
        "    def scene(self):\n        import mujoco, pathlib\n        file = pathlib.Path(__file__).with_name('scene.xml')\n        return mujoco.MjSpec.from_file(str(file))\n\n    def terminated",
    )
    found = []
    for name, size in (("a", 0.1), ("b", 0.1), ("c", 0.2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scene.xml").write_text(scene.format(size=size))
        (tmp_path / name / "reach.py").write_text(text)
        found.append(task_digest(load_task(f"{tmp_path / name / 'reach.py'}:Reach")))
    assert found[0] == found[1] != found[2]


def test_modules_beside_a_task_are_in_the_key_in_every_process_alike(tmp_path: Path) -> None:
    def key(folder: str, limit: float, comment: str) -> str:
        place = tmp_path / folder
        place.mkdir()
        (place / "limits.py").write_text(f"LIMIT = {limit}  # {comment}\n")
        (place / "reach.py").write_text(TASK.replace("LIMIT = 1.0", "from limits import LIMIT"))
        script = (
            "from harness.importing import defer\ndefer()\nfrom harness.trial import make_spec\n"
            f"print(make_spec({f'{place}/reach.py:Reach'!r}, 'pass', role='final', seed=0, budget='smoke',"
            " engine='cpu', protocol='strict').hash)"
        )
        command = [sys.executable, "-c", script]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    first = key("a", 1.0, "a comment")
    assert first == key("b", 1.0, "another")
    assert first != key("c", 2.0, "a comment")


@pytest.mark.parametrize("part", ["training", "evaluation"])
def test_code_of_the_harness_that_computes_is_in_the_key(part: str) -> None:
    """By what a trial's processes really import: a module that is not listed would change results unseen."""
    neutral = {  # of what the processes import: moves bytes and names, computes nothing
        *(
            "__init__",
            "code",
            "errors",
            "identity",
            "keys",
            "registry",
            "seal",
            "files",
            "store",
            "unfinished",
            "checked",
            "trial",
            "installed",
            "plugins",
            "run_json",
            "repetitions",
            "task_options",
        ),
        *("context", "excerpt", "contract_check", "contract_rules", "records"),
        *("scoring/__init__", "scoring/protocol", "fields", "roles", "parts", "plugins"),
        *("execution/contract", "execution/heartbeat"),
        *("sim/__init__", "rewards/__init__", "training/__init__", "execution/__init__", "training/durable"),
        *("execution/worker", "execution/trial_runner", "training/rl_games"),
        *("confine/__init__", "confine/child", "confine/fork_server", "confine/process", "confine/sockets"),
        *("training/policy", "training/evaluate") * (part == "training"),
        *("training/trainer", "training/record", "training/agent", "training/network", "training/resume")
        * (part == "evaluation"),
        *("training/transitions", "training/common_states", "training/members") * (part == "evaluation"),
    }
    script = (
        "import sys, harness.execution.worker\nimport harness.sim.cpu, harness.training.trainer\n"
        "print('\\n'.join(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'harness'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    package = ROOT / "harness"
    imported = {
        Path(line).resolve().relative_to(package).with_suffix("").as_posix() for line in done.stdout.split()
    }
    if part == "evaluation":  # evaluates without any reward
        imported = {name for name in imported if not name.startswith("rewards/")}
    listed = {
        file.relative_to(package).with_suffix("").as_posix()
        for pattern in COMPUTING[part]
        for file in package.glob(pattern)
    }
    assert imported - neutral - listed == set()
    assert all(list(package.glob(pattern)) for pattern in COMPUTING[part])


def test_every_part_of_a_spec_that_changes_a_result_changes_its_key() -> None:
    spec = spec_of()
    other_budget = dataclasses.replace(spec.budget, epochs=11)
    training: list[dict[str, object]] = [
        {"task": resolve("ant")},
        {"source": "other"},
        {"role": "search"},
        {"seed": 1},
        {"budget": other_budget},
        {"ppo": dataclasses.replace(spec.ppo, gamma=0.9)},
        {"code": dataclasses.replace(spec.code, task="x")},
        {"code": dataclasses.replace(spec.code, training="x")},
        {"human": "x"},
        {"engine": "warp"},
        {"trainer": "skrl"},
        {"plugins": {"engine": "x"}},
        {"goal_bonus": 250.0},
        {"latched": True},
        {"precision": "bf16"},
        {"until": 5},
        {"versions": {}},
        {"options": {"speed": 2.0}},
    ]
    measuring: list[dict[str, object]] = [
        {"protocol": "paper"},
        {"evaluation": dataclasses.replace(spec.evaluation, last=7)},
        {"evaluation_code": "x"},
    ]
    neutral: list[dict[str, object]] = [{"budget_name": "quick"}]
    changes = [*training, *measuring]
    changed = [dataclasses.replace(spec, **change) for change in changes]  # type: ignore[arg-type]
    assert len({spec.hash, *(other.hash for other in changed)}) == len(changes) + 1
    assert all(other.training != spec.training for other in changed[: len(training)])
    assert all(
        other.training == spec.training for other in changed[len(training) :]
    )  # another look, no training
    assert dataclasses.replace(spec, budget_name="quick").hash == spec.hash
    named = {name for change in [*changes, *neutral] for name in change}
    assert named == {field.name for field in dataclasses.fields(spec)}


def test_what_is_stored_gives_the_same_key() -> None:
    spec = spec_of("def compute_reward(dof_pos): return dof_pos[:, 0], {}")
    stored = json.loads(json.dumps(spec.to_dict()))
    assert (training_key(stored), trial_key(stored)) == (spec.training, spec.hash)
    assert TrialSpec.from_dict(stored, spec.task) == spec


def test_programs_differ_by_what_they_compute() -> None:
    program = "def compute_reward(dof_pos):\n    '''Words.'''\n    return dof_pos[:, 0], {}  # words\n"
    same = program.replace("'''Words.'''", "# none").replace("# words", "")
    assert code_digest(same) == code_digest(program)
    assert code_digest(program.replace("0", "1")) != code_digest(program)
    assert code_digest("def (") != code_digest("def ((")
    assert code_digest("(" * 100_000) == code_digest("(" * 100_000)
    deep = "x = " + "-" * 5000 + "1"
    assert code_digest(deep) != code_digest(deep + "0")
