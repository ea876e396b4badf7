"""What a reference set says of each task: `python -m benchmarks.reference_table [BUDGET]`, a table in Markdown."""

import itertools
import sys

from harness.registry import SUITES, load_task
from harness.scoring.cells import make_cell
from harness.scoring.intervals import mean_interval
from harness.scoring.normalise import why_not_normalisable
from harness.scoring.references import read_set, set_file
from harness.scoring.task_info import TaskInfo
from reports.text import number, with_interval


def main() -> None:
    """Mean F of both rewards with its 95 % interval, and the noise of a trial in parts of their difference."""
    budget = sys.argv[1] if len(sys.argv) > 1 else "quick"
    table = read_set(set_file("cpu", budget))
    print("| task | precision | n | human | sparse | s.d. of a trial / (human − sparse) | scale |")
    print("|---|---|---|---|---|---|---|")
    there = set(zip(table["task"], table["precision"], strict=True))
    for task, precision in itertools.product(SUITES["all"], ("fp32", "bf16")):
        if (task, precision) not in there:
            continue
        rows = table[(table["task"] == task) & (table["precision"] == precision)]
        scores = {method: rows[rows["method"] == method]["f"].fillna(0.0) for method in ("human", "sparse")}
        human, sparse = (make_cell([scores[method].to_numpy()]) for method in ("human", "sparse"))
        gap = scores["human"].mean() - scores["sparse"].mean()
        about = load_task(task)
        info = TaskInfo(
            task, about.fitness.name, about.fitness_unit, episode_steps=int(rows["episode_steps"].iloc[0])
        )
        cells = [cell for cell in (human, sparse) if cell]
        shown = [with_interval(float(cell[0].mean()), mean_interval(cell, *info.bounds)) for cell in cells]
        noise = number(float(scores["human"].std()) / gap) if gap > 0 else ""
        scale = "no" if why_not_normalisable(human, sparse) else "yes"
        counts = "/".join(str(len(scores[method])) for method in scores)
        print(f"| {task} | {precision} | {counts} | {' | '.join(shown)} | {noise} | {scale} |")


if __name__ == "__main__":
    main()
