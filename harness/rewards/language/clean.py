"""What is taken out of a reward program, or rewritten, before it is checked: it means no harm."""

from __future__ import annotations

import ast
import copy

from harness.rewards.allowed import words
from harness.rewards.errors import RewardError, problem
from harness.rewards.flags import Flag
from harness.rewards.language.devices import moved, named
from harness.rewards.language.drops import Own, changes, is_main_block, is_print
from harness.rewards.language.imports import Imports
from harness.rewards.language.old_types import old_types

GRADIENT_MODES = {
    f"torch.{name}"
    for name in (
        *("no_grad", "inference_mode", "enable_grad", "set_grad_enabled"),
        *("autograd.no_grad", "autograd.inference_mode", "autograd.enable_grad"),
        *("autograd.grad_mode.no_grad", "autograd.grad_mode.inference_mode", "autograd.set_grad_enabled"),
    )
}
"""A reward has no gradients, whichever of these surrounds it."""
DECORATORS = GRADIENT_MODES | {
    f"torch.{name}"
    for name in (
        *(
            "jit.script",
            "jit.export",
            "jit.ignore",
            "jit.unused",
            "jit.script_if_tracing",
            "jit.script_method",
        ),
        *("compile", "compiler.disable", "compiler.allow_in_graph", "_dynamo.disable", "jit.interface"),
    )
}
"""Torch's own decorators that change no value."""
SAME_IN_PLACE = {
    **{"absolute_": "abs_", "arctan2_": "atan2_", "clip_": "clamp_", "divide_": "div_", "multiply_": "mul_"},
    **{"negative_": "neg_", "subtract_": "sub_", "true_divide_": "div_"},
}
"""Second names of methods, which torch cannot trace."""
IDLE = {"requires_grad", "inplace", "pin_memory"}
"""Keyword arguments that are forbidden, but mean nothing when they are False."""
EXITS = {"exit", "quit", "sys.exit", "os._exit", "os.abort", "os.kill"}
ERRORS = words(
    """
    ArithmeticError AssertionError Exception IndexError KeyError NotImplementedError RuntimeError TypeError
    ValueError
    """
)
"""Exceptions that say what is wrong with an argument."""
EXIT_ADVICE = (
    "A reward always returns a value for every world: use torch.where or torch.clamp for odd states."
)


def clean(tree: ast.Module, source: str) -> tuple[ast.Module, Imports, tuple[Flag, ...]]:
    """A program without imports, annotations, and what else is harmless; its imports; what was dropped.

    Raises RewardError for what may not be dropped, and for imports that are used and not allowed.
    """
    imports = Imports(source)
    own = Own.of(tree)
    imports.collect(tree)
    imports.assume(tree, own.stored | own.functions)
    cleaner = Cleaner(imports, source, own)
    tree = ast.fix_missing_locations(cleaner.visit(tree))
    used = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return tree, imports, (*imports.refuse_used(used), *cleaner.flags)


class Cleaner(ast.NodeTransformer):
    """Takes out decorators, annotations, imports, prints, and blocks without gradients.

    Device names become the harness's device, and `a &= b` becomes `a = a & b`, since torch cannot trace the
    in-place form.
    """

    def __init__(self, imports: Imports, source: str, own: Own) -> None:
        self.imports = imports
        self.source = source
        self.own = own
        self.flags: list[Flag] = []
        self.top_level: list[ast.stmt] = []

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.top_level = list(node.body)
        for i, statement in enumerate(node.body):
            if is_main_block(statement):
                node.body[i] = self.dropped(statement, "the block of `__main__`")
            elif isinstance(statement, ast.Assign) and self.compiles_itself(statement):
                node.body[i] = ast.copy_location(ast.Pass(), statement)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        for decorator in node.decorator_list:
            function, culprit = decorator, ""
            if isinstance(decorator, ast.Call):
                function, culprit = decorator.func, changes_in_call(decorator, self.own)
            if self.path(function) not in DECORATORS or culprit:
                what = f"the decorator `@{ast.unparse(decorator)}` is not allowed"
                advice = (
                    "Write its work into the function; torch.jit.script and torch.no_grad() are not needed."
                )
                raise self.refusal(decorator, what, advice)
        node.decorator_list, node.returns = [], None
        node.args.args, node.args.posonlyargs = node.args.posonlyargs + node.args.args, []
        return self.generic_visit(node)

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        last = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
        for i, argument in enumerate(last):
            node.defaults[i] = named(node.defaults[i], [ast.Name(argument.arg)], self.source)
        for i, (argument, value) in enumerate(zip(node.kwonlyargs, node.kw_defaults, strict=True)):
            node.kw_defaults[i] = value and named(value, [ast.Name(argument.arg)], self.source)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return self.visit_Assign(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        node.value = named(node.value, node.targets, self.source)
        return self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            before = copy.deepcopy(node.target)
            before.ctx = ast.Load()
            value = ast.copy_location(ast.BinOp(before, node.op, node.value), node)
            return self.generic_visit(ast.copy_location(ast.Assign([node.target], value), node))
        return self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if is_print(node, self.own):
            if culprit := changes_in_call(node.value, self.own):
                what = f"a print holds {culprit}, which may change a value"
                raise self.refusal(node, what, "Leave the print out; compute what you need before it.")
            return self.dropped(node, "print")
        if isinstance(node.value, ast.Call) and self.path(node.value.func) in GRADIENT_MODES:
            return self.dropped(node, f"`{ast.unparse(node)}`")
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        only_prints = all(is_print(statement, self.own) for statement in node.body) and not node.orelse
        self.generic_visit(node)
        if only_prints and not changes(node.test, self.own):
            return ast.copy_location(ast.Pass(), node)  # a tensor's value would be read to print or not
        return node

    def visit_Delete(self, node: ast.Delete) -> ast.AST:
        parts = (part for target in node.targets for part in ast.walk(target))
        variables = all(isinstance(part, (ast.Name, ast.Tuple, ast.expr_context)) for part in parts)
        if not variables or node in self.top_level:
            return node
        return self.dropped(node, f"`{ast.unparse(node)}`")

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        call = node.exc if isinstance(node.exc, ast.Call) else None
        error = call.func if call else node.exc
        if error is None or node.cause or self.path(error) not in ERRORS:
            return node  # one that checks an argument's form is an assertion that fails
        text = call.args[0] if call and call.args else ast.Constant(ast.unparse(error))
        return self.generic_visit(ast.copy_location(ast.Assert(ast.Constant(False), text), node))

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node  # refused as a whole, whatever its methods are decorated with

    def visit_With(self, node: ast.With) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        for item in node.items:
            call = item.context_expr
            if not isinstance(call, ast.Call) or item.optional_vars is not None:
                return node
            if self.path(call.func) not in GRADIENT_MODES or changes_in_call(call, self.own):
                return node
        return node.body

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node = old_types(node, self.path)
        self.generic_visit(node)
        path = self.path(node.func)
        if path in EXITS:
            what = f"`{ast.unparse(node.func)}` would end the process"
            raise self.refusal(node, what, EXIT_ADVICE)
        if path in ("torch.jit.annotate", "typing.cast") and len(node.args) == 2:
            return node.args[1]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "requires_grad_" and _all_false(node):
            return node.func.value
        node.keywords = [k for k in node.keywords if not (k.arg in IDLE and _is_false(k.value))]
        if path == "torch.jit.is_scripting":
            return ast.copy_location(ast.Constant(False), node)
        return moved(node, path, self.source)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = SAME_IN_PLACE.get(node.attr, node.attr)
        return self.generic_visit(node)

    def compiles_itself(self, node: ast.Assign) -> bool:
        """Whether a statement is `f = torch.jit.script(f)`."""
        value = node.value
        if not isinstance(value, ast.Call) or self.path(value.func) not in DECORATORS - GRADIENT_MODES:
            return False
        return [ast.unparse(part) for part in node.targets] == [ast.unparse(part) for part in value.args]

    def path(self, node: ast.expr) -> str:
        """The dotted name of what an expression names, through imports, as `torch.no_grad`; empty if it is none."""
        if isinstance(node, ast.Name):
            own = node.id in self.own.stored or node.id in self.own.functions
            return "" if own else self.imports.paths.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            parent = self.path(node.value)
            return f"{parent}.{node.attr}" if parent else ""
        return ""

    def dropped(self, node: ast.stmt, what: str) -> ast.stmt:
        self.flags.append(Flag("dropped", f"line {node.lineno}: {what} was dropped"))
        return ast.copy_location(ast.Pass(), node)

    def refusal(self, node: ast.AST, what: str, advice: str) -> RewardError:
        return problem("forbidden", what, advice, self.source, getattr(node, "lineno", None))


def changes_in_call(call: ast.expr, own: Own) -> str:
    """`changes` of the arguments of a call."""
    assert isinstance(call, ast.Call)
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return next(filter(None, (changes(value, own) for value in values)), "")


def _all_false(call: ast.Call) -> bool:
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return bool(values) and all(map(_is_false, values))


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False
