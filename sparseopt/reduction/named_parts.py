"""Parts of variables by name: ``"x"``, ``"x[1:]"``, ``"y[1:-1, 1:-1]"``."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ProblemError, did_you_mean
from sparseopt.modeling.named_vector import NamedVector

__all__ = ["positions_of_part"]


def positions_of_part(variables: NamedVector, part: str) -> NDArray[np.int64]:
    """Return the places of a variable, or of the part that a basic index of NumPy chooses.

    Raises
    ------
    ProblemError
        For a name that is unknown, and an index that is none or does not fit.

    Examples
    --------
    >>> x = NamedVector([("t", (), None), ("x", (3, 2), None)])
    >>> positions_of_part(x, "x[1:, 0]").tolist()
    [3, 5]
    """
    name, bracket, index = part.partition("[")
    known = [array.name for array in variables]
    if name.strip() not in known:
        raise ProblemError(
            f"there is no variable {part!r} to be a state", instead=did_you_mean(part, known)
        )
    array = variables[name.strip()]
    places = np.arange(array.offset, array.offset + array.size).reshape(array.shape)
    if not bracket:
        return places.ravel()
    try:
        chosen = places[_read(ast.parse(f"x[{index}", mode="eval").body)]
    except (ValueError, SyntaxError, IndexError) as error:
        raise ProblemError(
            f"{part!r} is no part of {array.name!r}, of shape {array.shape}",
            why=str(error),
            instead='integers and slices, such as "x[1:]" or "x[0, 1:-1]"',
        ) from None
    return np.atleast_1d(chosen).ravel()


def _read(node: ast.AST | None) -> Any:
    """Return the index that an expression such as ``x[0, 1:-1]`` has."""
    match node:
        case ast.Subscript(value=ast.Name(), slice=index):
            return _read(index)
        case ast.Tuple(elts=parts):
            return tuple(_read(part) for part in parts)
        case ast.Slice(lower=lower, upper=upper, step=step):
            return slice(_read(lower), _read(upper), _read(step))
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
        case None:
            return None
    raise ValueError("an index is made of integers and slices")
