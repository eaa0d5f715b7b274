"""JAX with asdex: compiled functions in double precision, sparse by detection and coloring.

JAX has no sparse derivatives of its own; asdex detects patterns from the traced function, colors
them, and compresses. All functions are compiled, and evaluated from and to NumPy arrays, as a
solver's callbacks are. Set-up is detection, coloring, tracing by JAX and compiling; sparseopt's own
tracing and imports do not count.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asdex
import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.tools.function_tool import FunctionTool
from benchmarks.tools.interface import Pattern, Vector
from benchmarks.translation.jax_arrays import jax_functions
from benchmarks.translation.traced import traced

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


class JaxAsdexTool(FunctionTool):
    """One problem in JAX."""

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        super().__init__(traced(problem, size))
        self.objective, self.constraints = jax_functions(self.problem)
        x, weights = jnp.asarray(self.start), jnp.zeros(self.num_constraints)
        with self._stage("detect"):
            jacobian = asdex.jacobian_sparsity(self.constraints, x)
            hessian = asdex.hessian_sparsity(self.lagrangian, x, weights, 1.0, argnums=0)
        with self._stage("color"), warnings.catch_warnings():
            # That small matrices need as many colors as columns is no news here.
            warnings.simplefilter("ignore", asdex.DenseColoringWarning)
            self.colorings = {
                "jacobian": asdex.jacobian_coloring_from_sparsity(jacobian),
                "hessian": asdex.hessian_coloring_from_sparsity(hessian),
            }
        self.patterns["jacobian"] = Pattern(jacobian.rows, jacobian.cols)
        lower = np.flatnonzero(hessian.rows >= hessian.cols)
        self.patterns["hessian"] = Pattern(hessian.rows[lower], hessian.cols[lower])
        with self._stage("compile"):
            self._compile(lower)

    def lagrangian(self, x: Any, multipliers: Any, weight: Any) -> Any:
        """Return the Lagrangian."""
        return weight * self.objective(x) + multipliers @ self.constraints(x)

    def _compile(self, lower: Any) -> None:
        self._keep("objective", lambda x, weights, weight: self.objective(x))
        self._keep("gradient", lambda x, weights, weight: jax.grad(self.objective)(x))
        if self.num_constraints:
            self._keep("constraints", lambda x, weights, weight: self.constraints(x))
            coloring = self.colorings["jacobian"]
            slopes = asdex.compressed_jacobian_from_coloring(self.constraints, coloring)
            self._keep(
                "jacobian", lambda x, weights, weight: asdex.decompress_data(slopes(x), coloring)
            )
        symmetric = self.colorings["hessian"]
        curvature = asdex.compressed_hessian_from_coloring(self.lagrangian, symmetric)
        self._keep(
            "hessian", lambda *args: asdex.decompress_data(curvature(*args), symmetric)[lower]
        )

    def _keep(self, kind: str, function: Callable[[Any, Any, Any], Any]) -> None:
        example = (np.zeros(self.start.size), np.zeros(self.num_constraints), 1.0)
        compiled = jax.jit(function).lower(*example).compile()

        def call(x: Vector, multipliers: Vector, weight: float) -> Any:
            return compiled(x, multipliers, weight)

        self.functions[kind] = call

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.stages[name] = time.perf_counter() - started
