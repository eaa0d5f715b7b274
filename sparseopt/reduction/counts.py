"""What a reduced problem has cost so far."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ReducedCounts"]


@dataclass
class ReducedCounts:
    """Work on the state equations.

    Attributes
    ----------
    state_solves : int
        Points at which the states were solved for.
    newton_iterations : int
        In all of these; each costs one linear solve.
    factorizations : int
        Of the matrix of derivatives by the states.
    linear_solves : int
        With a factorization or its transpose, beside those of Newton's method: for gradients,
        products and rows.
    failures : int
        Points at which the states could not be solved for.
    """

    state_solves: int = 0
    newton_iterations: int = 0
    factorizations: int = 0
    linear_solves: int = 0
    failures: int = 0
