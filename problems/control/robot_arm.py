"""Robot arm: a rigid arm that slides and turns in its base moves from rest to rest in least time.

    minimize    t_f
    subject to  L rho'' = u_rho,   I_theta theta'' = u_theta,   I_phi phi'' = u_phi
                I_phi = ((L - rho)^3 + rho^3) / 3,   I_theta = I_phi sin^2 phi
                |u_rho|, |u_theta|, |u_phi| <= 1
                (rho, theta, phi) = (4.5, 0, pi/4) at 0 and (4.5, 2 pi/3, pi/4) at t_f, at rest

rho is the length of the arm on one side of the pivot, theta the horizontal and phi the vertical
angle [rad]; everything else has no units. Transcribed by Hermite–Simpson collocation on equal
intervals. The controls switch between their bounds, and I_theta depends on phi, so that rho and phi
move although their ends agree.

Constants: L = 5, the length of the arm.

Source: M. Moessner-Beigel, diploma thesis, Heidelberg (1995), as problem 8 of E. D. Dolan, J. J.
Moré, T. S. Munson, COPS 3.0, ANL/MCS-TM-273 (2004), doi:10.2172/834714; the optimum as in the
examples of PSOPT.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.control.continuous import ControlRecord, hermite_simpson_counts, model, own
from problems.record import Counts, ProblemRecord, Reduction
from sparseopt import control

LENGTH = 5.0


def problem() -> control.Problem:
    """Return the problem."""
    p = control.Phase("move")
    p.time(initial=0.0, final=(0.5, 50.0), guess=(0.0, 9.0))
    for name, first, last in (
        ("rho", 4.5, 4.5),
        ("theta", 0.0, 2 * np.pi / 3),
        ("phi", np.pi / 4, np.pi / 4),
    ):
        p.state(name, initial=first, final=last)
        p.state(f"{name}_rate", initial=0.0, final=0.0)
        p.control(f"u_{name}", lower=-1.0, upper=1.0)
    p.dynamics(rates)
    p.minimize(lambda first, last, q, integral: last.time)
    return control.Problem("robot_arm", [p])


def rates(s: Any, u: Any, q: Any, t: Any) -> dict[str, Any]:
    """Return the rates of the states."""
    inertia = ((LENGTH - s.rho) ** 3 + s.rho**3) / 3
    return {
        "rho": s.rho_rate,
        "rho_rate": u.u_rho / LENGTH,
        "theta": s.theta_rate,
        "theta_rate": u.u_theta / (inertia * np.sin(s.phi) ** 2),
        "phi": s.phi_rate,
        "phi_rate": u.u_phi / inertia,
    }


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts of variables, constraints and the Jacobian."""
    rates = {
        "rho": ("rho_rate",),
        "rho_rate": ("u_rho",),
        "theta": ("theta_rate",),
        "theta_rate": ("rho", "phi", "u_theta"),
        "phi": ("phi_rate",),
        "phi_rate": ("rho", "u_phi"),
    }
    return hermite_simpson_counts(intervals, rates, controls=3, free_times=1)


RECORD = ProblemRecord(
    name="robot_arm",
    title="robot arm, least time, Hermite–Simpson",
    family="optimal control",
    sense="minimize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 500},
        "large": {"intervals": 5000},
    },
    counts=counts,
    known=(own(9.140693510726, 20),),
    reference="Dolan, Moré, Munson (2004), doi:10.2172/834714",
    solved_sizes=("small", "medium"),
    reduction=Reduction(
        states=(
            "move__rho[1:]",
            "move__rho_rate[1:]",
            "move__theta[1:]",
            "move__theta_rate[1:]",
            "move__phi[1:]",
            "move__phi_rate[1:]",
        ),
        by=(
            "move__rho__rate",
            "move__rho_rate__rate",
            "move__theta__rate",
            "move__theta_rate__rate",
            "move__phi__rate",
            "move__phi_rate__rate",
        ),
        state_bounds="impose",
        size={"intervals": 8},
    ),
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=9.14093620,
    relative_tolerance=5e-6,
    source="PSOPT: 9.14093620; here 9.140914 by Radau and Hermite–Simpson on up to 400 intervals",
    intervals=200,
    tolerance=1e-6,
)
