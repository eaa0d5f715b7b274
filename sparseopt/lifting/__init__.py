"""Lifting: intermediate values that make derivatives dense become variables with definitions.

Albersmeyer and Diehl, The lifted Newton method and its application in optimization, SIAM J. Optim.
20 (2010), doi:10.1137/080724885.
"""

from sparseopt.lifting.choice import LiftingChoice, choose_lifting, lift_named
from sparseopt.lifting.counts import Counts, can_be_exact, count_nonzeros
from sparseopt.lifting.definitions import describe_value
from sparseopt.lifting.transformation import LiftedProgram, LiftedValue, lift_values

__all__ = [
    "Counts",
    "LiftedProgram",
    "LiftedValue",
    "LiftingChoice",
    "can_be_exact",
    "choose_lifting",
    "count_nonzeros",
    "describe_value",
    "lift_named",
    "lift_values",
]
