"""Reduced space: states are solved for inside, and a solver sees the other variables alone."""

from sparseopt.reduction.reduce import reduce_problem
from sparseopt.reduction.reduced_problem import ReducedProblem

__all__ = ["ReducedProblem", "reduce_problem"]
