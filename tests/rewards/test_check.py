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
        body("import math\nfrom torch import exp as e\nreturn e(dof_pos[:, 0]) * math.pi, {}"),
        body("import torch.nn.functional as F\nreturn F.relu(dof_pos[:, 0]), {}"),
        body(
            RETURN,
            before="from torch.nn import functional as F\nfrom torch import nn, linalg\nimport typing as t\n",
        ),
        body(RETURN, before="LIMITS = (1.0, -2 * 3.5)\nTABLE: dict = {'a': [1, 2]}\n'''Words.'''\n"),
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
    "other name": (
        body(RETURN).replace("compute_reward", "reward_function"),
        "signature",
        "`reward_function`",
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
    "defaulted parameter": (body(RETURN, "dof_pos, temperature=0.1"), "unknown_name", "`temperature`"),
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
    "numpy": ("import numpy as np\n" + body(RETURN), "forbidden", "`import numpy`"),
    "simulator import": ("from isaacgym.torch_utils import *\n" + body(RETURN), "forbidden", "quat_apply"),
    "relative import": ("from . import secrets\n" + body(RETURN), "forbidden", "`from . import secrets`"),
    "randomness": (body("x = torch.rand(3)\n" + RETURN), "forbidden", "no randomness"),
    "random in place": (body("x = dof_pos.clone().uniform_()\n" + RETURN), "forbidden", "no randomness"),
    "uninitialised": (body("x = torch.empty(3)\n" + RETURN), "forbidden", "torch.zeros"),
    "print": (body("print(dof_pos)\n" + RETURN), "forbidden", "`print`"),
    "try": (body("try:\n    pass\nexcept Exception:\n    pass\n" + RETURN), "forbidden", "try block"),
    "with": (body("with torch.no_grad():\n    pass\n" + RETURN), "forbidden", "with block"),
    "global": (body("global memory\n" + RETURN), "forbidden", "global statement"),
    "out": (body("torch.add(dof_pos, 1, out=dof_pos)\n" + RETURN), "forbidden", "`out=`"),
    "requires_grad": (
        body("x = torch.ones(3, requires_grad=True)\n" + RETURN),
        "forbidden",
        "`requires_grad=`",
    ),
    "top-level call": (body(RETURN) + "compute_reward(1, 2)\n", "forbidden", "outside functions"),
    "main block": (body(RETURN) + "if __name__ == '__main__':\n    pass\n", "forbidden", "outside functions"),
    "return outside": ("return 1\n" + body(RETURN), "forbidden", "outside functions"),
    "device method": (body("return dof_pos[:, 0].cuda(), {}"), "forbidden", "device=x.device"),
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
