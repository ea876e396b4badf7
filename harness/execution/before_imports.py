"""What the fork server imports first: nothing is collected until `harness.execution.after_imports`."""

import gc

gc.disable()
