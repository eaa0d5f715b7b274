"""Element forms of functions, for the tests of this folder."""

from __future__ import annotations

import numpy as np

from sparseopt.elements.build import element_form
from tests.references import make_program, nothing, zero


def form_of(constraints, n, objective=zero):
    return element_form(make_program(objective, constraints, n))


def form_of_objective(objective, n):
    return element_form(make_program(objective, nothing, n))


def formulas(stage, pool):
    """Return the formulas of a stage's blocks with their numbers of instances."""
    return [(b.count, [pool.format(o) for o in b.outputs]) for b in stage.blocks]


def counts(stage):
    return sorted(b.count for b in stage.blocks)


def covered_rows(stage):
    """Return all rows that blocks of a stage add to."""
    rows = [r.materialize() for b in stage.blocks for r in b.rows]
    return np.unique(np.concatenate(rows)) if rows else np.zeros(0, int)
