"""Shuttle reentry: the Space Shuttle glides as far to the side as it can.

    maximize    theta(t_f)
    subject to  h' = v sin gamma
                phi' = v cos gamma sin psi / (r cos theta),   theta' = v cos gamma cos psi / r
                v' = -D / m - g sin gamma
                gamma' = L cos beta / (m v) + cos gamma (v / r - g / v)
                psi' = L sin beta / (m v cos gamma) + v cos gamma sin psi sin theta / (r cos theta)
                q_r q_a <= q_max   (where a limit is asked for)
                (h, phi, theta, v, gamma, psi) = (260000 ft, 0, 0, 25600 ft/s, -1°, 90°) at 0
                (h, v, gamma) = (80000 ft, 2500 ft/s, -5°) at t_f,   -90° <= beta <= 1°

with r = R + h, g = mu / r^2, rho = rho_0 exp(-h / h_r), D, L = (C_D, C_L) rho v^2 S / 2,
C_L = a_0 + a_1 a, C_D = b_0 + b_1 a + b_2 a^2 and a = 180 alpha / pi; the heating is
q_r = 17700 sqrt(rho) (0.0001 v)^3.07 times q_a = c_0 + c_1 a + c_2 a^2 + c_3 a^3.

h [ft] altitude, phi and theta [rad] longitude and latitude, v [ft/s] speed, gamma [rad] flight path
angle, psi [rad] azimuth; alpha [rad] angle of attack and beta [rad] bank angle. Transcribed by
Hermite–Simpson collocation on equal intervals.

Constants: R = 20902900 ft, radius of the Earth; mu = 0.14076539e17 ft^3/s^2; rho_0 = 0.002378
slug/ft^3, h_r = 23800 ft, density of the air; S = 2690 ft^2; m = 203000 / 32.174 slug;
a_0, a_1 = -0.20704, 0.029244; b_0, b_1, b_2 = 0.07854, -0.61592e-2, 0.621408e-3;
c_0, ..., c_3 = 1.0672181, -0.19213774e-1, 0.21286289e-3, -0.10117249e-5; q_max = 70 BTU/ft^2/s.

Published: 34.1412° at 2008.59 s without a limit of the heating, 30.6255° at 2198.67 s with it.

Source: J. T. Betts, Practical Methods for Optimal Control and Estimation Using Nonlinear
Programming, SIAM (2010), section 6.1, doi:10.1137/1.9780898718577.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

RADIUS, MU = 20902900.0, 0.14076539e17
DENSITY, SCALE_HEIGHT = 0.002378, 23800.0
AREA, MASS = 2690.0, 203000.0 / 32.174
LIFT = (-0.20704, 0.029244)
DRAG = (0.07854, -0.61592e-2, 0.621408e-3)
HEATING = (1.0672181, -0.19213774e-1, 0.21286289e-3, -0.10117249e-5)


def problem(heating: float | None = None) -> control.Problem:
    """Return the problem; `heating` limits the heating of the wings [BTU/ft^2/s]."""
    deg = np.pi / 180
    p = control.Phase("glide")
    p.time(initial=0.0, final=(100.0, 4000.0), guess=(0.0, 2000.0))
    p.state("h", lower=0.0, upper=3e5, initial=260000.0, final=80000.0, scale=1e5)
    p.state("phi", initial=0.0, guess=(0.0, 60 * deg))
    p.state("theta", lower=-89 * deg, upper=89 * deg, initial=0.0, guess=(0.0, 30 * deg))
    p.state("v", lower=1.0, upper=4e4, initial=25600.0, final=2500.0, scale=1e4)
    p.state("gamma", lower=-89 * deg, upper=89 * deg, initial=-1 * deg, final=-5 * deg)
    p.state("psi", initial=90 * deg, guess=(90 * deg, 10 * deg))
    p.control("alpha", lower=-90 * deg, upper=90 * deg, guess=17 * deg)
    p.control("beta", lower=-90 * deg, upper=1 * deg, guess=(-75 * deg, 0.0))
    p.dynamics(rates)
    if heating is not None:
        p.path(lambda s, u, q, t: {"heating": heating_rate(s, u) / heating}, upper=1.0)
    p.maximize(lambda first, last, q, integral: last.theta)
    return control.Problem("shuttle_reentry", [p])


def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
    """Return the rates of the states."""
    r, attack = RADIUS + s.h, u.alpha * (180 / np.pi)
    gravity = MU / r**2
    pressure = 0.5 * DENSITY * np.exp(-s.h / SCALE_HEIGHT) * s.v**2
    drag = (DRAG[0] + DRAG[1] * attack + DRAG[2] * attack**2) * pressure * AREA / MASS
    lift = (LIFT[0] + LIFT[1] * attack) * pressure * AREA / MASS
    forward = s.v * np.cos(s.gamma) / r
    return {
        "h": s.v * np.sin(s.gamma),
        "phi": forward * np.sin(s.psi) / np.cos(s.theta),
        "theta": forward * np.cos(s.psi),
        "v": -drag - gravity * np.sin(s.gamma),
        "gamma": lift * np.cos(u.beta) / s.v + np.cos(s.gamma) * (s.v / r - gravity / s.v),
        "psi": lift * np.sin(u.beta) / (s.v * np.cos(s.gamma))
        + forward * np.sin(s.psi) * np.tan(s.theta),
    }


def heating_rate(s: Any, u: Any) -> Any:
    """Return the aerodynamic heating of the leading edge of the wing [BTU/ft^2/s]."""
    attack = u.alpha * (180 / np.pi)
    shape = HEATING[0] + attack * (HEATING[1] + attack * (HEATING[2] + attack * HEATING[3]))
    density = DENSITY * np.exp(-s.h / SCALE_HEIGHT)
    return 17700.0 * np.sqrt(density) * (1e-4 * s.v) ** 3.07 * shape


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh, without a limit of the heating."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts of variables, constraints and the Jacobian."""
    rates = {
        "h": ("v", "gamma"),
        "phi": ("h", "theta", "v", "gamma", "psi"),
        "theta": ("h", "v", "gamma", "psi"),
        "v": ("h", "v", "gamma", "alpha"),
        "gamma": ("h", "v", "gamma", "alpha", "beta"),
        "psi": ("h", "theta", "v", "gamma", "psi", "alpha", "beta"),
    }
    return hermite_simpson_counts(intervals, rates, controls=2, free_times=1)


RECORD = ProblemRecord(
    name="shuttle_reentry",
    title="Space Shuttle reentry, largest cross range, Hermite–Simpson",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 5000},
    },
    counts=counts,
    known=(own(0.5958806458234, 20),),
    reference="Betts (2010), doi:10.1137/1.9780898718577",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=(
            "glide__h[1:]",
            "glide__phi[1:]",
            "glide__theta[1:]",
            "glide__v[1:]",
            "glide__gamma[1:]",
            "glide__psi[1:]",
        ),
        by=(
            "glide__h__rate",
            "glide__phi__rate",
            "glide__theta__rate",
            "glide__v__rate",
            "glide__gamma__rate",
            "glide__psi__rate",
        ),
        state_bounds="impose",
        same="derivatives",
        reason="the same optimum, but many iterations of shooting",
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=np.radians(34.1412),
    relative_tolerance=1.5e-6,
    source="Betts (2010): 34.1412 degrees",
    doi="10.1137/1.9780898718577",
    intervals=150,
    tolerance=1e-6,
    confirm=True,
)
