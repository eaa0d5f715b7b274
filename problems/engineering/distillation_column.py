"""Distillation column: change of load of a binary column with 32 stages, by its reflux ratio.

    minimize    int_0^{t_f}  a (y_1 - y_ref)^2 + r (u - u_ref)^2 dt
    subject to  M_1 x_1'   == V (y_2 - x_1)                                        (condenser)
                M_i x_i'   == L (x_i-1 - x_i) - V (y_i - y_i+1),        i = 2 … 16
                M_17 x_17' == D + L x_16 - (F + L) x_17 - V (y_17 - y_18)        (feed tray)
                M_i x_i'   == (F + L) (x_i-1 - x_i) - V (y_i - y_i+1),  i = 18 … 31
                M_32 x_32' == (F + L) x_31 - (F - D) x_32 - V y_32               (reboiler)
                y_i = alpha x_i / (1 + (alpha - 1) x_i),   L = u D,   V = L + D
                x(0) at rest with u = 3,   1 <= u <= 5

x: mole fraction of the light component in the liquid; y: in the vapor; u: reflux ratio. The targets
y_ref, u_ref are the column at rest with u = 2. Collocation at the three Radau points of each of N
equal elements, for the states, the control and the integral.

Constants: F = 24/60 mol/min, feed; x_F = 0.5, its mole fraction; D = x_F F, distillate; alpha =
1.6, relative volatility; M = 0.5 mol (condenser), 0.25 mol (each tray), 1 mol (reboiler), holdups;
t_f = 50 min; a = 1000, r = 1.

Source: the model is that of J. Hahn, T. F. Edgar, An improved method for nonlinear model reduction
using balancing of empirical gramians, Computers and Chemical Engineering 26 (2002),
doi:10.1016/S0098-1354(02)00120-5; the optimal control problem is JModelica.org's example
`distillation.py` (problem DISTLib_Opt.Binary_Dist_Opt1), which solves it with N = 100 and prints
the objective that it expects, 28.527469.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

NUM_STAGES, FEED_STAGE = 32, 17
FEED = 24 / 60
DISTILLATE = 0.5 * FEED
VOLATILITY = 1.6
HOLDUP = np.array([0.5] + [0.25] * 30 + [1.0])
DURATION = 50.0
FIRST_REFLUX, TARGET_REFLUX = 3.0, 2.0
REFLUX_BOUNDS = (1.0, 5.0)
PRICE_OF_PURITY, PRICE_OF_REFLUX = 1000.0, 1.0
RADAU_POINTS = np.array([(4 - np.sqrt(6)) / 10, (4 + np.sqrt(6)) / 10, 1.0])
RADAU_WEIGHTS = np.array([(16 - np.sqrt(6)) / 36, (16 + np.sqrt(6)) / 36, 1 / 9])
# Feed below the feed stage joins the liquid on its way down.
LIQUID_FROM_FEED = np.where(np.arange(1, NUM_STAGES + 1) >= FEED_STAGE, FEED, 0.0)
LIGHT_FEED = np.where(np.arange(1, NUM_STAGES + 1) == FEED_STAGE, DISTILLATE, 0.0)


@checked(num_elements=1)
def build(num_elements: int = 3) -> so.Model:
    """Return the model on `num_elements` elements of time."""
    model = so.Model("distillation_column")
    shape = (num_elements, len(RADAU_POINTS))
    first, target = states_at_rest(num_elements=num_elements)
    x = model.variable("x", (*shape, NUM_STAGES), lower=0.0, upper=1.0, start=first)
    u = model.variable("u", shape, *REFLUX_BOUNDS, start=TARGET_REFLUX)
    purity = PRICE_OF_PURITY * (vapor(x[:, :, 0]) - vapor(target[0])) ** 2
    running_cost = purity + PRICE_OF_REFLUX * (u - TARGET_REFLUX) ** 2
    step = DURATION / num_elements
    model.minimize(step * np.sum(running_cost @ RADAU_WEIGHTS))
    begin = np.concatenate([first[None, None, :], x[:-1, -1:]])
    slope = _differentiation_matrix() @ np.concatenate([begin, x], axis=1)
    model.subject_to(slope == step * rate(x, u), name="collocation")
    return model


def vapor(x: Any) -> Any:
    """Return the mole fraction of the light component in the vapor above the liquid `x`."""
    return VOLATILITY * x / (1 + (VOLATILITY - 1) * x)


def rate(x: Any, u: Any) -> Any:
    """Return x' for states of shape (..., 32) and reflux ratios of shape (...)."""
    reflux = DISTILLATE * u[..., None]
    boilup = reflux + DISTILLATE
    down = (reflux + LIQUID_FROM_FEED) * x
    up = boilup * vapor(x)
    condenser = up[..., 1:2] - boilup * x[..., :1]
    trays = down[..., :-2] - down[..., 1:-1] - up[..., 1:-1] + up[..., 2:] + LIGHT_FEED[1:-1]
    reboiler = down[..., -2:-1] - (FEED - DISTILLATE) * x[..., -1:] - up[..., -1:]
    return np.concatenate([condenser, trays, reboiler], axis=-1) / HOLDUP


def states_at_rest(num_elements: int = 3) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the states between which the column goes, for any number of elements.

    They are given: the column is in the first one, and an operator knows the other.
    """
    del num_elements
    return state_at_rest(FIRST_REFLUX), state_at_rest(TARGET_REFLUX)


@functools.cache
def state_at_rest(reflux: float) -> NDArray[np.float64]:
    """Return the state with x' == 0 under a constant reflux ratio, by Newton's method."""
    x, identity = np.linspace(0.95, 0.05, NUM_STAGES), np.eye(NUM_STAGES)
    u, step = np.full(NUM_STAGES, reflux), 1e-30
    for _ in range(20):
        # Derivatives by complex steps, exact to rounding: one row of directions each.
        jacobian = rate(x + 1j * step * identity, u).imag.T / step
        x = x - np.linalg.solve(jacobian, rate(x, np.asarray(reflux)))
    x.flags.writeable = False  # the cache keeps it
    return x


def _differentiation_matrix() -> NDArray[np.float64]:
    """Return the slopes at the Radau points of the cubic through 0 and these points."""
    powers = np.arange(4)
    nodes = np.concatenate([[0.0], RADAU_POINTS])
    values = nodes[:, None] ** powers
    slopes = powers[1:] * RADAU_POINTS[:, None] ** powers[:-1]
    return np.pad(slopes, ((0, 0), (1, 0))) @ np.linalg.inv(values)


def counts(num_elements: int = 3) -> Counts:
    """Return the counts: each stage meets its neighbors, the reflux ratio meets all of them."""
    points = 3 * num_elements
    rows = NUM_STAGES * points
    nodes_of_element = 4 * rows - NUM_STAGES * 3
    return Counts(
        variables=rows + points,
        constraints=rows,
        jacobian=nodes_of_element + 2 * (NUM_STAGES - 1) * points + rows,
        hessian=(2 * NUM_STAGES + 1) * points,
    )


def _known(num_elements: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_elements": num_elements},
        value=value,
        relative_tolerance=1e-6,
        source="this project, and CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10, on a form"
        " written by itself, stage by stage",
    )


PUBLISHED = KnownObjective(
    size={"num_elements": 100},
    value=28.527469,
    relative_tolerance=1e-6,
    source="JModelica.org, example distillation.py; solved to 1e-10, this form gives 28.5274447",
    doi="10.1016/S0098-1354(02)00120-5",
)
RECORD = ProblemRecord(
    name="distillation_column",
    title="load change of a binary distillation column with 32 stages",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_elements": 3},
        "medium": {"num_elements": 100},
        "large": {"num_elements": 1000},
    },
    counts=counts,
    data=states_at_rest,
    known=(
        PUBLISHED,
        _known(5, 28.497273926123324),
        _known(20, 28.52740797978518),
    ),
    reference="Hahn and Edgar (2002), doi:10.1016/S0098-1354(02)00120-5; JModelica.org",
    reduction=Reduction(states=("x",), by=("collocation",)),
)
