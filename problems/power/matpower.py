"""Reader of MATPOWER case files (`.m`, also gzipped), the format of PGLib-OPF.

A case file is a MATLAB function that assigns matrices to the fields of a structure. Only numbers in
brackets are read: comments, strings, cell arrays and commands are skipped. Column meanings are
those of the MATPOWER manual, appendix B (R. Zimmerman et al., doi:10.1109/TPWRS.2010.2051168).
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_COMMENT = re.compile(r"%[^\n]*")
_CONTINUATION = re.compile(r"\.\.\.[^\n]*\n")
_MATRIX = re.compile(r"\b\w+\.(\w+)\s*=\s*\[(.*?)\]", re.DOTALL)
_SCALAR = re.compile(r"\b\w+\.baseMVA\s*=\s*([-+.\deE]+)")
_MINIMUM_COLUMNS = {"bus": 13, "gen": 10, "branch": 11, "gencost": 5}
ISOLATED_BUS = 4


@dataclass(frozen=True)
class MatpowerCase:
    """The tables of one case in the file's units (MW, MVAr, degrees), without dead equipment.

    Attributes
    ----------
    name : str
        File name without its endings.
    base_mva : float
        Base power [MVA] of the per-unit system.
    bus, gen, branch, gencost : ndarray
        Rows of the file whose equipment is in service; `gencost` row k belongs to `gen` row k.
    """

    name: str
    base_mva: float
    bus: Matrix
    gen: Matrix
    branch: Matrix
    gencost: Matrix

    def bus_positions(self, numbers: Matrix) -> NDArray[np.intp]:
        """Return the rows of `bus` that carry these bus numbers."""
        order = np.argsort(self.bus[:, 0])
        return order[np.searchsorted(self.bus[:, 0], numbers, sorter=order)]


def read_case(path: str | Path) -> MatpowerCase:
    """Read a case file and drop isolated buses and equipment that is out of service.

    Raises
    ------
    ValueError
        When a table is missing, too narrow, ragged, or not a number.
    """
    path = Path(path)
    text = _without_comments(_read_text(path))
    base = _SCALAR.search(text)
    if base is None:
        raise ValueError(f"{path}: no baseMVA; is this a MATPOWER case file?")
    matrices = {name: body for name, body in _MATRIX.findall(text) if name in _MINIMUM_COLUMNS}
    tables = {name: _table(path, name, matrices) for name in _MINIMUM_COLUMNS}
    name = path.name.removesuffix(".gz").removesuffix(".m")
    return _in_service(name, float(base.group(1)), tables)


def _read_text(path: Path) -> str:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace")
    return path.read_text(encoding="utf-8", errors="replace")


def _without_comments(text: str) -> str:
    # Comments go first: a "..." inside one does not continue the line.
    text = _COMMENT.sub("", _STRING.sub("", text.replace("\r\n", "\n")))
    return _CONTINUATION.sub(" ", text)


def _table(path: Path, name: str, matrices: dict[str, str]) -> Matrix:
    if name not in matrices:
        raise ValueError(f"{path}: no table mpc.{name}")
    lines = re.split(r"[;\n]", matrices[name].replace(",", " "))
    rows = [_numbers(path, name, line) for line in lines if line.strip()]
    width = max((len(row) for row in rows), default=0)
    if width < _MINIMUM_COLUMNS[name]:
        raise ValueError(f"{path}: mpc.{name} needs {_MINIMUM_COLUMNS[name]} columns, has {width}")
    if name != "gencost" and any(len(row) != width for row in rows):
        raise ValueError(f"{path}: the rows of mpc.{name} differ in length")
    # Cost rows of fewer coefficients may be shorter: pad them on the right.
    return np.array([row + [0.0] * (width - len(row)) for row in rows])


def _numbers(path: Path, name: str, line: str) -> list[float]:
    try:
        return [float(word) for word in line.split()]
    except ValueError as error:
        raise ValueError(f"{path}: mpc.{name} holds {line.strip()!r}, not numbers") from error


def _in_service(name: str, base_mva: float, tables: dict[str, Matrix]) -> MatpowerCase:
    bus, gen, branch = tables["bus"], tables["gen"], tables["branch"]
    bus = bus[bus[:, 1] != ISOLATED_BUS]
    gen_on = (gen[:, 7] > 0) & np.isin(gen[:, 0], bus[:, 0])
    branch_on = (branch[:, 10] != 0) & np.isin(branch[:, :2], bus[:, 0]).all(axis=1)
    cost = tables["gencost"][: len(gen)][gen_on]
    return MatpowerCase(name, base_mva, bus, gen[gen_on], branch[branch_on], cost)
