"""The table of transcriptions; adding one is a file and a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sparseopt.control.mesh import Mesh
from sparseopt.control.transcriptions.collocation import Collocation
from sparseopt.control.transcriptions.discretization import Discretization
from sparseopt.control.transcriptions.hermite_simpson import hermite_simpson_scheme
from sparseopt.control.transcriptions.hermite_simpson_compressed import CompressedHermiteSimpson
from sparseopt.control.transcriptions.lobatto import lobatto_scheme
from sparseopt.control.transcriptions.radau import radau_scheme
from sparseopt.control.transcriptions.shooting import Shooting
from sparseopt.control.transcriptions.trapezoidal import trapezoidal_scheme
from sparseopt.errors import ProblemError, did_you_mean

__all__ = ["TRANSCRIPTIONS", "Transcription", "transcription_named", "transcription_names"]


@dataclass(frozen=True)
class Transcription:
    """A transcription.

    Attributes
    ----------
    name : str
    discretize : callable
        Makes a `Discretization` of a `Mesh`.
    default_degree : int
    degree_is : {"collocation points", "steps", "fixed"}
        What the degree of an interval means.
    order : callable
        The order of the states at the ends of intervals, by degree.
    residual_order : callable
        The order of the error that a trajectory makes across one interval, by degree.
    """

    name: str
    discretize: Callable[[Mesh], Discretization]
    default_degree: int
    degree_is: Literal["collocation points", "steps", "fixed"]
    order: Callable[[int], int]
    residual_order: Callable[[int], int]


TRANSCRIPTIONS = {
    row.name: row
    for row in (
        Transcription(
            "trapezoidal",
            partial(Collocation, scheme_of=trapezoidal_scheme),
            1,
            "fixed",
            lambda degree: 2,
            lambda degree: 3,
        ),
        Transcription(
            "hermite_simpson",
            partial(Collocation, scheme_of=hermite_simpson_scheme),
            1,
            "fixed",
            lambda degree: 4,
            lambda degree: 4,
        ),
        Transcription(
            "hermite_simpson_compressed",
            CompressedHermiteSimpson,
            1,
            "fixed",
            lambda degree: 4,
            lambda degree: 4,
        ),
        Transcription(
            "radau",
            partial(Collocation, scheme_of=radau_scheme),
            3,
            "collocation points",
            lambda degree: 2 * degree - 1,
            lambda degree: degree + 1,
        ),
        Transcription(
            "lobatto",
            partial(Collocation, scheme_of=lobatto_scheme),
            3,
            "collocation points",
            lambda degree: 2 * degree,
            lambda degree: degree + 2,
        ),
        Transcription(
            "multiple_shooting", Shooting, 1, "steps", lambda degree: 4, lambda degree: 4
        ),
        Transcription(
            "multiple_shooting_radau",
            partial(Collocation, scheme_of=radau_scheme, is_held=True),
            2,
            "collocation points",
            lambda degree: 2,
            lambda degree: degree + 1,
        ),
        Transcription(
            "single_shooting",
            partial(Shooting, is_single=True),
            1,
            "steps",
            lambda degree: 4,
            lambda degree: 4,
        ),
    )
}


def transcription_names() -> tuple[str, ...]:
    """Return the names that ``transcription=`` takes.

    Examples
    --------
    >>> transcription_names()[:3]
    ('trapezoidal', 'hermite_simpson', 'hermite_simpson_compressed')
    """
    return tuple(TRANSCRIPTIONS)


def transcription_named(name: str) -> Transcription:
    """Return the transcription of that name.

    Raises
    ------
    ProblemError
        With the nearest name.
    """
    if not isinstance(name, str) or name not in TRANSCRIPTIONS:
        raise ProblemError(
            f"there is no transcription {name!r}",
            instead=did_you_mean(str(name), TRANSCRIPTIONS),
        )
    return TRANSCRIPTIONS[name]
