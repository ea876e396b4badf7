"""A benchmark and evaluation harness for reward design in robot learning."""

__version__ = "0.1.0"
