"""Choosing between values: where, select, clip, nan_to_num."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.errors import UnsupportedFunctionError
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.elementwise import apply
from sparseopt.tracing.movement import join
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.traced_array import TracedArray, traced_from_node

__all__: list[str] = []


@implements(np.where)
def _where(condition: Any, *choices: Any) -> TracedArray:
    if len(choices) != 2:
        raise UnsupportedFunctionError(
            "np.where(condition) asks for the indices where a traced condition holds",
            where=describe_where(user_frame()),
            why="how many there are would depend on the variables",
            instead="np.where(condition, a, b), which chooses values",
        )
    first, second = (as_traced(choice) for choice in choices)
    if not is_traced(condition):
        # A mask that is known chooses places, not values, and leaves no trace in the program.
        return join([first, second], lambda a, b: np.where(condition, a, b))
    chosen = apply("where", condition, first, second)
    boolean = first.is_boolean and second.is_boolean
    return traced_from_node(chosen.node, chosen.shape, is_boolean=True) if boolean else chosen


@implements(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> TracedArray:
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    shape = np.broadcast_shapes(*(np.shape(item) for item in (*condlist, *choicelist, default)))
    result = as_traced(default).broadcast_to(shape)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = _where(condition, choice, result)
    return result
