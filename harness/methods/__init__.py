"""Ways of getting a reward program: an expert's, the task's own metric, or a search's. `contract` says what one is."""
