"""The report as LaTeX: booktabs tables and figures to `\\input`, at the widths of a two-column paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reports.content import Content
from reports.figures.style import Picture
from reports.tables import Table

SINGLE: Final = 3.25
DOUBLE: Final = 6.75
"""Widths in inches of one column, and of both."""
LETTERS: Final = 52
"""Of a table's longest cells together that fit into one column, at 8 points."""
LONGEST_LINE: Final = 40
"""Letters of a cell; longer ones are broken into lines."""
MOST_LINES: Final = 40
"""Of a float; longer tables go on in the next."""
SMALLEST: Final = 0.85
"""Of its own size, to which a figure is made smaller for one column."""
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


def latex_files(content: Content) -> dict[str, str]:
    """Path inside latex/ → text: main.tex, and what it inputs.

    That is tables/*.tex and figures/*.tex, which include figures/*.pdf.
    """
    tables = {
        f"tables/{table.name}.tex": table_tex(table, content.context)
        for table in content.tables
        if table.columns
    }
    floats = tables | {f"figures/{picture.name}.tex": figure_tex(picture) for picture in content.pictures}
    return floats | {"main.tex": _main(content, [name.removesuffix(".tex") for name in floats])}


def table_tex(table: Table, context: str) -> str:
    """A float with a booktabs table; several where it is long. Needs the packages array, booktabs, caption
    and graphicx."""
    longest = [max(len(cell) for cell in cells) for cells in zip(table.head, *table.body, strict=True)]
    wide = sum(min(length, LONGEST_LINE) + 2 for length in longest) > LETTERS
    place = "table*" if wide else "table"
    columns = "".join(map(_alignment, (column.numeric for column in table.columns), longest))
    lines = [f"% {tex(table.title)}. {tex(context)}"]
    for index, rows in enumerate(_floats(table.body)):
        caption = rf"\caption{{{tex(table.caption)} {tex(context)}}}\label{{tab:{table.name}}}"
        lines += [
            rf"\begin{{{place}}}[tbp]",
            r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
            r"\ContinuedFloat\caption[]{Continued.}" if index else caption,
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
    """A float with a figure, one or two columns wide. Needs the package graphicx."""
    width = _width(picture)
    place = "figure" if width == SINGLE else "figure*"
    size = rf"width={width:.4g}in,height=0.8\textheight,keepaspectratio"
    caption = tex(f"{picture.title}. {picture.caption} {picture.context}")
    return "\n".join(
        [
            f"% {tex(picture.title)}. {tex(picture.context)}",
            rf"\begin{{{place}}}[tbp]",
            r"\centering",
            rf"\includegraphics[{size}]{{figures/{picture.name}.pdf}}",
            rf"\caption{{{caption}}}\label{{fig:{picture.name}}}",
            rf"\end{{{place}}}",
            "",
        ]
    )


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
    """Inches: that of one column for a figure that is little wider, else its own, and at most that of both."""
    own = float(picture.figure.get_figwidth())
    return SINGLE if own <= SINGLE / SMALLEST else min(own, DOUBLE)


def _alignment(numeric: bool, longest: int) -> str:
    if numeric:
        return "r"
    return "l" if longest <= LONGEST_LINE else r">{\raggedright\arraybackslash}p{0.42\linewidth}"


def _floats(rows: Sequence[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    """Rows by float, each of at most `MOST_LINES` lines or one row; one float for no row."""
    part: list[tuple[str, ...]] = []
    lines = 0
    for row in rows:
        tall = max(-(-len(cell) // LONGEST_LINE) for cell in row)
        if part and lines + tall > MOST_LINES:
            yield part
            part, lines = [], 0
        part.append(row)
        lines += tall
    yield part


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(map(tex, cells)) + r" \\"
