"""Iterates on disk: written whole or not at all, and read only for the problem they belong to.

A file holds NumPy arrays (``.npz``, nothing pickled) and a header as JSON text.  It is written to a
temporary file in the same folder, flushed to the disk, and then takes the place of the earlier one
in a single step, so that a process killed at any moment leaves a complete file.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ProblemError
from sparseopt.graph.content_hash import content_hash
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.named_vector import NamedVector

__all__ = ["Checkpoint", "load_checkpoint", "problem_header", "save_checkpoint"]

FloatArray = NDArray[np.float64]
Multipliers = tuple[FloatArray, FloatArray, FloatArray]

_FORMAT = 1
_MULTIPLIERS = ("constraint_multipliers", "lower_multipliers", "upper_multipliers")


@dataclass(frozen=True)
class Checkpoint:
    """A point of a solve, and the problem that it belongs to.

    Attributes
    ----------
    x : ndarray
        All variables in a row; ``checkpoint["name"]`` is one of them in its shape.
    multipliers : tuple of ndarray or None
        λ, z_lower, z_upper, where the solver told them.
    objective : float
        In the user's sign.
    iteration : int
    barrier_parameter : float or None
    header : dict
        Name and sizes of the problem, a hash of its formulas, versions, time, status.
    """

    x: FloatArray
    multipliers: Multipliers | None
    objective: float
    iteration: int
    barrier_parameter: float | None
    header: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        """Return the values of a variable, in its declared shape."""
        shapes = [(name, tuple(shape), None) for name, shape in self.header["variables"]]
        return NamedVector(shapes).part(self.x, name)

    def arrays(self) -> dict[str, Any]:
        """Return what a solve starts from: x, and where there are any, multipliers."""
        if self.multipliers is None:
            return {"x": self.x}
        named = dict(zip(_MULTIPLIERS, self.multipliers, strict=True))
        return {"x": self.x, **named, "barrier_parameter": self.barrier_parameter}

    def require(self, problem: CompiledProblem, path: object) -> None:
        """Raise `ProblemError` unless the point belongs to this problem."""
        here, there = problem_header(problem), self.header
        for kind in ("variables", "constraints", "rows"):
            if here[kind] != there[kind]:
                raise ProblemError(
                    f"{path} is a checkpoint of {there['problem']!r}, not of {problem.name!r}",
                    why=f"{kind} there: {_shown(there[kind])}; here: {_shown(here[kind])}",
                    instead=_BY_NAME,
                )
        # Another version may record the same code in another way.
        if here["program"] != there["program"] and here["sparseopt"] == there["sparseopt"]:
            raise ProblemError(
                f"{path} is a checkpoint of {there['problem']!r} with other formulas or other "
                f"data than {problem.name!r} has",
                why="names and shapes agree, what is computed from them does not",
                instead=_BY_NAME,
            )


_BY_NAME = "to start from its values all the same: start={'x': so.load_checkpoint(path)['x']}"


def _shown(what: object) -> str:
    text = json.dumps(what)
    return text if len(text) <= 200 else text[:200] + " …"


def problem_header(problem: CompiledProblem) -> dict[str, Any]:
    """Return what tells problems apart, and what made the file."""
    return {
        "format": _FORMAT,
        "problem": problem.name,
        "variables": _layout(problem.variables),
        "constraints": _layout(problem.constraint_rows),
        "rows": problem.num_constraints,
        "program": content_hash(problem.program),
        "sparseopt": _version(),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _layout(vector: NamedVector) -> list[list[Any]]:
    return [[array.name, list(array.shape)] for array in vector]


def _version() -> str:
    try:
        return metadata.version("sparseopt")
    except metadata.PackageNotFoundError:
        return "unknown"


def save_checkpoint(
    path: str | os.PathLike[str],
    header: dict[str, Any],
    *,
    x: FloatArray,
    multipliers: Multipliers | None,
    objective: float,
    iteration: int,
    barrier_parameter: float | None,
    status: str,
) -> None:
    """Write a file whole, or leave the earlier one as it is.

    Parameters
    ----------
    header : dict
        From `problem_header`.
    status : str
        "running", or how the solve ended.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    written = datetime.now(timezone.utc).isoformat(timespec="seconds")
    text = json.dumps({**header, "status": status, "written": written})
    arrays: dict[str, Any] = {
        "header": np.array(text),
        "x": x,
        "objective": np.float64(objective),
        "iteration": np.int64(iteration),
        "barrier_parameter": np.float64(np.nan if barrier_parameter is None else barrier_parameter),
    }
    if multipliers is not None:
        arrays |= dict(zip(_MULTIPLIERS, multipliers, strict=True))
    _write_whole(Path(path), arrays)


def _write_whole(path: Path, arrays: dict[str, Any]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    if os.name == "posix":  # the folder's entry is to survive a power failure too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Return what a solve or `Solution.save` wrote.

    Raises
    ------
    ProblemError
        If there is no such file, or it is no checkpoint.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(str(arrays["header"]))
        given = [arrays[name] for name in _MULTIPLIERS if name in arrays]
        barrier = float(arrays["barrier_parameter"])
        return Checkpoint(
            x=arrays["x"],
            multipliers=(given[0], given[1], given[2]) if given else None,
            objective=float(arrays["objective"]),
            iteration=int(arrays["iteration"]),
            barrier_parameter=barrier if np.isfinite(barrier) and barrier > 0.0 else None,
            header=header,
        )
    except FileNotFoundError as error:
        raise ProblemError(
            f"there is no checkpoint {os.fspath(path)}",
            instead="leave start out for the first run",
        ) from error
    except Exception as error:
        raise ProblemError(
            f"{os.fspath(path)} is no checkpoint", why=f"{type(error).__name__}: {error}"
        ) from error
