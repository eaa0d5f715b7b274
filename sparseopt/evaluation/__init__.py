"""`Evaluator`: everything a solver asks of a problem, evaluated into preallocated arrays."""

from sparseopt.evaluation.evaluator import Evaluator, compile_program

__all__ = ["Evaluator", "compile_program"]
