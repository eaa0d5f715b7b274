"""Measurements of sparseopt beside other tools: `python -m benchmarks --help`.

One process runs one (problem, size, tool), one after another, with one thread. It times the set-up
stages, checks the values against the other tools, times evaluations and, where asked, a whole
solve. Numbers go to a JSON file with the machine and versions, and to a table.
"""
