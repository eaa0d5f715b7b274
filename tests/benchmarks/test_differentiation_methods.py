"""The comparison of differentiation methods runs in seconds, and only where they agree."""

from __future__ import annotations

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import sparseopt as so
from benchmarks import differentiation_methods as benchmark
from benchmarks.methods import functions
from benchmarks.methods.evaluators import JACOBIAN_METHODS, Method
from benchmarks.methods.functions import EXAMPLES, Example
from benchmarks.methods.propagation import Propagated


def run(*words):
    app = typer.Typer()
    app.command()(benchmark.main)
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_small_run_measures_every_method_of_every_function(tmp_path):
    output = tmp_path / "results.json"
    result = run("--small", "--output", output)
    assert result.exit_code == 0, result.output
    report = json.loads(output.read_text())
    assert report["machine"]["packages"]["numpy"] == np.__version__
    found = {(r["function"], r["method"]) for r in report["results"]}
    assert {("stencil", m.name) for m in JACOBIAN_METHODS} <= found
    assert {("arrowhead_energy", "star"), ("squared_stencil", "acyclic")} <= found
    assert all(r["evaluation"]["median"] > 0 and r["first"] > 0 for r in report["results"])


def test_colors_and_nonzeros_are_reported_of_compiled_matrices(tmp_path):
    output = tmp_path / "results.json"
    assert run("--small", "--example", "bidiagonal", "--output", output).exit_code == 0
    results = json.loads(output.read_text())["results"]
    forward = next(r for r in results if r["method"] == "forward" and r["n"] == 64)
    assert (forward["nonzeros"], forward["colors"], forward["shape"]) == (126, 2, [63, 64])


def test_values_alone_are_compared_as_a_matrix():
    method = next(m for m in JACOBIAN_METHODS if m.name == "direct_values")
    x = np.array([1.0, 2.0, 3.0])
    evaluate = method.prepare(functions.bidiagonal, x)
    assert evaluate(x) is evaluate(x)  # one array, written anew
    expected = [[2 * np.cos(1.0), np.sin(1.0), 0.0], [0.0, 3 * np.cos(2.0), np.sin(2.0)]]
    assert np.allclose(evaluate.matrix(x).toarray(), expected)


def test_an_unknown_function_is_named():
    result = run("--small", "--example", "bidiagonale")
    assert result.exit_code != 0
    assert "bidiagonale" in result.output


def test_no_time_counts_where_methods_disagree():
    wrong = Method("wrong", "wrong", "jacobian", lambda f, x: lambda x: 1.01 * so.jacobian(f, x)(x))
    right = JACOBIAN_METHODS[0]
    example = Example("sine", "sine", np.sin, "jacobian", (4,), (4,))
    with pytest.raises(benchmark.DisagreementError, match="wrong differs from direct by"):
        list(benchmark._of_one_size(example, 4, [right, wrong], 0.001))


@pytest.mark.parametrize(
    ("evaluations", "expected"),
    [([], True), ([1.0], False), ([0.001, 0.004], True), ([0.02, 0.08], False)],
)
def test_a_method_stops_where_its_growth_leads_beyond_the_limit(evaluations, expected):
    before = [{"evaluation": {"median": t}, "first": 0.01} for t in evaluations]
    assert benchmark._is_run(JACOBIAN_METHODS[0], 1024, before, 0.2) is expected


def test_dense_methods_stop_at_the_size_where_matrices_no_longer_fit():
    dense = next(m for m in JACOBIAN_METHODS if m.name == "dense_forward")
    assert not benchmark._is_run(dense, 10**5, [], 0.2)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.matrix == "jacobian"])
def test_sparse_propagation_has_the_values_of_plain_numpy(example):
    x = functions.start(example, (*example.small_sizes, *example.sizes)[0])
    carried = example.function(Propagated.variable(x))
    assert np.allclose(carried.value, example.function(x), rtol=1e-14)
    assert carried.jacobian.shape == (carried.value.size, x.size)


def test_the_convolution_is_measured_against_differences_of_its_kernel():
    x = functions.start(EXAMPLES[4], functions.IMAGE**2)
    jacobian = functions.convolution(Propagated.variable(x)).jacobian
    assert jacobian.nnz == 24**2 * 25
    assert np.allclose(jacobian.toarray(), so.jacobian(functions.convolution, x)(x).toarray())
