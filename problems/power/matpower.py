"""Reader of MATPOWER case files (`.m`, also gzipped), the format of PGLib-OPF.

A case file is a MATLAB function that assigns matrices to the fields of a structure, or in format 1
to variables. Only numbers in brackets are read: comments, strings and cell arrays are skipped, and
commands that change a table are refused. Column meanings are those of the MATPOWER manual, appendix
B (R. Zimmerman et al., doi:10.1109/TPWRS.2010.2051168).
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_BLOCK_COMMENT = re.compile(r"^[ \t]*%\{[ \t]*\n.*?^[ \t]*%\}[ \t]*$", re.DOTALL | re.MULTILINE)
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_COMMENT = re.compile(r"%[^\n]*")
_CONTINUATION = re.compile(r"\.\.\.[^\n]*\n")
_MATRIX = re.compile(r"\b(?:\w+\.)?(\w+)\s*=\s*\[(.*?)\]", re.DOTALL)
_SCALAR = re.compile(r"\b(?:\w+\.)?baseMVA\s*=\s*([-+.\deE]+)\s*[;\n]")
_COMMAND = re.compile(r"\b(?:\w+\.)?(bus|gen|branch|gencost|dcline)\s*\([^\n=]*\)\s*=[^=]")
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
        When a table is missing, too narrow, ragged, or not a number; when equipment stands at an
        unknown bus; when there are lines of direct current in service, which are not modeled; when
        a command of the file changes a table after its assignment.
    """
    path = Path(path)
    text = _without_comments(_read_text(path))
    base = _SCALAR.search(text)
    if base is None:
        raise ValueError(f"{path}: no baseMVA; is this a MATPOWER case file?")
    matrices = dict(_MATRIX.findall(text))
    _refuse_unread(path, text, matrices)
    tables = {name: _table(path, name, matrices) for name in _MINIMUM_COLUMNS}
    _check_references(path, tables)
    name = path.name.removesuffix(".gz").removesuffix(".m")
    return _in_service(name, float(base.group(1)), tables)


def _refuse_unread(path: Path, text: str, matrices: dict[str, str]) -> None:
    """Refuse what would silently change the network, were it skipped."""
    command = _COMMAND.search(text)
    if command is not None:
        raise ValueError(
            f"{path}: a command changes mpc.{command.group(1)} after its assignment; commands are"
            " not run: write the case with MATPOWER's savecase and read that file"
        )
    if "dcline" in matrices:
        lines = _rows(path, "dcline", matrices["dcline"])
        in_service = sum(len(row) > 2 and row[2] != 0 for row in lines)
        if in_service:
            raise ValueError(f"{path}: {in_service} DC lines in service, which are not modeled")


def _check_references(path: Path, tables: dict[str, Matrix]) -> None:
    numbers = tables["bus"][:, 0]
    if np.unique(numbers).size < numbers.size:
        raise ValueError(f"{path}: two rows of mpc.bus have the same number")
    for name, columns in {"gen": 1, "branch": 2}.items():
        unknown = np.setdiff1d(tables[name][:, :columns], numbers)
        if unknown.size:
            raise ValueError(f"{path}: mpc.{name} names bus {unknown[0]:g}, which mpc.bus lacks")
    if len(tables["gencost"]) < len(tables["gen"]):
        raise ValueError(f"{path}: mpc.gencost has fewer rows than mpc.gen")
    reactive = tables["gencost"][len(tables["gen"]) :, 4:]
    if np.any(reactive != 0):
        raise ValueError(f"{path}: costs of reactive power are not modeled")


def _read_text(path: Path) -> str:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace")
    return path.read_text(encoding="utf-8", errors="replace")


def _without_comments(text: str) -> str:
    # Comments go first: a "..." inside one does not continue the line.
    text = _BLOCK_COMMENT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _COMMENT.sub("", _STRING.sub("", text))
    return _CONTINUATION.sub(" ", text)


def _table(path: Path, name: str, matrices: dict[str, str]) -> Matrix:
    if name not in matrices:
        raise ValueError(f"{path}: no table mpc.{name}")
    rows = _rows(path, name, matrices[name])
    width = max((len(row) for row in rows), default=0)
    if width < _MINIMUM_COLUMNS[name]:
        raise ValueError(f"{path}: mpc.{name} needs {_MINIMUM_COLUMNS[name]} columns, has {width}")
    if name != "gencost" and any(len(row) != width for row in rows):
        raise ValueError(f"{path}: the rows of mpc.{name} differ in length")
    # Cost rows of fewer coefficients may be shorter: pad them on the right.
    return np.array([row + [0.0] * (width - len(row)) for row in rows])


def _rows(path: Path, name: str, body: str) -> list[list[float]]:
    lines = re.split(r"[;\n]", body.replace(",", " "))
    return [_numbers(path, name, line) for line in lines if line.strip()]


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
