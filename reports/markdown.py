"""The report as markdown, for reading where there is no browser."""

from __future__ import annotations

from reports.content import Content
from reports.tables import markdown_text, to_markdown


def to_report(content: Content) -> str:
    """Sentences, tables, and links to the figures' files."""
    lines = [f"# {content.title}", "", markdown_text(content.subtitle), ""]
    lines += [f"**{markdown_text(sentence)}**\n" for sentence in content.summary]
    lines += [f"- {markdown_text(sentence)}" for sentence in content.notes]
    lines += ["", "| | |", "|---|---|"]
    lines += [f"| {markdown_text(name)} | {markdown_text(value)} |" for name, value in content.facts]
    shown = [table for table in content.tables if table.columns]
    for index, table in enumerate(shown, start=1):
        lines += ["", f"## {table.title}", "", to_markdown(table), ""]
        lines += [f"Table {index}. {markdown_text(table.caption)} {markdown_text(content.context)}"]
    lines += ["", "## Figures", ""]
    for index, picture in enumerate(content.pictures, start=1):
        words = markdown_text(f"{picture.title}. {picture.caption} {content.context}")
        lines += [
            f"![{markdown_text(picture.alt)}](figures/{picture.name}.png)",
            "",
            f"Figure {index}. {words}",
            "",
        ]
    return "\n".join(lines)
