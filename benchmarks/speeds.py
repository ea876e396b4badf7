"""Write harness/speeds.json, from which a dry run says how long a job takes: `python -m benchmarks.speeds [TASK ...]`.

In seconds of the processor, so that what else the machine has to do hardly matters. All tasks, or those that are named;
in both precisions, on a processor that multiplies in bfloat16.
"""

import json
import sys
import time

from harness.estimate import SPEEDS, speeds_here
from harness.machine import cpu_name, multiplies_bf16
from harness.registry import TASKS, resolve

PRECISIONS = ("fp32", "bf16")


def main() -> None:
    """Measure the tasks, and keep what the file holds of others."""
    if not multiplies_bf16():
        sys.exit("this processor has no instructions for bfloat16: its speeds would mislead those that have")
    held = (
        json.loads(SPEEDS.read_text()) if SPEEDS.exists() else {"speeds": {name: {} for name in PRECISIONS}}
    )
    for name in sys.argv[1:] or TASKS:
        for precision in PRECISIONS:
            training, evaluation = speeds_here(resolve(name), "quick", precision, clock=time.process_time)
            print(
                f"{name}, {precision}: {training:,.0f} env steps/s in training, {evaluation:,.0f} in evaluation",
                flush=True,
            )
            held["speeds"][precision][name] = [round(training), round(evaluation)]
        speeds = {
            precision: {task: found[task] for task in TASKS if task in found}
            for precision, found in held["speeds"].items()
        }
        SPEEDS.write_text(json.dumps({"machine": cpu_name(), "speeds": speeds}, indent=1) + "\n")


if __name__ == "__main__":
    main()
