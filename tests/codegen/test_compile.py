"""Compilation: the disk cache, errors, and what an evaluation allocates."""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from sparseopt.codegen import compile as compilation
from sparseopt.codegen import workers
from sparseopt.codegen.compile import CompiledModule, compile_ir, start_compiling
from sparseopt.codegen.workers import Job, submit
from sparseopt.errors import CodegenError, SparseOptError
from tests.references import make_evaluator

ADD = "define double @add(double %a, double %b) {\n  %c = fadd double %a, %b\n  ret double %c\n}\n"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", str(tmp_path))
    monkeypatch.setattr(compilation, "counts", {"compiled": 0, "cached": 0})
    return tmp_path


def call_add(module):
    function = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_double)(
        module.address("add")
    )
    return function(2.0, 3.5)


def test_compiled_code_runs_and_is_cached_by_content(cache):
    assert call_add(compile_ir(ADD)) == 5.5
    assert call_add(compile_ir(ADD)) == 5.5
    assert compilation.counts == {"compiled": 1, "cached": 1}
    workers.finish_everything()
    assert len(list(cache.rglob("*.o"))) == 1
    assert call_add(compile_ir(ADD)) == 5.5
    assert compilation.counts == {"compiled": 1, "cached": 2}


def test_what_was_compiled_is_on_disk_when_the_process_ends(cache):
    code = f"from sparseopt.codegen.compile import compile_ir\ncompile_ir({ADD!r})\n"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert len(list(cache.rglob("*.o"))) == 1
    assert call_add(compile_ir(ADD)) == 5.5
    assert compilation.counts == {"compiled": 0, "cached": 1}


def test_another_effort_is_another_object(cache):
    compile_ir(ADD, optimize=0)
    compile_ir(ADD, optimize=2)
    assert compilation.counts["compiled"] == 2


def test_an_empty_variable_switches_the_cache_off(cache, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE", "")
    for _ in range(2):
        assert call_add(compile_ir(ADD)) == 5.5
    assert compilation.counts == {"compiled": 2, "cached": 0}
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no object at all", None], ids=["empty", "text", "cut"])
def test_a_damaged_cache_entry_is_compiled_again(cache, content):
    compile_ir(ADD)
    workers.finish_everything()
    (entry,) = cache.rglob("*.o")
    whole = entry.read_bytes()
    entry.write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert call_add(compile_ir(ADD)) == 5.5
    assert compilation.counts["compiled"] == 2
    workers.finish_everything()
    assert entry.read_bytes() == whole


def test_a_cache_folder_that_cannot_be_written_is_no_obstacle(cache, monkeypatch):
    blocked = cache / "file"
    blocked.write_text("")
    monkeypatch.setenv("SPARSEOPT_CACHE", str(blocked))
    assert call_add(compile_ir(ADD)) == 5.5


SECOND_PROCESS = """
import numpy as np
from sparseopt.codegen import compile as compilation
from tests.references import make_evaluator
evaluator = make_evaluator(lambda x: np.sum(np.sin(x[1:]) * x[:-1]), lambda x: x * x[0], 50, "llvm")
x = np.linspace(0, 1, 50)
print(evaluator.hessian_values(x, x).tobytes().hex())
print(evaluator.gradient(x).tobytes().hex())
print(compilation.counts["compiled"], compilation.counts["cached"])
"""


def test_a_second_process_compiles_nothing_and_gets_the_same_bits(cache):
    runs = [
        subprocess.run(
            [sys.executable, "-c", SECOND_PROCESS],
            capture_output=True, text=True, check=True, env={**os.environ},
        ).stdout.split("\n")
        for _ in range(2)
    ]  # fmt: skip
    assert runs[0][:2] == runs[1][:2]
    compiled, cached = runs[1][2].split()
    assert runs[0][2].split() == [cached, "0"]
    assert compiled == "0"


def test_bad_code_raises_with_the_message_of_llvm_and_keeps_the_source(cache):
    with pytest.raises(CodegenError) as caught:
        compile_ir("define double @f() {\n  ret i32 0\n}\n")
    assert "ret" in str(caught.value) or "type" in str(caught.value)
    kept = str(caught.value).split("module.ll")[0].split()[-1] + "module.ll"
    assert "ret i32 0" in Path(kept.lstrip("(")).read_text()


def test_bad_code_is_named_where_nothing_can_be_kept(cache, monkeypatch):
    def full(prefix):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(CodegenError, match=r"could not be kept: .*No space left"):
        compile_ir("define double @f() {\n  ret i32 0\n}\n")


def test_a_cache_size_that_is_none_is_an_error_and_no_reason_for_numpy(cache, monkeypatch):
    monkeypatch.setenv("SPARSEOPT_CACHE_SIZE", "much")
    with pytest.raises(SparseOptError, match="SPARSEOPT_CACHE_SIZE cannot be 'much'"):
        make_evaluator(lambda x: np.sum(x**3), lambda x: x * x, 33, "llvm").gradient(np.ones(33))


def test_a_missing_function_raises(cache):
    with pytest.raises(CodegenError, match="no function 'subtract'"):
        compile_ir(ADD).address("subtract")


def test_modules_compile_in_several_threads(cache):
    results = []

    def work(k):
        text = ADD.replace("@add", f"@add{k}")
        results.append(bool(compile_ir(text).address(f"add{k}")))

    threads = [threading.Thread(target=work, args=(k % 4,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8


def test_an_evaluation_allocates_no_arrays():
    n = 20_000
    evaluator = make_evaluator(
        lambda x: np.log(np.sum(x * x)), lambda x: np.sin(x[1:]) * x[:-1], n, "llvm"
    )
    x, multipliers = np.linspace(0.1, 1.0, n), np.ones(n - 1)
    jacobian, gradient = np.empty(evaluator.jacobian_pattern.nnz), np.empty(n)
    product = np.empty(n)

    def evaluate():
        evaluator.jacobian_values(x, out=jacobian)
        evaluator.gradient(x, out=gradient)
        evaluator.hessian_vector_product(x, multipliers, x, 1.0, out=product)

    evaluate()
    tracemalloc.start()
    try:
        evaluate()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000, "an array of a variable's size would take 160,000 bytes"


def test_unaligned_and_offset_arrays_are_read_where_they_lie():
    evaluator = make_evaluator(lambda x: np.sum(x**3), lambda x: x * x, 33, "llvm")
    whole = np.linspace(0.0, 1.0, 100)
    for start in (0, 1, 3, 5):
        x, out = whole[start : start + 33], np.empty(40)[start : start + 33]
        np.testing.assert_allclose(evaluator.constraints(x, out=out), x * x, rtol=1e-15)


def test_code_that_is_started_waits_when_it_is_asked_for(cache):
    assert call_add(start_compiling(ADD)) == 5.5
    assert compilation.counts == {"compiled": 1, "cached": 0}


def test_bad_code_that_is_started_raises_when_it_is_asked_for(cache):
    module = start_compiling("define double @f() {\n  ret i32 0\n}\n")
    with pytest.raises(CodegenError, match="does not compile"):
        module.address("f")


def test_functions_of_another_module_are_called(cache):
    twice = (
        "declare double @add(double, double)\n"
        "define double @twice(double %a) {\n"
        "  %c = call double @add(double %a, double %a)\n  ret double %c\n}\n"
    )
    module = compile_ir(twice, 2, [(start_compiling(ADD), ["add"])])
    assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(module.address("twice"))(4.0) == 8.0


def test_kinds_that_are_started_are_compiled_once(cache):
    evaluator = make_evaluator(lambda x: np.sum(np.sin(x)), lambda x: x * x[0], 50, "llvm")
    kinds = ("hessian", "jacobian", "gradient", "constraints", "objective")
    evaluator.start_compiling(*kinds)
    evaluator.start_compiling(*kinds)
    started = compilation.counts["compiled"]
    x = np.linspace(0.0, 1.0, 50)
    evaluator.hessian_values(x, x)
    evaluator.first_order(x)
    assert compilation.counts["compiled"] == started


FORKED = """
import os, sys
import numpy as np
from tests.references import make_evaluator
evaluator = make_evaluator(lambda x: np.sum(np.sin(x) ** 2), lambda x: x * x[0], 50, "llvm")
evaluator.start_compiling("hessian", "jacobian")
child = os.fork()
x = np.linspace(0, 1, 50)
total = evaluator.hessian_values(x, x).sum() + evaluator.jacobian_values(x).sum()
if child:
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))
sys.exit(0 if np.isfinite(total) else 1)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_process_may_be_forked_while_code_is_compiled(cache):
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED]
    assert subprocess.run(command, timeout=120, env={**os.environ}).returncode == 0


def test_who_waits_for_code_may_help_with_a_job_that_needs_the_same_module(cache, monkeypatch):
    begun, free = threading.Event(), threading.Event()

    def slow():
        begun.set()
        free.wait()
        return compile_ir(ADD)._code.result()

    code = Job(slow)
    module = CompiledModule(ADD, code)
    threading.Thread(target=code.run).start()
    begun.wait()
    monkeypatch.setattr(workers, "_spare_processors", lambda: 0)  # nobody else takes jobs
    helped = submit(lambda: (free.set(), call_add(module)))
    results = []
    waiting = threading.Thread(target=lambda: results.append(call_add(module)), daemon=True)
    waiting.start()
    waiting.join(timeout=60)
    assert results == [5.5]
    assert helped.result()[1] == 5.5
