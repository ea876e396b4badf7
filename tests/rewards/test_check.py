"""What the static check accepts, and what it says about the rest. Nothing is executed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.registry import load_task
from harness.rewards import RewardError, check

from .fixtures import GOOD, RETURN, body, reference_of

CARTPOLE = load_task("cartpole")


@pytest.mark.parametrize("program", GOOD, ids=lambda path: path.stem)
def test_good_programs_pass(program: Path) -> None:
    source = program.read_text()
    checked = check(source, load_task(reference_of(program)))
    assert checked.source == source
    assert checked.parameters
    assert source.split("\n")[checked.return_line - 1].strip().startswith("return")


@pytest.mark.parametrize(
    "source",
    [
        body(RETURN, "dof_pos, /, *, dof_vel=None, reset_dist: float = 1.0"),
        body(
            RETURN, "dof_pos, temperature=0.1, *, wide: bool = True, weights=(1.0, -2 / 3), turn=math.pi / 2"
        ),
        body(RETURN, "dof_pos, scale: float = SCALE", before="SCALE = 2.0\n"),
        body("import math\nfrom torch import exp as e\nreturn e(dof_pos[:, 0]) * math.pi, {}"),
        body("import torch.nn.functional as F\nreturn F.relu(dof_pos[:, 0]), {}"),
        body(
            RETURN,
            before="from torch.nn import functional as F\nfrom torch import nn, linalg\nimport typing as t\n",
        ),
        body(RETURN, before="LIMITS = (1.0, -2 * 3.5)\nTABLE: tuple = (('a', 1), (2, 3))\n'''Words.'''\n"),
        body("torch_like = [x * 2 for x in range(3)]\nf = lambda x, k=2: x * k\nreturn f(dof_pos[:, 0]), {}"),
        body("assert dof_pos.shape[1] == 2\nwhile False:\n    pass\n" + RETURN),
        body("sum = dof_pos.sum(-1)\nreturn sum, {f'part_{1}': sum}"),
        body("return bell(dof_pos[:, 0]), {}") + "def bell(x):\n    return torch.exp(-x**2)\n",
        "def compute_reward(dof_pos):\n    return torch.sin(dof_pos[:, 0]) * math.pi, {}\n",
    ],
)
def test_harmless_variety_passes(source: str) -> None:
    check(source, CARTPOLE)


BROKEN = {
    "two candidates": (
        (body(RETURN) + body(RETURN).replace("compute_", "my_")).replace("compute_reward", "first"),
        "signature",
        "calls `first` and `my_reward`",
    ),
    "another name twice": (
        (body(RETURN) + body(RETURN)).replace("compute_reward", "first"),
        "signature",
        "`first` is defined 2 times",
    ),
    "a circle": ("def a(x):\n    return b(x)\ndef b(x):\n    return a(x)\n", "signature", "call each other"),
    "parameter of another name": (
        body(RETURN, "dof_pos, goal").replace("compute_", "my_"),
        "unknown_name",
        "`my_reward`",
    ),
    "no function": ("x = 1\n", "signature", "no function `compute_reward`"),
    "two entries": (body(RETURN) + body(RETURN), "signature", "defined 2 times"),
    "in a class": (
        "class Reward:\n    def compute_reward(self, dof_pos):\n        return dof_pos, {}\n",
        "signature",
        "not at the top level",
    ),
    "method": (body(RETURN, "self, dof_pos"), "signature", "`self`"),
    "no parameters": (body("return torch.zeros(3), {}", ""), "signature", "has no parameters"),
    "star": (body(RETURN, "*states"), "signature", "`*states`"),
    "double star": (body(RETURN, "dof_pos, **states"), "signature", "`**states`"),
    "unknown parameter": (body(RETURN, "dof_pos, dof_vels"), "unknown_name", "Did you mean `dof_vel`"),
    "parameter without a number": (body(RETURN, "dof_pos, temperature"), "unknown_name", "`temperature`"),
    "parameter with another default": (body(RETURN, "dof_pos, t=None"), "unknown_name", "`t`"),
    "nothing but numbers": (
        body("return torch.ones(3), {}", "temperature=0.1"),
        "signature",
        "no parameters",
    ),
    "actions not offered": (body(RETURN, "dof_pos, actions"), "unknown_name", "`actions`"),
    "undefined name": (body("x = dof_poss[:, 0]\n" + RETURN), "unknown_name", "Did you mean `dof_pos`"),
    "undefined in helper": (
        body(RETURN, before="def f(x):\n    return x * scal\n"),
        "unknown_name",
        "`scal`",
    ),
    "state that is no parameter": (
        body("return dof_vel[:, 0], {}", "dof_pos"),
        "unknown_name",
        "Add `dof_vel`",
    ),
    "the fitness": (body("return score(dof_pos), {}"), "unknown_name", "`score` is not defined"),
    "the end of the episode": (body("return dof_pos[:, 0] * terminated, {}"), "unknown_name", "`terminated`"),
    "self in the body": (
        body("return self.dof_pos[:, 0], {}"),
        "unknown_name",
        "name `dof_pos` as a parameter",
    ),
    "unknown method": (body("x = dof_pos.nrom(dim=-1)\n" + RETURN), "unknown_name", "Did you mean `norm`"),
    "unknown function": (body("x = torch.sqrrt(dof_pos)\n" + RETURN), "unknown_name", "Did you mean `sqrt`"),
    "numpy": (
        body("x = np.exp(dof_pos)\n" + RETURN, before="import numpy as np"),
        "forbidden",
        "Use `torch.exp`",
    ),
    "numpy's name": (
        body("x = np.clip(1, 0, 2)\n" + RETURN, before="import numpy as np"),
        "forbidden",
        "Use `torch.clip`",
    ),
    "numpy's array": (
        body("x = np.array([1])\n" + RETURN, before="import numpy as np"),
        "forbidden",
        "Use `torch.tensor`",
    ),
    "numpy's norm": (
        body("x = np.linalg.norm(dof_pos)\n" + RETURN, before="import numpy as np"),
        "forbidden",
        "Use `torch.linalg`",
    ),
    "numpy's randomness": (
        body("x = np.random.rand(3)\n" + RETURN, before="import numpy as np"),
        "forbidden",
        "no randomness",
    ),
    "from numpy": (
        body("x = exp(dof_pos)\n" + RETURN, before="from numpy import exp"),
        "forbidden",
        "from numpy import exp",
    ),
    "used import": (
        "import scipy\n" + body("x = scipy.stats.norm\n" + RETURN),
        "forbidden",
        "`import scipy`",
    ),
    "used name": (
        body("x = to_torch(1)\n" + RETURN, before="from isaacgym.torch_utils import to_torch"),
        "forbidden",
        "to_torch",
    ),
    "relative import": (
        "from . import secrets\n" + body("x = secrets\n" + RETURN),
        "forbidden",
        "`from . import secrets`",
    ),
    "exit": (body("if dof_pos.shape[0] > 1:\n    exit()\n" + RETURN), "forbidden", "Line 5: `exit()`"),
    "quit": (body("quit(0)\n" + RETURN), "forbidden", "always returns"),
    "sys.exit": (body("sys.exit(1)\n" + RETURN, before="import sys"), "forbidden", "Line 4: `sys.exit(1)`"),
    "os._exit": (body("import os\nos._exit(1)\n" + RETURN), "forbidden", "Line 5: `os._exit(1)`"),
    "exit by another name": (
        body("stop(1)\n" + RETURN, before="from sys import exit as stop"),
        "forbidden",
        "Line 4: `stop(1)`",
    ),
    "raise SystemExit": (body("raise SystemExit\n" + RETURN), "forbidden", "Line 4: `raise SystemExit`"),
    "own decorator": (body(RETURN, before="def f(g):\n    return g\n@f"), "forbidden", "`@f`"),
    "own decorator like torch's": (
        body(RETURN, before="from torch import no_grad\ndef no_grad(g):\n    return g\n@no_grad"),
        "forbidden",
        "`@no_grad`",
    ),
    "decorator from elsewhere": (
        body(RETURN, before="import functools\n@functools.cache"),
        "forbidden",
        "@functools.cache",
    ),
    "decorator that counts": (
        body(RETURN, before="@torch.compile(mode=(x := 1))"),
        "forbidden",
        "torch.compile",
    ),
    "module list by a call": (body(RETURN, before="CALLS = list()\n"), "forbidden", "Use a tuple"),
    "module tensor": (body(RETURN, before="W = torch.ones([3])\n"), "forbidden", "Move this into"),
    "gradients": (body("x = dof_pos.requires_grad_()\n" + RETURN), "forbidden", "leave it out"),
    "module list": (body(RETURN, before="CALLS = []\n"), "forbidden", "Line 2: `CALLS = []`"),
    "module dict": (body(RETURN, before="CALLS: dict = {}\n"), "forbidden", "Use a tuple"),
    "module set in a tuple": (body(RETURN, before="CALLS = (1, ({2},))\n"), "forbidden", "Use a tuple"),
    "module list by arithmetic": (body(RETURN, before="CALLS = [0] * 3\n"), "forbidden", "Use a tuple"),
    "list as default": (
        body(RETURN, before="def f(x, seen=[]):\n    return x\n"),
        "forbidden",
        "`def f(x, seen=[]):`",
    ),
    "dict as keyword default": (body(RETURN, "dof_pos, *, seen={}"), "unknown_name", "`seen`"),
    "set in a tuple as default": (
        body("f = lambda x, s=({1},): x\n" + RETURN),
        "forbidden",
        "inside the function",
    ),
    "list as default of the entry": (body(RETURN, "dof_pos, dof_vel=[]"), "forbidden", "inside the function"),
    "meta": (body("x = dof_pos.to('meta')\n" + RETURN), "device", "leave this out"),
    "mps": (body("x = torch.zeros(3, device='mps')\n" + RETURN), "device", "`mps`"),
    "xpu": (body("x = dof_pos.to(device=torch.device('xpu:0'))\n" + RETURN), "device", "`xpu:0`"),
    "a device by a variable": (body("device = 'mps' if True else 'cpu'\n" + RETURN), "device", "`mps`"),
    "a word that is no device": (body("x = dof_pos.to('gpu1')\n" + RETURN), "device", "`gpu1`"),
    "made-up method": (body("x = dof_pos.run()\n" + RETURN), "forbidden", "Use tensor arithmetic"),
    "randomness": (body("x = torch.rand(3)\n" + RETURN), "forbidden", "no randomness"),
    "random in place": (body("x = dof_pos.clone().uniform_()\n" + RETURN), "forbidden", "no randomness"),
    "uninitialised": (body("x = torch.empty(3)\n" + RETURN), "forbidden", "torch.zeros"),
    "print as a value": (body("x = print(dof_pos)\n" + RETURN), "forbidden", "`print`"),
    "del of an entry": (body("d = {1: 2}\ndel d[1]\n" + RETURN), "forbidden", "del statement"),
    "try": (body("try:\n    pass\nexcept Exception:\n    pass\n" + RETURN), "forbidden", "try block"),
    "with": (body("with torch.autocast('cpu'):\n    pass\n" + RETURN), "forbidden", "with block"),
    "with a name": (body("with torch.no_grad() as x:\n    pass\n" + RETURN), "forbidden", "with block"),
    "with among others": (
        body("with torch.no_grad(), open('x'):\n    pass\n" + RETURN),
        "forbidden",
        "with block",
    ),
    "global": (body("global memory\n" + RETURN), "forbidden", "global statement"),
    "out": (body("torch.add(dof_pos, 1, out=dof_pos)\n" + RETURN), "forbidden", "`out=`"),
    "requires_grad": (
        body("x = torch.ones(3, requires_grad=True)\n" + RETURN),
        "forbidden",
        "`requires_grad=`",
    ),
    "top-level call": (body(RETURN) + "compute_reward(1, 2)\n", "forbidden", "outside functions"),
    "main block with an else": (
        body(RETURN) + "if __name__ == '__main__':\n    pass\nelse:\n    X = 1\n",
        "forbidden",
        "outside functions",
    ),
    "del outside": (body(RETURN, before="abs = 3\ndel abs\n"), "forbidden", "del statement"),
    "return outside": ("return 1\n" + body(RETURN), "forbidden", "outside functions"),
    "syntax": (body("x = = 1"), "syntax", "line 4"),
    "break outside": (body("break\n" + RETURN), "syntax", "does not compile"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_programs_are_refused_with_what_a_designer_needs(name: str) -> None:
    source, kind, words = BROKEN[name]
    with pytest.raises(RewardError) as caught:
        check(source, CARTPOLE)
    error = caught.value
    assert error.kind == kind
    assert words in error.designer
    assert "\n" not in error.message
    if error.line is not None:
        assert f"Line {error.line}: `{source.split(chr(10))[error.line - 1].strip()}`" in error.designer


def test_a_missing_parameter_lists_everything_that_the_task_offers() -> None:
    with pytest.raises(RewardError) as caught:
        check(body(RETURN, "dof_pos, goal"), CARTPOLE)
    for offer in (
        "dof_pos (N, 2)",
        "dof_vel (N, 2)",
        "obs_buf",
        "reset_dist = 3.0",
        "num_envs = N",
        "device",
    ):
        assert offer in caught.value.designer


def test_the_progress_of_an_episode_is_there_for_those_who_know_of_it() -> None:
    program = "x = dof_pos[:, 0] * progress_buf / max_episode_length\nreturn x, {'x': x}"
    check(body(program, "dof_pos, progress_buf, max_episode_length"), CARTPOLE)
    with pytest.raises(RewardError) as caught:
        check(body(program, "dof_pos, progress"), CARTPOLE)
    assert "progress_buf" not in caught.value.designer


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 150 + "1" + ")" * 150,
        "-" * 5000 + "1",
        "+".join(["1"] * 9000),
        "dof_pos" + ".T" * 9000,
        "[" * 90 + "]" * 90,
    ],
)
def test_deep_programs_are_refused_or_pass_but_never_crash(expression: str) -> None:
    kind = "accepted"
    try:
        check(body(f"x = {expression}\n{RETURN}"), CARTPOLE)
    except RewardError as error:
        kind = error.kind
    assert kind in ("accepted", "syntax")
