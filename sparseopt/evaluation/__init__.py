"""`Evaluator`: everything a solver asks of a problem, evaluated into preallocated arrays."""

from sparseopt.codegen.lost_exceptions import kept_exceptions
from sparseopt.codegen.workers import submit
from sparseopt.evaluation.backend import Backend, start_compiling
from sparseopt.evaluation.evaluator import Evaluator, compile_program

__all__ = [
    "Backend",
    "Evaluator",
    "NativeFunctions",
    "compile_program",
    "kept_exceptions",
    "start_compiling",
    "submit",
]
