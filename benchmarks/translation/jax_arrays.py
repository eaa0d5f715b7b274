"""Traced programs in JAX: functions of jax.numpy that can be compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse as sp
from jax.scipy import special

from benchmarks.tools.interface import ToolUnavailableError, Vector
from benchmarks.translation.replay import Places, replay
from benchmarks.translation.traced import TracedProblem


def _power(x: Any, exponent: Any) -> Any:
    is_whole = isinstance(exponent, float) and exponent == round(exponent)
    return x ** (int(exponent) if is_whole else exponent)


def _where(condition: Any, x: Any, y: Any) -> Any:
    return jnp.where(condition != 0, x, y)


FUNCTIONS: dict[str, Callable[..., Any]] = {"power": _power, "where": _where}


class JaxArrays:
    """Operations on one-dimensional arrays."""

    def constant(self, values: Vector) -> Any:
        """Return data; it becomes a constant of the compiled function."""
        return jnp.asarray(values)

    def apply(self, function: str, args: list[Any], size: int) -> Any:
        """Return a function of jax.numpy or jax.scipy.special, in floating point."""
        found = FUNCTIONS.get(function) or getattr(jnp, function, getattr(special, function, None))
        if found is None:
            raise ToolUnavailableError(f"JAX has no function {function}")
        return jnp.broadcast_to(jnp.asarray(found(*args), float), (size,))

    def take(self, sources: list[Any], places: Places, size: int) -> Any:
        """Return elements, by a slice or an index array."""
        parts = [jnp.atleast_1d(source) for source in sources]
        whole = parts[0] if len(parts) == 1 else jnp.concatenate(parts)
        if isinstance(places, slice):
            is_all = (places.start, places.stop, places.step) == (0, whole.size, 1)
            return whole if is_all else whole[places]
        return whole[np.asarray(places)]

    def sum_rows(self, value: Any, num_rows: int, width: int) -> Any:
        """Return sums along the second axis."""
        return jnp.sum(jnp.reshape(value, (num_rows, width)), axis=1)

    def product(self, matrix: sp.csr_array, value: Any) -> Any:
        """Return sums of products, segment by segment."""
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        terms = jnp.asarray(matrix.data) * value[np.asarray(matrix.indices)]
        return jax.ops.segment_sum(terms, rows, matrix.shape[0], indices_are_sorted=True)


def jax_functions(problem: TracedProblem) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return objective and constraints as functions of jax.numpy."""

    def output(place: int) -> Callable[[Any], Any]:
        program = problem.program.with_outputs([problem.program.outputs[place]])

        def function(x: Any) -> Any:
            value = replay(program, x, problem.parameters, JaxArrays())[0]
            return jnp.broadcast_to(value, program.outputs[0].size)

        return function

    whole, constraints = output(0), output(1)
    return lambda x: whole(x)[0], constraints
