"""Which functions of vectors are called on which platform."""

from __future__ import annotations

import platform
from types import SimpleNamespace

import pytest

from sparseopt.codegen import vector_math
from sparseopt.codegen.compile import target
from sparseopt.codegen.vector_math import VectorMath


@pytest.mark.parametrize(
    ("system", "lanes", "symbol"),
    [
        (SimpleNamespace(is_darwin=False, is_arm=False, has_multiply_add=True), 8, "_ZGVeN8v_sin"),
        (SimpleNamespace(is_darwin=False, is_arm=False, has_multiply_add=True), 4, "_ZGVdN4v_sin"),
        (SimpleNamespace(is_darwin=False, is_arm=True, has_multiply_add=True), 2, "_ZGVnN2v_sin"),
        (SimpleNamespace(is_darwin=True, is_arm=True, has_multiply_add=True), 2, "_simd_sin_d2"),
        (SimpleNamespace(is_darwin=True, is_arm=False, has_multiply_add=True), 8, "_simd_sin_d8"),
    ],
)
def test_names_follow_the_platform(monkeypatch, system, lanes, symbol):
    known = {symbol}
    monkeypatch.setattr(vector_math, "symbol_address", lambda name: 1 if name in known else None)
    math = VectorMath(system)
    assert math.vector_callee("sin", lanes, 1) == f"@{symbol}"
    assert math.declarations[symbol].startswith(f"declare <{lanes} x double>")
    assert math.vector_callee("cos", lanes, 1) is None
    assert math.vector_callee("sin", 1, 1) is None


def test_two_arguments_are_in_the_name(monkeypatch):
    monkeypatch.setattr(vector_math, "symbol_address", lambda name: 1)
    math = VectorMath(SimpleNamespace(is_darwin=False, is_arm=False, has_multiply_add=True))
    assert math.vector_callee("pow", 8, 2) == "@_ZGVeN8vv_pow"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="libmvec is a part of glibc")
def test_this_machine_calls_whole_vectors():
    assert VectorMath(target()).vector_callee("exp", target().lanes, 1) is not None
