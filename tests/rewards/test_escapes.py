"""Attempts to get out of the reward language. All must be refused before anything is executed."""

from __future__ import annotations

import pytest

from harness.registry import load_task
from harness.rewards import RewardError, check

from .fixtures import RETURN, body

CARTPOLE = load_task("cartpole")

EXPRESSIONS = [
    "().__class__.__base__.__subclasses__()",
    "''.__class__",
    "dof_pos.__class__",
    "compute_reward.__globals__",
    "(lambda: 0).__code__",
    "(x for x in [1]).gi_frame.f_back.f_builtins",
    "dof_pos.register_hook(lambda g: g)",
    "dof_pos.backward()",
    "dof_pos.storage()",
    "dof_pos.untyped_storage()",
    "dof_pos.data",
    "dof_pos.numpy()",
    "dof_pos.apply_(abs)",
    "dof_pos.map_(dof_vel, max)",
    "dof_pos.share_memory_()",
    "getattr(dof_pos, 'data')",
    "setattr(dof_pos, 'a', 1)",
    "type(dof_pos)",
    "vars(torch)",
    "dir()",
    "globals()['torch']",
    "locals()",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "open('/etc/passwd')",
    "input()",
    "breakpoint()",
    "__import__('os')",
    "__builtins__",
    "__loader__",
    "torch.load('x')",
    "torch.save(dof_pos, 'x')",
    "torch.ops.aten.mul",
    "torch.hub.load('x', 'y')",
    "torch.utils.data",
    "torch.jit.load('x')",
    "torch.classes.load_library('x')",
    "torch.serialization",
    "torch.package",
    "torch.multiprocessing",
    "torch.distributed.init_process_group()",
    "torch.from_file('x')",
    "torch.set_default_device('cuda')",
    "torch.manual_seed(0)",
    "torch.os.system('x')",
    "torch.sys.modules",
    "torch.nn.Module",
    "torch.nn.functional.torch",
    "torch.nn.functional.dropout(dof_pos)",
    "torch.linalg.torch",
    "math.__loader__",
    "typing.get_type_hints(1)",
    "torch",
    "[torch][0]",
    "(lambda m: m)(math)",
    "(torch := dof_pos)",
    "[math for math in [torch]]",
    "'{0.__class__}'.format(dof_pos)",
    "'{a.data}'.format_map({'a': dof_pos})",
    "f'{dof_pos.__class__}'",
    "f'{dof_pos!r:{dof_pos.__class__}}'",
    "torch.add(dof_pos, 1, **{'out': dof_pos})",
    "torch.sort(dof_pos, **dict(out=1))",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "{**globals()}",
    "[*vars().values()]",
    "dict.fromkeys",
    "str.format",
    "int.from_bytes",
    "list.__init__",
    "super().compute_reward",
    "(yield)",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_that_reach_out_are_refused(expression: str) -> None:
    before = "import typing\n" if "typing" in expression else ""
    with pytest.raises(RewardError) as caught:
        check(body(f"x = {expression}\n{RETURN}", before=before), CARTPOLE)
    assert caught.value.kind in ("forbidden", "unknown_name")
    assert "\n" not in caught.value.message
    assert f"x = {expression}" in caught.value.designer


PROGRAMS = {
    "import": body("import os\nos.getcwd()\n" + RETURN),
    "import hidden among allowed ones": "import math, os\n" + body("os.getcwd()\n" + RETURN),
    "submodule": "import torch.utils.cpp_extension\n"
    + body("torch.utils.cpp_extension.load('x')\n" + RETURN),
    "from torch": "from torch import load\n" + body("load('x')\n" + RETURN),
    "from math": "from math import __loader__\n" + body("__loader__.x\n" + RETURN),
    "import that is never named in full": "import os as o\n" + body("o\n" + RETURN),
    "unused import under a module's name": "import os as torch\n" + body(RETURN),
    "name under a module's name": "from os import path as math\n" + body(RETURN),
    "import of one name from two places": "from torch import no_grad\nfrom os import no_grad\n"
    + body("with no_grad():\n    pass\n" + RETURN),
    "import in a decorator": "import os\n" + body(RETURN, before="@os.system"),
    "module of a helper": "import isaacgym.torch_utils as u\n" + body("u.torch\n" + RETURN),
    "numpy": "import numpy as np\n" + body("np.load('x')\n" + RETURN),
    "numpy's modules": "import numpy as np\n" + body("np.os\n" + RETURN),
    "star import": "from torch import *\n" + body(RETURN),
    "module under another's name": "import math as torch\n" + body(RETURN),
    "function under a module's name": "from torch import exp as math\n" + body(RETURN),
    "assigned module": body(RETURN, before="math = [1]\n"),
    "parameter named like a module": body(RETURN, before="def f(torch):\n    return torch.exp\n"),
    "function named like a module": body(RETURN, before="def math():\n    return 1\n"),
    "default that calls": body(RETURN, before="def f(x=torch.zeros(1)):\n    return x\n"),
    "keyword default that calls": body(RETURN, before="def f(*, x=[i for i in range(9)]):\n    return x\n"),
    "constant that calls": body(RETURN, before="TABLE = torch.ones(3)\n"),
    "module-level lambda": body(RETURN, before="f = lambda x: x\n"),
    "module-level loop": body(RETURN, before="for i in range(3):\n    pass\n"),
    "class": body("class A:\n    pass\n" + RETURN),
    "class pattern": body("match dof_pos:\n    case object(__class__=c):\n        pass\n" + RETURN),
    "attribute assignment": body("compute_reward.calls = 1\n" + RETURN),
    "data assignment": body("dof_pos.data = dof_vel\n" + RETURN),
    "augmented attribute": body("dof_pos.grad += 1\n" + RETURN),
    "nonlocal": body("def f():\n    nonlocal x\nx = 1\n" + RETURN),
    "delete": body("del dof_pos.data\nreturn 1, {}"),
    "raise": body("raise SystemExit\n" + RETURN),
    "async": body("async def f():\n    pass\n" + RETURN),
    "await": "async def compute_reward(dof_pos):\n    await dof_pos\n",
    "inner star": body("f = lambda *a: a\n" + RETURN),
    "inner double star": body("def f(**a):\n    return a\n" + RETURN),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_that_reach_out_are_refused(name: str) -> None:
    with pytest.raises(RewardError) as caught:
        check(PROGRAMS[name], CARTPOLE)
    assert caught.value.kind in ("forbidden", "signature", "unknown_name", "syntax")


def test_annotations_decorators_of_torch_and_what_is_dropped_are_never_evaluated() -> None:
    source = """
import torch, os, subprocess as sp
from pickle import loads
from shutil import *

@torch.compile(backend="x".__class__, options={"a": torch.os})
@torch.jit.script
def compute_reward(dof_pos: eval("1"), dof_vel: ().__class__ = None) -> exec("2"):
    x: __import__("os") = 1
    y: open("z")
    print(().__class__.__base__, "{0.x}".format(dof_pos))
    return dof_pos[:, 0] * x, {}

if __name__ == "__main__":
    sp.run(loads)
"""
    program = check(source, CARTPOLE)
    (entry,) = (part for part in program.code.co_consts if hasattr(part, "co_names"))
    names = {"open", "eval", "exec", "compile", "loads", "run", "sp", "os", "print", "format", "rmtree"}
    assert names.isdisjoint({*program.code.co_names, *entry.co_names, *program.imports})
