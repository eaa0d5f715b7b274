"""Calls of C functions from C: the same values as through ctypes."""

import ctypes
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import checks
from benchmarks.bound_calls import BoundCall, rounds_in_c
from benchmarks.tools.interface import (
    KINDS,
    Call,
    ToolUnavailableError,
    load_tool,
    timed_rounds,
)

SIGNATURE = ctypes.CFUNCTYPE(
    None,
    *(ctypes.c_int, ctypes.c_double, ctypes.c_void_p, ctypes.c_long, ctypes.c_void_p),
    *(ctypes.c_double, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_double),
)


def test_every_type_of_argument_arrives_as_it_was():
    seen = []
    function = SIGNATURE(lambda *arguments: seen.append(arguments))
    values = (-3, 0.1, None, -(2**40), 2**45 + 1, -np.inf, 2**31 - 1, 0, 7, 2**62, 5e-324)
    arguments = tuple(c(v) for c, v in zip(SIGNATURE._argtypes_, values, strict=True))
    call = BoundCall(ctypes.cast(function, ctypes.c_void_p).value, arguments, function)
    rounds_in_c([call])(1)
    call.plain()()
    assert seen == [values, values]


def test_rounds_take_the_calls_in_turn():
    seen = []
    function = ctypes.CFUNCTYPE(None, ctypes.c_int)(seen.append)
    address = ctypes.cast(function, ctypes.c_void_p).value
    run = rounds_in_c([BoundCall(address, (ctypes.c_int(k),), function) for k in (1, 2)])
    run(3)
    assert seen == [1, 2, 1, 2, 1, 2]


@pytest.mark.parametrize(
    "tool", ["sparseopt", "limit_c", "pyoptinterface", "casadi_sx", "casadi_mx"]
)
def test_timed_calls_write_what_calls_through_ctypes_write(tool):
    try:
        made = load_tool(tool)("luksan_vlcek_1", {"num_variables": 20})
    except ToolUnavailableError as reason:
        pytest.skip(str(reason))
    points = checks.points(made.start, made.num_constraints)
    for kind in KINDS:
        calls = [made.bind(kind, point) for point in points]
        plain = []
        for call in calls:
            assert call.native is not None
            call.run()
            plain.append(call.out.copy())
            call.out.fill(np.nan)
        timed_rounds(calls)(1)
        for call, values in zip(calls, plain, strict=True):
            np.testing.assert_array_equal(call.out, values)


def test_calls_that_are_no_c_functions_are_timed_as_they_are():
    seen = []
    calls = [Call(lambda k=k: seen.append(k), np.zeros(1)) for k in (1, 2)]
    timed_rounds(calls)(2)
    assert seen == [1, 2, 1, 2]


def test_a_compiler_is_loaded_only_for_timing():
    """Set-up's memory must not have it: PyOptInterface brings its own."""
    code = "import sys, benchmarks.stages.setup; print('llvmlite' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
