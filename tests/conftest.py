"""One torch thread, as in a trial: results do not depend on the machine's cores, nor tests on each other."""

import torch

torch.set_num_threads(1)
