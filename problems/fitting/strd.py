"""Statistical Reference Datasets (StRD) of NIST for nonlinear regression: reader, model and record.

    minimize    sum_i (y_i - f(b, x_i))^2

over the parameters b of a formula f. Every dataset has two starts, one far and one near, and
certified parameters and residual sum of squares, each to 11 digits.

Source: National Institute of Standards and Technology, Statistical Reference Datasets,
doi:10.18434/T43G6C. The datasets with their formulas are in the files beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sparseopt as so
from problems.arguments import require
from problems.record import Counts, KnownObjective, ProblemRecord

DOI = "10.18434/T43G6C"
FOLDER = Path(__file__).parent / "data" / "nist_strd"

Vector = NDArray[np.float64]
Formula = Callable[[Any, Vector], Any]


@dataclass(frozen=True)
class Dataset:
    """One dataset with its starts and its certified values.

    Attributes
    ----------
    name : str
        NIST's name, such as "Chwirut1".
    response : ndarray, (number of observations,)
        What was observed.
    predictor : ndarray, (number of observations,) or (number of predictors, number of observations)
        Where it was observed; one row for each predictor if there are several.
    starts : ndarray, (2, number of parameters)
        Start 1, far from the solution, and start 2, near it.
    parameters, standard_deviations : ndarray, (number of parameters,)
        Certified parameters and their standard deviations.
    residual_sum_of_squares, residual_standard_deviation : float
        Certified.
    """

    name: str
    response: Vector
    predictor: Vector
    starts: Vector
    parameters: Vector
    standard_deviations: Vector
    residual_sum_of_squares: float
    residual_standard_deviation: float

    @property
    def degrees_of_freedom(self) -> int:
        """Number of observations less number of parameters (Rat43's file prints 9 for its 11)."""
        return self.response.size - self.parameters.size


def dataset(name: str) -> Dataset:
    """Return the stored dataset of this name.

    Examples
    --------
    >>> dataset("DanWood").parameters
    array([0.76886226, 3.86040559])
    """
    return read_dataset(FOLDER / f"{name}.dat")


def read_dataset(path: Path) -> Dataset:
    """Return the dataset in a file of NIST's format.

    Raises
    ------
    ValueError
        When a part is missing or the numbers of observations and parameters disagree.
    """
    text = path.read_text(encoding="ascii")
    rows = re.findall(r"^ *b\d+ *=" + 4 * r" +(\S+)" + r" *$", text, re.MULTILINE)
    table = np.array(rows, np.float64).reshape(-1, 4)
    observed = np.loadtxt(text.rpartition("\nData:")[2].splitlines()[1:], ndmin=2)
    found = Dataset(
        name=_entry(text, "Dataset Name"),
        response=observed[:, 0],
        predictor=observed[:, 1] if observed.shape[1] == 2 else observed[:, 1:].T,
        starts=table[:, :2].T,
        parameters=table[:, 2],
        standard_deviations=table[:, 3],
        residual_sum_of_squares=float(_entry(text, "Residual Sum of Squares")),
        residual_standard_deviation=float(_entry(text, "Residual Standard Deviation")),
    )
    stated = int(_entry(text, "Number of Observations")), _num_parameters(text)
    if stated != (len(observed), len(table)):
        present = f"{len(observed)} observations and {len(table)} parameters"
        raise ValueError(f"{path.name}: {present} are in the file, which states {stated}")
    return found


def _num_parameters(text: str) -> int:
    found = re.search(r"^ *(\d+) Parameters", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _entry(text: str, label: str) -> str:
    found = re.search(rf"^{label}: *(\S+)", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"no {label!r} in the file")
    return found[1]


def residual_sum_of_squares(data: Dataset, formula: Formula, parameters: Any) -> Any:
    """Return the sum of squared differences between the response and the formula."""
    return np.sum((data.response - formula(parameters, data.predictor)) ** 2)


def fit(data: Dataset, formula: Formula, start: int, is_scaled: bool = False) -> so.Model:
    """Return the model of the fit from start 1 or 2.

    Parameters
    ----------
    data : Dataset
        What is fitted.
    formula : callable
        `formula(b, x)` returns the modeled responses.
    start : 1 or 2
        Which of the two starts.
    is_scaled : bool
        Whether the sizes of the start are taken as the typical sizes of the parameters.
    """
    require("start", start, (1, 2))
    first = data.starts[start - 1]
    model = so.Model(data.name)
    scale = np.abs(first) if is_scaled else None
    b = model.variable("b", shape=first.size, start=first, scale=scale)
    model.minimize(residual_sum_of_squares(data, formula, b))
    return model


def counts(data: Dataset) -> Counts:
    """Return the counts of a fit: no constraints, a dense Hessian."""
    size = data.parameters.size
    return Counts(size, 0, jacobian=0, hessian=size * (size + 1) // 2)


def record(
    data: Dataset,
    build: Callable[..., so.Model],
    counted: Callable[..., Counts],
    title: str,
    options: Mapping[str, Any] | None = None,
    known: Callable[[Dataset, int], KnownObjective] | None = None,
) -> ProblemRecord:
    """Return the record: the certified residual sum of squares is to be reached from both starts.

    Parameters
    ----------
    data, build, counted, title, options
        Dataset; builder and counts, whose argument is `start`; one line; options of IPOPT.
    known : callable, optional
        Replaces `certified`, for a residual sum of squares below the rounding of its terms.
    """
    return ProblemRecord(
        name=data.name.lower(),
        title=title,
        family="nonlinear regression",
        sense="minimize",
        build=build,
        sizes={"small": {"start": 1}, "medium": {"start": 1}, "large": {"start": 1}},
        counts=counted,
        known=tuple((known or certified)(data, start) for start in (1, 2)),
        reference=f"NIST, Statistical Reference Datasets, {data.name}, doi:{DOI}",
        second_size={"start": 2},
        options=options or {},
    )


def certified(data: Dataset, start: int) -> KnownObjective:
    """Return the certified residual sum of squares, which has 11 digits."""
    return KnownObjective(
        size={"start": start},
        value=data.residual_sum_of_squares,
        relative_tolerance=1e-9,
        source=f"NIST StRD, {data.name}: certified residual sum of squares",
        doi=DOI,
    )
