"""Processes that start fast, know no secrets, and may run untrusted code. Knows nothing of what runs in them."""
