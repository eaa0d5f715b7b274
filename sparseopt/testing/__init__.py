"""Checking sparseopt itself: random NumPy programs against independent references.

``python -m sparseopt.testing --programs 100000`` checks many; `random_programs` is a Hypothesis
strategy of them, and `check_program` compares everything that is computed from one.  Hypothesis and
CasADi are imported when they are used.
"""

from sparseopt.testing.checks import CheckFailure, Checks, check_program
from sparseopt.testing.programs import RandomProgram, SourceProgram, random_programs

__all__ = [
    "CheckFailure",
    "Checks",
    "RandomProgram",
    "SourceProgram",
    "check_program",
    "random_programs",
]
