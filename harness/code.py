"""Digests of source code that change when what it computes may change: not with comments, docstrings or layout."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import inspect
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from harness.task import Task

WORDS = ("description", "text", "fitness_unit", "best_rate", "fitness_floor", "camera", "follow")
"""Attributes of a task that no training and no evaluation reads."""
IN_THE_SPEC = ("ppo", "quick", "night", "goal_bonus")
"""Attributes of a task whose values are part of a trial's spec where they matter."""
COMPUTING = {
    "training": (
        *(
            "task.py",
            "budget.py",
            "fitness.py",
            "rotations.py",
            "seeds.py",
            "tensors.py",
            "sim/*.py",
            "rewards/**/*.py",
        ),
        *("bound.py", "environment.py", "streams.py", "training/trainer.py", "training/agent.py"),
        *("training/network.py", "training/record.py", "training/resume.py", "training/schedule.py"),
        *("training/transitions.py", "training/common_states.py", "training/members.py"),
    ),
    "evaluation": (
        *("task.py", "budget.py", "fitness.py", "rotations.py", "seeds.py", "tensors.py", "sim/*.py"),
        *("bound.py", "environment.py", "streams.py", "training/policy.py", "training/evaluate.py"),
        "training/schedule.py",
    ),
}
"""Files of the harness that compute results. A test holds them to be all that a trial's processes import."""
LENGTH = 16
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
UNREAD = ("type_comment", "kind")
"""Fields of a syntax tree that say nothing of what it computes."""


@functools.lru_cache(maxsize=1024)
def code_digest(source: str) -> str:
    """Digest (hex, 16 digits) of what a source text computes; of text that is no Python, of the text itself.

    The same for all versions of Python: taken of the syntax tree without positions and empty fields, not of its
    printed form.
    """
    try:
        return text_digest(_shape(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text_digest(source)


def modules_digest(files: Iterable[Path]) -> str:
    """Digest of the modules in `files`, in whatever order and folder they are."""
    return text_digest(" ".join(sorted(code_digest(file.read_text(encoding="utf-8")) for file in set(files))))


@functools.cache
def harness_digest(part: Literal["training", "evaluation"]) -> str:
    """Digest of the harness's own code that a training, or the evaluation of its policies, rests on."""
    root = Path(__file__).parent
    return modules_digest(file for pattern in COMPUTING[part] for file in root.glob(pattern))


def text_digest(text: str) -> str:
    """SHA-256 of a text, its first 16 hex digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:LENGTH]


def source_digest(instance: object) -> str:
    """Digest of the module that the class of an object is defined in."""
    file = inspect.getsourcefile(type(instance))
    return code_digest(Path(file).read_text(encoding="utf-8")) if file else ""


def task_digest(task: Task) -> str:
    """Digest of the code that a task's behaviour rests on: its modules, and what they import of its own.

    Its own are modules beside it, in its package, in `suites` and in folders of the user's, not those of the
    harness (which the trial's spec covers by themselves) or installed libraries. A scene may come from files as
    well: for tasks that are not built in, its model as XML and the files that it names count too.
    """
    from harness.task import Task  # torch: not for those who only read a run folder

    modules = {cls.__module__ for cls in type(task).__mro__ if issubclass(cls, Task) and cls is not Task}
    sources = [file.read_text(encoding="utf-8") for file in _own_files(modules)]
    parts = [*sorted(_task_code_digest(source) for source in sources), type(task).__qualname__]
    if not all(name.startswith("suites.") for name in modules):
        parts.append(_scene_digest(task))
    return text_digest(" ".join(parts))


@functools.lru_cache(maxsize=1024)
def _task_code_digest(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            node.body = [part for part in node.body if not _assigns(part, (*WORDS, *IN_THE_SPEC))]
        elif isinstance(node, ast.Call):
            node.keywords = [word for word in node.keywords if word.arg != "rgba"]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "Field":
                node.keywords = [word for word in node.keywords if word.arg != "description"]
            if node.func.id in ("Budget", "tensor"):
                node.keywords = [word for word in node.keywords if word.arg not in ("why", "about", "unit")]
            if node.func.id == "Budget":
                del node.args[4:]  # why
            elif node.func.id == "tensor":
                del node.args[1:3]  # unit and meaning
    return text_digest(_shape(tree))


def _own_files(modules: Iterable[str]) -> set[Path]:
    packages = {"suites", *(name.partition(".")[0] for name in modules)}
    seen: set[str] = set()
    files: set[Path] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        whole, _, part = name.partition(".")
        if part and not _may_be_own(whole, packages):
            continue  # looking for a part of a package would import it
        file = _file_of(name)
        if file is None or not _is_own(name, file, packages):
            continue
        files.add(file)
        waiting.extend(_imports(file.read_text(encoding="utf-8"), _package_of(name, file)))
    return files


def _may_be_own(package: str, packages: set[str]) -> bool:
    file = _file_of(package)  # None for a namespace
    return file is None or _is_own(package, file, packages)


def _is_own(name: str, file: Path, packages: set[str]) -> bool:
    top = name.partition(".")[0]
    if top == "harness" or file.suffix != ".py":
        return False
    standard = file.is_relative_to(Path(sysconfig.get_path("stdlib")).resolve())
    installed = standard or not {"site-packages", "dist-packages"}.isdisjoint(file.parts)
    return top in packages or not installed


def _file_of(name: str) -> Path | None:
    """The file of a module, loaded or not; None if there is none."""
    module = sys.modules.get(name)
    if module is not None:
        origin = getattr(module, "__file__", None)
    else:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            return None
        origin = None if spec is None else spec.origin
    file = Path(origin).resolve() if isinstance(origin, str) else None
    return file if file is not None and file.is_file() else None


def _package_of(name: str, file: Path) -> str:
    return name if file.name == "__init__.py" else name.rpartition(".")[0]


@functools.lru_cache(maxsize=1024)
def _imports(source: str, package: str) -> tuple[str, ...]:
    """Modules that a source may import, wherever in it: a name that is imported may be a module too."""
    return tuple(_imported(ast.parse(source), package))


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                try:
                    base = importlib.util.resolve_name("." * node.level + base, package)
                except ImportError:
                    continue
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _scene_digest(task: Task) -> str:
    spec = task.scene()
    spec.compile()
    folder = Path(inspect.getfile(type(task))).parent / (spec.modelfiledir or "")
    parts = [spec.to_xml()]
    for kind, place in (
        (spec.meshes, spec.meshdir),
        (spec.hfields, spec.meshdir),
        (spec.textures, spec.texturedir),
    ):
        for element in kind:
            file = folder / (place or "") / element.file
            if element.file and file.is_file():
                parts.append(hashlib.sha256(file.read_bytes()).hexdigest())
    return text_digest("\n".join(parts))


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _assigns(node: ast.stmt, names: tuple[str, ...]) -> bool:
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


def _shape(node: object) -> str:
    """A syntax tree in words, without docstrings."""
    if isinstance(node, ast.AST):
        parts = []
        for name, value in ast.iter_fields(node):
            if name == "body" and isinstance(node, DOCUMENTED):
                value = [part for part in value if not _is_text(part)]
            if (value is not None or name == "value") and value != [] and name not in UNREAD:
                parts.append(f"{name}={_shape(value)}")
        return f"{type(node).__name__}({''.join(parts)})"
    if isinstance(node, list):
        return f"[{''.join([_shape(part) + ',' for part in node])}]"
    return repr(node)
