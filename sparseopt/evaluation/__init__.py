"""`Evaluator`: everything a solver asks of a problem, evaluated into preallocated arrays."""

from sparseopt.codegen.compile import CompiledModule, compile_ir
from sparseopt.evaluation.evaluator import Evaluator, NativeFunctions, compile_program

__all__ = ["CompiledModule", "Evaluator", "NativeFunctions", "compile_ir", "compile_program"]
