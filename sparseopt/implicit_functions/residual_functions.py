"""`ResidualFunctions`: a residual r(u, p) compiled, with what Newton and adjoints ask of it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from functools import cached_property
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import SingularMatrixError
from sparseopt.evaluation import Evaluator, compile_program
from sparseopt.factorizations import Factorization, factorization, require_structural_rank
from sparseopt.graph.content_hash import content_key
from sparseopt.graph.nodes import Constant, Gather, Input, Node
from sparseopt.graph.program import Program
from sparseopt.graph.substitution import substitute
from sparseopt.implicit_functions.sparse_system import Entries
from sparseopt.modeling.named_vector import element_name
from sparseopt.tracing.source_lines import describe_where

__all__ = ["ResidualFunctions", "residual_functions"]

FloatArray = NDArray[np.float64]

_MOST_NAMED = 3


class ResidualFunctions:
    """Values, Jacobian factors and products of a residual.

    Parameters
    ----------
    program : Program
        Variables (u,), parameters p, output r.
    active : sequence of bool
        Parameters that derivatives are wanted by.
    shape : tuple of int
        Of r, for names.
    name : str
        Of the residual.
    backend : str

    Attributes
    ----------
    key : tuple
        Equal for equal residuals.
    """

    def __init__(
        self,
        program: Program,
        active: tuple[bool, ...],
        shape: tuple[int, ...],
        name: str,
        backend: str,
    ) -> None:
        self.program = program
        self.name = name
        self.key: tuple[object, ...] = ()
        self._active = active
        self.shape = shape
        self.backend = backend
        self._lock = threading.RLock()
        self.num_factorizations = 0

    # ---- as a function of the state alone
    @cached_property
    def _state(self) -> Evaluator:
        nothing = Constant(np.zeros(1))
        return compile_program(self.program.with_outputs((nothing, self.program.outputs[0])))

    @cached_property
    def _entries(self) -> Entries:
        pattern = self._state.jacobian_pattern
        numbers = np.arange(pattern.nnz)
        return Entries(pattern.rows, pattern.cols, numbers, pattern.shape[0], pattern.nnz)

    @cached_property
    def is_linear(self) -> bool:
        """Whether the residual is proven linear in u."""
        return bool(self._state.is_linear_row.all())

    def require_structure(self, where: str) -> None:
        """Raise `SingularMatrixError`, naming rows, if no values make the Jacobian regular."""
        try:
            require_structural_rank(self._entries.matrix(np.ones(self._entries.num_values)))
        except SingularMatrixError as error:
            raise SingularMatrixError(
                f"the equations of {self.name} cannot be solved: {error.what}",
                rows=error.rows,
                columns=error.columns,
                where=where,
                why=f"{error.why}; {self.rows_named(error.rows)}",
                instead=error.instead,
            ) from None

    def residual(self, u: FloatArray, p: FloatArray) -> FloatArray:
        """Return r(u, p)."""
        with self._lock:
            self._state.parameters[:] = p
            return self._state.constraints(u)

    def factored(self, u: FloatArray, p: FloatArray) -> Factorization:
        """Return the factors of ∂r/∂u."""
        with self._lock:
            self._state.parameters[:] = p
            values = self._state.jacobian_values(u)
        self.num_factorizations += 1
        return factorization(self._entries.matrix(values), self.backend)

    def rows_named(self, rows: Iterable[int]) -> str:
        """Return the names and source lines of some equations."""
        output, numbers = self.program.outputs[0], list(rows)
        named = [
            f"{element_name(self.name, self.shape, row)}{_at(output, row)}"
            for row in map(int, numbers[:_MOST_NAMED])
        ]
        more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
        return ", ".join(named) + more

    # ---- as a function of the state and the active parameters
    @cached_property
    def _joint(self) -> Evaluator:
        given = self.program.parameters
        new: dict[Node, Node] = {
            p: Input(p.name, p.size, "variable", p.where)
            for p, active in zip(given, self._active, strict=True)
            if active
        }
        # All inputs must be older than what depends on them.
        (u,) = self.program.variables
        state = Input(u.name, u.size, "variable", u.where)
        output = substitute(self.program.outputs, {**new, u: state})[0]
        variables = (state, *(i for i in new.values() if isinstance(i, Input)))
        fixed = tuple(p for p in given if p not in new)
        outputs = (Constant(np.zeros(1)), output)
        return compile_program(Program(variables, fixed, outputs))

    @cached_property
    def _is_active(self) -> NDArray[np.bool_]:
        return np.repeat(np.array(self._active, bool), [p.size for p in self.program.parameters])

    def _point(self, u: FloatArray, p: FloatArray) -> FloatArray:
        self._joint.parameters[:] = p[~self._is_active]
        return np.concatenate([u, p[self._is_active]])

    def _split(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        n = self.program.variables[0].size
        by_parameters = np.zeros(self._is_active.size)
        by_parameters[self._is_active] = z[n:]
        return z[:n], by_parameters

    def push(self, u: FloatArray, p: FloatArray, dp: FloatArray) -> FloatArray:
        """Return r_p dp."""
        with self._lock:
            direction = np.concatenate([np.zeros(u.size), dp[self._is_active]])
            return self._joint.pushforward(self._point(u, p), direction)

    def pull(self, u: FloatArray, p: FloatArray, weights: FloatArray) -> FloatArray:
        """Return r_pᵀ w."""
        with self._lock:
            return self._split(self._joint.pullback(self._point(u, p), weights))[1]

    def curve(
        self, u: FloatArray, p: FloatArray, weights: FloatArray, du: FloatArray, dp: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the Hessian of wᵀ r times (du, dp), by u and by p."""
        with self._lock:
            direction = np.concatenate([du, dp[self._is_active]])
            point = self._point(u, p)
            return self._split(self._joint.hessian_vector_product(point, weights, direction, 0.0))


def _at(node: Node, element: int) -> str:
    """Return the source line that made an element, behind " at "."""
    while isinstance(node, Gather):
        place = int(node.index.take(np.array([element]))[0])
        for source in node.args:
            if place < source.size:
                break
            place -= source.size
        node, element = source, place
    where = describe_where(node.where)
    return f" at {where}" if where else ""


_shared: WeakValueDictionary[tuple[object, ...], ResidualFunctions] = WeakValueDictionary()
_latest: deque[ResidualFunctions] = deque(maxlen=4)
"""Kept alive, for calls with numbers: their function is gone when they return."""


def residual_functions(
    program: Program, active: tuple[bool, ...], shape: tuple[int, ...], name: str, backend: str
) -> ResidualFunctions:
    """Return the compiled residual of a program; equal ones are compiled once."""
    key = (content_key(program), active, shape, name, backend)
    found = _shared.get(key)
    if found is None:
        found = ResidualFunctions(program, active, shape, name, backend)
        found.key = key
        _shared[key] = found
    if found not in _latest:
        _latest.append(found)
    return found
