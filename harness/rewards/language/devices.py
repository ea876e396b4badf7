"""Where tensors lie: every way to name the harness's device means it, any other device is refused."""

from __future__ import annotations

import ast
import re

from harness.rewards.errors import problem

DEVICE = "_device"
"""Global name of the device; `"cuda:0"` and the like in calls mean it."""
DEVICE_NAME = "_device_name"
"""Global name of the device's name: what a variable gets that a program sets to `"cuda:0"`."""
OURS = re.compile(r"(?:cuda|cpu)(?::\d+)?")
OTHERS = re.compile(
    r"(?:meta|mps|xpu|xla|hpu|ipu|npu|tpu|gpu|mtia|maia|ve|fpga|hip|lazy|vulkan|opencl|opengl|mkldnn|ideep|"
    r"privateuseone)(?::\d+)?"
)
OF_CONTAINERS = {
    "get",
    "pop",
    "setdefault",
    "join",
    "replace",
    "startswith",
    "endswith",
    "append",
    "index",
    "count",
}
"""Methods of strings, lists and dicts: what they are given is no device."""
ADVICE = "All tensors lie on one device already: leave this out; for new tensors write `device=x.device`."


def moved(call: ast.Call, path: str, source: str) -> ast.expr:
    """A call with its devices replaced by the harness's own. RewardError `device` for a literal other one.

    `path` is the dotted name of what is called, as `torch.device`, or empty.
    """
    if path == "torch.cuda.is_available":
        kind = ast.Attribute(_name(DEVICE), "type", ast.Load())
        return _at(call, ast.Compare(kind, [ast.Eq()], [ast.Constant("cuda")]))
    if path == "torch.cuda.device_count":
        return _at(call, ast.Constant(1))
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    if method in ("cpu", "cuda") and not path.startswith("torch."):
        if all(isinstance(value, (ast.Constant, ast.Name, ast.Attribute)) for value in values):
            function = ast.Attribute(call.func.value, "to", ast.Load())  # type: ignore[attr-defined]
            return _at(call, ast.Call(function, [_name(DEVICE)], []))
        return call
    only_device = path == "torch.device"
    for value in call.args:
        _refuse_other(value, only_device or method == "to", source)
    for keyword in call.keywords:
        _refuse_other(keyword.value, only_device or keyword.arg == "device", source)
    if only_device and values and all(map(_is_literal, values)):
        return _at(call, _name(DEVICE))
    if method not in OF_CONTAINERS:
        call.args = [placed(value, DEVICE) for value in call.args]
    for keyword in call.keywords:
        keyword.value = placed(keyword.value, DEVICE)
    return call


def named(value: ast.expr, variables: list[ast.expr], source: str) -> ast.expr:
    """What a variable for a device is set to: a literal device becomes the name of the harness's own."""
    names = [node.id.lower() for node in variables if isinstance(node, ast.Name)]
    if not any("dev" in name for name in names):
        return value
    _refuse_other(value, False, source)
    return placed(value, DEVICE_NAME)


def placed(value: ast.expr, name: str) -> ast.expr:
    """An expression whose literal devices, in branches of a choice too, became a global name."""
    if isinstance(value, ast.IfExp):
        value.body, value.orelse = placed(value.body, name), placed(value.orelse, name)
    elif isinstance(value, ast.JoinedStr) and len(value.values) == 1:  # an f-string without anything in it
        return placed(value.values[0], name) if _is_literal(value.values[0]) else value
    elif isinstance(value, ast.Constant) and isinstance(value.value, str) and OURS.fullmatch(value.value):
        return _at(value, _name(name))
    return value


def _is_literal(value: ast.expr) -> bool:
    """Whether a value is a literal, or a choice between literals."""
    if isinstance(value, ast.IfExp):
        return _is_literal(value.body) and _is_literal(value.orelse)
    return isinstance(value, ast.Constant)


def _refuse_other(value: ast.expr, only_device: bool, source: str) -> None:
    """RewardError for a literal that names another device; where only a device may stand, for any other word."""
    if isinstance(value, ast.IfExp):
        _refuse_other(value.body, only_device, source)
        _refuse_other(value.orelse, only_device, source)
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)) or OURS.fullmatch(value.value):
        return
    if only_device or OTHERS.fullmatch(value.value):
        what = f"the device `{value.value}` is not the one that the states are on"
        raise problem("device", what, ADVICE, source, value.lineno)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _at(place: ast.expr, node: ast.expr) -> ast.expr:
    return ast.fix_missing_locations(ast.copy_location(node, place))
