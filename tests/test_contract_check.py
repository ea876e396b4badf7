"""A task that declares or does something else than the contract asks for is one line: class, member, cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.contract_check import check_task
from harness.contract_rules import KINDS
from harness.contract_try import try_task
from harness.errors import UserError
from harness.registry import TASKS, load_task
from harness.task import tensor
from tests.contract_tasks import write_task
from tests.end_to_end.runs import harness
from tests.option_tasks import OPTIONS, write_option_task
from tests.rewards.fixtures import TOY

DECLARED = {
    "no-quick": ("    quick = Budget(64, 10, 8, 512, \"small\")\n", "", "Mine.quick is not there: expected a"),
    "no-timing": ("    timing = Timing(dt=0.02, episode_steps=50)\n", "", "Mine.timing is not there"),
    "quick-tuple": ('Budget(64, 10, 8, 512, "small")', "(64, 10, 8, 512)", "Mine.quick is tuple"),
    "timing-number": ("Timing(dt=0.02, episode_steps=50)", "0.02", "Mine.timing is float 0.02: expected a"),
    "dt-zero": ("dt=0.02", "dt=0.0", "Mine.timing.dt is float 0.0: expected a number above 0"),
    "dt-nan": ("dt=0.02", 'dt=float("nan")', "Mine.timing.dt is float nan"),
    "ppo-dict": ("ppo = PPO(", "ppo = dict(", "Mine.ppo is dict"),
    "ppo-units": ("units=(8,)", "units=8", "Mine.ppo.units is int 8: expected a tuple of layer sizes"),
    "fitness-text": ("Fitness.SURVIVAL", '"survival"', "Mine.fitness is str 'survival': expected one of"),
    "unit": ('fitness_unit = "steps"', "fitness_unit = 1", "Mine.fitness_unit is int 1: expected one line"),
    "description": ('"keep the ball high"', '"keep\\nit"', "Mine.description is str"),
    "worlds-bool": ("worlds = 64", "worlds = True", "Mine.worlds is bool True: expected a whole number"),
    "actions": ("num_actions = 1", "num_actions = 0", "Mine.num_actions is int 0"),
    "constants-list": ('{"limit": 1.0, "rows": ((1.0, 2.0), (3.0, 4.0))}', "[1]", "Mine.constants is list"),
    "constant-text": ('"limit": 1.0', '"limit": "1"', "limit'. is str '1': expected a finite"),
    "constant-rows": ("((1.0, 2.0), (3.0, 4.0))", "((1.0, 2.0), (3.0,))", "rows'. is tuple"),
    "constant-name": ('"limit"', '"height"', "height'. has the name of a State field"),
    "no-tensor": (' = tensor("scalar", "m", "of the ball")', "", "Mine.State.height says no kind: declare it"),
    "kind": ('tensor("scalar", "m"', 'tensor("heights", "m"', "Mine.State.height kind is str 'heights'"),
    "shape-list": ('world frame", (3,)', 'world frame", [3]', "Mine.State.speed shape is list"),
    "about": ('"of the ball")', '"")', "Mine.State.height about is str ''"),
    "field-name": ("        height: T", "        actions: T", "Mine.State.actions has a name that the harness"),
    "no-dataclass": ("    @dataclass\n    class State", "    class State", "Mine.State is no dataclass"),
    "follow-number": ('follow = "ball"', "follow = 1", "Mine.follow is int 1"),
    "minibatch": ("8, 512, \"small\"", "8, 500, \"small\"", "Mine.quick has minibatches of 500, which do not"),
    "paper-minibatch": ("minibatch=512", "minibatch=300", "Mine.ppo has minibatches of 300"),
    "bound": ('follow = "ball"', 'bound = ("obs",)', "Mine.bound is tuple .*: expected a tuple out of"),
    "method-number": ("    def score(self, state):\n", "    score = 1\n    def x(self, state):\n", "Mine.score is"),
    "arguments": ("def observe(self, state, actions)", "def observe(self)", "Mine.observe lacks state and actions"),
    "more-arguments": ("def observe(self, state, actions)", "def observe(self, state, actions, more)",
                       r"Mine.observe takes other parameters: it is def observe\(self, state, actions, more\), write def"),
    "old-act": ("def act(self, sim, carried, actions, rng)", "def act(self, sim, carried, actions)",
                r"^Mine.act lacks rng: it is def act\(self, sim, carried, actions\), "
                r"write def act\(self, sim, carried, actions, rng\); mend it in .*declared_task.py$"),
    "no-floor": ("= Fitness.SURVIVAL", "= Fitness.RATE", "Mine.fitness_floor is not there: a fitness RATE has no worst value; "
                 "expected what a failed trial scores, the F of a policy that learned nothing"),
    "floor-text": ("= Fitness.SURVIVAL", "= Fitness.RATE; fitness_floor = 'low'", "Mine.fitness_floor is str 'low': expected a finite number"),
    "floor-nan": ("= Fitness.SURVIVAL", "= Fitness.RATE; fitness_floor = float('nan')", "Mine.fitness_floor is float nan: expected a finite"),
    "floor-best": ("= Fitness.SURVIVAL", "= Fitness.RATE; best_rate = 0.0; fitness_floor = 0.5",
                   "Mine.fitness_floor is 0.5: expected less than best_rate, 0"),
    "floor-kind": ("= Fitness.SURVIVAL", "= Fitness.SURVIVAL; fitness_floor = 1.0", "Mine.fitness_floor is 1: a fitness SURVIVAL has 0; leave"),
    "lacking": ("    def score(", "    def scoring(", "abstract .*score"),
    "constructor": ('follow = "ball"', "def __init__(self): raise RuntimeError('no')", "RuntimeError: no"),
}  # fmt: skip
UNIT = '    fitness_unit = "steps"\n'
CHOSEN = {
    "no-default": ('name: str = "ball"', "name: str", "option 'name' of task 'mine' has no default: give it one"),
    "default": ('name: str = "ball"', "name: str = 1", "option 'name' of task 'mine' is 1: expected a valid string"),
    "unexplained": ('\n        """What it is called."""', "", "Mine.Options.name is not explained: write a docstring"),
    "list": ('name: str = "ball"', "name: list[int] = [1]", r"Mine.Options.name is list \[1\]: expected a plain value"),
    "nothing": ('name: str = "ball"', "name: str | None = None", "Mine.Options.name is NoneType None: expected a plain"),
    "alias": ("Field(default=0.5,", 'Field(alias="low", default=0.5,', "Mine.Options.floor has an alias"),
    "thawed": ("        heavy: bool", '        model_config = {"frozen": False}\n        heavy: bool',
               "Mine.Options may be changed or extended"),
    "extended": ("        heavy: bool", '        model_config = {"extra": "allow"}\n        heavy: bool',
                 "Mine.Options may be changed or extended"),
    "no-model": (OPTIONS, "    Options = dict\n", "strange Options: expected class Options"),
    "no-choice": ("class Options(TextOptions)", "class Options(Task.Options)", "Mine.text has two wordings and no option"),
    "text": ('Text(given="keep the ball low", true="keep the ball high")', '"keep it"', "Mine.text is str 'keep it': expected"),
    "wording": ('given="keep the ball low"', 'given=""', "Mine.text.given is str '': expected one line of text"),
    "both": (UNIT, UNIT + '    description = "keep it"\n', "Mine.description stands beside text"),
    "forgotten": (UNIT, UNIT + "    def __init__(self, options=None): pass\n", "Mine.options is not there|Mine.options is nothing"),
    "memory": (UNIT, UNIT + "    memory_form = 'A'\n", "Mine.memory_form is str 'A': expected one of harness.task.Memory"),
    "memory-kind": (UNIT, UNIT + "    from harness.task import MemoryForm\n    memory_form = MemoryForm.SCALAR_EMA\n",
                    "Mine.memory_form is SCALAR_EMA: a fitness SURVIVAL has none"),
    "memory-weight": (UNIT, UNIT + "    memory_weight = 0.0\n", "Mine.memory_weight is float 0.0: expected a number above 0 and at most 1"),
}  # fmt: skip
DONE = {
    "scene-raises": ("spec = mujoco.MjSpec()", "spec = mujoco.MjSpek()", r"Mine.scene raises: AttributeError.*line \d+"),
    "scene-nothing": ("        return spec", "        return None", "Mine.scene gives NoneType None: expected a mujoco"),
    "scene-model": ("mass=1.0", "mass=-1.0", "Mine.scene gives a model that does not compile"),
    "follow": ('follow = "ball"', 'follow = "bal"', "Mine.follow is 'bal': no body"),
    "carry-nothing": ("return self.Carried(", "self.Carried(", "Mine.carry gives NoneType None: expected self.Carried"),
    "carry-generator": ("return self.Carried(torch.zeros(worlds, 3, device=device))",
                        "return self.Carried(torch.Generator())", "Mine.carry keeps a generator in goal: draw from the"),
    "carry-raises": ("torch.zeros(worlds, 3,", "torch.zeros(worlds, 3, 'x',", "Mine.carry raises: TypeError"),
    "reset-raises": ("put(sim.qpos[:, 2],", "put(sim.qpos[:, 99],",
                     r"Mine.reset with worlds = \[True, True\] .a mask: draw with .* raises: IndexError.*line"),
    "reset-counts": ("put(sim.qpos[:, 2], worlds, 1.0 + rand(worlds, rng=rng))",
                     "sim.qpos[worlds, 2] = torch.rand(len(worlds), generator=rng, dtype=torch.float64)",
                     r"Mine.reset with worlds = \[False, True\] .* raises: RuntimeError: shape mismatch.*line"),
    "reset-all": ("put(sim.qpos[:, 2], worlds, 1.0 + rand(worlds, rng=rng))", "sim.qpos[:, 2] = 1.0 + rand(worlds, rng=rng)",
                  r"Mine.reset changes qpos of worlds that it is not given: write with `put\("),
    "reset-carried": ("put(carried.goal, worlds, rand(worlds, 3, rng=rng))", "carried.goal[:] = rand(worlds, 3, rng=rng)",
                      "Mine.reset changes goal of worlds"),
    "reset-nan": ("1.0 + rand(", "float('nan') * rand(", "Mine.reset leaves numbers"),
    "reset-global": ("rand(worlds, 3, rng=rng)", "torch.rand(2, 3)",
                     "Mine.reset draws from the global generator of torch"),
    "act-raises": ('sim.body("ball").xfrc_applied[:, 2] = 20.0 * actions[:, 0]', "sim.ctrl[:, 0] = actions[:, 0]", "Mine.act raises"),
    "act-writes": ("20.0 * actions[:, 0]", "actions[:, 0].mul_(20.0)", "Mine.act writes into the actions"),
    "read-raises": ("height = sim.qpos[:, 2].float()", "height = sim.qqpos", "Mine.read raises: AttributeError"),
    "read-dict": ("return self.State(height,", "return (height,", "Mine.read gives tuple"),
    "read-double": ("height = sim.qpos[:, 2].float()", "height = sim.qpos[:, 2]", "State.height gives a float64"),
    "read-shape": ("sim.qvel[:, :3].float()", "sim.qvel.float()", r"State.speed gives a float32 tensor \(2, 6\): "
                   r"expected a float32 or bool tensor \(2, 3\)"),
    "read-shares": ("carried.goal.clone()", "carried.goal", "State.goal changes after it was read"),
    "read-writes": ("        height = sim.qpos[:, 2].float()", "        sim.qpos[:, 2] += 1.0\n        height = "
                    "sim.qpos[:, 2].float()", "Mine.read changes sim.qpos"),
    "read-shifts": ("        height = sim.qpos[:, 2].float()", "        carried.goal += 1.0\n        height = "
                    "sim.qpos[:, 2].float()", "Mine.read changes goal of Carried"),
    "read-counts": ("height = sim.qpos[:, 2].float()", "height = self.x = getattr(self, 'x', 0.0) + sim.qpos[:, 2].float()",
                    "Mine.read called twice gives two values of height"),
    "read-number": ("self.State(height,", "self.State(1.0,", "State.height gives float 1.0"),
    "read-nan": ("height = sim.qpos[:, 2].float()", "height = sim.qpos[:, 2].float() / 0.0 * 0.0",
                 "State.height gives numbers that are not finite"),
    "observe-raises": ("return torch.cat([state.height[:, None],", "return torch.cat([state.height,", "Mine.observe raises"),
    "observe-flat": ("actions], dim=-1)", "actions], dim=-1).flatten()", "Mine.observe gives a float32 tensor"),
    "observe-double": ("actions], dim=-1)", "actions], dim=-1).double()", "Mine.observe gives a float64 tensor"),
    "observe-writes": ("return torch.cat([state", "state.height += 1.0\n        return torch.cat([state",
                       "Mine.observe or terminated or score writes into height"),
    "terminated-float": ("return state._low", "return state.height", "Mine.terminated gives a float32 .* expected a bool"),
    "terminated-raises": ("return state._low", "return state.low", "Mine.terminated raises: AttributeError"),
    "score-one": ("torch.ones_like(state.height)", "state.height.mean()", r"Mine.score gives a float32 tensor \(\)"),
    "score-nothing": ("return torch.ones_like(state.height)", "pass", "Mine.score gives NoneType None"),
}  # fmt: skip


@pytest.mark.parametrize("case", DECLARED)
def test_a_wrong_declaration_is_one_line_when_the_task_is_loaded(tmp_path: Path, case: str) -> None:
    old, new, message = DECLARED[case]
    with pytest.raises(UserError, match=message) as caught:
        load_task(write_task(tmp_path, "declared_task", (old, new)))
    one_line(caught.value)


@pytest.mark.parametrize("case", CHOSEN)
def test_wrong_options_and_wordings_are_one_line(tmp_path: Path, case: str) -> None:
    old, new, message = CHOSEN[case]
    reference = write_option_task(tmp_path, f"chosen_{case.replace('-', '_')}")
    file = Path(reference.rpartition(":")[0])
    source = file.read_text()
    assert source.count(old) == 1
    file.write_text(source.replace(old, new))
    with pytest.raises(UserError, match=message) as caught:
        load_task(reference)
    one_line(caught.value)


def test_a_sound_task_with_options_passes(tmp_path: Path) -> None:
    reference = write_option_task(tmp_path, "sound_options")
    for floor in (0.5, 2.0):
        try_task(load_task(reference, {"floor": floor}))


@pytest.mark.parametrize("case", DONE)
def test_what_a_method_does_wrong_is_one_line(tmp_path: Path, case: str) -> None:
    old, new, message = DONE[case]
    task = load_task(write_task(tmp_path, "done_task", (old, new)))
    with pytest.raises(UserError, match=message) as caught:
        try_task(task)
    one_line(caught.value)
    assert "done_task.py" in str(caught.value)


def one_line(error: UserError) -> None:
    assert "\n" not in str(error)
    assert error.exit_code == 2
    assert len(str(error)) < 600


def test_a_sound_task_passes(tmp_path: Path) -> None:
    task = load_task(write_task(tmp_path, "sound_task"))
    check_task(task)
    try_task(task)


@pytest.mark.parametrize("name", [*TASKS, TOY])
def test_every_built_in_task_and_a_small_one_pass(name: str) -> None:
    check_task(load_task(name))
    try_task(load_task(name))


def test_the_kinds_are_those_that_the_contract_names() -> None:
    assert tensor.__doc__ is not None
    for kind in KINDS:
        assert f"`{kind}`" in tensor.__doc__


def test_on_the_command_line(tmp_path: Path) -> None:
    reference = write_task(tmp_path, "mine", ('    quick = Budget(64, 10, 8, 512, "small")\n', ""))
    run = harness("run", "--suite", reference, "--dry-run", cwd=tmp_path)
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith("error: Mine.quick is not there: expected a harness.task.Budget")
    assert line.endswith("mine.py")
