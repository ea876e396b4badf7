"""`methods`: what can be compared, and the settings of one."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.errors import UserError
from harness.importing import importing
from harness.task_options import possible


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `methods`."""
    parser.add_argument("method", nargs="?", help="show the settings of this one")


def execute(options: argparse.Namespace, console: Console) -> int:
    """List the methods, or show one."""
    with importing():
        from harness.methods.chosen import choose, method_names
    if options.method is not None:
        (chosen,) = choose([options.method]).values()
        _show(chosen.name, chosen.method, console)
        return 0
    table = Table(box=None, pad_edge=False)
    for heading in ("method", "role", "what it does"):
        table.add_column(heading)
    broken = []
    for name in method_names():
        try:
            (chosen,) = choose([name]).values()
        except UserError as error:  # of one plug-in: the others can be used
            broken.append(str(error))
            continue
        table.add_row(name, chosen.method.role, escape(_about(chosen.method)))
    console.print(table)
    for line in broken:
        console.print(line, style="red", highlight=False, markup=False, soft_wrap=True)
    return 0


def _show(name: str, method: Any, console: Console) -> None:
    console.print(f"{name} ({method.role}): {_about(method)}", highlight=False, markup=False, soft_wrap=True)
    if method.role != "search":
        console.print("it has no settings", highlight=False)
        return
    table = Table(title="settings, as --method-option", title_justify="left", box=None, pad_edge=False)
    for heading in ("setting", "default", "what may be given", "meaning"):
        table.add_column(heading)
    for field, info in method.Settings.model_fields.items():
        default = "by budget" if field in ("iterations", "samples") else str(info.default)
        about = " ".join((info.description or "").split())
        table.add_row(f"{name.partition(':')[0]}.{field}", default, possible(info), escape(about))
    console.print(table)


def _about(method: Any) -> str:
    """The first line of a method's docstring, or what it says of itself."""
    said = getattr(method, "about", None) or type(method).__doc__ or ""
    return str(said).strip().partition("\n")[0]
