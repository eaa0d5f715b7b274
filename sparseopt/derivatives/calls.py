"""Derivatives of stages that are calls of functions which are not NumPy.

Such a function computes its own Jacobian and Hessian, and their products with vectors; here they
become callbacks in the schedules.  Its argument and its values are stages, so tangents and adjoints
of both are stored.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.derivatives.bundles import Bundle, Stored
from sparseopt.derivatives.schedules import Place, Scheduler, argument_span
from sparseopt.elements.form import Stage, StageCall
from sparseopt.elements.tasks import Base, Callback, Span, Task

__all__ = [
    "call_hessian",
    "call_jacobian",
    "first_entries",
    "pull_call",
    "pull_call_tangent",
    "push_call",
    "second_entries",
]

Phases = list[list[Task]]
Entries = tuple[NDArray[np.int64], NDArray[np.int64]]


def _column(scheduler: Scheduler, call: StageCall, places: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return columns over variables and stage values of elements of the argument."""
    return places.astype(np.int64) + scheduler.form.num_variables + call.argument


def first_entries(scheduler: Scheduler, stage: Stage) -> Entries:
    """Return rows of a call's stage, and columns over variables and stage values."""
    if stage.call is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    function = stage.call.function
    return (
        function.jacobian_rows.astype(np.int64),
        _column(scheduler, stage.call, function.jacobian_cols),
    )


def second_entries(scheduler: Scheduler, stage: Stage) -> Entries:
    """Return rows and columns over variables and stage values, lower triangle."""
    if stage.call is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    function = stage.call.function
    return (
        _column(scheduler, stage.call, function.hessian_rows),
        _column(scheduler, stage.call, function.hessian_cols),
    )


def call_jacobian(call: StageCall, offset: int) -> Phases:
    """Return the phases that leave the values of a call's Jacobian in the workspace."""
    out = Span(Base.WORK, offset, call.function.jacobian_rows.size)
    return [[Callback(call.function.jacobian_values, (argument_span(call),), out)]]


def call_hessian(stage: Stage, weights: Place, offset: int) -> Phases:
    """Return the phases that leave the values of a call's weighted Hessian in the workspace."""
    assert stage.call is not None
    function = stage.call.function
    reads = (argument_span(stage.call), Span(weights.base, weights.offset, stage.size))
    out = Span(Base.WORK, offset, function.hessian_rows.size)
    return [[Callback(function.hessian_values, reads, out)]] if out.size else []


def push_call(call: StageCall, tangents: Stored, out: Stored) -> list[Task]:
    """Return the callbacks that add directional derivatives of a call.

    Parameters
    ----------
    tangents : Stored
        Of all stage values.
    out : Stored
        Of the values of the call.
    """
    inner = tangents.part(call.argument)
    size_in, size_out = call.function.size_in, call.function.size_out
    return [
        Callback(
            call.function.push,
            (argument_span(call), inner.span(d, size_in)),
            out.span(d, size_out),
        )
        for d in range(out.count)
    ]


def pull_call(call: StageCall, weights: Bundle, adjoints: Stored) -> list[Task]:
    """Return the callbacks that add the weighted gradients of a call to all stage values."""
    assert isinstance(weights, Stored)
    inner = adjoints.part(call.argument)
    size_in, size_out = call.function.size_in, call.function.size_out
    return [
        Callback(
            call.function.pull,
            (argument_span(call), weights.span(d, size_out)),
            inner.span(d, size_in),
        )
        for d in range(weights.count)
    ]


def pull_call_tangent(
    call: StageCall, weights: Bundle, rates: Bundle, tangents: Stored, out: Stored
) -> list[Task]:
    """Return the callbacks that add the tangents of a call's pullback to all stage values."""
    assert isinstance(weights, Stored)
    inner, result = tangents.part(call.argument), out.part(call.argument)
    size_in, size_out = call.function.size_in, call.function.size_out
    weight = weights.span(0, size_out)
    pull_tangent = getattr(call.function, "pull_tangent", None)
    if pull_tangent is not None:
        assert isinstance(rates, Stored)
        return [
            Callback(
                pull_tangent,
                (argument_span(call), weight, rates.span(d, size_out), inner.span(d, size_in)),
                result.span(d, size_in),
            )
            for d in range(out.count)
        ]
    curved: list[Task] = [
        Callback(
            call.function.curve,
            (argument_span(call), weight, inner.span(d, size_in)),
            result.span(d, size_in),
        )
        for d in range(out.count)
    ]
    return [*curved, *pull_call(call, rates, out)]
