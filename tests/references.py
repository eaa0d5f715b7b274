"""Independent references: derivatives of Programs by complex step, and programs of functions.

Nothing here uses element forms, schedules or generated code.  First derivatives are exact to
rounding (complex step on the interpreter); second derivatives are differences of those, of fourth
order.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sparseopt.evaluation import Evaluator
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Elementwise, Input
from sparseopt.graph.program import Program
from sparseopt.graph.transform import with_args
from sparseopt.patterns.checks import check_places
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.trace import input_array

STEP = 1e-30
SECOND_STEP = 2e-3
VALUE_TOLERANCE = 1e-11
FIRST_TOLERANCE = 1e-9
SECOND_TOLERANCE = 2e-6


def make_program(objective, constraints, n, num_parameters=0):
    """Return the Program of two functions of ``x``, or of ``x, p`` where there are parameters."""
    x = Input("x", n)
    inputs = [input_array(x, (n,))]
    parameters = ()
    if num_parameters:
        parameters = (Input("p", num_parameters, "parameter"),)
        inputs.append(input_array(parameters[0], (num_parameters,)))
    outputs = []
    for function in (objective, constraints):
        result = function(*inputs)
        node = as_traced(result).node if not isinstance(result, Constant) else result
        outputs.append(node)
    return Program((x,), parameters, tuple(outputs))


def make_evaluator(objective, constraints, n, backend="numpy", num_parameters=0):
    """Return the evaluator of two functions."""
    return Evaluator(make_program(objective, constraints, n, num_parameters), backend)


def nothing(x, *_):
    """No constraints."""
    return x[:0]


def zero(x, *_):
    """No objective."""
    return 0.0 * x[0]


# ---- complex values of functions that NumPy refuses or means otherwise for complex numbers
def _sqrt_of_squares(x, y):
    return np.sqrt(x * x + y * y)


def _real_step(name):
    return lambda *args: FUNCTIONS[name].numpy(*(np.real(a) for a in args)) + 0j


def _absolute(x):
    return np.where(np.real(x) < 0, -x, x)


def _arctan2(y, x):
    return np.arctan2(np.real(y), np.real(x)) + 1j * (
        (np.real(x) * np.imag(y) - np.real(y) * np.imag(x))
        / np.maximum(np.real(x) ** 2 + np.real(y) ** 2, 1e-300)
    )


def _by_derivative(function, derivative):
    """One argument, first order in the imaginary part, which is all that a complex step needs."""
    return lambda x: function(np.real(x)) + 1j * np.imag(x) * derivative(np.real(x))


def _choose(better):
    return lambda x, y: np.where(better(np.real(x), np.real(y)), x, y)


_STEPS = (
    "sign", "floor", "ceil", "rint", "trunc", "floor_divide", "heaviside", "less", "less_equal",
    "greater", "greater_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_xor",
    "logical_not", "isnan", "isfinite", "isinf",
)  # fmt: skip

_COMPLEX = {
    **{name: _real_step(name) for name in _STEPS},
    "absolute": _absolute,
    "hypot": _sqrt_of_squares,
    "arctan2": _arctan2,
    "maximum": _choose(np.greater_equal),
    "minimum": _choose(np.less_equal),
    "fmax": _choose(np.greater_equal),
    "fmin": _choose(np.less_equal),
    "cbrt": _by_derivative(np.cbrt, lambda x: np.cbrt(x) / (3.0 * x)),
    "copysign": lambda x, y: _absolute(x) * np.copysign(1.0, np.real(y)),
    "remainder": lambda x, y: x - np.floor(np.real(x) / np.real(y)) * y,
    "fmod": lambda x, y: x - np.trunc(np.real(x) / np.real(y)) * y,
    "logaddexp": lambda x, y: np.log(np.exp(x) + np.exp(y)),
    "logaddexp2": lambda x, y: np.log(2.0**x + 2.0**y) / np.log(2.0),
    "expit": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "log_expit": lambda x: -np.log1p(np.exp(-x)),
    "logit": lambda x: np.log(x / (1.0 - x)),
    "entr": lambda x: -x * np.log(x),
    "where": lambda c, x, y: np.where(np.real(c) != 0.0, x, y),
}


def complex_program(program):
    """Return the program with functions that follow a complex step to first order."""
    new = {}
    for node in program.nodes():
        args = tuple(new[id(a)] for a in node.args)
        if isinstance(node, (Input, Constant)):
            new[id(node)] = node
        elif isinstance(node, Elementwise) and node.function.name in _COMPLEX:
            row = replace(node.function, numpy=_COMPLEX[node.function.name])
            new[id(node)] = Elementwise(row, args, node.size, node.where)
        else:
            new[id(node)] = with_args(node, args)
    return program.with_outputs([new[id(o)] for o in program.outputs])


def reference_values(program, x, p=None):
    """Return (objective, constraints) by the interpreter."""
    objective, constraints = interpret(program, x, p)
    return float(objective[0]), np.asarray(constraints, float)


def reference_jacobian(program, x, p=None):
    """Return the dense first derivatives of objective (first row) and constraints."""
    stepped = complex_program(program)
    columns = []
    for k in range(x.size):
        point = x.astype(complex)
        point[k] += 1j * STEP
        columns.append(np.imag(np.concatenate(interpret(stepped, point, p))) / STEP)
    return np.stack(columns, axis=1)


def reference_curvature(program, x, multipliers, weight, pairs, p=None):
    """Return ``wᵀ H v`` of the Lagrangian for pairs (v, w): differences of a complex step.

    ``pairs`` are two arrays with a direction in every row.
    """
    scales = np.concatenate([[weight], multipliers])
    stepped = complex_program(program)

    def slope(point, direction):
        outputs = interpret(stepped, point + 1j * STEP * direction, p)
        return scales @ np.imag(np.concatenate(outputs)) / STEP

    found = []
    for v, w in zip(*pairs, strict=True):
        h = SECOND_STEP
        near = slope(x + h * v, w) - slope(x - h * v, w)
        far = slope(x + 2 * h * v, w) - slope(x - 2 * h * v, w)
        found.append((8 * near - far) / (12 * h))
    return np.array(found)


def reference_hessian(program, x, multipliers, weight, p=None):
    """Return the dense Hessian of the Lagrangian."""
    n = x.size
    unit = np.eye(n)
    rows, cols = np.tril_indices(n)
    values = reference_curvature(program, x, multipliers, weight, (unit[rows], unit[cols]), p)
    hessian = np.zeros((n, n))
    hessian[rows, cols] = hessian[cols, rows] = values
    return hessian


def assert_close(actual, expected, tolerance, what=""):
    """Relative to the largest magnitude, which is what rounding of sums is relative to."""
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(
        actual, expected, rtol=tolerance, atol=tolerance * scale, err_msg=what
    )


def dense_jacobian(evaluator, x):
    """Return the evaluator's Jacobian as a dense array."""
    return evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(x)).toarray()


def dense_hessian(evaluator, x, multipliers, weight=1.0):
    """Return the evaluator's Hessian of the Lagrangian as a dense symmetric array."""
    values = evaluator.hessian_values(x, multipliers, weight)
    return evaluator.hessian_pattern.to_symmetric(values).toarray()


BACKENDS = ("numpy", "llvm")
DENSE = 10
"""Up to so many variables every second derivative is compared, beyond random curvatures."""


class Reference:
    """What every evaluation of a program should give at one point."""

    def __init__(self, program, x, p=None, seed=0, second=True):
        rng = np.random.default_rng(seed)
        self.program, self.x, self.p, self.second = program, x, p, second
        n, m = program.num_variables, program.outputs[1].size
        self.multipliers, self.weight = rng.uniform(-2.0, 2.0, m), 0.7
        self.v, self.w = rng.standard_normal(n), rng.standard_normal(m)
        self.objective, self.constraints = reference_values(program, x, p)
        first = reference_jacobian(program, x, p)
        self.gradient, self.jacobian = first[0], first[1:]
        if n <= DENSE:
            rows, cols = np.tril_indices(n)
            self.pairs = np.eye(n)[rows], np.eye(n)[cols]
        else:
            self.pairs = rng.uniform(-0.5, 0.5, (8, n)), rng.uniform(-0.5, 0.5, (8, n))
        if second:
            self.curvatures = reference_curvature(
                program, x, self.multipliers, self.weight, self.pairs, p
            )

    def check(self, evaluator):
        """Compare every evaluation."""
        x = self.x
        assert_close(evaluator.objective(x), self.objective, VALUE_TOLERANCE, "objective")
        assert_close(evaluator.constraints(x), self.constraints, VALUE_TOLERANCE, "constraints")
        assert_close(evaluator.gradient(x), self.gradient, FIRST_TOLERANCE, "gradient")
        jacobian = self.jacobian
        assert_close(dense_jacobian(evaluator, x), jacobian, FIRST_TOLERANCE, "jacobian")
        pushed = evaluator.pushforward(x, self.v)
        assert_close(pushed, jacobian @ self.v, FIRST_TOLERANCE, "pushforward")
        pulled = evaluator.pullback(x, self.w)
        assert_close(pulled, self.w @ jacobian, FIRST_TOLERANCE, "pullback")
        hessian = dense_hessian(evaluator, x, self.multipliers, self.weight)
        product = evaluator.hessian_vector_product(x, self.multipliers, self.v, self.weight)
        assert_close(product, hessian @ self.v, FIRST_TOLERANCE, "hessian_vector_product")
        if self.second:
            curvatures = np.einsum("ki,ij,kj->k", self.pairs[0], hessian, self.pairs[1])
            assert_close(curvatures, self.curvatures, SECOND_TOLERANCE, "hessian")
        for pattern in (evaluator.jacobian_pattern, evaluator.hessian_pattern):
            check_places(pattern.rows, pattern.cols, pattern.shape, pattern.symmetric)


def check_everything(program, x, p=None, seed=0, second=True, backends=BACKENDS):
    """Compare every evaluation of both backends with the reference; return the last evaluator."""
    reference = Reference(program, x, p, seed, second)
    for backend in backends:
        evaluator = Evaluator(program, backend)
        if p is not None:
            evaluator.parameters[:] = p
        reference.check(evaluator)
    return evaluator
