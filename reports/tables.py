"""Tables: one frame each, from which what is shown (page, markdown, LaTeX) and the CSV file are made."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Column:
    """A column as it is shown, made of one or more of the frame's: a mean and both ends of its interval, say."""

    title: str
    sources: tuple[str, ...]
    """The frame's columns that a cell is made of."""
    show: Callable[..., str]
    """Their values in a row, None for what is not known → what the cell says."""
    numeric: bool = True
    """Numbers are aligned to the right, words to the left."""
    merged: bool = False
    """Whether a cell stays blank that repeats the one above; for the first columns of a table."""

    def cells(self, rows: pd.DataFrame) -> list[str]:
        """What it says in each row."""
        return [
            self.show(*values) for values in zip(*(_known(rows[name]) for name in self.sources), strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Table:
    """A table: numbers for programs, and what readers are shown of them."""

    name: str
    title: str
    caption: str
    frame: pd.DataFrame
    """What the CSV file holds."""
    columns: tuple[Column, ...] = ()
    """What is shown; none for data only."""
    rows: pd.DataFrame | None = None
    """The rows that are shown, where those are not the frame's: it in groups, or with more columns."""

    @property
    def head(self) -> tuple[str, ...]:
        """The titles of the columns that are shown."""
        return tuple(column.title for column in self.columns)

    @cached_property
    def body(self) -> tuple[tuple[str, ...], ...]:
        """The cells that are shown, row by row."""
        rows = self.frame if self.rows is None else self.rows
        cells = zip(*(column.cells(rows) for column in self.columns), strict=True)
        lead = sum(column.merged for column in self.columns)
        out, last = [], ("",) * lead
        for row in cells:
            out.append(
                tuple("" if row[: i + 1] == last[: i + 1] else row[i] for i in range(lead)) + row[lead:]
            )
            last = row[:lead]
        return tuple(out)

    def numeric(self, column: int) -> bool:
        """Whether a column that is shown holds numbers."""
        return self.columns[column].numeric

    def without_empty_columns(self) -> Table:
        """The same with those columns left out that say nothing in any row."""
        said = [any(cells) for cells in zip(*self.body, strict=True)]
        kept = tuple(column for column, some in zip(self.columns, said, strict=False) if some)
        return dataclasses.replace(self, columns=kept)


def to_csv(table: Table, context: str) -> str:
    """CSV of the frame (numbers to ten significant digits), after one comment line saying what it is."""
    numbers = table.frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    return f"# {table.title}. {context}\n{numbers}"


def to_markdown(table: Table) -> str:
    """A GitHub table."""
    rule = ["--:" if column.numeric else "---" for column in table.columns]
    rows = [map(_cell, table.head), rule, *(map(_cell, row) for row in table.body)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def markdown_text(text: str) -> str:
    """Text that no markdown or HTML reader takes for markup."""
    entities = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    return "".join(f"\\{c}" if c in "\\`*_[]|#!" else entities.get(c, c) for c in text)


def _cell(text: str) -> str:
    return " ".join(markdown_text(text).split())


def _known(column: pd.Series[Any]) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]
