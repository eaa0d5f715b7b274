"""`Phase`: what a person declares about one stretch of time.

A phase knows names, shapes, bounds, guesses and functions, and nothing of meshes: how it becomes a
nonlinear program is the affair of `transcribed_phase` and of the transcriptions.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sparseopt.control.declarations import (
    Condition,
    Given,
    Integral,
    Objective,
    Signal,
    Static,
    TimeSpan,
    checked_array,
    checked_name,
    checked_range,
    checked_scale,
    checked_static_guess,
    require_order,
)
from sparseopt.control.time_spans import time_span
from sparseopt.errors import ProblemError, ShapeError
from sparseopt.graph.nodes import Where
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__ = ["Phase"]

Function = Callable[..., Any]

_ALONG = "s, u, q, t"
_ENDS = "first, last, q, integral"


class Phase:
    """One stretch of time with its own states, controls, dynamics and conditions.

    The functions of a phase receive named values by attribute: ``s.v`` and ``u.theta`` are arrays
    over all points of the mesh (with the shape of the state behind the first axis), ``q.g`` are
    parameters, and ``t`` is the array of times.  They are NumPy code and run once for each trace.

    Parameters
    ----------
    name : str
        An identifier.

    Examples
    --------
    >>> import numpy as np
    >>> from sparseopt import control
    >>> p = control.Phase("slide")
    >>> p.time(initial=0.0, final=(0.1, 10.0), guess=(0.0, 1.0))
    >>> p.state("x", initial=0.0, final=2.0)
    >>> p.state("y", initial=0.0, final=2.0)
    >>> p.state("v", lower=0.0, initial=0.0, guess=(0.0, 6.0))
    >>> p.control("theta", lower=0.0, upper=np.pi, guess=0.8)
    >>> p.parameter("g", 9.8)
    >>> p.dynamics(lambda s, u, q, t: {
    ...     "x": s.v * np.sin(u.theta), "y": s.v * np.cos(u.theta), "v": q.g * np.cos(u.theta)})
    >>> p.minimize(lambda first, last, q, integral: last.time)
    >>> solution = control.Problem("brachistochrone", [p]).solve(intervals=10)
    >>> round(solution.objective, 5)
    0.82476
    """

    def __init__(self, name: str) -> None:
        self.where: Where = user_frame()
        self.name = checked_name(name, "phase", self.where)
        self.span: TimeSpan | None = None
        self.states: dict[str, Signal] = {}
        self.controls: dict[str, Signal] = {}
        self.given: dict[str, Given] = {}
        self.statics: dict[str, Static] = {}
        self.integrals: dict[str, Integral] = {}
        self.path_conditions: list[Condition] = []
        self.boundary_conditions: list[Condition] = []
        self.objective: Objective | None = None
        self.rates: tuple[Function, Where] | None = None

    # ---- what varies
    def time(
        self,
        initial: Any = 0.0,
        final: Any = None,
        guess: tuple[float, float] | None = None,
        duration: tuple[float | None, float | None] | None = None,
        scale: float | None = None,
    ) -> None:
        """Declare when the phase begins and ends.

        Parameters
        ----------
        initial, final : float, or pair of bounds, or None
            A number is fixed; a pair is bounds, with None for no bound; None is free.
        guess : pair of float, optional
            Of both times.
        duration : pair of bounds, optional
            Of the time in between, which is never negative.
        scale : float, optional
            Typical size of the times, for the solver.
        """
        self.span = time_span(self.name, initial, final, duration, guess, scale, user_frame())

    def state(
        self,
        name: str,
        shape: int | tuple[int, ...] = (),
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        initial: Any = None,
        final: Any = None,
        guess: Any = None,
        scale: ArrayLike | None = None,
    ) -> None:
        """Declare a state.

        Parameters
        ----------
        name : str
        shape : int or tuple of int
            ``()`` is a number; functions receive arrays of shape ``(points, *shape)``.
        lower, upper : array-like, optional
            Bounds at all times.
        initial, final : array-like, or pair of bounds, optional
            At the ends of the phase; what is no tuple is fixed.
        guess : optional
            A constant, a pair of values at the first and last time, a pair ``(times, values)``, or
            a function of an array of times; by default between `initial` and `final`.
        scale : array-like, optional
            Typical size, for the solver.
        """
        where = user_frame()
        self._require_new(name, "state", where)
        self.states[name] = self._signal(
            name, "state", shape, (lower, upper), (initial, final), guess, scale, where
        )

    def control(
        self,
        name: str,
        shape: int | tuple[int, ...] = (),
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        guess: Any = None,
        scale: ArrayLike | None = None,
    ) -> None:
        """Declare a control; the parameters are those of `state`."""
        where = user_frame()
        self._require_new(name, "control", where)
        self.controls[name] = self._signal(
            name, "control", shape, (lower, upper), (None, None), guess, scale, where
        )

    def parameter(self, name: str, value: ArrayLike) -> None:
        """Declare a given parameter; its value changes between solves without a new trace."""
        where = user_frame()
        self._require_new(name, "parameter", where)
        what = f"the value of parameter {name!r}"
        self.given[name] = Given(name, checked_array(value, None, what, where), where)

    def static(
        self,
        name: str,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        guess: ArrayLike | None = None,
        shape: int | tuple[int, ...] = (),
        scale: ArrayLike | None = None,
    ) -> None:
        """Declare a parameter that is to be found, constant over the phase."""
        where = user_frame()
        self._require_new(name, "static parameter", where)
        what, shape = f"static parameter {name!r}", _shape(shape, name, where)
        bounds = checked_range((lower, upper), shape, what, where)
        first = bounds.middle() if guess is None else guess
        size = checked_scale(scale, shape, what, where)
        static = Static(name, shape, bounds, np.zeros(shape), size, where)
        self.statics[name] = replace(static, guess=checked_static_guess(static, first))

    # ---- what must hold
    def dynamics(self, function: Function) -> None:
        """Set the rates of the states: ``function(s, u, q, t)`` gives a dict, one rate a state."""
        self.rates = (self._function(function, "dynamics", _ALONG), user_frame())

    def path(
        self, function: Function, lower: ArrayLike | None = None, upper: ArrayLike | None = None
    ) -> None:
        """Add path constraints: ``function(s, u, q, t)`` gives a dict of values with bounds.

        Bounds broadcast to the values at one time; a dict gives each name its own.
        """
        self.path_conditions.append(self._condition(function, "path", _ALONG, lower, upper))

    def boundary(
        self, function: Function, lower: ArrayLike | None = None, upper: ArrayLike | None = None
    ) -> None:
        """Add boundary conditions: ``function(first, last, q)`` gives a dict of values.

        ``first`` and ``last`` hold states, controls and ``time`` at the ends of the phase.
        """
        self.boundary_conditions.append(
            self._condition(function, "boundary", "first, last, q", lower, upper)
        )

    def integral(
        self,
        name: str,
        function: Function,
        lower: float | None = None,
        upper: float | None = None,
    ) -> None:
        """Declare an integral over the phase of ``function(s, u, q, t)``, a number at each time."""
        where = user_frame()
        checked_name(name, "integral", where)
        if name in self.integrals:
            raise self._twice(name, "integral", where)
        checked_range((lower, upper), (), f"integral {name!r}", where)
        function = self._function(function, f"integral {name!r}", _ALONG)
        self.integrals[name] = Integral(name, function, lower, upper, where)

    def minimize(self, function: Function) -> None:
        """Set the cost: ``function(first, last, q, integral)`` gives a number."""
        self.objective = Objective(self._function(function, "minimize", _ENDS), False, user_frame())

    def maximize(self, function: Function) -> None:
        """Set the reward: ``function(first, last, q, integral)`` gives a number."""
        self.objective = Objective(self._function(function, "maximize", _ENDS), True, user_frame())

    def __repr__(self) -> str:
        states, controls = ", ".join(self.states), ", ".join(self.controls)
        return f"Phase({self.name!r}, states: {states or '-'}; controls: {controls or '-'})"

    # ---- checks
    def _function(self, function: Function, what: str, arguments: str) -> Function:
        """Return a function that takes as many arguments as named."""
        fault = "" if callable(function) else "is no function"
        with suppress(ValueError):  # some callables of extensions have no signature
            if not fault and not _takes(function, arguments.count(",") + 1):
                fault = f"does not take the arguments {arguments}"
        if fault:
            raise ProblemError(
                f"{what} of phase {self.name!r} is {function!r}, which {fault}",
                where=describe_where(user_frame()),
                instead=f"give a function, such as lambda {arguments}: ...",
            )
        return function

    def _condition(
        self, function: Function, what: str, arguments: str, lower: Any, upper: Any
    ) -> Condition:
        where = user_frame()
        if lower is None and upper is None:
            raise ProblemError(
                f"a {what} condition of phase {self.name!r} has no bounds",
                where=describe_where(where),
                instead="give lower=, upper=, or both; equal bounds make an equation",
            )
        return Condition(self._function(function, what, arguments), lower, upper, where)

    def _require_new(self, name: str, kind: str, where: Where) -> None:
        checked_name(name, kind, where)
        taken: tuple[Any, ...] = (self.states, self.controls, self.given, self.statics)
        if name == "time" or any(name in names for names in taken):
            raise self._twice(name, kind, where)

    def _twice(self, name: str, kind: str, where: Where) -> ProblemError:
        return ProblemError(
            f"two things of phase {self.name!r} are called {name!r}",
            where=describe_where(where),
            why="values are looked up by name, and 'time' is the time",
            instead=f"give this {kind} another name",
        )

    def _signal(
        self,
        name: str,
        kind: str,
        shape: int | tuple[int, ...],
        bounds: tuple[Any, Any],
        ends: tuple[Any, Any],
        guess: Any,
        scale: Any,
        where: Where,
    ) -> Signal:
        what, shape = f"{kind} {name!r} of phase {self.name!r}", _shape(shape, name, where)
        everywhere = checked_range(bounds, shape, what, where)
        found = []
        for end, value in zip(("initial", "final"), ends, strict=True):
            label = f"the {end} value of {what}"
            at_end = checked_range(value, shape, label, where).intersect(everywhere)
            require_order(at_end, label, where)
            found.append(at_end)
        size = checked_scale(scale, shape, what, where)
        return Signal(name, shape, everywhere, found[0], found[1], guess, size, where)


def _takes(function: Function, count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    return True


def _shape(shape: int | tuple[int, ...], name: str, where: Where) -> tuple[int, ...]:
    lengths = shape if isinstance(shape, tuple) else (shape,)
    if not all(isinstance(k, (int, np.integer)) and k > 0 for k in lengths):
        raise ShapeError(
            f"{shape!r} is no shape for {name!r}",
            where=describe_where(where),
            instead="give a length such as 3, or a tuple of lengths such as (3, 2)",
        )
    return tuple(int(k) for k in lengths)
