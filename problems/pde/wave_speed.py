"""Wave speed along a line from recorded traces: full-waveform inversion, as a loop over time.

    minimize    1/2 sum ((u(x_j, t_k) - d_kj) / sigma)^2
                + 1/2 sum ((c_{i+1} - c_i) / (rho sqrt(h)))^2
    subject to  u_tt == c(x)^2 u_xx  for 0 <= x <= 1 km, from rest,
                -u_x == g(t)  at the left end, a wavelet of Ricker's that reflects what comes back,
                u_t + c u_x == 0  at the right end, which absorbs what arrives,
                c_min <= c <= c_max

Unknown is the speed c at the N + 1 nodes, spacing h = 1 km / N; u is the pressure of an acoustic
wave.  Leapfrog steps, explicit and of second order, upwind at the right end:

    u_i' = 2 u_i - u_i^before + (c_i dt / h)^2 (u_{i-1} - 2 u_i + u_{i+1}),  u_{-1} = u_1 + 2 h g
    u_N' = u_N - (c_N dt / h) (u_N - u_{N-1})

They are stable if c dt / h <= 1 (Courant, Friedrichs and Lewy), which holds for all speeds within
their bounds: dt = h / c_max, rounded down to a fraction of the duration.

`form` says what is a variable.  With "scan" it is the speed alone: the loop is one operation
(`so.scan`), whose gradient goes backward from a few stored pressures.  With "all_at_once" it is
the pressures of all times as well, and every step is a row (`so.scan_defects`).

Data are synthetic: the same scheme on a grid and with steps three times finer, for a line with a
slow and a fast layer, read at 5 nodes in every step of the fit, plus independent normal noise.  N
is a multiple of 5.

Constants: c = 2 km/s outside of the layers, which is also the start; layers of -0.25 and +0.3 km/s
at 0.35 and 0.65 km, Gaussians of width 0.08 km; c_min = 1, c_max = 3 km/s; duration 1 s; wavelet of
20 kPa/km, peak frequency 5 Hz, delay 0.25 s; receivers at 0, 0.2, 0.4, 0.6, 0.8 km; sigma = 0.02
kPa, noise, seed 2026; rho = 0.5 km/s per root of a km, of a Brownian motion as a prior for c.  The
waves from the start arrive within a quarter of a period of the data, so that no cycle is skipped.

Source: A. Tarantola, Inversion of seismic reflection data in the acoustic approximation,
Geophysics 49 (1984), doi:10.1190/1.1441754 (method); N. Ricker, The form and laws of propagation
of seismic wavelets, Geophysics 18 (1953), doi:10.1190/1.1437843 (wavelet); B. Engquist and A.
Majda, Mathematics of Computation 31 (1977), doi:10.1090/S0025-5718-1977-0436612-4 (right end).
Constants and data are our own.  There is no published value.
"""

from __future__ import annotations

import functools
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.arguments import checked, from_on
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

Array = NDArray[np.float64]
Form = Literal["scan", "all_at_once"]

LENGTH, DURATION = 1.0, 1.0
SPEED, SPEED_LOWER, SPEED_UPPER = 2.0, 1.0, 3.0
LAYERS = ((-0.25, 0.35), (0.3, 0.65))
WIDTH = 0.08
AMPLITUDE, FREQUENCY, DELAY = 20.0, 5.0, 0.25
NUM_RECEIVERS = 5
NOISE = 0.02
SEED = 2026
ROUGHNESS = 0.5
REFINEMENT = 3


@checked(num_cells=from_on(5, 5), form=get_args(Form), num_steps=1)
def build(
    num_cells: int = 40,
    form: Form = "scan",
    checkpoints: int | None = None,
    num_steps: int | None = None,
) -> so.Model:
    """Return the model; num_cells a multiple of 5, num_steps at least the default."""
    num_steps, receivers = num_steps or steps_of(num_cells), receivers_of(num_cells)
    # As the record asks for them.
    traces, uniform = known_pressures(num_cells=num_cells, form=form, num_steps=num_steps)
    given = {"pulse": pulses(num_cells, num_steps), "trace": traces}
    model = so.Model("wave_speed")
    c = model.variable("c", num_cells + 1, SPEED_LOWER, SPEED_UPPER, start=SPEED)
    courant = c * (DURATION / num_steps * num_cells / LENGTH)
    rest = np.zeros(num_cells + 1)

    def step(pair: Any, at: Any) -> Any:
        before, now = pair
        after = following(before, now, courant, at["pulse"])
        return (now, after), after[receivers] - at["trace"]

    if form == "scan":
        _, misfit = so.scan(step, (rest, rest), given, checkpoints=checkpoints)
    else:
        u = model.variable("u", uniform.shape, start=uniform)
        line = np.concatenate([np.zeros((2, num_cells + 1)), u])
        defects, _ = so.scan_defects(step, (line[:-1], line[1:]), given)
        model.subject_to(defects[1] == 0, name="leapfrog")
        misfit = u[:, receivers] - given["trace"]
    model.fit({"traces": misfit}, weights={"traces": 1 / NOISE})
    model.prior(np.diff(c), std=ROUGHNESS * np.sqrt(LENGTH / num_cells))
    return model


def following(before: Any, now: Any, courant: Any, pulse: Any) -> Any:
    """Return the pressures one leapfrog step later."""
    curvature = np.diff(np.concatenate([now[1:2] + pulse, now]), 2)
    inside = 2 * now[:-1] - before[:-1] + courant[:-1] ** 2 * curvature
    return np.concatenate([inside, now[-1:] - courant[-1:] * (now[-1:] - now[-2:-1])])


def pressures(c: Array, num_steps: int, nodes: Any = slice(None)) -> Array:
    """Return the pressures at some nodes after each step for given speeds."""
    num_cells = len(c) - 1
    courant = c * (DURATION / num_steps * num_cells / LENGTH)
    before = now = np.zeros(len(c))
    found = np.empty((num_steps, len(now[nodes])))
    for k, pulse in enumerate(pulses(num_cells, num_steps)):
        before, now = now, following(before, now, courant, pulse)
        found[k] = now[nodes]
    return found


def steps_of(num_cells: int) -> int:
    """Return the least number of steps that are stable for all speeds within the bounds."""
    return int(np.ceil(DURATION * SPEED_UPPER * num_cells / LENGTH))


def receivers_of(num_cells: int) -> NDArray[np.intp]:
    """Return the nodes of the receivers."""
    return np.arange(NUM_RECEIVERS) * (num_cells // NUM_RECEIVERS)


def pulses(num_cells: int, num_steps: int) -> Array:
    """Return what the wavelet adds to the pressure beyond the left end: 2 h g."""
    times = np.arange(num_steps) * DURATION / num_steps
    phase = (np.pi * FREQUENCY * (times - DELAY)) ** 2
    wavelet = AMPLITUDE * (1 - 2 * phase) * np.exp(-phase)
    return np.asarray(2 * LENGTH / num_cells * wavelet)


def true_speed(x: Array) -> Array:
    """Return the speeds behind the data."""
    layers = [height * np.exp(-((x - x0) ** 2) / (2 * WIDTH**2)) for height, x0 in LAYERS]
    return np.asarray(SPEED + sum(layers))


def known_pressures(
    num_cells: int = 40,
    form: Form = "scan",
    checkpoints: int | None = None,
    num_steps: int | None = None,
) -> tuple[Array, Array]:
    """Return the recorded traces, and all pressures of a line of uniform speed.

    The latter are those of a simulation before the fit: the start where pressures are variables,
    empty where they are none.
    """
    del checkpoints
    steps = num_steps or steps_of(num_cells)
    uniform = _uniform(num_cells, steps) if form == "all_at_once" else np.zeros((0, 0))
    return recorded(num_cells, steps), uniform


@functools.cache
def _uniform(num_cells: int, num_steps: int) -> Array:
    return pressures(np.full(num_cells + 1, SPEED), num_steps)


@functools.cache
def recorded(num_cells: int, num_steps: int) -> Array:
    """Return what the receivers record, with noise: shape (steps, receivers)."""
    cells, steps = REFINEMENT * num_cells, REFINEMENT * num_steps
    c = true_speed(np.linspace(0.0, LENGTH, cells + 1))
    exact = pressures(c, steps, receivers_of(cells))[REFINEMENT - 1 :: REFINEMENT]
    return exact + NOISE * np.random.default_rng(SEED).standard_normal(exact.shape)


def counts(
    num_cells: int = 40,
    form: Form = "scan",
    checkpoints: int | None = None,
    num_steps: int | None = None,
) -> Counts:
    """Return the counts: dense in the speeds alone, else a stencil; rest has no entries."""
    n, steps = num_cells, num_steps or steps_of(num_cells)
    if form == "scan":
        return Counts(variables=n + 1, constraints=0, jacobian=0, hessian=(n + 1) * (n + 2) // 2)
    return Counts(
        variables=(steps + 1) * (n + 1),
        constraints=steps * (n + 1),
        jacobian=steps * (6 * n + 3) - (6 * n + 1),
        hessian=2 * n + 1 + (3 * n + 1) * (steps - 1) + NUM_RECEIVERS * steps,
    )


def _known(num_cells: int, form: Form, value: float, source: str) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells, "form": form},
        value=value,
        relative_tolerance=1e-6,
        source=source + "; not published",
    )


RECORD = ProblemRecord(
    name="wave_speed",
    title="wave speed along a line from recorded traces",
    family="inverse problem, PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 20, "form": "scan"},
        "medium": {"num_cells": 100, "form": "scan"},
        "large": {"num_cells": 200, "form": "all_at_once"},
    },
    counts=counts,
    known=(
        _known(20, "scan", 719.21317807107, "this project, as a loop and all at once"),
        _known(20, "all_at_once", 719.21317807107, "this project, as a loop and all at once"),
        _known(40, "scan", 349.12846969329, "this project, with IPOPT and SciPy's trust-constr"),
        _known(200, "all_at_once", 1527.14693668, "this project, as a loop"),
    ),
    reference="Tarantola (1984), doi:10.1190/1.1441754 (method); data synthetic",
    solved_sizes=("small", "medium"),
    data=known_pressures,
    second_size={"num_cells": 10, "form": "all_at_once"},
    reduction=Reduction(
        states=("u",), by=("leapfrog",), size={"num_cells": 20, "form": "all_at_once"}
    ),
)
