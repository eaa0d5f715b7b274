"""Reaction rates of the Brusselator from a noisy movie of its concentrations along a ring.

    minimize    1/2 mean of ((x - X) / s)^2 + ((y - Y) / s)^2  over all frames and points
    subject to  x_t == D_x x_pp + k_1 - (k_2 + k_4) x + k_3 x^2 y
                y_t == D_y y_pp + k_2 x - k_3 x^2 y        for p in (0, 1), periodic
                k >= 0

Reactions: A -> X with rate k_1, B + X -> Y + D with k_2, 2 X + Y -> 3 X with k_3, X -> E with k_4;
the constant concentrations of A and B are in k_1 and k_2. The rates k and the concentrations x, y
of all frames are variables, those of the first frame included.

Discretized with the three-point stencil on N points, spacing h = 1/N, and the trapezoidal rule
between the M + 1 frames. The movie X, Y is synthetic: the same stencil, from smooth first
concentrations, integrated by the classical Runge-Kutta method with steps small enough to add no
visible error, plus independent normal noise. So the trapezoidal rule's error is part of the fit, as
with real data.

Constants (dimensionless): true rates k = (1, 1.7, 1, 1), a stable focus; D_x = 1e-3, D_y = 5e-3;
frames 1/8 apart; first concentrations x = 1 + sin(2 pi p) / 2, y = 1.7 + 0.7 cos(4 pi p); noise s =
0.02, seed 2026. The start is the movie itself and all rates 1/2.

Source: the reactions are those of I. Prigogine and R. Lefever, Symmetry breaking instabilities in
dissipative systems II, Journal of Chemical Physics 48 (1968), doi:10.1063/1.1668896; constants and
data are our own. There is no published value.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

TRUE_RATES = np.array([1.0, 1.7, 1.0, 1.0])
FIRST_RATES = np.full(4, 0.5)
DIFFUSIVITY_X, DIFFUSIVITY_Y = 1e-3, 5e-3
FRAME_STEP = 1 / 8
NOISE = 0.02
SEED = 2026

Movie = NDArray[np.float64]


@checked(num_points=3, num_frames=1)
def build(num_points: int = 16, num_frames: int = 8) -> so.Model:
    """Return the model on num_points points, with num_frames frames after the first."""
    # As the record asks for it.
    movie_x, movie_y = measured_movie(num_points=num_points, num_frames=num_frames)
    model = so.Model("reaction_rates")
    k = model.variable("k", shape=4, lower=0.0, start=FIRST_RATES)
    x = model.variable("x", shape=movie_x.shape, start=movie_x)
    y = model.variable("y", shape=movie_y.shape, start=movie_y)
    model.minimize(0.5 * np.mean(((x - movie_x) ** 2 + (y - movie_y) ** 2) / NOISE**2))
    rate_x, rate_y = changes(k, x, y)
    model.subject_to(np.diff(x, axis=0) == _between_frames(rate_x), name="x_balance")
    model.subject_to(np.diff(y, axis=0) == _between_frames(rate_y), name="y_balance")
    return model


def changes(k: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the rates of change of both concentrations, whose last axis is space."""
    autocatalysis = k[2] * x**2 * y
    rate_x = DIFFUSIVITY_X * _laplacian(x) + k[0] - (k[1] + k[3]) * x + autocatalysis
    rate_y = DIFFUSIVITY_Y * _laplacian(y) + k[1] * x - autocatalysis
    return rate_x, rate_y


def _laplacian(c: Any) -> Any:
    return c.shape[-1] ** 2 * (np.roll(c, 1, axis=-1) - 2 * c + np.roll(c, -1, axis=-1))


def _between_frames(rate: Any) -> Any:
    return 0.5 * FRAME_STEP * (rate[1:] + rate[:-1])


@functools.cache
def measured_movie(num_points: int, num_frames: int) -> tuple[Movie, Movie]:
    """Return both concentrations in all frames, with noise: what a camera would have taken."""
    exact = true_movie(num_points, num_frames)
    noise = np.random.default_rng(SEED).standard_normal(exact.shape)
    movie = exact + NOISE * noise
    movie.flags.writeable = False  # the cache keeps it
    return movie[:, 0], movie[:, 1]


def true_movie(num_points: int, num_frames: int) -> Movie:
    """Return the concentrations for the true rates: shape (frames + 1, 2, points)."""
    angle = 2 * np.pi * np.arange(num_points) / num_points
    state = np.stack([1 + 0.5 * np.sin(angle), 1.7 + 0.7 * np.cos(2 * angle)])
    # Runge-Kutta steps are stable below 2.78 / (4 D N^2); twelve of them leave no visible error.
    num_steps = max(12, int(np.ceil(FRAME_STEP * 2 * DIFFUSIVITY_Y * num_points**2)))
    frames = [state]
    for _ in range(num_frames):
        for _ in range(num_steps):
            state = _runge_kutta_step(state, FRAME_STEP / num_steps)
        frames.append(state)
    return np.stack(frames)


def _runge_kutta_step(state: Movie, step: float) -> Movie:
    def rate(at: Movie) -> Movie:
        return np.stack(changes(TRUE_RATES, at[0], at[1]))

    first = rate(state)
    second = rate(state + 0.5 * step * first)
    third = rate(state + 0.5 * step * second)
    fourth = rate(state + step * third)
    return state + step / 6 * (first + 2 * second + 2 * third + fourth)


def counts(num_points: int = 16, num_frames: int = 8) -> Counts:
    """Return the counts; every balance sees the rates, whose products with x and y curve."""
    return Counts(
        variables=4 + 2 * (num_frames + 1) * num_points,
        constraints=2 * num_frames * num_points,
        jacobian=22 * num_frames * num_points,
        hessian=7 * (num_frames + 1) * num_points,
    )


def _known(num_points: int, num_frames: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_points": num_points, "num_frames": num_frames},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19, tolerance 1e-10, and a movie integrated by SciPy"
        " (DOP853, tolerance 1e-11); not published",
    )


RECORD = ProblemRecord(
    name="reaction_rates",
    title="reaction rates of the Brusselator from a movie of its concentrations",
    family="inverse problem, PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_points": 16, "num_frames": 8},
        "medium": {"num_points": 100, "num_frames": 40},
        "large": {"num_points": 100, "num_frames": 512},
    },
    counts=counts,
    known=(
        _known(16, 8, 0.9487916098853),
        _known(40, 32, 0.9708801595259),
        _known(100, 40, 0.9953901032550),
    ),
    reference="Prigogine and Lefever (1968), doi:10.1063/1.1668896 (reactions); data synthetic",
    data=measured_movie,
    reduction=Reduction(states=("x[1:]", "y[1:]"), by=("x_balance", "y_balance")),
)
