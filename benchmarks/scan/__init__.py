"""Benchmarks of `so.scan`: `python -m benchmarks.scan --small` or `--full`."""
