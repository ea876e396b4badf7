"""The form of run.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from harness.errors import EnvironmentProblem, UserError

SCHEMA = 2


class Amount(TypedDict):
    """How much of a method on a task was ever asked for."""

    searches: int
    seeds: int


class SearchInfo(TypedDict):
    """How the searches of a run are done."""

    proposer: str
    iterations: int
    samples: int
    elitism: bool
    repairs: int
    temperature: float | None
    max_answer_tokens: int


class RunJson(TypedDict):
    """What a run folder holds, and what was ever asked of it. Nothing in it is ever imported."""

    schema: int
    tasks: list[str]
    """Slugs."""
    methods: list[str]
    seeds: int
    searches: int
    asked: dict[str, dict[str, Amount]]
    """Task → method → amount: what belongs to the run."""
    search: SearchInfo | None
    """None until a searching method was asked for."""
    given: dict[str, str]
    """Methods that are a user's own program → the name of its file."""
    budget: str
    engine: str
    protocol: str
    goal_bonus: bool
    candidate_epochs: int | None
    reused_versions: bool
    versions: dict[str, str]
    harness: str
    machine: dict[str, Any]
    task_info: dict[str, dict[str, Any]]


_FORM: TypeAdapter[RunJson] = TypeAdapter(RunJson)


def check_run_json(data: object, path: Path) -> dict[str, Any]:
    """`data`, read from `path`, as what it must be. UserError for another version's, EnvironmentProblem if damaged."""
    schema = data.get("schema") if isinstance(data, dict) else None
    if isinstance(schema, int) and schema != SCHEMA:
        raise UserError(
            f"{path} has schema {schema}, expected {SCHEMA}: use the version that wrote it, or choose another --out"
        )
    try:
        return dict(_FORM.validate_python(data, strict=True))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "file"
        raise EnvironmentProblem(
            f"{path} is damaged ({where}: {problem['msg'].lower()}): restore it, or choose another --out"
        ) from None
