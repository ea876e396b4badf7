"""From run folders to a page, figures and tables: offline, and byte for byte the same each time."""

from reports.write import write_report

__all__ = ["write_report"]
