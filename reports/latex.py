"""The report as LaTeX: booktabs tables and figures to `\\input`, at the widths of a two-column paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reports.content import Content
from reports.figures.style import Picture, look
from reports.tables import Table

SINGLE: Final = 3.25
DOUBLE: Final = 6.75
"""Widths in inches of one column, and of both."""
LETTERS: Final = 52
"""Of a table's longest cells together that fit into one column, at 8 points."""
LONGEST_LINE: Final = 40
"""Letters of a cell; longer ones are broken into lines."""
LONGEST_TABLE: Final = 45
"""Rows of a float; longer tables go on in the next."""
MAIN: Final = r"""% An example: every table and figure of the report.
% For your own paper, copy tables/ and figures/, take over the packages, and \input what you need.
\documentclass[10pt,twocolumn]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[letterpaper,textwidth=6.75in,textheight=9in]{geometry}
\usepackage{amsmath,amssymb,array,booktabs,caption,graphicx}
\setlength{\columnsep}{0.25in}
\captionsetup{font=small}
"""
SHRUNK: Final = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
"""What follows, made smaller where it is wider than the line."""
WORDS: Final = {
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
    "≤": r"$\leq$",
    "τ": r"$\tau$",
    "→": r"$\rightarrow$",
    "·": r"$\cdot$",
    "<": "$<$",
    ">": "$>$",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"\textquotedbl{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}
LATIN: Final = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿ"
"""Letters that T1 fonts have, beside ASCII."""


def latex_files(content: Content) -> dict[str, bytes]:
    """Path inside the report → bytes: latex/main.tex, which inputs latex/tables/*.tex and latex/figures/*.tex."""
    files: dict[str, bytes] = {}
    inputs = []
    for table in (table for table in content.tables if table.columns):
        files[f"latex/tables/{table.name}.tex"] = table_tex(table, content.context).encode()
        inputs.append(f"tables/{table.name}")
    for picture in content.pictures:
        files[f"latex/figures/{picture.name}.pdf"] = at_width(picture, _width(picture))
        files[f"latex/figures/{picture.name}.tex"] = figure_tex(picture).encode()
        inputs.append(f"figures/{picture.name}")
    files["latex/main.tex"] = _main(content, inputs).encode()
    return files


def table_tex(table: Table, context: str) -> str:
    """A float with a booktabs table; several where it is long. Needs the packages array, booktabs, caption
    and graphicx."""
    longest = [max(len(cell) for cell in cells) for cells in zip(table.head, *table.body, strict=True)]
    wide = sum(min(length, LONGEST_LINE) + 2 for length in longest) > LETTERS
    place = "table*" if wide else "table"
    columns = "".join(map(_alignment, (column.numeric for column in table.columns), longest))
    lines = [f"% {tex(table.title)}. {tex(context)}"]
    for first, rows in _floats(table.body):
        caption = rf"\caption{{{tex(table.caption)} {tex(context)}}}\label{{tab:{table.name}}}"
        lines += [
            rf"\begin{{{place}}}[tbp]",
            r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
            caption if first else r"\ContinuedFloat\caption[]{Continued.}",
            SHRUNK,
            rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
            r"\toprule",
            _row(table.head),
            r"\midrule",
            *map(_row, rows),
            r"\bottomrule",
            r"\end{tabular}}",
            rf"\end{{{place}}}",
        ]
    return "\n".join([*lines, ""])


def figure_tex(picture: Picture) -> str:
    """A float with a figure at the width of its file. Needs the package graphicx."""
    place = "figure*" if _width(picture) == DOUBLE else "figure"
    caption = tex(f"{picture.title}. {picture.caption} {picture.context}")
    return "\n".join(
        [
            f"% {tex(picture.title)}. {tex(picture.context)}",
            rf"\begin{{{place}}}[tbp]",
            r"\centering",
            rf"\includegraphics{{figures/{picture.name}.pdf}}",
            rf"\caption{{{caption}}}\label{{fig:{picture.name}}}",
            rf"\end{{{place}}}",
            "",
        ]
    )


def at_width(picture: Picture, width: float) -> bytes:
    """The figure as PDF, laid out anew in `width` inches: its letters keep their size."""
    figure = picture.figure
    old, places = figure.get_size_inches(), [axes.get_position() for axes in figure.axes]
    with look():
        figure.set_size_inches(width, float(old[1]))
        figure.set_layout_engine("constrained")
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        data = picture.render("pdf")
        figure.set_size_inches(*old)
        for axes, place in zip(figure.axes, places, strict=True):
            axes.set_position(place)
    return data


def tex(text: str) -> str:
    """Text as LaTeX shows it, on one line; `?` for letters that its common fonts do not have."""
    return "".join(
        WORDS.get(letter, letter if letter.isascii() or letter in LATIN else "?")
        for letter in " ".join(text.split())
        if letter.isprintable()
    )


def _main(content: Content, inputs: list[str]) -> str:
    """The example: what the page says first, then every table and figure."""
    said = [r"\begin{itemize}", *(rf"\item {tex(sentence)}" for sentence in content.notes), r"\end{itemize}"]
    lines = [
        rf"\title{{{tex(content.title)}}}",
        rf"\author{{{tex(content.subtitle)}}}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        *(tex(sentence) + "\n" for sentence in content.summary),
        *(said if content.notes else []),
        tex(content.context),
        *(rf"\input{{{name}}}" for name in inputs),
        r"\end{document}",
    ]
    return MAIN + "\n".join([*lines, ""])


def _width(picture: Picture) -> float:
    """The column width that is nearest to a figure's own."""
    own = float(picture.figure.get_figwidth())
    return min((SINGLE, DOUBLE), key=lambda width: abs(width - own))


def _alignment(numeric: bool, longest: int) -> str:
    if numeric:
        return "r"
    return "l" if longest <= LONGEST_LINE else r">{\raggedright\arraybackslash}p{0.42\linewidth}"


def _floats(rows: tuple[tuple[str, ...], ...]) -> Iterator[tuple[bool, tuple[tuple[str, ...], ...]]]:
    for start in range(0, max(len(rows), 1), LONGEST_TABLE):
        yield start == 0, rows[start : start + LONGEST_TABLE]


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(map(tex, cells)) + r" \\"
