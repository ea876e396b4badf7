"""Write harness/speeds.json, from which a dry run says how long a job takes: `python -m benchmarks.speeds [TASK ...]`.

In seconds of the processor, so that what else the machine has to do hardly matters. All tasks, or those that are named.
"""

import json
import sys
import time

from harness.estimate import SPEEDS, speeds_here
from harness.machine import cpu_name
from harness.registry import TASKS, resolve


def main() -> None:
    """Measure the tasks, and keep what the file holds of others."""
    held = json.loads(SPEEDS.read_text()) if SPEEDS.exists() else {"speeds": {}}
    for name in sys.argv[1:] or TASKS:
        training, evaluation = speeds_here(resolve(name), "quick", time.process_time)
        print(f"{name}: {training:,.0f} env steps/s in training, {evaluation:,.0f} in evaluation", flush=True)
        held["speeds"][name] = [round(training), round(evaluation)]
        speeds = {task: held["speeds"][task] for task in TASKS if task in held["speeds"]}
        SPEEDS.write_text(json.dumps({"machine": cpu_name(), "speeds": speeds}, indent=1) + "\n")


if __name__ == "__main__":
    main()
