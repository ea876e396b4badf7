"""Types of tensors by their old names, such as `torch.FloatTensor`: said in today's words."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from harness.rewards.language.devices import DEVICE

OLD = re.compile(r"torch\.(?:cuda\.)?(\w+)Tensor")
DTYPES = {
    **{"Float": "float32", "Double": "float64", "Half": "float16", "BFloat16": "bfloat16", "Bool": "bool"},
    **{"Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8"},
}


def old_types(call: ast.Call, path: Callable[[ast.expr], str]) -> ast.Call:
    """A call with `torch.FloatTensor([1.0])` or `x.type(torch.FloatTensor)` in words of today.

    `path` gives the dotted name of an expression. What is given must be a row: of a number, the old type made
    a tensor of that size with whatever was in memory.
    """
    dtype = _dtype(call.func, path)
    if dtype and len(call.args) == 1 and not call.keywords:
        row = ast.List([ast.Starred(call.args[0], ast.Load())], ast.Load())
        words = [ast.keyword("dtype", dtype), ast.keyword("device", ast.Name(DEVICE, ast.Load()))]
        made = ast.Call(_of_torch("tensor"), [row], words)
        return ast.fix_missing_locations(ast.copy_location(made, call))
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("type", "to"):
        call.args = [_dtype(value, path) or value for value in call.args]
    return call


def _dtype(node: ast.expr, path: Callable[[ast.expr], str]) -> ast.expr | None:
    match = OLD.fullmatch(path(node))
    if match is None or match[1] not in DTYPES:
        return None
    return ast.fix_missing_locations(ast.copy_location(_of_torch(DTYPES[match[1]]), node))


def _of_torch(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("torch", ast.Load()), name, ast.Load())
