"""What a process has compiled is read by the next one: the same patterns and the same bits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings

import sparseopt as so
from problems import registry
from sparseopt.codegen import compile as compilation
from sparseopt.codegen import workers
from sparseopt.codegen.numpy_execution import NumpyProgram
from sparseopt.evaluation import Evaluator, backend, kept_programs
from sparseopt.graph.fingerprint import fingerprint
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import ArrayIndex
from sparseopt.graph.nodes import Constant, Elementwise, Gather, Input, Linear, RowSum
from sparseopt.graph.program import Program
from sparseopt.testing.programs import random_programs
from sparseopt.testing.recording import make_program
from tests.problems.sizes import SAMPLE
from tests.properties.test_derivatives import problem_of

N = 40


@pytest.fixture(scope="module", autouse=True)
def kept(tmp_path_factory):
    """Keep programs in a new folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARSEOPT_CACHE", str(tmp_path_factory.mktemp("kept")))
        patch.delenv("SPARSEOPT_KEEP_PROGRAMS", raising=False)
        yield patch


def objective(x, *p):
    return np.sum(np.exp(x[1:]) * x[:-1] ** 2)


def constraints(x, *p):
    return np.sin(x[:-1]) * x[1:] + x[:-1] / (1.0 + x[1:] ** 2)


def values_of(evaluator, x):
    """Return what every kind of evaluation gives, and both patterns."""
    weights = np.cos(np.arange(float(evaluator.num_constraints)))
    v = np.sin(np.arange(float(x.size)))
    found = [
        np.array([evaluator.objective(x)]),
        evaluator.gradient(x),
        evaluator.hessian_values(x, weights, 0.7),
        evaluator.hessian_pattern.rows,
        evaluator.hessian_pattern.cols,
        evaluator.hessian_vector_product(x, weights, v, 0.7),
    ]
    if evaluator.num_constraints:
        found += [
            evaluator.constraints(x),
            evaluator.jacobian_values(x),
            evaluator.jacobian_pattern.rows,
            evaluator.jacobian_pattern.cols,
            evaluator.pushforward(x, v),
            evaluator.pullback(x, weights),
        ]
    return found


def is_found(evaluator):
    return "form" not in vars(evaluator)


def assert_kept(program, x, parameters=()):
    """A second evaluator finds everything, looks for nothing, and gives the same bits."""
    first = Evaluator(program, "llvm")
    first.parameters[:] = parameters
    expected = values_of(first, x)
    facts = first.is_linear_row, first.is_hessian_constant, first.summary()
    kept_programs._write_all()
    again = Evaluator(program, "llvm")
    again.parameters[:] = parameters
    for one, other in zip(values_of(again, x), expected, strict=True):
        assert one.tobytes() == other.tobytes()
    assert (again.is_linear_row == facts[0]).all()
    assert again.is_hessian_constant == facts[1]
    sizes = {name: value for name, value in facts[2].items() if name != "timings"}
    assert {**again.summary(), "timings": None} == {**sizes, "timings": None}
    assert is_found(again)


def test_a_second_evaluator_gives_the_same_bits_without_looking_for_structure():
    assert_kept(make_program(objective, constraints, N), np.linspace(0.1, 0.9, N))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True))
def test_random_programs_are_kept(program):
    recorded, _ = problem_of(program)
    if fingerprint(recorded) is not None:
        assert_kept(recorded, program.point(0).ravel())


@pytest.mark.parametrize("name", SAMPLE)
def test_every_problem_is_kept_unless_it_calls_other_functions(name):
    record = registry.get(name)
    problem = record.build(**record.sizes["small"]).problem()
    if fingerprint(problem.program, kept_programs.MOST_BYTES) is None:
        assert problem.evaluator.form.calls or problem.num_variables > 1000
        return
    x, evaluator = problem.initial_point, problem.evaluator
    with np.errstate(all="ignore"):
        assert_kept(problem.program, x, evaluator.parameters)


def test_parameters_of_a_kept_program_can_be_changed():
    program = make_program(lambda x, p: np.sum(p * x**2), lambda x, p: p * x, 3, 3)
    for _ in range(2):
        evaluator = Evaluator(program, "llvm")
        for scale in (1.0, 2.0):
            evaluator.parameters[:] = scale * np.arange(3.0)
            assert evaluator.gradient(np.ones(3)).tolist() == [0.0, 2.0 * scale, 4.0 * scale]
        kept_programs._write_all()
    assert is_found(evaluator)


def test_what_a_kept_program_lacks_is_found_and_kept_too():
    program = make_program(objective, constraints, N + 1)
    x = np.linspace(0.1, 0.9, N + 1)
    expected = Evaluator(program, "numpy")
    Evaluator(program, "llvm").gradient(x)
    kept_programs._write_all()
    second = Evaluator(program, "llvm")
    assert is_found(second)
    np.testing.assert_allclose(second.jacobian_values(x), expected.jacobian_values(x), rtol=1e-13)
    assert not is_found(second)
    kept_programs._write_all()
    third = Evaluator(program, "llvm")
    assert third.gradient(x).tobytes() == second.gradient(x).tobytes()
    assert third.jacobian_values(x).tobytes() == second.jacobian_values(x).tobytes()
    assert is_found(third)


def test_evaluators_of_one_program_keep_what_each_of_them_has_found():
    program, x = make_program(objective, constraints, N + 4), np.linspace(0.1, 0.9, N + 4)
    asked = ("gradient", "jacobian_values", "constraints")
    evaluators = [Evaluator(program, "llvm") for _ in asked]
    for evaluator, kind in zip(evaluators, asked, strict=True):
        getattr(evaluator, kind)(x)
    kept_programs._write_all()
    again = Evaluator(program, "llvm")
    for evaluator, kind in zip(evaluators, asked, strict=True):
        assert getattr(again, kind)(x).tobytes() == getattr(evaluator, kind)(x).tobytes()
    assert is_found(again)


def test_explanations_of_a_kept_program_are_those_of_a_new_one():
    program = make_program(objective, constraints, N + 2)
    first = Evaluator(program, "llvm")
    values_of(first, np.ones(N + 2))
    kept_programs._write_all()
    again = Evaluator(program, "llvm")
    assert is_found(again)
    assert again.explain(1, 2) == first.explain(1, 2)
    assert again.explain_plan("hessian") == first.explain_plan("hessian")
    assert "fmul" in again.source("hessian") or "fma" in again.source("hessian")


X = Input("x", 4)
SQUARE = Elementwise(FUNCTIONS["multiply"], (X, X), 4)
DIFFERENT = {
    "function": Elementwise(FUNCTIONS["add"], (X, X), 4),
    "arguments": Elementwise(FUNCTIONS["multiply"], (X, SQUARE), 4),
    "constant": Elementwise(FUNCTIONS["multiply"], (X, Constant(np.arange(4.0))), 4),
    "other constant": Elementwise(FUNCTIONS["multiply"], (X, Constant(np.arange(1.0, 5.0))), 4),
    "plain zeros": Elementwise(
        FUNCTIONS["multiply"], (X, Constant(np.arange(4.0), has_plain_zeros=True)), 4
    ),
    "index": Gather((X,), ArrayIndex(np.array([0, 2, 1, 3], np.int32))),
    "other index": Gather((X,), ArrayIndex(np.array([0, 3, 1, 2], np.int32))),
    "sums": Linear(RowSum(2, 2), X),
    "sum": Linear(RowSum(1, 4), X),
}


def test_every_difference_of_programs_is_one_of_their_fingerprints():
    programs = [Program((X,), (), (node, SQUARE)) for node in (SQUARE, *DIFFERENT.values())]
    programs += [Program((X,), (), (SQUARE,)), Program((X, Input("y", 1)), (), (SQUARE, SQUARE))]
    assert len({fingerprint(program) for program in programs}) == len(programs)


def test_matrices_are_told_apart_by_structure_and_values():
    entries = [((0, 1), 2.0), ((0, 1), 3.0), ((1, 1), 2.0)]
    matrices = [sp.csr_array(([v], ([i], [j])), shape=(2, 4)) for (i, j), v in entries]
    found = {fingerprint(Program((X,), (), (Linear(matrix, X),))) for matrix in matrices}
    assert len(found) == 3


def test_names_and_lines_of_source_do_not_matter():
    def program(name, line):
        x = Input(name, 2, where=("model.py", line))
        return Program((x,), (), (Elementwise(FUNCTIONS["sin"], (x,), 2, ("model.py", line)),))

    assert fingerprint(program("x", 3)) == fingerprint(program("y", 4))


def is_kept(program, plans=("auto", "auto")):
    return bool(kept_programs.kept_programs(program, plans))


def written(shift):
    """Return a program that nobody else has, evaluated and written."""
    program = make_program(lambda x: np.sum((x - shift) ** 4), lambda x: x[:0], 3)
    Evaluator(program, "llvm").gradient(np.ones(3))
    kept_programs._write_all()
    return program


def test_another_plan_or_state_of_the_code_finds_nothing(monkeypatch):
    program = written(101.0)
    assert is_kept(program)
    assert not is_kept(program, ("auto", "star"))
    monkeypatch.setattr(kept_programs, "_STATE_OF_CODE", "another")
    assert not is_kept(program)


def test_another_processor_finds_nothing(monkeypatch):
    program = written(102.0)
    monkeypatch.setattr(kept_programs, "processor_identity", lambda: "another")
    assert not is_kept(program)


@pytest.mark.parametrize(
    ("name", "value"), [("SPARSEOPT_KEEP_PROGRAMS", "0"), ("SPARSEOPT_CACHE", "")]
)
def test_it_can_be_switched_off(monkeypatch, name, value):
    program = written(103.0)
    monkeypatch.setenv(name, value)
    assert kept_programs.kept_programs(program, ("auto", "auto")) is None


def test_a_damaged_file_costs_the_time_that_it_would_have_spared(monkeypatch):
    program = written(104.0)
    entry = kept_programs.kept_programs(program, ("auto", "auto"))._entry
    entry.path.write_bytes(entry.path.read_bytes()[:-40])
    evaluator = Evaluator(program, "llvm")
    assert not is_found(evaluator)
    assert evaluator.gradient(np.full(3, 105.0)).tolist() == [4.0, 4.0, 4.0]
    entry.write(b"no pickle")
    assert not is_kept(program)


def test_large_data_and_functions_that_are_not_numpy_are_not_kept(monkeypatch):
    def sum_of_squares(x):
        return float(x @ x)

    outside = so.external(sum_of_squares)
    assert kept_programs.kept_programs(make_program(outside, constraints, 3), "aa") is None
    program = written(105.0)
    monkeypatch.setattr(kept_programs, "MOST_BYTES", 4)
    assert kept_programs.kept_programs(program, "aa") is None
    monkeypatch.undo()
    monkeypatch.setattr(kept_programs, "MOST_VARIABLES", 2)
    assert kept_programs.kept_programs(program, "aa") is None


def test_what_waits_to_be_written_is_bounded():
    for k in range(3 * kept_programs.MOST_WAITING):
        Evaluator(make_program(lambda x, k=k: np.sum(x**2) + k, constraints, 3), "llvm").gradient(
            np.ones(3)
        )
        assert len(kept_programs._waiting) < kept_programs.MOST_WAITING


def test_a_temporary_folder_that_is_gone_when_the_process_ends_stays_gone(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("SPARSEOPT_CACHE", str(folder))
    Evaluator(make_program(objective, constraints, N + 5), "llvm").gradient(np.ones(N + 5))
    shutil.rmtree(folder)
    workers.finish_everything()
    kept_programs._write_all()
    assert not folder.exists()


def test_what_is_done_to_patterns_afterwards_is_not_kept():
    program = make_program(objective, constraints, N + 3)
    for _ in range(3):
        evaluator = Evaluator(program, "llvm")
        values_of(evaluator, np.ones(N + 3))
        jacobian, hessian = evaluator.jacobian_pattern, evaluator.hessian_pattern
        assert jacobian.rows.tolist() == [*range(N + 2), *range(N + 2)]
        assert hessian.rows.min() == 0
        assert not evaluator.is_linear_row.any()
        jacobian.rows[:] += 1  # as Fortran counts them
        hessian.rows[:] += 1
        evaluator.is_linear_row[:] = True
        kept_programs._write_all()
    assert is_found(evaluator)


PLANS = [("direct", "direct"), ("forward", "star"), ("reverse", "acyclic")]


@pytest.mark.parametrize("plans", PLANS)
def test_nothing_of_earlier_evaluations_is_in_a_kept_program(plans):
    size = 3000  # whose phases are split into parts

    def long(x):
        return np.sum(np.tanh(x[1:] * x[:-1]) ** 3 / (1.0 + np.exp(x[1:])))

    program, x = make_program(long, constraints, size), np.linspace(0.1, 0.9, size)
    first = Evaluator(program, "llvm", *plans)
    expected = values_of(first, x)
    with np.errstate(all="ignore"):
        values_of(first, np.full(size, np.nan))
    kept_programs._write_all()
    again = Evaluator(program, "llvm", *plans)
    found = values_of(again, x)
    assert is_found(again)
    assert [f.tobytes() for f in found] == [e.tobytes() for e in expected]


def package(folder, time, text):
    """Write a package of files that all have the same time."""
    for name in kept_programs._FOLDERS:
        path = folder / name / "code.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (time, time))


def test_contents_tell_what_the_times_of_reproducible_installations_do_not(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_programs, "__file__", str(tmp_path / "evaluation" / "code.py"))
    found = []
    for text in ("x = y + z", "x = y - z", "x = y + z"):
        package(tmp_path, 1, text)
        found.append(kept_programs._state_of_code())
    assert found[0] == found[2] != found[1]
    os.utime(tmp_path / "graph" / "code.py", (2, 2))
    dated = kept_programs._state_of_code()
    os.utime(tmp_path / "graph" / "code.py", (3, 3))
    assert len({dated, kept_programs._state_of_code(), *found}) == 4


def test_code_that_changed_while_a_process_ran_is_not_kept(monkeypatch):
    monkeypatch.setattr(kept_programs, "_state_of_code", lambda: "another")
    assert not is_kept(written(107.0))


def test_another_c_library_finds_nothing(monkeypatch):
    before = kept_programs._state_of_code()
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.17", raising=False)
    assert kept_programs._state_of_code() != before


def test_numpy_evaluates_a_kept_program_where_the_compiler_has_ceased_to_work(monkeypatch):
    program = written(108.0)
    monkeypatch.setattr(backend, "_why_not_compiled", lambda: "it does not")
    with pytest.warns(RuntimeWarning, match="LLVM does not work here"):
        evaluator = Evaluator(program)
    assert evaluator.gradient(np.full(3, 109.0)).tolist() == [4.0, 4.0, 4.0]
    assert isinstance(evaluator._program("gradient"), NumpyProgram)


def different_numbers(value, changed):
    """Return the fingerprints of two programs that differ in one number."""
    return {fingerprint(Program((X,), (), (Constant(np.array(v)),))) for v in (value, changed)}


NAN = np.array([np.nan, np.nan])
NAN.view(np.int64)[1] ^= 1


@pytest.mark.parametrize(
    ("value", "changed"),
    [([1.0], [np.nextafter(1.0, 2.0)]), ([0.0], [-0.0]), (NAN[:1], NAN[1:]), ([1, 2], [2, 1])],
    ids=["last bit", "sign of zero", "payload", "order"],
)
def test_every_bit_of_a_constant_is_in_the_fingerprint(value, changed):
    assert len(different_numbers(value, changed)) == 2


ONE_DIFFERENCE = {
    "duplicates": (lambda x: x[[0, 0, 1]] ** 2, lambda x: x[[0, 1, 1]] ** 2),
    "strides": (lambda x: x[:6:2] ** 2, lambda x: x[:3] ** 2),
    "reversal": (lambda x: x[::-1] * x, lambda x: x * x),
    "shape": (lambda x: x.reshape(2, 3)[0] ** 2, lambda x: x.reshape(3, 2)[0] ** 2),
    "condition": (lambda x: np.where(x > 0, x**2, x), lambda x: np.where(x >= 0, x**2, x)),
    "branches": (lambda x: np.where(x > 0, x**2, x), lambda x: np.where(x > 0, x, x**2)),
    "table": (
        lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]),
        lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, np.nextafter(4.0, 5.0)]),
    ),
    "knots": (
        lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]),
        lambda x: np.interp(x, [0.0, np.nextafter(1.0, 2.0), 2.0], [0.0, 1.0, 4.0]),
    ),
    "sign": (lambda x: x**2, lambda x: -(x**2)),
}


@pytest.mark.parametrize("name", ONE_DIFFERENCE)
def test_programs_that_differ_in_one_thing_have_different_fingerprints(name):
    one, other = (
        fingerprint(make_program(lambda x, f=f: np.sum(f(x)), lambda x: x[:0], 6))
        for f in ONE_DIFFERENCE[name]
    )
    assert one != other


def test_the_order_of_constraints_and_shapes_of_parameters_are_in_the_fingerprint():
    def program(constraints, size):
        return make_program(lambda x, p: np.sum(x * p[0]), constraints, 3, size)

    programs = [
        program(lambda x, p: np.stack([x[0] * x[1], x[2]]), 1),
        program(lambda x, p: np.stack([x[2], x[0] * x[1]]), 1),
        program(lambda x, p: np.stack([x[0] * x[1], x[2]]), 2),
    ]
    assert len({fingerprint(p) for p in programs}) == 3


SCRIPT = """
import numpy as np
import sparseopt as so
from sparseopt.codegen.compile import counts

model = so.Model("bowl")
x = model.variable("x", shape=5, start=0.5)
model.minimize(np.sum((np.exp(x) - 2.0) ** 2))
model.subject_to(x[1:] * x[:-1] >= 0.1)
solution = model.solve()
solution.report()
print(counts["compiled"], "form" in vars(model.problem().evaluator), solution["x"].sum().hex())
"""


def test_a_second_process_compiles_nothing_and_finds_the_same_answer(tmp_path):
    environment = {**os.environ, "SPARSEOPT_CACHE": str(tmp_path)}
    environment.pop("SPARSEOPT_KEEP_PROGRAMS", None)
    run = partial(
        subprocess.run, [sys.executable, "-c", SCRIPT], env=environment, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    first, second = (run().stdout.split() for _ in range(2))
    assert int(first[0]) > 0
    assert first[1] == "True"
    assert second == ["0", "False", first[2]]


def test_nothing_is_compiled_for_a_kept_program(monkeypatch):
    program = written(106.0)
    monkeypatch.setattr(compilation, "counts", {"compiled": 0, "cached": 0})
    assert Evaluator(program, "llvm").gradient(np.full(3, 107.0)).tolist() == [4.0, 4.0, 4.0]
    assert compilation.counts["compiled"] == 0


WORKER = """
import multiprocessing
import numpy as np
import sparseopt as so


def solve(size):
    model = so.Model("bowl")
    x = model.variable("x", shape=size, start=0.5)
    model.minimize(np.sum((np.exp(x) - 2.0) ** 2))
    evaluator = model.problem().evaluator
    evaluator.gradient(np.ones(size))
    print("form" in vars(evaluator), flush=True)


if __name__ == "__main__":
    process = multiprocessing.get_context("fork").Process(target=solve, args=(5,))
    process.start()
    process.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_workers_of_multiprocessing_keep_programs(tmp_path):
    environment = {**os.environ, "SPARSEOPT_CACHE": str(tmp_path / "cache")}
    environment.pop("SPARSEOPT_KEEP_PROGRAMS", None)
    (tmp_path / "worker.py").write_text(WORKER)
    found = [
        subprocess.run(
            [sys.executable, tmp_path / "worker.py"], env=environment, text=True,
            capture_output=True, check=True,
        ).stdout
        for _ in range(2)
    ]  # fmt: skip
    assert found == ["True\n", "False\n"]
