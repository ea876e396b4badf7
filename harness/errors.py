"""Errors that a user can meet: one clear line each, and the exit code that goes with it."""

from __future__ import annotations


class UserError(Exception):
    """What was expected, what was found, what to do. Ends the program with exit code 2."""

    exit_code = 2


class EnvironmentProblem(UserError):
    """The machine cannot do what was asked: no permission, no key, a damaged file. Exit code 4."""

    exit_code = 4
