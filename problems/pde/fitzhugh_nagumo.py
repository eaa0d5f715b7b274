"""Rates of the FitzHugh-Nagumo equations from a noisy movie of excitation in a square of tissue.

    minimize    1/2 sum ((v(t_k) - d_k) / s)^2  over all pixels of the frames k = 1 ... K
    subject to  v_t == D Laplace v + v - v^3 / 3 - w + I
                w_t == eps (v + a - b w)          in (0, L)^2, no flux through the sides
                v, w given at the beginning,   D, eps >= 0

Unknown are the diffusivity D, the rates eps, a, b and the current I, and at all times the potential
v, which the movie shows, and the recovery variable w, which nobody sees. Both are discretized by
finite volumes in N x N cells, the pixels of the movie, and by the Crank-Nicolson rule over two
steps between frames. v and w are states, which the equations "kinetics" determine from the
parameters. In the parameters alone, whose start knows nothing of the movie, L-BFGS-B finds the
rates of the small size, and on the 62 frames of the large one it stalls far from them.

Data are synthetic: the same equations on 2 N x 2 N cells, integrated by the classical Runge-Kutta
method with steps small enough to add no visible error; a pixel shows the mean of its four cells,
plus independent normal noise drawn with a fixed seed. So the errors of the fit's scheme in space
and time are part of the fit, as with real data.

Constants (dimensionless): true parameters D = 1, eps = 0.08, a = 0.7, b = 0.8 (FitzHugh's a and b,
and his c near 3.5 in the form with eps = 1 / c^2) and I = 0.5 (tissue oscillates); L = 10; frames 1
apart; at the beginning v = -1.2 + 2.4 exp(-((x - 3)^2 + (y - 2.5)^2) / 4.5) and w = -0.6 + 0.6
exp(-(y - 7)^2 / 8), a stimulus beside a refractory strip; s = 0.1, noise, seed 2026. The start is
the movie, interpolated between its frames, w of the beginning, and D = 0.5, eps = 0.05, a = b =
0.5, I = 0.3.

Source: the equations are those of R. FitzHugh, Impulses and physiological states in theoretical
models of nerve membrane, Biophysical Journal 1 (1961), doi:10.1016/S0006-3495(61)86902-6, with
the diffusion of J. Nagumo, S. Arimoto, S. Yoshizawa, An active pulse transmission line simulating
nerve axon, Proceedings of the IRE 50 (1962), doi:10.1109/JRPROC.1962.288235; data are our own.
There is no published value.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.arguments import checked
from problems.record import Counts, KnownObjective, ProblemRecord, Reduction

TRUE = {"D": 1.0, "eps": 0.08, "a": 0.7, "b": 0.8, "current": 0.5}
FIRST = {"D": 0.5, "eps": 0.05, "a": 0.5, "b": 0.5, "current": 0.3}
LENGTH = 10.0
FRAME_STEP = 1.0
STEPS_BETWEEN_FRAMES = 2
NOISE = 0.1
SEED = 2026
CLOSED = so.pde.Neumann(0.0)

Field = NDArray[np.float64]


@checked(num_cells=2, num_frames=1)
def build(num_cells: int = 6, num_frames: int = 6) -> so.Model:
    """Return the model with num_cells by num_cells pixels and num_frames frames."""
    grid = tissue(num_cells)
    # As the record asks for it.
    movie = measured_movie(num_cells=num_cells, num_frames=num_frames)
    num_steps = STEPS_BETWEEN_FRAMES * num_frames
    first_v, first_w = beginning(*grid.coordinates)
    shape = (num_steps + 1, *grid.shape)
    model = so.Model("fitzhugh_nagumo")
    rates = {
        name: model.variable(
            name, start=FIRST[name], lower=0.0 if name in ("D", "eps") else -np.inf
        )
        for name in TRUE
    }
    v = model.variable("v", shape, start=_between_frames(np.concatenate([first_v[None], movie])))
    w = model.variable("w", shape, start=np.broadcast_to(first_w, shape))
    shown = v[STEPS_BETWEEN_FRAMES::STEPS_BETWEEN_FRAMES]
    model.fit({"movie": shown - movie}, weights={"movie": 1 / NOISE})
    residuals = so.pde.time_steps(
        lambda u, t: changes(u, lambda v: so.pde.laplacian(v, grid, CLOSED), **rates),
        np.stack([v, w], axis=1),
        np.linspace(0.0, FRAME_STEP * num_frames, num_steps + 1),
        "crank_nicolson",
    )
    model.subject_to(residuals == 0, name="kinetics")
    model.subject_to(v[0] == first_v, name="first_v")
    model.subject_to(w[0] == first_w, name="first_w")
    return model


def changes(u: Any, laplacian: Any, D: Any, eps: Any, a: Any, b: Any, current: Any) -> Any:
    """Return the rates of change of v and w, which lie along the axis before those of the grid."""
    v, w = u[..., 0, :, :], u[..., 1, :, :]
    excitation = D * laplacian(v) + v - v**3 / 3 - w + current
    return np.stack([excitation, eps * (v + a - b * w)], axis=-3)


def tissue(num_cells: int) -> Any:
    """Return the grid of square cells."""
    return so.pde.Grid.uniform((num_cells, num_cells), 0.0, LENGTH)


def beginning(x: Field, y: Field) -> tuple[Field, Field]:
    """Return both fields at time 0."""
    stimulus = np.exp(-((x - 3.0) ** 2 + (y - 2.5) ** 2) / 4.5)
    refractory = np.exp(-((y - 7.0) ** 2) / 8.0)
    return -1.2 + 2.4 * stimulus, -0.6 + 0.6 * refractory


def _between_frames(frames: Field) -> Field:
    """Return frames and what lies between them at the steps, linearly."""
    steps = np.arange(STEPS_BETWEEN_FRAMES * (len(frames) - 1) + 1) / STEPS_BETWEEN_FRAMES
    before = np.minimum(steps.astype(int), len(frames) - 2)
    share = (steps - before)[:, None, None]
    between: Field = (1 - share) * frames[before] + share * frames[before + 1]
    return between


@functools.cache
def measured_movie(num_cells: int, num_frames: int) -> Field:
    """Return the frames after the beginning, with noise: shape (frames, cells, cells)."""
    exact = true_movie(num_cells, num_frames)
    movie = exact + NOISE * np.random.default_rng(SEED).standard_normal(exact.shape)
    movie.flags.writeable = False  # the cache keeps it
    return movie


def true_movie(num_cells: int, num_frames: int) -> Field:
    """Return the means of v in the pixels, from a grid of twice as many cells along each axis."""
    grid = tissue(2 * num_cells)
    laplacian = so.pde.laplacian_operator(grid, CLOSED)
    # Runge-Kutta steps are stable below 2.78 h^2 / (8 D); twenty leave no visible error.
    stable = 0.3 * (LENGTH / (2 * num_cells)) ** 2 / TRUE["D"]
    num_steps = max(20, int(np.ceil(FRAME_STEP / stable)))
    state, frames = np.stack(beginning(*grid.coordinates)), []
    for _ in range(num_frames):
        for _ in range(num_steps):
            state = _runge_kutta_step(state, FRAME_STEP / num_steps, laplacian)
        pixels = state[0].reshape(num_cells, 2, num_cells, 2)
        frames.append(pixels.mean(axis=(1, 3)))
    return np.stack(frames)


def _runge_kutta_step(state: Field, step: float, laplacian: Any) -> Field:
    def rate(at: Field) -> Field:
        return np.asarray(changes(at, laplacian, **TRUE))

    first = rate(state)
    second = rate(state + 0.5 * step * first)
    third = rate(state + 0.5 * step * second)
    fourth = rate(state + step * third)
    return state + step / 6 * (first + 2 * second + 2 * third + fourth)


def counts(num_cells: int = 6, num_frames: int = 6) -> Counts:
    """Return the counts: stencils at both ends of a step, and the parameters in every equation."""
    cells, faces = num_cells**2, 2 * num_cells * (num_cells - 1)
    num_steps = STEPS_BETWEEN_FRAMES * num_frames
    v_rows = 2 * (cells + 2 * faces) + 4 * cells
    w_rows = 7 * cells
    return Counts(
        variables=5 + 2 * (num_steps + 1) * cells,
        constraints=2 * (num_steps + 1) * cells,
        jacobian=num_steps * (v_rows + w_rows) + 2 * cells,
        hessian=5 * (num_steps + 1) * cells + 2,
        single_entry_rows=2 * cells,
    )


def _known(num_cells: int, num_frames: int, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_cells": num_cells, "num_frames": num_frames},
        value=value,
        relative_tolerance=1e-6,
        source="this project, with IPOPT 3.14.19, tolerance 1e-9; not published",
    )


RECORD = ProblemRecord(
    name="fitzhugh_nagumo",
    title="rates of the FitzHugh-Nagumo equations from a movie of excitable tissue",
    family="inverse problem, PDE-constrained",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cells": 6, "num_frames": 6},
        "medium": {"num_cells": 16, "num_frames": 12},
        "large": {"num_cells": 20, "num_frames": 62},
    },
    counts=counts,
    known=(
        _known(6, 6, 126.1285199387),
        _known(16, 12, 1569.764096637),
    ),
    reference="FitzHugh (1961), doi:10.1016/S0006-3495(61)86902-6 (equations); data synthetic",
    solved_sizes=("small", "medium"),
    data=measured_movie,
    reduction=Reduction(states=("v", "w"), by=("kinetics",)),
)
