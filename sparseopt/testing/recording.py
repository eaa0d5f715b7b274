"""Programs of functions: what is recorded, and nonlinear programs made of one function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.nodes import Constant, Input
from sparseopt.graph.program import Program
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.trace import input_array

__all__ = ["Function", "make_program", "nonlinear_program"]


class Function(Protocol):
    """What is checked: NumPy code of one array, and of parameters if it has any."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the variables."""

    @property
    def parameter_shape(self) -> tuple[int, ...] | None:
        """Shape of the parameters, or None."""

    @property
    def is_smooth(self) -> bool:
        """Whether the function has derivatives of every order."""

    @property
    def is_exact(self) -> bool:
        """Whether the recorded program must round exactly as NumPy does."""

    def __call__(self, *arguments: Any) -> Any:
        """Return the value for plain or traced arrays."""

    def point(self, seed: int = 0) -> NDArray[np.float64]:
        """Return values for the variables."""

    def parameters(self, seed: int = 0) -> NDArray[np.float64] | None:
        """Return values for the parameters, or None."""

    def source(self) -> str:
        """Return the code."""


def make_program(
    objective: Callable[..., Any],
    constraints: Callable[..., Any],
    n: int,
    num_parameters: int = 0,
) -> Program:
    """Return the Program of two functions of ``x``, or of ``x, p`` where there are parameters."""
    x = Input("x", n)
    inputs = [input_array(x, (n,))]
    parameters: tuple[Input, ...] = ()
    if num_parameters:
        parameters = (Input("p", num_parameters, "parameter"),)
        inputs.append(input_array(parameters[0], (num_parameters,)))
    outputs = []
    for function in (objective, constraints):
        result = function(*inputs)
        outputs.append(result if isinstance(result, Constant) else as_traced(result).node)
    return Program((x,), parameters, tuple(outputs))


def nonlinear_program(function: Function) -> Program:
    """Return the nonlinear program with a function as constraints and in the objective.

    The objective weighs the values, and multiplies the first by the last.
    """
    given = function.parameter_shape
    cache: list[Any] = []

    def constraints(*arguments: Any) -> Any:
        shapes = [function.shape] if given is None else [function.shape, given]
        shaped = [a.reshape(s) for a, s in zip(arguments, shapes, strict=True)]
        return np.ravel(function(*shaped))

    def objective(*arguments: Any) -> Any:
        values = as_traced(constraints(*arguments))
        cache.append(values)
        weights = np.cos(np.arange(values.size))
        return np.sum(values * weights) + values[0] * values[-1]

    sizes = math.prod(function.shape), 0 if given is None else math.prod(given)
    return make_program(objective, lambda *_: cache[0], *sizes)
