"""What is taken out of a reward program, or rewritten, before it is checked: it means no harm."""

from __future__ import annotations

import ast
import copy
import re

from harness.rewards.imports import Imports
from harness.rewards.program import DEVICE

DEVICE_TEXT = re.compile(r"(cuda|cpu)(:\d+)?")


class Cleaner(ast.NodeTransformer):
    """Takes out decorators, annotations and imports.

    Device names in calls become the harness's device, and `a &= b` becomes `a = a & b`, since torch cannot
    trace the in-place form.
    """

    def __init__(self, imports: Imports) -> None:
        self.imports = imports

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list, node.returns = [], None
        node.args.args, node.args.posonlyargs = node.args.posonlyargs + node.args.args, []
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            before = copy.deepcopy(node.target)
            before.ctx = ast.Load()
            value = ast.copy_location(ast.BinOp(before, node.op, node.value), node)
            return self.generic_visit(ast.copy_location(ast.Assign([node.target], value), node))
        return self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> ast.AST:
        self.imports.add(node)
        return ast.copy_location(ast.Pass(), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        self.imports.add(node)
        return ast.copy_location(ast.Pass(), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [_device(value) for value in node.args]
        for keyword in node.keywords:
            keyword.value = _device(keyword.value)
        return self.generic_visit(node)


def _device(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and DEVICE_TEXT.fullmatch(node.value):
        return ast.copy_location(ast.Name(DEVICE, ast.Load()), node)
    return node
