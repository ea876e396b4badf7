"""Which task is meant: one identity for every way to name it, and a module loaded from a file only once."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from harness.errors import UserError
from harness.task import Task


@dataclass(frozen=True, order=True)
class TaskId:
    """The one identity of a task, with its options. What loads it again, also in another process, is its reference."""

    slug: str
    """Its name in files, tables, keys and seeds; unique in a run."""
    module: str
    """Dotted name of the module that defines its class; of a file that is no package's, the file's full path."""
    qualname: str
    """Name of its class in that module."""
    options: str = ""
    """What is chosen of it, where that is not the default: JSON, which `harness.task_options` reads and writes."""

    @property
    def reference(self) -> str:
        """`module:Class` or `/full/path.py:Class`."""
        return f"{self.module}:{self.qualname}"

    def __str__(self) -> str:
        return self.slug


def find_class(target: str, shown: str) -> tuple[str, type[Task]]:
    """Where the class that `target` (`module:Class` or `path.py:Class`) names is defined, and the class.

    UserError, calling the task `shown`, if it does not import or is no task.
    """
    place = target.rpartition(":")[0]
    module, found = find_named(target, f"task {shown!r}")
    if not (inspect.isclass(found) and issubclass(found, Task)):
        name = target.rpartition(":")[2]
        raise UserError(f"task {shown!r}: {place} has no harness.task.Task subclass called {name!r}")
    return _home(found, module, place), found


def find_named(target: str, shown: str) -> tuple[ModuleType, object]:
    """The module of `target` (`module:name` or `path.py:name`), and what it calls so; None where it has no such name.

    UserError, beginning with `shown`, if it does not import.
    """
    place, _, name = target.rpartition(":")
    try:
        module = load_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        raise UserError(
            f"{shown} does not import: {type(error).__name__}: {_line(error)}; fix the module {place!r}"
        ) from error
    found: object = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return module, found


def load_file(path: Path) -> ModuleType:
    """The module in a file, under a name of its own: files of one name in two folders are two modules.

    It may import modules beside it. UserError where such a module would be mistaken for another of its name.
    """
    file = path.resolve()
    if not file.is_file():
        raise FileNotFoundError(f"no file {path}")
    return _load_file(file)


@functools.cache
def _load_file(file: Path) -> ModuleType:
    packaged = _module_of_package(file)
    if packaged is not None:
        return importlib.import_module(packaged)
    _check_siblings(file)
    name = f"{file.stem.replace('.', '_')}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    folder = str(file.parent)
    beside = folder not in sys.path
    sys.modules[name] = module
    if beside:
        sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        if beside:
            sys.path.remove(folder)
            sys.path.append(folder)  # for what is imported only later
    return module


def _module_of_package(file: Path) -> str | None:
    """The dotted name of a file that a package on the path already holds: the same task by another spelling."""
    parts = [file.stem]
    folder = file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    name = ".".join(parts)
    if len(parts) == 1:
        return None
    top = sys.modules.get(parts[0]) or _find(parts[0])
    places = [Path(place).resolve() for place in getattr(top, "__path__", None) or []]
    return name if (folder / parts[0]) in places else None


def _find(name: str) -> object:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        return None
    module = ModuleType(name)
    module.__path__ = list(spec.submodule_search_locations)
    return module


def _check_siblings(file: Path, seen: frozenset[Path] = frozenset()) -> None:
    """UserError if a module beside `file`, which it imports, bears the name of another one that is loaded."""
    try:
        wanted = set(_imported_names(file))
    except (SyntaxError, ValueError):
        return  # importing it will say where
    for name in sorted(wanted):
        beside = next(
            (p for p in (file.with_name(f"{name}.py"), file.parent / name / "__init__.py") if p.is_file()),
            None,
        )
        if beside is None or beside in seen:
            continue
        loaded = sys.modules.get(name)
        origin = getattr(loaded, "__file__", None)
        if name in sys.stdlib_module_names or (origin is not None and Path(origin).resolve() != beside):
            other = origin or "Python's own module of that name"
            raise UserError(
                f"{file} imports {name!r}, which could be {beside} or {other}: give the one beside it another name"
            )
        _check_siblings(beside, seen | {file, beside})


def _imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


def _home(found: type[Task], module: ModuleType, place: str) -> str:
    """The module that defines a class, by the name or the path that loads it again."""
    defined = sys.modules.get(found.__module__, module)
    if not place.endswith(".py"):
        return defined.__name__
    file, folder = Path(str(defined.__file__)).resolve(), Path(place).resolve().parent
    packaged = _module_of_package(file)
    if packaged is not None or (defined is not module and not file.is_relative_to(folder)):
        return packaged or defined.__name__
    return str(file)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())
