"""The page: one HTML file that needs nothing else, with every figure and picture inside."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.scoring.rundata import TaskInfo
from reports.captions import ESTIMATORS
from reports.content import Content
from reports.figures.style import WIDTH, Palette, Picture
from reports.pictures import clips
from reports.programs import programs
from reports.tables import Table
from reports.text import number

FOLDER = Path(__file__).parent
CSS_PIXELS = 896 / WIDTH
"""Per inch of a figure: one as wide as the column fills it."""


@dataclass(frozen=True)
class NumberedFigure:
    """A figure in its place on the page."""

    number: int
    picture: Picture
    data: str
    width: int


@dataclass(frozen=True)
class NumberedTable:
    """A table in its place on the page."""

    number: int
    table: Table


def render(content: Content) -> str:
    """The page as HTML. Autoescape is on: what models and runs wrote is text, never markup."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    run = content.analysis.run
    shown = [table for table in content.tables if table.head]
    written = [(task, list(group)) for task, group in groupby(programs(run), key=lambda p: p.task)]
    return environment.get_template("page.html").render(
        css=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
        title=content.title,
        subtitle=content.subtitle,
        summary=content.summary,
        notes=content.notes,
        facts=content.facts,
        context=content.context,
        contents=contents(bool(run.searching)),
        suites=suites(run.tasks),
        figures={p.name: _figure(i, p) for i, p in enumerate(content.pictures, start=1)},
        tables={t.name: NumberedTable(i, t) for i, t in enumerate(shown, start=1)},
        colours=Palette(run.methods).colour,
        searching=run.searching,
        clip_columns=min(max(len(run.methods), 3), 4),
        clips=clips(content.analysis),
        programs=written,
        written={task.slug for task, _ in written},
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
        "policies": "Policies",
        "programs": "Programs",
        "costs": "Costs",
        "method": "Estimators",
    }
    return [(anchor, name) for anchor, name in sections.items() if searching or anchor != "searches"]


def suites(tasks: Sequence[TaskInfo]) -> dict[str, list[TaskInfo]]:
    """The tasks by the suite that brings them; users' own are `others`."""
    found: dict[str, list[TaskInfo]] = {}
    for task in tasks:
        found.setdefault(task.suite or "others", []).append(task)
    return found


def _figure(index: int, picture: Picture) -> NumberedFigure:
    data = "data:image/svg+xml;base64," + base64.b64encode(picture.render("svg")).decode()
    return NumberedFigure(index, picture, data, round(picture.figure.get_figwidth() * CSS_PIXELS))
