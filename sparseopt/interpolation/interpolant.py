"""`interpolant`: data as a function of traced arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, PPoly

from sparseopt.errors import ProblemError, ShapeError, did_you_mean
from sparseopt.interpolation.evaluation import PiecewisePolynomial
from sparseopt.interpolation.pieces import KINDS, SEPARABLE, STEPS, Pieces, ascending, with_ends
from sparseopt.tracing.conversion import as_traced, is_traced

__all__ = ["Interpolant", "interpolant"]

FloatArray = NDArray[np.float64]
Extrapolate = Literal["continue", "constant", "linear", "nan", "periodic"]


def interpolant(
    points: Any,
    values: Any = None,
    kind: str = "cubic",
    *,
    boundary: Any = "not-a-knot",
    extrapolate: Extrapolate | None = None,
) -> Interpolant:
    """Return a function that interpolates data, for plain and for traced arrays.

    Its derivatives are exact: those of the polynomial of the cell that a point lies in.  A point
    costs a binary search for each coordinate, and a lookup for each coefficient.

    Parameters
    ----------
    points : array, shape (n,), or a tuple of arrays (n_1,), (n_2,), ...
        Coordinates, ascending; a tuple for a rectangular grid.  Or a spline of SciPy, without
        ``values`` then: `CubicSpline`, `PchipInterpolator`, any other `PPoly`, or a `BSpline`.
    values : array, shape (n, ...) or (n_1, n_2, ..., ...)
        What is interpolated; further axes are those of values that are arrays.
    kind : str
        "cubic": twice continuously differentiable, the one for Newton's method; "quintic": four
        times; "pchip", "akima": once, without overshoot; "linear": a kink at every point, where the
        derivative is that of the cell above; "previous", "next", "nearest": steps, whose
        derivatives are zero.  On grids the tensor product, so not "pchip" and "akima".
    boundary : str or tuple
        ``bc_type`` of SciPy's splines: "not-a-knot", "natural", "clamped", "periodic", or a pair.
    extrapolate : str, optional
        Outside the data: "continue" the polynomial at the end, the default; the "constant" value
        there; its tangent ("linear"); "nan"; or "periodic", the default for that boundary.

    Returns
    -------
    Interpolant

    Raises
    ------
    ProblemError
        For coordinates that do not ascend, values that are not finite, and unknown options.
    ShapeError
        If values do not fit the coordinates.

    Notes
    -----
    A spline is one polynomial in each cell, in powers of the distance from the cell's lower end;
    tensor products of them on grids: de Boor, A Practical Guide to Splines (1978), chapter 17.

    Examples
    --------
    >>> import numpy as np
    >>> import sparseopt as so
    >>> x = np.linspace(0.0, 6.0, 61)
    >>> lift = so.interpolant(x, np.sin(x))
    >>> lift(1.5).round(5)
    np.float64(0.99749)
    >>> slope = so.jacobian(lambda t: lift(t), np.zeros(2))
    >>> slope(np.array([0.0, 3.0])).toarray().round(3)
    array([[ 1.  ,  0.  ],
           [ 0.  , -0.99]])

    A table of two coordinates:

    >>> y = np.linspace(0.0, 1.0, 11)
    >>> table = so.interpolant((x, y), np.sin(x)[:, None] * y**2)
    >>> table(1.5, 0.3).round(5)
    np.float64(0.08977)
    """
    if isinstance(points, (PPoly, BSpline)):
        return _of_spline(points, extrapolate)
    if kind not in KINDS:
        raise ProblemError(f"there is no kind {kind!r}", instead=did_you_mean(kind, KINDS))
    if extrapolate is None:
        extrapolate = "periodic" if boundary == "periodic" else "continue"
    _check_extrapolate(extrapolate, kind)
    grid = points if isinstance(points, tuple) else (points,)
    if is_traced(values) or any(is_traced(x) for x in grid):
        raise ProblemError(
            "the data of an interpolant are traced",
            why="its coefficients are computed once, before anything is recorded",
            instead="np.interp(x, xp, fp), whose fp may be traced",
        )
    axes = [_coordinates(x, KINDS[kind][1], kind) for x in grid]
    data = _values(values, tuple(x.size for x in axes))
    if len(axes) > 1 and kind not in SEPARABLE:
        raise ProblemError(
            f"a grid is interpolated with kind={kind!r}",
            why="it is not linear in the data, so the order of the coordinates would matter",
            instead=f"one of {', '.join(sorted(SEPARABLE))}",
        )
    return Interpolant(_tensor(axes, data, kind, boundary), extrapolate)


def _check_extrapolate(extrapolate: str, kind: str) -> None:
    if extrapolate not in get_args(Extrapolate):
        raise ProblemError(
            f"there is no extrapolate={extrapolate!r}",
            instead=did_you_mean(extrapolate, get_args(Extrapolate)),
        )
    if kind in STEPS and extrapolate in ("linear", "nan"):
        raise ProblemError(
            f"extrapolate={extrapolate!r} with kind={kind!r}",
            why="the first and the last step have no end",
            instead="extrapolate='constant'",
        )


def _coordinates(x: Any, least: int, kind: str) -> FloatArray:
    array = np.asarray(x, np.float64)
    if array.ndim != 1 or array.size < least:
        raise ShapeError(
            f"coordinates of shape {array.shape}: {kind} takes a vector of {least} or more"
        )
    if not (np.isfinite(array).all() and (np.diff(array) > 0.0).all()):
        raise ProblemError(
            "coordinates are not strictly ascending and finite",
            instead="x, first = np.unique(x, return_index=True); y = y[first]",
        )
    return array


def _values(values: Any, shape: tuple[int, ...]) -> FloatArray:
    if values is None:
        raise ProblemError("an interpolant needs values", instead="so.interpolant(x, y)")
    array = np.asarray(values, np.float64)
    if array.shape[: len(shape)] != shape:
        raise ShapeError(f"values of shape {array.shape} at coordinates of shape {shape}")
    if not np.isfinite(array).all():
        raise ProblemError("values to interpolate are not finite")
    return array


def _tensor(
    axes: Sequence[FloatArray], data: FloatArray, kind: str, boundary: Any
) -> tuple[list[FloatArray], FloatArray]:
    """Return breakpoints, and coefficients with all powers first, then all cells."""
    n, breaks = len(axes), []
    coefficients = data
    for k, x in enumerate(axes):
        try:
            found, part = KINDS[kind][0](x, np.moveaxis(coefficients, 2 * k, 0), boundary)
        except ValueError as error:
            raise ProblemError(f"the {kind} spline cannot be made: {error}") from error
        # (power, cell, ...) to (..., power, cell, ...): powers and cells of a coordinate in pairs
        coefficients = np.moveaxis(part, (0, 1), (2 * k, 2 * k + 1))
        breaks.append(found)
    order = [*range(0, 2 * n, 2), *range(1, 2 * n, 2), *range(2 * n, coefficients.ndim)]
    return breaks, coefficients.transpose(order)


def _of_spline(spline: Any, extrapolate: Extrapolate | None) -> Interpolant:
    if getattr(spline, "axis", 0) != 0:
        raise ProblemError("a spline along another axis than the first", instead="axis=0")
    if extrapolate is None:
        own = spline.extrapolate
        extrapolate = "periodic" if own == "periodic" else "continue" if own else "nan"
    _check_extrapolate(extrapolate, "spline")
    polynomial = PPoly.from_spline(spline.tck) if isinstance(spline, BSpline) else spline
    breaks, coefficients = ascending(polynomial)
    full = np.diff(breaks) > 0.0
    pieces: Pieces = np.append(breaks[:-1][full], breaks[-1]), coefficients[:, full]
    return Interpolant(([pieces[0]], pieces[1]), extrapolate)


class Interpolant:
    """Piecewise polynomials on a grid, as `interpolant` returns them.

    Attributes
    ----------
    num_coordinates : int
    """

    def __init__(
        self, pieces: tuple[list[FloatArray], FloatArray], extrapolate: Extrapolate
    ) -> None:
        breaks, coefficients = pieces
        n = self.num_coordinates = len(breaks)
        self._ends = [(float(b[0]), float(b[-1])) for b in breaks]
        self._is_periodic = extrapolate == "periodic"
        axes = []
        for k, own in enumerate(breaks):
            part = np.moveaxis(coefficients, (k, n + k), (0, 1))
            axis, part = with_ends(own, part, extrapolate)
            coefficients = np.moveaxis(part, (0, 1), (k, n + k))
            axes.append(axis)
        self._polynomial = PiecewisePolynomial(axes, coefficients)

    def __call__(self, *points: Any) -> Any:
        """Return the values at points, one array for each coordinate, which are broadcast.

        Raises
        ------
        ShapeError
            For another number of coordinates.
        """
        if len(points) != self.num_coordinates:
            raise ShapeError(
                f"an interpolant of {self.num_coordinates} coordinates is called with {len(points)}"
            )
        given = [as_traced(x) if is_traced(x) else np.asarray(x) for x in points]
        if len(given) > 1:
            shape = np.broadcast_shapes(*(x.shape for x in given))
            given = [np.broadcast_to(x, shape) for x in given]
        if self._is_periodic:
            given = [
                low + (x - low) % (high - low)
                for x, (low, high) in zip(given, self._ends, strict=True)
            ]
        return self._polynomial(given)

    def derivative(self, *orders: int) -> Interpolant:
        """Return the partial derivative of these orders by the coordinates, as an interpolant.

        Examples
        --------
        >>> import numpy as np
        >>> import sparseopt as so
        >>> so.interpolant(np.arange(5.0), np.arange(5.0) ** 3).derivative(2)(0.5).round(9)
        np.float64(3.0)
        """
        if len(orders) != self.num_coordinates or min(orders) < 0:
            raise ProblemError(
                f"an order of derivative for each of {self.num_coordinates} coordinates"
            )
        new = object.__new__(Interpolant)
        new.__dict__.update(self.__dict__)
        new._polynomial = self._polynomial.derivative(orders)
        return new

    def __repr__(self) -> str:
        coefficients = self._polynomial.coefficients.shape
        n = self.num_coordinates
        return f"<interpolant of {n} coordinates, {coefficients[n : 2 * n]} cells>"
