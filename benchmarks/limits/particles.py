"""Closed forms of problems in which every part acts on every other."""

from __future__ import annotations

from ctypes import c_long

import numpy as np

from benchmarks.limits.form import ClosedForm, together
from benchmarks.tools.interface import Pattern
from problems.cops import elec as _elec


def elec(num_electrons: int) -> ClosedForm:
    """Electrons on a sphere."""
    entry, point = np.arange(3 * num_electrons), np.arange(num_electrons)
    blocks = [
        (np.full(i, 3 * i + a), 3 * np.arange(i) + b)
        for i in range(1, num_electrons)
        for a in range(3)
        for b in range(3)
    ]
    own = [(3 * point + a, 3 * point + b) for a in range(3) for b in range(a + 1)]
    return ClosedForm(
        start=np.ravel(_elec.random_points(num_electrons)),
        num_constraints=num_electrons,
        scalars=[c_long(num_electrons)],
        jacobian=Pattern(entry // 3, entry),
        hessian=together([*blocks, *own]),
        constraint_offset=np.ones(num_electrons),
    )
