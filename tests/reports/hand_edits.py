"""Changes to run folders as somebody makes them by hand, with the hashes made anew or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.keys import trial_key
from harness.seal import CHAIN, FILES, SEAL, chain, file_hashes, sealed
from tests.reports.fake_trial import write_json


def load(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text())


def change(path: Path, **fields: object) -> None:
    """Other values for fields of a JSON file, its seal left as it is."""
    write_json(path, load(path) | fields)


def reseal(path: Path, **fields: object) -> None:
    """Other values for fields of a sealed JSON file, sealed again."""
    data = {name: value for name, value in (load(path) | fields).items() if name != SEAL}
    write_json(path, sealed(data))


def retrial(folder: Path, run: Path, **done: object) -> str:
    """Give a trial the hashes and the key that its files have by now, and name it so in all searches; its new key."""
    reseal(folder / "done.json", **done, **{FILES: file_hashes(folder)})
    key = trial_key(load(folder / "spec.json"))
    if key != folder.name:
        folder.rename(folder.with_name(key))
        for path in run.glob("searches/*/search.json"):
            if folder.name in path.read_text():
                path.write_text(path.read_text().replace(folder.name, key))
                reseal(path)
    return key


def finals(run: Path, search: str) -> list[Path]:
    """The folders of the final trials of a search, by its folder's name."""
    record = load(run / "searches" / search / "search.json")
    return [run / "trials" / final["trial"] for final in record["finals"]]


def edit_search(run: Path, search: str, edit: Callable[[Any], None], *, seal: bool) -> None:
    """Change the record of a search in place."""
    path = run / "searches" / search / "search.json"
    record = load(path)
    edit(record)
    write_json(path, record)
    if seal:
        reseal(path)


def journal_lines(run: Path) -> list[dict[str, Any]]:
    """The lines of a journal."""
    return [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]


def write_journal(run: Path, lines: list[dict[str, Any]], *, link: bool) -> None:
    """Write the lines of a journal, with links of their own or those that they bear."""
    last, out = "", []
    for line in lines:
        last = chain(last, line)
        out.append(json.dumps(line | {CHAIN: last} if link else line, sort_keys=True) + "\n")
    (run / "journal.jsonl").write_text("".join(out))


def copy_over(source: Path, target: Path) -> None:
    """Put a copy of a folder in the place of another."""
    shutil.rmtree(target)
    shutil.copytree(source, target)
