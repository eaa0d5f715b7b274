"""Closed forms of problems whose variables are a chain."""

from __future__ import annotations

from ctypes import c_long

import numpy as np

from benchmarks.limits.form import NO_ENTRIES, ClosedForm, band
from benchmarks.tools.interface import Pattern
from problems.classics import rosenbrock as _rosenbrock
from problems.luksan_vlcek import luksan_vlcek_1 as _luksan_vlcek_1
from problems.luksan_vlcek import luksan_vlcek_5 as _luksan_vlcek_5


def luksan_vlcek_1(num_variables: int) -> ClosedForm:
    """Lukšan–Vlček 5.1."""
    row = np.arange(num_variables - 2)
    jacobian = Pattern(np.tile(row, 3), np.concatenate([row, row + 1, row + 2]))
    start = np.resize(_luksan_vlcek_1.START, num_variables)
    return ClosedForm(start, row.size, [c_long(num_variables)], jacobian, band(num_variables, 1))


def luksan_vlcek_5(num_variables: int) -> ClosedForm:
    """Lukšan–Vlček 5.5."""
    row = np.arange(num_variables - 4)
    jacobian = Pattern(np.tile(row, 5), np.concatenate([row + k for k in range(5)]))
    start = np.full(num_variables, _luksan_vlcek_5.START)
    return ClosedForm(start, row.size, [c_long(num_variables)], jacobian, band(num_variables, 2))


def rosenbrock(num_variables: int) -> ClosedForm:
    """Chained Rosenbrock function."""
    start = np.resize(_rosenbrock.START, num_variables)
    return ClosedForm(start, 0, [c_long(num_variables)], NO_ENTRIES, band(num_variables, 1))
