"""Habits that mean no harm: what is dropped or rewritten, what is said of it, and which function is the entry."""

from __future__ import annotations

import pytest

from harness.registry import load_task
from harness.rewards import RewardError, check
from harness.rewards.flags import Flag

from .fixtures import RETURN, body

CARTPOLE = load_task("cartpole")

HABITS = {
    "no_grad": body("with torch.no_grad():\n    x = dof_pos[:, 0]\nreturn x, {}"),
    "imported": body(
        "with no_grad(), t.inference_mode():\n    " + RETURN,
        before="from torch import no_grad\nimport torch as t\n",
    ),
    "set_grad_enabled": body(
        "torch.set_grad_enabled(False)\nwith torch.set_grad_enabled(mode=False):\n    " + RETURN
    ),
    "decorators": body(
        RETURN, before="from torch import jit\n@jit.script\n@torch.no_grad()\n@torch.compile(mode='x')"
    ),
    "compiled later": body(RETURN) + "compute_reward = torch.jit.script(compute_reward)\n",
    "print": body(
        "x = dof_pos\nprint(f'{x.mean().item():.2f}', x.cpu().numpy(), len(x), *x.shape, flush=True)\n"
        + RETURN
    ),
    "print alone": body("if dof_pos.isnan().any():\n    print('NaN')\n" + RETURN),
    "del": body("x, y = dof_pos, 1\ndel x, (y)\n" + RETURN),
    "unused imports": body(
        "import os.path\n" + RETURN,
        before="import numpy as np, sys\nfrom isaacgym import gymapi\nfrom .base import VecTask\nfrom torch import nn, optim\n"
        "import torch.nn as nn\nfrom scipy.spatial.transform import *\nimport torch.utils.cpp_extension\n",
    ),
    "annotations of an unused import": body(RETURN, "dof_pos: np.ndarray", before="import numpy as np"),
    "main": body(RETURN) + "if __name__ == '__main__':\n    import os\n    print(compute_reward(os.x))\n",
    "numbers of numpy": body(
        "return dof_pos[:, 0] * np.pi / np.inf + numpy.e, {}", before="import numpy as np\nimport numpy"
    ),
    "isaac": body(
        "return quat_mul(dof_pos, dof_pos)[:, 0], {}",
        before="from isaacgym.torch_utils import quat_mul, to_torch",
    ),
    "isaac star": body(
        "return my_quat_rotate(dof_pos, dof_pos)[:, 0], {}",
        before="from isaacgymenvs.utils.torch_jit_utils import *",
    ),
    "isaac module": body(
        "return tu.saturate(dof_pos, 0, 1)[:, 0], {}", before="import isaacgym.torch_utils as tu"
    ),
    "isaac in full": body(
        "return isaacgym.torch_utils.quat_unit(dof_pos)[:, 0], {}", before="import isaacgym.torch_utils"
    ),
    "isaac's module": body(
        "return jit.normalize(dof_pos)[:, 0], {}", before="from utils import torch_jit_utils as jit"
    ),
    "typing star": body("x: List[Sequence[int]] = []\n" + RETURN, before="from typing import *"),
    "devices": body(
        "device = 'cuda:0' if torch.cuda.is_available() else 'cpu'\nx = torch.zeros(3, device=device).cuda(0).cpu()\n"
        "y = x.to(torch.device('cuda', 0)).to(device=torch.device('cuda' if torch.cuda.is_available() else 'cpu'))\n"
        + RETURN,
        before="DEVICE = 'cuda:0'\nDEV = 'cuda' if torch.cuda.is_available() else 'cpu'\n"
        "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\n",
    ),
    "gradients off": body("x = torch.ones(3, requires_grad=False).requires_grad_(False)\n" + RETURN),
    "words in a dict": body("x = {'cpu': 1}\nassert x.get('cpu') == 1\n" + RETURN),
    "torchscript": body(
        "x = torch.jit.annotate(List[int], [])\nassert not torch.jit.is_scripting()\n" + RETURN
    ),
}


@pytest.mark.parametrize("name", HABITS)
def test_harmless_habits_bind(name: str) -> None:
    check(HABITS[name], CARTPOLE)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (body("print(dof_pos)\n" + RETURN), "line 4: print was dropped"),
        (body("x = 1\ndel x\n" + RETURN), "line 5: `del x` was dropped"),
        (body(RETURN, before="import scipy as sp"), "line 2: `import scipy` was dropped, nothing uses it"),
        (
            body(RETURN) + "if '__main__' == __name__:\n    pass\n",
            "line 5: the block of `__main__` was dropped",
        ),
    ],
)
def test_what_is_dropped_is_said(source: str, message: str) -> None:
    assert check(source, CARTPOLE).flags == (Flag("dropped", message),)


def test_a_program_without_such_habits_has_no_flags() -> None:
    assert (
        check(
            body(RETURN, before="from typing import Dict, NamedTuple\nfrom torch import nn\n"), CARTPOLE
        ).flags
        == ()
    )


CHANGING_PRINTS = [
    *(
        "print(x := 2)",
        "print(xs.append(1))",
        "print(y.add_(1))",
        "print(helper(y))",
        "print(torch.relu_(y))",
    ),
    *(
        "print(F.relu(y, True))",
        "print(torch.add(y, 1, out=y))",
        "print(list(map(helper, xs)))",
        "print(f(y))",
    ),
    *(
        "print(f'{xs.pop()}')",
        "print([helper(i) for i in xs])",
        "print(*it)",
        "print(list(it))",
    ),
    *(
        "print(max(xs, key=f))",
        "print((lambda: xs.pop())())",
        "print([f][0](y))",
        "print(1 in it)",
        "print(setattr(y, 'data', y))",
        "print(exec('y = 1'))",
        "print(next(it))",
        "print(torch.set_default_dtype(torch.float64))",
        "print(operator.iadd(y, 1))",
        "print(iadd(y, 1))",
    ),
]


@pytest.mark.parametrize("statement", CHANGING_PRINTS)
def test_a_print_that_may_change_a_value_is_refused(statement: str) -> None:
    before = "import torch.nn.functional as F\nimport operator\nfrom operator import iadd\ndef helper(x):\n    x += 1\n    return x\n"
    lines = f"xs, y, f, it = [1], dof_pos.clone(), lambda v: v.zero_(), zip([1])\n{statement}\n{RETURN}"
    with pytest.raises(RewardError) as caught:
        check(body(lines, before=before), CARTPOLE)
    assert caught.value.kind == "forbidden"
    assert f"`{statement}`" in caught.value.designer


ENTRIES = {
    "other name": (body(RETURN).replace("compute_reward", "reward_function"), "reward_function"),
    "version": (body("return bell(dof_pos[:, 0]), {}") + "def bell(x):\n    return x\n", "compute_reward"),
    "helper above": (
        body("return f(dof_pos), {}", before="def f(x):\n    return x\n").replace("compute_", "my_"),
        "my_reward",
    ),
    "helper below": (
        body("return f(dof_pos), {}").replace("compute_", "my_") + "def f(x):\n    return x\n",
        "my_reward",
    ),
    "helper as a value": (
        body("return list(map(f, [dof_pos]))[0], {}").replace("compute_", "my_")
        + "def f(x):\n    return x\n",
        "my_reward",
    ),
    "helpers in a table": (
        body("return TERMS[0](dof_pos) + TERMS[1](dof_pos), {}").replace("compute_", "my_")
        + "def f(x):\n    return x\ndef g(x):\n    return x\nTERMS = (f, g)\nreward_function = my_reward\n",
        "my_reward",
    ),
    "recursion": (
        body(
            "return go(dof_pos) if num > 0 else 0, {}",
            "dof_pos, num=1",
            before="def f(x):\n    return f(x)\n",
        )
        .replace("compute_reward", "go")
        .replace("if num", "+ f(1) if num"),
        "go",
    ),
    "parameter called like the entry": (
        body("return f(dof_pos), {}", before="def f(reward):\n    return reward * 2\n").replace(
            "compute_reward", "reward"
        ),
        "reward",
    ),
    "called in the block for scripts": (
        body(RETURN).replace("compute_", "my_") + "if __name__ == '__main__':\n    my_reward(1, 2)\n",
        "my_reward",
    ),
    "another that nobody calls": (body(RETURN) + "def plot(x):\n    return x\n", "compute_reward"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_the_entry_is_the_function_that_no_other_one_calls(name: str) -> None:
    source, entry = ENTRIES[name]
    assert check(source, CARTPOLE).entry == entry


def test_numbers_with_defaults_stay_and_names_of_the_task_are_bound() -> None:
    program = check(body(RETURN, "dof_pos, temperature=0.1, reset_dist=5.0, *, device='cuda'"), CARTPOLE)
    assert program.parameters == ("dof_pos", "reset_dist", "device")
