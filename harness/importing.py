"""How the command line imports: what is heavy only when it is used, nothing collected, Ctrl-C at once."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import sys
import threading
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from harness.terminal import INTERRUPTED, RESUMES, ending_at_ctrl_c

HEAVY = ("torch", "mujoco")
OF_EVERY_MODULE = {"__class__", "__doc__", "__name__", "__package__"} | {
    *("__spec__", "__loader__", "__file__", "__cached__", "__path__")
}
"""What is known before a package is imported: looking at it does not import it."""
_BECOMING = threading.RLock()
_begun: set[str] = set()


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's garbage collector, for work that makes many objects which are there to stay, like imports.

    Looking for garbage in a million new objects again and again takes up to a quarter of its time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """For imports, while there is nothing to tidy up: a package whose import is broken off may raise anything."""
    with uncollected(), ending_at_ctrl_c(RESUMES, INTERRUPTED):
        yield


class _Deferred(ModuleType):
    """Stands for a package, and becomes it as soon as one of its names is asked for or set.

    The standard library's LazyLoader does so too, but before Python 3.12 already when it is imported again.
    """

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(spec.name)
        ModuleType.__getattribute__(self, "__dict__").update(vars(importlib.util.module_from_spec(spec)))

    def __getattribute__(self, name: str) -> Any:
        if name not in OF_EVERY_MODULE:
            _become(self)
        return ModuleType.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in OF_EVERY_MODULE:
            _become(self)
        ModuleType.__setattr__(self, name, value)


def _become(module: ModuleType) -> None:
    with _BECOMING:  # other threads wait; this one comes here again while the package is imported
        spec = module.__spec__
        if type(module) is not _Deferred or spec is None or spec.name in _begun:
            return
        _begun.add(spec.name)
        assert spec.loader is not None
        try:
            with importing():
                spec.loader.exec_module(module)
        finally:
            _begun.remove(spec.name)
        module.__class__ = ModuleType  # type: ignore[assignment]


class _PartsAfterTheWhole(MetaPathFinder):
    """Who imports a part of a package first, `import torch.nn`, gets the whole before, which may bring the part."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        whole = sys.modules.get(fullname.partition(".")[0])
        if type(whole) is not _Deferred:
            return None
        _become(whole)
        found = sys.modules.get(fullname)
        if found is None or found.__spec__ is None:
            return None
        spec = _Imported(found, found.__spec__).spec
        found.__spec__ = spec  # this is what Python follows, and not what is returned
        return spec


class _Imported(Loader):
    """Gives a module that was imported while it was looked for, instead of executing it again."""

    def __init__(self, module: ModuleType, true: ModuleSpec) -> None:
        self.module, self.true = module, true
        self.spec = ModuleSpec(true.name, self, origin=true.origin)
        self.spec.submodule_search_locations = true.submodule_search_locations
        self.spec.has_location = true.has_location
        self.spec.cached = true.cached

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.true


def defer() -> None:
    """Let `import` of the heavy packages wait until they are used: listing and planning need none of them.

    One that is imported already is left as it is; ModuleNotFoundError for one that is not installed. Two threads that
    import at the same time, one of them parts of such a package, could wait for each other for ever: `load` it before.
    """
    for name in HEAVY:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        sys.modules[name] = _Deferred(spec)
        if not any(isinstance(finder, _PartsAfterTheWhole) for finder in sys.meta_path):
            sys.meta_path.insert(0, _PartsAfterTheWhole())


def load() -> None:
    """Import what was deferred."""
    for name in HEAVY:
        module = sys.modules.get(name)
        if module is not None:
            _become(module)
