"""Reader of MATPOWER case files (`.m`, also gzipped), the format of PGLib-OPF.

A case file is a MATLAB function that assigns matrices to the fields of a structure, or in format 1
to variables; `case_text` says what of it is read. Column meanings are those of the MATPOWER manual,
appendix B (R. Zimmerman et al., doi:10.1109/TPWRS.2010.2051168).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from problems.power.case_text import CaseText, Matrix, Table, read_text

_BASE = re.compile(r"\b(?:\w+\.)?baseMVA[ \t]*=[ \t]*([^;\n]*)")
_COMMAND = re.compile(r"\b(?:\w+\.)?(bus|gen|branch|gencost|dcline)\s*\([^\n=]*\)\s*=[^=]")
_MINIMUM_COLUMNS = {"bus": 13, "gen": 10, "branch": 11, "gencost": 5}
# Columns of limits, which may be infinite; nothing else may.
_LIMITS = {"bus": (11, 12), "gen": (3, 4, 8, 9), "branch": (5, 6, 7, 11, 12), "gencost": ()}
BUS_TYPES = (1, 2, 3, 4)
ISOLATED_BUS = 4
PIECEWISE_LINEAR_COST = 1


@dataclass(frozen=True)
class MatpowerCase:
    """The tables of one case in the file's units (MW, MVAr, degrees), without dead equipment.

    Attributes
    ----------
    path : Path
        Where it was read.
    base_mva : float
        Base power [MVA] of the per-unit system.
    tables : dict of str to Table
        "bus", "gen", "branch", "gencost": rows of the file whose equipment is in service; row k of
        "gencost" belongs to row k of "gen".
    """

    path: Path
    base_mva: float
    tables: dict[str, Table]

    @property
    def name(self) -> str:
        """Return the file's name without its endings."""
        return self.path.name.removesuffix(".gz").removesuffix(".m")

    @property
    def bus(self) -> Matrix:
        """Return the rows of buses."""
        return self.tables["bus"].rows

    @property
    def gen(self) -> Matrix:
        """Return the rows of generators."""
        return self.tables["gen"].rows

    @property
    def branch(self) -> Matrix:
        """Return the rows of branches."""
        return self.tables["branch"].rows

    @property
    def gencost(self) -> Matrix:
        """Return the rows of the generators' costs."""
        return self.tables["gencost"].rows

    def bus_positions(self, numbers: Matrix) -> NDArray[np.intp]:
        """Return the rows of `bus` that carry these bus numbers."""
        order = np.argsort(self.bus[:, 0])
        return order[np.searchsorted(self.bus[:, 0], numbers, sorter=order)]

    def refuse(self, table: str, is_wrong: NDArray[np.bool_], fault: str) -> None:
        """Raise `CaseFileError` with file and line of the first row that is wrong, if one is."""
        self.tables[table].refuse(self.path, is_wrong, fault)


def read_case(path: str | Path) -> MatpowerCase:
    """Read a case file and drop isolated buses and equipment that is out of service.

    Raises
    ------
    CaseFileError
        With file and line, where a table is missing, not closed, empty, too narrow or ragged;
        holds words, or numbers that mean nothing; where equipment stands at an unknown bus; where
        lines of direct current, which are not modeled, are in service; where a command changes a
        table after its assignment.
    """
    text = read_text(Path(path))
    base = _base_power(text)
    _refuse_commands(text)
    tables = {name: _table(text, name) for name in _MINIMUM_COLUMNS}
    _refuse_direct_current(text)
    case = MatpowerCase(text.path, base, tables)
    _check_buses(case)
    _check_costs(case)
    return _in_service(case)


def _base_power(text: CaseText) -> float:
    found = _BASE.search(text.text)
    if found is None:
        raise text.error("no baseMVA; is this a MATPOWER case file?")
    try:
        base = float(found[1])
    except ValueError:
        base = np.nan
    if not 0 < base < np.inf:
        raise text.error(f"baseMVA is {found[1].strip()!r}, not a power", found.start())
    return base


def _refuse_commands(text: CaseText) -> None:
    """Refuse what would silently change the network, were it skipped."""
    found = _COMMAND.search(text.text)
    if found is not None:
        what = f"a command changes mpc.{found[1]} after its assignment; commands are not run"
        advice = "write the case with MATPOWER's savecase and read that file"
        raise text.error(what, found.start(), advice)


def _table(text: CaseText, name: str) -> Table:
    table = text.table(name, _MINIMUM_COLUMNS[name])
    if not len(table.rows) and name in ("bus", "gen"):
        raise text.error(f"mpc.{name} is empty")
    infinite = np.isinf(table.rows)
    infinite[:, [column for column in _LIMITS[name] if column < table.rows.shape[1]]] = False
    wrong = infinite | np.isnan(table.rows)
    table.refuse(text.path, wrong.any(axis=1), "holds a number that is not finite")
    return table


def _refuse_direct_current(text: CaseText) -> None:
    if text.has("dcline"):
        lines = text.table("dcline", 3)
        lines.refuse(text.path, lines.rows[:, 2] != 0, "is a DC line in service: not modeled")


def _check_buses(case: MatpowerCase) -> None:
    numbers = case.bus[:, 0]
    case.refuse("bus", numbers != np.floor(numbers), "has a number that is no integer")
    case.refuse("bus", ~np.isin(case.bus[:, 1], BUS_TYPES), "has a type that is none of 1 to 4")
    first = np.unique(numbers, return_index=True)[1]
    again = ~np.isin(np.arange(numbers.size), first)
    case.refuse("bus", again, "has the number of an earlier bus")
    for name, columns in {"gen": 1, "branch": 2}.items():
        ends = case.tables[name].rows[:, :columns]
        known = np.isin(ends, numbers).all(axis=1)
        case.refuse(name, ~known, "names a bus that mpc.bus lacks")


def _check_costs(case: MatpowerCase) -> None:
    costs, num_generators = case.tables["gencost"], len(case.gen)
    if len(costs.rows) < num_generators:
        missing = np.arange(num_generators) >= len(costs.rows)
        case.refuse("gen", missing, "has no row of costs: mpc.gencost has fewer rows than mpc.gen")
    count = costs.rows[:, 3] * np.where(costs.rows[:, 0] == PIECEWISE_LINEAR_COST, 2, 1)
    lacking = (count != np.floor(count)) | (count < 0) | (costs.widths < 4 + count)
    case.refuse("gencost", lacking, "lacks some of the coefficients that its fourth column counts")
    reactive = np.any(costs.rows[:, 4:] != 0, axis=1)
    reactive[:num_generators] = False
    case.refuse("gencost", reactive, "is a cost of reactive power: not modeled")


def _in_service(case: MatpowerCase) -> MatpowerCase:
    bus = case.tables["bus"][case.bus[:, 1] != ISOLATED_BUS]
    numbers = bus.rows[:, 0]
    gen_on = (case.gen[:, 7] > 0) & np.isin(case.gen[:, 0], numbers)
    branch_on = (case.branch[:, 10] != 0) & np.isin(case.branch[:, :2], numbers).all(axis=1)
    tables = {
        "bus": bus,
        "gen": case.tables["gen"][gen_on],
        "branch": case.tables["branch"][branch_on],
        "gencost": case.tables["gencost"][: len(case.gen)][gen_on],
    }
    return MatpowerCase(case.path, case.base_mva, tables)
