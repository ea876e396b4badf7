"""The command line: `python -m harness COMMAND`. Each command is a module of `harness.commands`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from rich.console import Console

from harness import __version__
from harness.errors import UserError
from harness.rendering import graphics_withheld

COMMANDS = {
    "run": "compare methods of reward design on tasks; running again resumes",
    "report": "page, figures and tables of one or more run folders; offline",
    "tasks": "list the tasks, or show one: state, prompt, fitness, budgets",
    "replay": "an animated picture of a trained policy",
    "doctor": "what works on this machine, and what to install",
    "selftest": "the human reward of quick tasks must reach its known band",
}
INTERRUPTED = 130


@graphics_withheld()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0 done, 1 not as expected, 2 usage, 4 environment, 130 interrupted."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="python -m harness",
        description="Does this way of writing rewards make robots learn better?",
        epilog="`python -m harness COMMAND --help` shows the options of a command.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in arguments if word in COMMANDS), None)
    for name, about in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        if name == wanted:  # the others are not even imported
            command = importlib.import_module(f"harness.commands.{name}")
            command.add_arguments(subparser)
            subparser.set_defaults(execute=command.execute)
    options = parser.parse_args(arguments)
    console, errors = Console(emoji=False), Console(stderr=True, emoji=False)
    try:
        return int(options.execute(options, console))
    except UserError as error:
        errors.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return error.exit_code
    except KeyboardInterrupt:
        errors.print("interrupted: finished trials are kept; the same command resumes", style="yellow")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, e.g. `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
