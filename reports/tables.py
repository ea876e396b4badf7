"""Tables: as shown (page, markdown, LaTeX) and as data (CSV)."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Sequence
from dataclasses import dataclass

from harness.scoring.intervals import Interval

Value = str | int | float | None


@dataclass(frozen=True)
class Table:
    """A table with two faces: words for readers, raw numbers for programs."""

    name: str
    title: str
    caption: str
    head: tuple[str, ...]
    """Column titles; the first columns are text, those from `numeric_from` on are right-aligned."""
    body: tuple[tuple[str, ...], ...]
    data_head: tuple[str, ...]
    data: tuple[tuple[Value, ...], ...]
    numeric_from: int = 1
    numeric_to: int = 99
    """Columns after this one are text again."""

    def numeric(self, column: int) -> bool:
        """Whether a shown column holds numbers."""
        return self.numeric_from <= column < self.numeric_to

    def without_empty_columns(self) -> Table:
        """The same with those shown columns left out that say nothing in any row."""
        keep = [i for i in range(len(self.head)) if any(row[i] for row in self.body)]
        return dataclasses.replace(
            self,
            head=tuple(self.head[i] for i in keep),
            body=tuple(tuple(row[i] for i in keep) for row in self.body),
            numeric_from=sum(i < self.numeric_from for i in keep),
            numeric_to=sum(i < self.numeric_to for i in keep),
        )


def ends(of: Interval | None) -> tuple[float | None, float | None]:
    """Both ends of an interval as values, None where there is none."""
    return (None, None) if of is None else (of.low, of.high)


def to_csv(table: Table, context: str) -> str:
    """CSV of the raw numbers (ten significant digits), after one comment line saying what they are."""
    out = io.StringIO()
    out.write(f"# {table.title}. {context}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.data_head)
    writer.writerows([_raw(value) for value in row] for row in table.data)
    return out.getvalue()


def to_latex(table: Table, context: str) -> str:
    """LaTeX for the booktabs package."""
    align = "".join("r" if table.numeric(i) else "l" for i in range(len(table.head)))
    lines = [f"% {table.title}. {context}", r"\begin{table}", r"\centering\small"]
    lines += [
        rf"\caption{{{_tex(table.caption)} {_tex(context)}}}",
        rf"\begin{{tabular}}{{{align}}}",
        r"\toprule",
    ]
    lines += [_tex_row(table.head), r"\midrule", *map(_tex_row, table.body), r"\bottomrule"]
    return "\n".join([*lines, r"\end{tabular}", r"\end{table}", ""])


def to_markdown(table: Table) -> str:
    """A GitHub table."""
    rule = ["--:" if table.numeric(i) else "---" for i in range(len(table.head))]
    rows = [table.head, tuple(rule), *table.body]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)


def ditto(rows: Sequence[tuple[str, ...]], columns: int = 1) -> tuple[tuple[str, ...], ...]:
    """Rows with leading cells blanked where they repeat the row above."""
    out, last = [], ("",) * columns
    for row in rows:
        lead = tuple("" if row[: i + 1] == last[: i + 1] else row[i] for i in range(columns))
        out.append(lead + row[columns:])
        last = row[:columns]
    return tuple(out)


def markdown_text(text: str) -> str:
    """Text that no markdown or HTML reader takes for markup."""
    entities = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    return "".join(f"\\{c}" if c in "\\`*_[]|#!" else entities.get(c, c) for c in text)


def _cell(text: str) -> str:
    plain = text if set(text) <= {"-", ":"} else markdown_text(text)
    return " ".join(plain.split())


def _raw(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else str(value)


def _tex_row(cells: Sequence[str]) -> str:
    return " & ".join(map(_tex, cells)) + r" \\"


def _tex(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    words = {
        "\u2212": "$-$",
        "–": "--",
        "±": r"$\pm$",
        "×": r"$\times$",
        "∞": r"$\infty$",
        "²": "$^2$",
        "√": r"$\surd$",
        "½": r"$\frac{1}{2}$",
        "≈": r"$\approx$",
        "…": r"\ldots{}",
        "≥": r"$\geq$",
        "<": "$<$",
        ">": "$>$",
    }
    table = special | words | {mark: f"\\{mark}" for mark in "&%$#_{}"}
    return "".join(table.get(letter, letter) for letter in " ".join(text.split()))
