"""The form of run.json."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from harness.errors import EnvironmentProblem, UserError
from harness.repetitions import MOST, REFERENCE

SCHEMA = 2


Count = Annotated[int, Field(ge=1, le=MOST)]
Number = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


Value = bool | int | Annotated[float, Field(allow_inf_nan=False)] | str


def _is_name(proposer: str) -> str:
    if proposer.startswith("replay:"):
        raise ValueError("expected the proposer whose answers were replayed")
    return proposer


class Amount(TypedDict):
    """How much of a method on a task was ever asked for."""

    searches: Count
    seeds: Count


class TaskInfoJson(TypedDict):
    """By what a task is recognised; what else is told of it is for people."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]
    module: str
    qualname: str
    code: str
    options: NotRequired[dict[str, Value]]
    """All of them; where the task has some, so has it their defaults beside them."""
    default_options: NotRequired[dict[str, Value]]


class Declared(TypedDict):
    """What a command asked for that asked for more than the ones before, and how many trials were finished by then."""

    methods: list[str]
    tasks: Annotated[int, Field(ge=1)]
    seeds: Count
    searches: Count
    estimator: str
    """Of the one aggregate comparison."""
    after: Annotated[int, Field(ge=0)]


class SearchInfo(TypedDict):
    """How the searches of a run are done."""

    proposer: Annotated[str, AfterValidator(_is_name)]
    iterations: Count
    samples: Count
    elitism: bool
    repairs: Annotated[int, Field(ge=0, le=10_000)]
    temperature: Number | None
    max_answer_tokens: Annotated[int, Field(ge=1)]
    racing: NotRequired[bool]


class SettingsInfo(TypedDict):
    """How the searches of one method are done, where that is not as usual: the method's own settings too."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]
    proposer: Annotated[str, AfterValidator(_is_name)]
    iterations: Count
    samples: Count


class RunJson(TypedDict):
    """What a run folder holds, and what was ever asked of it. Nothing in it is ever imported."""

    schema: int
    tasks: list[str]
    """Slugs."""
    methods: list[str]
    seeds: Count
    searches: Count
    asked: dict[str, dict[str, Amount]]
    """Task → method → amount: what belongs to the run."""
    declared: NotRequired[list[Declared]]
    """The comparison as it was declared before the first trial, and every extension of it."""
    search: SearchInfo | None
    """None until a searching method was asked for."""
    settings: NotRequired[dict[str, SettingsInfo]]
    """Of methods whose searches are not done as `search` says."""
    plugin_methods: NotRequired[dict[str, str]]
    """Methods that search and are not built in → `module:Class` and a digest."""
    given: dict[str, str]
    """Methods that are a user's own program → the name of its file."""
    budget: Literal["smoke", "quick", "night", "paper"]
    engine: str
    trainer: NotRequired[str]
    """Without it rl_games, which was the only one."""
    precision: NotRequired[Literal["fp32", "bf16"]]
    """Without it fp32, which was the only one."""
    first_seed: NotRequired[Annotated[int, Field(ge=0, le=REFERENCE)]]
    """Number of the first repetition; without it 0."""
    overrides: NotRequired[dict[str, Any]]
    """In what trainings are not the benchmark's: see `harness.overrides`."""
    protocol: Literal["strict", "paper"]
    goal_bonus: bool
    candidate_epochs: Annotated[int, Field(ge=1)] | None
    reused_versions: bool
    versions: dict[str, str]
    harness: str
    machine: dict[str, Any]
    task_info: dict[str, TaskInfoJson]


_FORM: TypeAdapter[RunJson] = TypeAdapter(RunJson)


def check_run_json(data: object, path: Path) -> dict[str, Any]:
    """`data`, read from `path`, as what it must be. UserError for another version's, EnvironmentProblem if damaged."""
    schema = data.get("schema") if isinstance(data, dict) else None
    if isinstance(schema, int) and schema != SCHEMA:
        raise UserError(
            f"{path} has schema {schema}, expected {SCHEMA}: use the version that wrote it, or choose another --out"
        )
    try:
        record = _FORM.validate_python(data, strict=True)
        for slug in record["tasks"]:
            if slug not in record["task_info"] or slug not in record["asked"]:
                raise EnvironmentProblem(
                    f"{path} is damaged (it says too little of task {slug!r}): restore it, or choose another --out"
                )
        return {"trainer": "rl_games", "precision": "fp32", "first_seed": 0, "overrides": {}, **record}
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "file"
        raise EnvironmentProblem(
            f"{path} is damaged ({where}: {problem['msg'].lower()}): restore it, or choose another --out"
        ) from None
