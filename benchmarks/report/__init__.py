"""docs/benchmarks.md, written from stored measurements: `python -m benchmarks.report`.

Nothing on the page is typed: bars, tables, profiles and exponents are computed from the JSON files
in docs/measurements.
"""
