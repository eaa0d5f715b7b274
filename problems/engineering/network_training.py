"""Training of a small neural network that must increase in its input and have bounded weights.

    minimize    1/S sum_{s=1}^S (y(x_s) - d_s)^2 + alpha (|w|^2 + |b|^2 + |v|^2)
    subject to  y'(g_k) >= 0 at grid points g_1 … g_M of [-1, 1]
                |w|^2 + |v|^2 <= rho^2

    with        y(x) = c + sum_{j=1}^N v_j tanh(w_j x + b_j)

In the form "reduced" the weights w, b, v, c are the only variables. In the form "lifted" so are the
hidden values H_sj == tanh(w_j x_s + b_j), one constraint each: more variables, far sparser rows.
Both have the same optima.

Constants (dimensionless): rho = 4; alpha = 1e-4, weight decay; data d_s = x_s + 0.6 sin(6 x_s) +
0.1 sin(10 s), s = 1 … S, at x_s equally spaced in [-1, 1], which fall in places; M = 2 N. Start:
w_j = 2, b_j spread equally over [-2, 2], v_j = 1 / N, c = 0.

Source: J. Sill, Monotonic networks, Advances in Neural Information Processing Systems 10 (1997),
for monotonicity; the constraint on the derivative at points is that of physics-informed networks
(M. Raissi, P. Perdikaris, G. E. Karniadakis, Journal of Computational Physics 378 (2019),
doi:10.1016/j.jcp.2018.10.045). Data and sizes are our own; there is no published value.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord

WEIGHT_NORM = 4.0
WEIGHT_DECAY = 1e-4
Form = Literal["reduced", "lifted"]


@checked(num_hidden=1, num_samples=1, form=get_args(Form))
def build(num_hidden: int = 5, num_samples: int = 60, form: Form = "reduced") -> so.Model:
    """Return the model of a network with one hidden layer."""
    x, data = samples(num_samples)
    bias = np.linspace(-2.0, 2.0, num_hidden)
    model = so.Model(f"network_training_{form}")
    w = model.variable("w", num_hidden, start=2.0)
    b = model.variable("b", num_hidden, start=bias)
    v = model.variable("v", num_hidden, start=1 / num_hidden)
    c = model.variable("c")
    hidden: Any = np.tanh(np.outer(x, w) + b)
    if form == "lifted":
        start = np.tanh(2 * x[:, None] + bias)
        lifted = model.variable("hidden", (num_samples, num_hidden), start=start)
        model.subject_to(lifted == hidden, name="activation")
        hidden = lifted
    error = np.sum((hidden @ v + c - data) ** 2) / num_samples
    model.minimize(error + WEIGHT_DECAY * (np.sum(w**2) + np.sum(b**2) + np.sum(v**2)))
    grid = np.linspace(-1.0, 1.0, 2 * num_hidden)
    slope = (1 - np.tanh(np.outer(grid, w) + b) ** 2) @ (v * w)
    model.subject_to(slope >= 0, name="increasing")
    model.subject_to(np.sum(w**2) + np.sum(v**2) <= WEIGHT_NORM**2, name="weight_norm")
    return model


def samples(num_samples: int) -> tuple[Any, Any]:
    """Return inputs and data."""
    x = np.linspace(-1.0, 1.0, num_samples)
    error = 0.1 * np.sin(10 * np.arange(1, num_samples + 1))
    return x, x + 0.6 * np.sin(6 * x) + error


def counts(num_hidden: int = 5, num_samples: int = 60, form: Form = "reduced") -> Counts:
    """Return the counts; a reduced Hessian is full, as all weights meet in every residual."""
    weights, rows = 3 * num_hidden + 1, 2 * num_hidden + 1
    dense = rows * 3 * num_hidden - num_hidden
    if form == "reduced":
        return Counts(weights, rows, dense, weights * (weights + 1) // 2)
    values, triangle = num_samples * num_hidden, num_hidden * (num_hidden + 1) // 2
    per_sample = triangle + num_hidden**2 + num_hidden
    hessian = num_samples * per_sample + triangle + 6 * num_hidden + 1
    return Counts(weights + values, rows + values, dense + 3 * values, hessian)


def _known(num_hidden: int, num_samples: int, form: Form, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_hidden": num_hidden, "num_samples": num_samples, "form": form},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19 on its own reduced form, tolerance 1e-10, from the"
        " same start; not published",
    )


RECORD = ProblemRecord(
    name="network_training",
    title="training of a monotonic neural network with bounded weights",
    family="least squares, machine learning",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_hidden": 5, "num_samples": 60, "form": "reduced"},
        "medium": {"num_hidden": 10, "num_samples": 1000, "form": "reduced"},
        "large": {"num_hidden": 20, "num_samples": 2000, "form": "lifted"},
    },
    counts=counts,
    known=(
        _known(5, 60, "reduced", 0.08125066284289652),
        _known(5, 60, "lifted", 0.08125066284289652),
        _known(3, 20, "lifted", 0.08853993475735296),
        _known(10, 1000, "reduced", 0.08178289719656053),
    ),
    reference="Sill (1997), Advances in Neural Information Processing Systems 10",
    second_size={"num_hidden": 3, "num_samples": 20, "form": "lifted"},
    solved_sizes=("small", "medium"),
)
