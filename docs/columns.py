"""Write the tables of columns in notebooks.md anew: `python docs/columns.py`."""

from __future__ import annotations

from pathlib import Path

from harness.scoring.columns import COLUMNS, ROWS

FILE = Path(__file__).parent / "notebooks.md"
MARK = "<!-- from here on written by docs/columns.py -->\n"


def tables() -> str:
    """A table per frame, as Markdown; both ends of an interval stand in the row of their number."""
    lines = []
    for name, variables in COLUMNS.items():
        lines += [
            "",
            f"### {name}",
            "",
            f"A row per {ROWS[name]}.",
            "",
            "| column | dtype | unit | |",
            "|---|---|---|---|",
        ]
        ends = {
            v.interval_of: [w.name for w in variables if w.interval_of == v.interval_of] for v in variables
        }
        for variable in (variable for variable in variables if not variable.interval_of):
            names = [variable.name, *ends.get(variable.name, [])]
            shown = ", ".join(f"`{one}`" for one in names)
            meaning = variable.meaning.replace("|", "\\|") + (
                ", and its 95 % interval" if len(names) > 1 else ""
            )
            lines.append(f"| {shown} | {variable.dtype} | {variable.unit} | {meaning} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    text = FILE.read_text(encoding="utf-8")
    FILE.write_text(text.partition(MARK)[0] + MARK + tables(), encoding="utf-8")
