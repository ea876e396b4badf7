"""Where trials run: local processes with slots, one process for each dangerous or noisy step."""
