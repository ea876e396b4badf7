"""How long the report on a run of all tasks takes, and how large its page is."""

import hashlib
import subprocess
import sys
import time
from pathlib import Path

from tests.reports.fake_parts import TASKS
from tests.reports.fake_run import write_run


def bench_report(tmp_path: Path, benchmark, note) -> None:
    """`report` of 29 tasks, 3 methods, 5 seeds and searches of 5 x 16 candidates, twice: seconds and bytes."""
    run = write_run(tmp_path / "run", tasks=tuple(TASKS), seeds=5, iterations=5, samples=16)
    page, digests, seconds = run / "report" / "index.html", [], []

    def report() -> None:
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "harness", "report", str(run)], check=True, stdout=subprocess.DEVNULL
        )
        seconds.append(time.perf_counter() - begun)
        digests.append(hashlib.sha256(page.read_bytes()).hexdigest())

    benchmark.pedantic(report, rounds=2)
    assert len(set(digests)) == 1, "two reports on one run differ"
    note(f"report on {len(TASKS)} tasks, 3 methods, 5 seeds, 80 candidates each", f"{min(seconds):.1f} s")
    note("its page (drawings in place of pictures of rollouts)", f"{page.stat().st_size / 1e6:.1f} MB")
