"""Ratios are collected while benchmarks run and printed as one table at the end."""

import os
import platform

import pytest
import torch

RATIOS: list[tuple[str, str]] = []


@pytest.fixture(autouse=True)
def one_torch_thread() -> None:
    """As in a trial."""
    torch.set_num_threads(1)


@pytest.fixture
def note(benchmark) -> object:
    """Keep a named result for the table."""

    def keep(name: str, value: str) -> None:
        benchmark.extra_info[name] = value
        RATIOS.append((name, value))

    return keep


def pytest_terminal_summary(terminalreporter) -> None:
    """The table."""
    terminalreporter.section("ratios")
    terminalreporter.write_line(f"{platform.machine()}, {os.cpu_count()} cores")
    for name, value in RATIOS:
        terminalreporter.write_line(f"{name:62} {value}")
