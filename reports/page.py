"""The page: one HTML file that needs nothing else, with every figure and picture inside."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.scoring.rundata import RunData
from harness.scoring.task_info import TaskInfo
from reports.captions import ESTIMATORS
from reports.content import Content
from reports.figures.style import WIDTH, Palette, Picture
from reports.pictures import MOST_BYTES, Clip, clips
from reports.programs import STYLES, Program, colours, programs
from reports.suites import by_suite
from reports.tables import Table
from reports.text import number

FOLDER: Final = Path(__file__).parent
CSS_PIXELS: Final = 896 / WIDTH
"""Per inch of a figure: one as wide as the column fills it."""
LONG: Final = 40
"""A table of more rows is folded."""
MANY: Final = 9
"""With more tasks, each one's pictures and programs are folded."""


@dataclass(frozen=True)
class NumberedFigure:
    """A figure in its place on the page."""

    number: int
    picture: Picture
    data: str
    width: int


@dataclass(frozen=True)
class Cell:
    """A cell of a table."""

    text: str
    number: bool
    again: bool
    """Whether it repeats the one above: shown only where that may be hidden."""


@dataclass(frozen=True)
class Row:
    """A row of a table, and which task and method it is about."""

    cells: tuple[Cell, ...]
    task: str | None
    method: str | None

    @property
    def first(self) -> bool:
        """Whether it begins a group."""
        return not self.cells[0].again


@dataclass(frozen=True, eq=False)
class NumberedTable:
    """A table in its place on the page."""

    number: int
    table: Table
    rows: tuple[Row, ...]

    @property
    def folded(self) -> bool:
        """Whether it is shown on demand."""
        return len(self.rows) > LONG and self.table.name not in ("scores", "normalised")


@dataclass(frozen=True)
class TaskPart:
    """What the page shows of one task alone."""

    task: TaskInfo
    clips: list[Clip]
    programs: list[Program]


def render(content: Content) -> str:
    """The page as HTML. Autoescape is on: what models and runs wrote is text, never markup."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    run = content.analysis.run
    suites, of_tasks = by_suite(run.tasks), parts(content)
    shown = [clip for part in of_tasks.values() for clip in part.clips]
    tables = [table for table in content.tables if table.columns]
    return environment.get_template("page.html").render(
        css=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
        code_colours={scheme: Markup(colours(scheme)) for scheme in STYLES},
        hiding=Markup(hiding_rules(run)),
        title=content.title,
        subtitle=content.subtitle,
        summary=content.summary,
        notes=content.notes,
        facts=content.facts,
        context=content.context,
        contents=contents(bool(run.searching)),
        figures={p.name: _figure(i, p) for i, p in enumerate(content.pictures, start=1)},
        tables={t.name: NumberedTable(i, t, rows(t)) for i, t in enumerate(tables, start=1)},
        colours=Palette(run.methods).colour,
        task_number={task.slug: index for index, task in enumerate(run.tasks)},
        suite_number={task.slug: index for index, tasks in enumerate(suites.values()) for task in tasks},
        method_number={method: index for index, method in enumerate(run.methods)},
        searching=run.searching,
        suites=suites,
        parts=of_tasks,
        unfolded=len(run.tasks) <= MANY,
        clip_columns=min(max(len(run.methods), 3), 4),
        stills=f"{MOST_BYTES / 1e6:g} MB" if any(clip.data and not clip.moving for clip in shown) else "",
        estimators=ESTIMATORS,
        number=number,
    )


def contents(searching: bool) -> list[tuple[str, str]]:
    """Anchors and names of the page's sections."""
    sections: Mapping[str, str] = {
        "all": "All tasks",
        "tasks": "Task by task",
        "learning": "Learning",
        "searches": "Searches",
        "agreement": "Agreement",
        "policies": "Policies, programs",
        "costs": "Costs",
        "method": "Estimators",
    }
    return [(anchor, name) for anchor, name in sections.items() if searching or anchor != "searches"]


def parts(content: Content) -> dict[str, TaskPart]:
    """What is shown of each task alone, by its name."""
    written = {
        task.slug: list(group) for task, group in groupby(programs(content.analysis.run), lambda p: p.task)
    }
    return {
        task.slug: TaskPart(task, row, written.get(task.slug, [])) for task, row in clips(content.analysis)
    }


def rows(table: Table) -> tuple[Row, ...]:
    """The rows of a table, all of whose cells say what they are about."""
    about = table.frame if table.rows is None else table.rows
    names = [about[name].tolist() if name in about else [None] * len(about) for name in ("task", "method")]
    out, above = [], ("",) * len(table.columns)
    for body, task, method in zip(table.body, *names, strict=True):
        cells = []
        for column, text, before in zip(table.columns, body, above, strict=True):
            again = column.merged and not text and bool(before)
            cells.append(Cell(before if again else text, column.numeric, again))
        above = tuple(cell.text for cell in cells)
        out.append(Row(tuple(cells), task, method))
    return tuple(out)


def hiding_rules(run: RunData) -> str:
    """CSS that hides what is of other tasks or another suite than the chosen one, and of methods that are not chosen.

    By number: names come from a run folder.
    """
    chosen = [f'option[value="{kind}-{index}"]:checked' for kind, index in _choices(run)]
    others = [f'[data-{kind}]:not([data-{kind}="{index}"])' for kind, index in _choices(run)]
    without = [f"#method-{index}:not(:checked)" for index in range(len(run.methods))]
    theirs = [f'[data-method="{index}"]' for index in range(len(run.methods))]
    pairs = zip([*chosen, *without], [*others, *theirs], strict=True)
    return "\n".join(f"body:has({state}) {part} {{ display: none; }}" for state, part in pairs)


def _choices(run: RunData) -> Iterator[tuple[str, int]]:
    yield from (("suite", index) for index in range(len(by_suite(run.tasks))))
    yield from (("task", index) for index in range(len(run.tasks)))


def _figure(index: int, picture: Picture) -> NumberedFigure:
    data = "data:image/svg+xml;base64," + base64.b64encode(picture.svg).decode()
    return NumberedFigure(index, picture, data, round(picture.figure.get_figwidth() * CSS_PIXELS))
