"""A user's function traced once and compiled, and the checks its arguments pass at every call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.derivatives.plans import HESSIAN_PLANS, JACOBIAN_PLANS
from sparseopt.errors import ProblemError, ShapeError, did_you_mean
from sparseopt.evaluation import Evaluator, compile_program
from sparseopt.graph.nodes import Constant
from sparseopt.modeling.declarations import full_array
from sparseopt.modeling.named_vector import NamedVector, element_name
from sparseopt.modeling.plan_names import checked_plan
from sparseopt.modeling.real_arrays import real_array
from sparseopt.tracing.source_lines import user_frame
from sparseopt.tracing.trace import trace

__all__ = ["TracedFunction"]

FloatArray = NDArray[np.float64]


class TracedFunction:
    """A function of one array, recorded and compiled.

    Parameters
    ----------
    function : callable
        NumPy code ``function(x)``, or ``function(x, **parameters)``; it is called once.
    x : array-like
        An example that gives the shape; its values are not used.
    parameters : mapping of str to array-like, optional
        Values of keyword arguments that may change without a new trace.
    plan : str
        How the Jacobian (of constraints) or the Hessian (of an objective) is multiplied out.
    role : {"objective", "constraints"}
        What the result is to the evaluator: a number, or an array.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        x: ArrayLike,
        parameters: Mapping[str, ArrayLike] | None,
        plan: str,
        role: Literal["objective", "constraints"],
    ) -> None:
        is_scalar = role == "objective"
        chosen = checked_plan(plan, HESSIAN_PLANS if is_scalar else JACOBIAN_PLANS)
        self.name = getattr(function, "__name__", type(function).__name__)
        self.shape = np.shape(x)
        given = {
            name: real_array(v, f"the value of {name!r}") for name, v in (parameters or {}).items()
        }
        self.parameters = NamedVector((name, v.shape, None) for name, v in given.items())
        started = time.perf_counter()
        program, self.result_shape = trace(
            _by_keyword(function, list(given)),
            self.shape,
            [(name, value.shape) for name, value in given.items()],
        )
        self.trace_seconds = time.perf_counter() - started
        self.size = program.num_variables
        self.result_size = int(np.prod(self.result_shape, dtype=np.int64))
        if role == "objective" and self.result_size != 1:
            raise ShapeError(
                f"{self.name} returns an array of shape {self.result_shape}",
                why="its gradient or Hessian is asked for, and only a single number has one",
                instead="so.jacobian(f, x), or so.hessian of a weighted sum of its elements",
            )
        result = program.outputs[0]
        nothing = Constant(np.zeros(0))
        outputs = (result, nothing) if role == "objective" else (Constant(np.zeros(1)), result)
        self.program = program.with_outputs(outputs)
        self.evaluator: Evaluator = compile_program(
            self.program,
            jacobian_plan="auto" if is_scalar else chosen,
            hessian_plan=chosen if is_scalar else "auto",
        )
        self.set(**given)

    def set(self, **parameters: ArrayLike) -> None:
        """Change the values of parameters; nothing is traced or compiled again."""
        for name, value in parameters.items():
            if name not in self.parameters:
                known = [array.name for array in self.parameters]
                raise ProblemError(
                    f"{self.name} was traced without a parameter {name!r}",
                    instead=did_you_mean(name, known) or "jacobian(f, x, parameters={...})",
                )
            place = self.parameters[name]
            values = full_array(value, place.shape, name, "value", user_frame())
            self.evaluator.parameters[place.offset : place.offset + place.size] = values

    def point(self, x: ArrayLike) -> FloatArray:
        """Return an argument as a flat vector; it must have the shape of the example."""
        return self._flat(x, self.shape, "argument")

    def result(self, w: ArrayLike) -> FloatArray:
        """Return an array in the shape of the function's result as a flat vector."""
        return self._flat(w, self.result_shape, "result")

    def element(self, position: int) -> str:
        """Return the name of an element of the argument, such as ``x[3, 1]``."""
        return element_name("x", self.shape, position)

    def result_element(self, position: int) -> str:
        """Return the name of an element of the result, such as ``f[2]``."""
        name = self.name if self.name.isidentifier() else "f"
        return element_name(name, self.result_shape, position)

    def _flat(self, values: ArrayLike, shape: tuple[int, ...], what: str) -> FloatArray:
        array = real_array(values, f"the {what} given to the derivative of {self.name}")
        # A flat vector of the right length is accepted: solvers know no other shape.
        size = int(np.prod(shape, dtype=np.int64))
        if np.shape(values) != shape and array.shape != (size,):
            raise ShapeError(
                f"an array of shape {np.shape(values)} is given to the derivative of {self.name}",
                why=f"its {what} has shape {shape}",
                instead="trace the function again for another shape",
            )
        return array.reshape(-1)


def _by_keyword(function: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    if not names:
        return function

    def positional(x: Any, *values: Any) -> Any:
        return function(x, **dict(zip(names, values, strict=True)))

    return positional
