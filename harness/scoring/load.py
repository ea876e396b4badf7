"""Read a run folder: what its run.json implies, and nothing else. Nothing in it is trusted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.errors import EnvironmentProblem
from harness.fields import line
from harness.scoring.journal_usage import JournalData, read_journal, unread
from harness.scoring.rundata import RunData
from harness.scoring.searchdata import Search
from harness.scoring.searches import Cell, read_search
from harness.scoring.settings import read_settings
from harness.scoring.trials import Trials

LONGEST_NAME = 80


def read_run(folder: Path) -> RunData:
    """Everything a report needs from a run folder.

    UserError if `folder` is none or of another schema; EnvironmentProblem if a file in it is damaged. What was
    altered is read as such, and none of its numbers: see `harness.scoring.altered`.
    """
    settings = read_settings(folder)
    journal = read_journal(folder / "journal.jsonl")
    trials = Trials(folder)
    tasks = {task.slug: task for task in settings.tasks}
    searches: dict[tuple[str, str], tuple[Search, ...]] = {}
    names = set()
    for (slug, method), (count, seeds) in settings.expected.items():
        found = []
        for index in range(count):
            name = f"{slug}-{method}-{index}"
            names.add(name)
            cell = Cell(tasks[slug], method, index, seeds, settings.config)
            found.append(read_search(folder / "searches" / name / "search.json", cell, trials, journal))
        if any(found):
            searches[slug, method] = tuple(search for search in found if search is not None)
    return RunData(
        configs=((folder.resolve().name, settings.config),),
        tasks=settings.tasks,
        methods=settings.methods,
        searches=dict(sorted(searches.items())),
        expected=settings.expected,
        usage=journal.usage if journal else {},
        alterations=tuple(_folder_lines(folder, names, journal, searches.values())),
    )


def _folder_lines(
    folder: Path, names: set[str], journal: JournalData | None, searches: Iterable[tuple[Search, ...]]
) -> Iterable[str]:
    """What of a folder is not as a run leaves it, beside its searches and trials."""
    try:
        found = sorted(path.parent.name for path in (folder / "searches").glob("*/search.json"))
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be read ({error.strerror}): check the place") from error
    for name in found:
        if name not in names:
            yield f"searches/{line(name, LONGEST_NAME)} is none that run.json asks for; it is not read"
    if journal is not None and journal.broken is not None:
        yield unread(journal.broken)
    if journal is None and any(search.iterations for group in searches for search in group):
        yield "journal.jsonl is missing: the answers of the searches cannot be checked"
