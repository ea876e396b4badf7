"""The command line: `python -m harness COMMAND`. Each command is a module of `harness.commands`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from harness import __version__, terminal
from harness.errors import EnvironmentProblem, UserError
from harness.importing import defer, importing
from harness.installed import PACKAGES
from harness.rendering import graphics_withheld
from harness.terminal import INTERRUPTED, RESUMES

COMMANDS = {
    "run": "compare methods of reward design on tasks; running again resumes",
    "report": "page, figures and tables of one or more run folders; offline",
    "view": "the page of a run in a browser, renewed while the run goes on",
    "compare": "is a run worse than another, or than a baseline file: pass, regression or undecided",
    "tasks": "list the tasks, or show one: state, prompt, fitness, budgets",
    "methods": "list the methods, or show the settings of one",
    "gate": "checks for CI: a replayed search, retrained programs, a nightly run with sequential looks",
    "replay": "an animated picture of a trained policy",
    "states": "record the common states of tasks, on which rewards are compared",
    "profile": "where the time of a trial of a task goes on this machine",
    "doctor": "what works on this machine, and what to install",
    "reference": "train the human and sparse rewards that scores are normalised by",
    "selftest": "the human reward of quick tasks must reach its known band",
}


@graphics_withheld()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0 done, 1 not as expected, 2 usage, 3 undecided, 4 environment, 130 interrupted."""
    terminal.prepare()
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except UserError as error:
        terminal.complain(f"error: {error}", "red")
        return error.exit_code
    except KeyboardInterrupt:
        terminal.end_at_ctrl_c(INTERRUPTED)  # what is left is to end: who asks again need not wait for it
        terminal.complain(RESUMES, "yellow")
        terminal.ignore_ctrl_c()
        return INTERRUPTED
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "harness", *PACKAGES):
            raise
        terminal.complain(f"error: the package {package!r} is not installed: reinstall eureka-harness", "red")
        return EnvironmentProblem.exit_code
    except BrokenPipeError:  # the reader of our output went away, e.g. `| head`
        terminal.forget_output()
        return 0
    except OSError as error:
        terminal.forget_output()  # it may be what cannot be written to
        where = f" {str(error.filename)!r}" if error.filename else ""
        terminal.complain(
            f"error: cannot use{where}: {error.strerror or error}; mend it or name another path", "red"
        )
        return EnvironmentProblem.exit_code


def _run(arguments: list[str]) -> int:
    try:
        Path.cwd()
    except FileNotFoundError:  # libraries end a process there that has no folder
        raise EnvironmentProblem(
            "the working directory is no longer there: change to another folder"
        ) from None
    with importing():
        options, console = _parse(arguments), terminal.output()
    code = int(options.execute(options, console))
    sys.stdout.flush()
    return code


def _parse(arguments: list[str]) -> argparse.Namespace:
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
            if name not in (
                "report",
                "view",
            ):  # whose libraries look whether torch is imported, and would then use it
                defer()
            command = importlib.import_module(f"harness.commands.{name}")
            command.add_arguments(subparser)
            subparser.set_defaults(execute=command.execute)
    return parser.parse_args(arguments)
