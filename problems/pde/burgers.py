"""Viscosity and initial state of Burgers' equation from few noisy readings along a ring.

    minimize    1/2 sum ((u(x_j, t_k) - d_kj) / sigma)^2
                + 1/2 |v - v_b|^2 in the norm of the background's errors
                + 1/2 ((log nu - log nu_b) / s)^2
    subject to  u_t + (u^2 / 2)_x == nu u_xx  on the ring 0 <= x < 1, for 0 <= t <= 1
                u == v  at t = 0

Four-dimensional variational data assimilation in one dimension of space.  Unknown are the initial
state v, the logarithm of the viscosity nu, and the velocity u at every later time.  The background
v_b is what is known of v before: its errors are a random field whose values have the standard
deviation b and a correlation length l.  Their precision matrix is L^T L with (Lindgren et al.)

    L = (1 - l^2 d^2/dx^2) sqrt(h / (4 l)) / b,

so that L (v - v_b) are rows like those of the data.

Discretized with central finite volumes around N points, spacing h = 1/N, and the trapezoidal rule
over M steps.  Data are synthetic: the true state integrated on 1024 points by Fourier's method and
the classical Runge-Kutta method with 2000 steps (diffusion exactly), read at 8 points x_j and 10
times t_k, plus independent normal noise.  They are the same for all N and M; N is a multiple of 8
and M of 10.

Constants (dimensionless: lengths by the ring's, times by 1 over a velocity of 1): true viscosity
nu = 0.02; true initial state v = 0.5 + 0.4 sin(2 pi x) + 0.2 cos(4 pi x), which forms a front
before t = 1/2; sigma = 0.01, noise, seed 2026; v_b = 0.5, b = 0.4, l = 0.1; nu_b = 0.05, s = 1.
The start is nu_b and what interpolates the readings linearly, in space and then in time; from
constant velocities, which no viscosity changes, solvers in all variables may stop elsewhere.

Source: F.-X. Le Dimet and O. Talagrand, Variational algorithms for analysis and assimilation of
meteorological observations, Tellus A 38 (1986), doi:10.1111/j.1600-0870.1986.tb00459.x (method);
J. M. Burgers, A mathematical model illustrating the theory of turbulence, Advances in Applied
Mechanics 1 (1948), doi:10.1016/S0065-2156(08)70100-5 (equation); F. Lindgren, H. Rue, J. Lindstrom,
Journal of the Royal Statistical Society B 73 (2011), doi:10.1111/j.1467-9868.2011.00777.x
(precision matrix).  Constants and data are our own.  There is no published value.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

import sparseopt as so
from problems.arguments import checked, from_on
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

Field = NDArray[np.float64]

VISCOSITY = 0.02
NUM_SENSORS, NUM_TIMES = 8, 10
NOISE = 0.01
SEED = 2026
BACKGROUND, BACKGROUND_ERROR, CORRELATION_LENGTH = 0.5, 0.4, 0.1
BACKGROUND_VISCOSITY, LOG_VISCOSITY_ERROR = 0.05, 1.0
FINE_POINTS, FINE_STEPS = 1024, 2000


@checked(num_points=from_on(8, 8), num_steps=from_on(10, 10))
def build(num_points: int = 32, num_steps: int = 30) -> so.Model:
    """Return the model; num_points a multiple of 8, num_steps of 10."""
    grid = so.pde.Grid.uniform(num_points, centering="nodes", periodic=["left", "right"])
    times = np.linspace(0.0, 1.0, num_steps + 1)
    model = so.Model("burgers")
    guess = interpolated_readings(num_points, times)
    first = model.variable("first", num_points, start=guess[0])
    u = model.variable("u", (num_steps, num_points), start=guess[1:])
    log_viscosity = model.variable("log_viscosity", start=np.log(BACKGROUND_VISCOSITY))

    def rate(u: Any, t: Field) -> Any:
        diffused = so.pde.diffusion(u, np.exp(log_viscosity), grid, so.pde.Periodic())
        return diffused - so.pde.advection(u, u / 2, grid, so.pde.Periodic(), "central")

    states = np.concatenate([first.reshape((1, -1)), u])
    steps = so.pde.time_steps(rate, states, times, scheme="crank_nicolson")
    model.subject_to(steps == 0, name="burgers")
    every, apart = num_steps // NUM_TIMES, num_points // NUM_SENSORS
    seen = u[every - 1 :: every, ::apart]
    model.fit({"readings": seen - readings()}, weights={"readings": 1 / NOISE})
    model.prior(first, mean=BACKGROUND, std=1.0, operator=background_precision(num_points))
    model.prior(log_viscosity, mean=np.log(BACKGROUND_VISCOSITY), std=LOG_VISCOSITY_ERROR)
    return model


def background_precision(num_points: int) -> sp.csr_array:
    """Return a factor L of the precision matrix of the background's errors."""
    spacing, index = 1 / num_points, np.arange(num_points)
    right = sp.csr_array((np.ones(num_points), (index, (index + 1) % num_points)))
    identity = sp.csr_array(sp.eye_array(num_points))
    inverse = identity - (CORRELATION_LENGTH / spacing) ** 2 * (right + right.T - 2 * identity)
    scale = np.sqrt(spacing / (4 * CORRELATION_LENGTH)) / BACKGROUND_ERROR
    return sp.csr_array(inverse * scale)


@functools.cache
def readings() -> Field:
    """Return what the sensors read, with noise: shape (times, sensors)."""
    exact = true_states()[1:, :: FINE_POINTS // NUM_SENSORS]
    return exact + NOISE * np.random.default_rng(SEED).standard_normal(exact.shape)


def interpolated_readings(num_points: int, times: Field) -> Field:
    """Return velocities at all points and times; before the first readings they are these."""
    x, sensors = np.arange(num_points) / num_points, np.arange(NUM_SENSORS) / NUM_SENSORS
    lines = np.stack([np.interp(x, sensors, line, period=1.0) for line in readings()])
    seen = np.linspace(0.0, 1.0, NUM_TIMES + 1)[1:]
    return np.stack([np.interp(times, seen, history) for history in lines.T], axis=1)


def true_initial_state(x: Field) -> Field:
    """Return the velocities at the beginning."""
    return np.asarray(0.5 + 0.4 * np.sin(2 * np.pi * x) + 0.2 * np.cos(4 * np.pi * x))


@functools.cache
def true_states() -> Field:
    """Return the velocities on the fine grid, at the beginning and at the sensors' times."""
    wave = 2 * np.pi * np.fft.rfftfreq(FINE_POINTS, 1 / FINE_POINTS)
    kept = wave <= wave[-1] * 2 / 3  # products of the others would be seen as shorter waves
    half = np.exp(-VISCOSITY * wave**2 / (2 * FINE_STEPS))

    def steepening(state: Any) -> Any:
        return kept * -0.5j * wave * np.fft.rfft(np.fft.irfft(state) ** 2) / FINE_STEPS

    state = np.fft.rfft(true_initial_state(np.arange(FINE_POINTS) / FINE_POINTS))
    states = [state]
    for _ in range(FINE_STEPS):
        a = steepening(state)
        b = steepening(half * (state + a / 2))
        c = steepening(half * state + b / 2)
        d = steepening(half**2 * state + half * c)
        state = half**2 * (state + a / 6) + half * (b + c) / 3 + d / 6
        states.append(state)
    return np.fft.irfft(np.stack(states[:: FINE_STEPS // NUM_TIMES]))


def _data(num_points: int = 32, num_steps: int = 30) -> Field:
    """Return the readings, which are the same for every size."""
    del num_points, num_steps
    return readings()


def counts(num_points: int = 32, num_steps: int = 30) -> Counts:
    """Return the counts: six velocities and the viscosity in a row; the background couples more."""
    return Counts(
        variables=(num_steps + 1) * num_points + 1,
        constraints=num_steps * num_points,
        jacobian=7 * num_steps * num_points,
        hessian=3 * (num_steps + 1) * num_points + num_points + 1,
    )


def _known(num_points: int, num_steps: int, value: float, source: str) -> KnownObjective:
    return KnownObjective(
        size={"num_points": num_points, "num_steps": num_steps},
        value=value,
        relative_tolerance=1e-6,
        source=source + "; not published",
    )


RECORD = ProblemRecord(
    name="burgers",
    title="viscosity and initial state of Burgers' equation from few readings",
    family="inverse problem, PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_points": 32, "num_steps": 30},
        "medium": {"num_points": 96, "num_steps": 150},
        "large": {"num_points": 512, "num_steps": 200},
    },
    counts=counts,
    known=(
        _known(32, 30, 38.41223125949, "this project, in full space by IPOPT and in reduced space"),
        _known(96, 150, 39.292597456, "this project, in full space by IPOPT and in reduced space"),
        _known(512, 200, 39.49077309068, "this project, with IPOPT, tolerance 1e-9"),
    ),
    reference="Le Dimet and Talagrand (1986), doi:10.1111/j.1600-0870.1986.tb00459.x (method);"
    " data synthetic",
    second_size={"num_points": 16, "num_steps": 20},
    data=_data,
    reduction=Reduction(states=("u",), by=("burgers",)),
)
