"""Lukšan–Vlček 5.9: modified Brown function with simplified seven-diagonal constraints.

    minimize    sum_{i=1}^{n/2}  (x_{2i-1} - 3)^2 / 1000 - d_i + exp(20 d_i),
                d_i = x_{2i-1} - x_{2i}
    subject to  c_k(x) == 0 for k = 1, 2, 3, n-2, n-1, n, where
                c_k(x) = 8 x_k (x_k^2 - x_{k-1}) - 2 (1 - x_k) + 4 (x_k - x_{k+1}^2)
                         + x_{k-1}^2 - x_{k-2} + x_{k+1} - x_{k+2}^2
                         + x_{k-2}^2 - x_{k-3} + x_{k+2} - x_{k+3}^2
                with zeros for variables outside 1 … n; c_1 lacks its first two terms and c_n its
                third; the form "inequality" has <= 0
    start       x = -1

All quantities are dimensionless. CUTEst's objective lacks the 3 and its last constraint the
constant -2; with both left out, 101.119 and 99.8933 are reached, which its files print as 101.11
and 99.8933.

Source: L. Lukšan and J. Vlček, Sparse and partially separable test problems for unconstrained and
equality constrained optimization, Technical Report 767, Institute of Computer Science, Academy of
Sciences of the Czech Republic (1999), problem 5.9, hdl:11104/0123965;
CUTEst's LUKVLE9 and LUKVLI9.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.arguments import checked, from_on
from problems.luksan_vlcek.forms import FORMS, REFERENCE, Form, constraint, recomputed
from problems.record import Counts, ProblemRecord

START = -1.0


@checked(num_variables=from_on(12, 2), form=FORMS)
def build(num_variables: int = 1000, form: Form = "equality") -> so.Model:
    """Return the model with an even number >= 12 of variables."""
    model = so.Model("luksan_vlcek_9")
    x = model.variable("x", shape=num_variables, start=START)
    first, second = x[0::2], x[1::2]
    model.minimize(
        np.sum((first - 3) ** 2 / 1000 - (first - second) + np.exp(20 * (first - second)))
    )
    a, b, c, d, e, f = x[:6]
    p, q, r, s, t, u = x[-6:]
    rows = {
        "first": 4 * (a - b**2) + b - c**2 + c - d**2,
        "second": _tridiagonal(a, b, c) + a**2 + c - d**2 + d - e**2,
        "third": _tridiagonal(b, c, d) + b**2 - a + d - e**2 + a**2 + e - f**2,
        "last_but_two": _tridiagonal(r, s, t) + r**2 - q + t - u**2 + q**2 - p + u,
        "last_but_one": _tridiagonal(s, t, u) + s**2 - r + u + r**2 - q,
        "last": 8 * u * (u**2 - t) - 2 * (1 - u) + t**2 - s + s**2 - r,
    }
    for name, row in rows.items():
        model.subject_to(constraint(row, form, "<="), name=name)
    return model


def _tridiagonal(left: Any, middle: Any, right: Any) -> Any:
    return 8 * middle * (middle**2 - left) - 2 * (1 - middle) + 4 * (middle - right**2)


def counts(num_variables: int = 1000, form: Form = "equality") -> Counts:
    """Return the counts: six rows; the Hessian couples pairs, and four entries beside them."""
    return Counts(num_variables, 6, jacobian=30, hessian=3 * num_variables // 2 + 2)


RECORD = ProblemRecord(
    name="luksan_vlcek_9",
    title="modified Brown with six constraints (Lukšan–Vlček 5.9)",
    family="separable pairs, few constraints",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_variables": 1000},
        "medium": {"num_variables": 10_000},
        "large": {"num_variables": 100_000},
    },
    second_size={"num_variables": 104},
    counts=counts,
    known=(
        recomputed(99.98331346946898, num_variables=1000),
        recomputed(99.91032631550938, num_variables=1000, form="inequality"),
        recomputed(10.478910541859516, num_variables=104),
    ),
    reference=REFERENCE,
)
