"""Optimization problems with known answers, written with sparseopt's public interface only.

One problem is one file: the formula in its docstring, every constant with symbol, unit and source,
a function `build(**size)` that returns a `sparseopt.Model`, and a `RECORD` that states what is
known about it. Folders are collections. `problems.registry` finds these files by themselves.
"""
