"""A benchmark and evaluation harness for reward design in robot learning."""

from harness.installed import pin

__version__ = "0.1.0"

pin()  # in every process, before anything of `suites`, `baselines` or `reports` is imported
