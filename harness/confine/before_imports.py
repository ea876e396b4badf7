"""What the fork server imports first: nothing is collected until `harness.confine.after_imports`."""

import gc

gc.disable()
