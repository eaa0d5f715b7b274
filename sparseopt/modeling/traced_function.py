"""A user's function traced once and compiled, and the checks its arguments pass at every call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseopt.derivatives.plans import HESSIAN_PLANS, JACOBIAN_PLANS
from sparseopt.errors import ProblemError, ShapeError, TracingError, did_you_mean
from sparseopt.evaluation import Evaluator, compile_program
from sparseopt.graph.nodes import Call, Constant, Node
from sparseopt.graph.substitution import close_over
from sparseopt.modeling.declarations import full_array
from sparseopt.modeling.named_vector import NamedVector, element_name
from sparseopt.modeling.plan_names import checked_plan
from sparseopt.modeling.real_arrays import real_array
from sparseopt.modeling.unpicklable import Unpicklable
from sparseopt.on_demand import on_demand
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.repetition import repeated
from sparseopt.tracing.source_lines import describe_where, user_frame
from sparseopt.tracing.trace import trace
from sparseopt.tracing.traced_array import TracedArray

if TYPE_CHECKING:
    import sparseopt.derivatives.programs.derived as programs
    from sparseopt.derivatives.programs.derived import DerivedPrograms
else:
    programs = on_demand("sparseopt.derivatives.programs.derived")

__all__ = ["TracedFunction"]

FloatArray = NDArray[np.float64]


class TracedFunction(Unpicklable):
    """A function of one array, recorded and compiled.

    Parameters
    ----------
    function : callable
        NumPy code ``function(x)``, or ``function(x, **parameters)``.  It is called twice, to see
        that it does the same, or once where its recording is long (`tracing.repetition`).
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
        given = dict(parameters or {})
        shapes = [(name, np.shape(value)) for name, value in given.items()]
        self.parameters = NamedVector((name, shape, None) for name, shape in shapes)
        started = time.perf_counter()
        program, self.result_shape = trace(
            _twice(_by_keyword(function, list(given)), self.name),
            self.shape,
            shapes,
        )
        program, self._captured = close_over(program)
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
        self._recorded = program
        self._plan = chosen
        self._is_scalar = is_scalar
        # What is captured has no values yet: any will do where only structure is asked for.
        self._values = _any_values(program.num_parameters)
        self._traced_values: dict[str, TracedArray] = {}
        self.set(**given)

    @cached_property
    def derived(self) -> DerivedPrograms:
        """Derivatives as programs, for calls in traced code."""
        return programs.DerivedPrograms(self._recorded)

    @cached_property
    def evaluator(self) -> Evaluator:
        """Compiled values and derivatives; made when a number or a pattern is first asked for."""
        evaluator = compile_program(
            self.program,
            jacobian_plan="auto" if self._is_scalar else self._plan,
            hessian_plan=self._plan if self._is_scalar else "auto",
        )
        evaluator.parameters[:] = self._values
        self._values = evaluator.parameters
        return evaluator

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
            self._traced_values.pop(name, None)
            if is_traced(value):
                self._require_no_calls(name)
                self._traced_values[name] = _in_shape(value, place.shape, name)
                continue
            values = full_array(value, place.shape, name, "value", user_frame())
            self._values[place.offset : place.offset + place.size] = values

    @property
    def parameter_values(self) -> FloatArray:
        """Present values of all parameters, one after another."""
        return self._values

    def parameter_nodes(self) -> dict[Node, Node]:
        """Return what stands for the parameters where the function is part of traced code.

        Their present values are constants there; traced values and captured ones are themselves.
        """
        nodes: dict[Node, Node] = dict(self._captured.items())
        for array, parameter in zip(self.parameters, self.program.parameters, strict=False):
            traced = self._traced_values.get(array.name)
            values = self._values[array.offset : array.offset + array.size]
            nodes[parameter] = Constant(values.copy()) if traced is None else traced.node
        return nodes

    def traced_point(self, x: Any) -> Node:
        """Return an argument, traced or not, as a node; it must have the example's shape."""
        return self._flat_node(x, self.shape, "argument")

    def traced_result(self, w: Any) -> Node:
        """Return an array in the shape of the function's result as a node."""
        return self._flat_node(w, self.result_shape, "result")

    def point(self, x: ArrayLike) -> FloatArray:
        """Return an argument as a flat vector; it must have the shape of the example."""
        self._require_numbers()
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
        self._check_shape(np.shape(values), shape, what)
        return array.reshape(-1)

    def _flat_node(self, values: Any, shape: tuple[int, ...], what: str) -> Node:
        array = as_traced(values)
        self._check_shape(array.shape, shape, what)
        return array.node

    def _check_shape(self, found: tuple[int, ...], shape: tuple[int, ...], what: str) -> None:
        # A flat vector of the right length is accepted: solvers know no other shape.
        size = int(np.prod(shape, dtype=np.int64))
        if found not in (shape, (size,)):
            raise ShapeError(
                f"an array of shape {found} is given to the derivative of {self.name}",
                why=f"its {what} has shape {shape}",
                instead="trace the function again for another shape",
            )

    def _require_no_calls(self, name: str) -> None:
        """Refuse a traced parameter where a function that is not NumPy took it for fixed."""
        if any(isinstance(node, Call) for node in self.program.nodes()):
            raise TracingError(
                f"the parameter {name!r} of {self.name} is given a traced value",
                where=describe_where(user_frame()),
                why=f"{self.name} calls a function that is not NumPy, which was set up without "
                "derivatives by parameters",
                instead="use the traced value inside the function, without a parameter",
            )

    def _require_numbers(self) -> None:
        """Refuse numbers for an argument where the function's other values are not known."""
        captured = [node.name for node in self._captured] + list(self._traced_values)
        if captured:
            raise TracingError(
                f"the derivative of {self.name} is called with numbers",
                where=describe_where(user_frame()),
                why=f"{self.name} uses traced values ({', '.join(captured[:3])}) of the code "
                "around it, which are not known",
                instead="call it with a traced argument, inside the code that is traced: "
                "np.zeros_like(x) + y for a constant point y",
            )


def _in_shape(value: Any, shape: tuple[int, ...], name: str) -> TracedArray:
    """Return a traced value of a parameter in the parameter's shape."""
    array = as_traced(value)
    if array.shape not in ((), shape):
        raise ShapeError(
            f"the value of {name!r} has shape {array.shape}, and the parameter {shape}",
            where=describe_where(user_frame()),
        )
    return array.broadcast_to(shape)


def _any_values(size: int) -> FloatArray:
    # numpy.random is loaded where it is used: few functions capture anything.
    return np.random.default_rng(0).uniform(0.5, 1.5, size) if size else np.zeros(0)


def _twice(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def called(*arrays: Any) -> Any:
        return repeated(lambda: function(*arrays), name)

    called.__name__ = name
    return called


def _by_keyword(function: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    if not names:
        return function

    def positional(x: Any, *values: Any) -> Any:
        return function(x, **dict(zip(names, values, strict=True)))

    return positional
