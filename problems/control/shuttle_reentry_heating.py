"""Shuttle reentry with a limit of the heating: the cross range that the wings' edges survive.

    maximize    theta(t_f)
    subject to  the dynamics and the ends of shuttle_reentry
                q_r q_a <= 70 BTU/ft^2/s

The formulas and constants are those of `problems.control.shuttle_reentry`. The limit, an inequality
of states and controls, holds with equality for about the first quarter of the glide. Transcribed by
Hermite–Simpson collocation on equal intervals. Published: 30.6255° at 2198.67 s.

Source: J. T. Betts, Practical Methods for Optimal Control and Estimation Using Nonlinear
Programming, SIAM (2010), section 6.1, doi:10.1137/1.9780898718577.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import sparseopt as so
from problems.control import shuttle_reentry
from problems.control.continuous import ControlRecord, model, own
from problems.record import Counts, ProblemRecord
from sparseopt import control

LIMIT = 70.0


def problem(heating: float = LIMIT) -> control.Problem:
    """Return the problem with the heating below a limit [BTU/ft^2/s]."""
    return shuttle_reentry.problem(heating)


def build(
    intervals: int = 50, transcription: str = "hermite_simpson", degree: int | None = None
) -> so.Model:
    """Return the model on a mesh."""
    return model(problem(), transcription, intervals, degree)


def counts(intervals: int = 50) -> Counts:
    """Return the counts; the heating depends on h, v and alpha."""
    found, points = shuttle_reentry.counts(intervals), 2 * intervals + 1
    return replace(
        found,
        constraints=found.constraints + points,
        jacobian=(found.jacobian or 0) + 3 * points,
    )


RECORD = ProblemRecord(
    name="shuttle_reentry_heating",
    title="Space Shuttle reentry with limited heating, largest cross range, Hermite–Simpson",
    family="optimal control",
    sense="maximize",
    build=build,
    sizes={
        "small": {"intervals": 20},
        "medium": {"intervals": 1000},
        "large": {"intervals": 5000},
    },
    counts=counts,
    known=(own(0.5344606814356, 20),),
    reference="Betts (2010), doi:10.1137/1.9780898718577",
    solved_sizes=("small",),
    reduction=shuttle_reentry.RECORD.reduction,
)

CONTINUOUS = ControlRecord(
    problem=problem,
    optimum=np.radians(30.6255),
    relative_tolerance=2e-6,
    source="Betts (2010): 30.6255 degrees; here 30.62545",
    doi="10.1137/1.9780898718577",
    intervals=100,
    tolerance=1e-6,
    confirm=True,
)
