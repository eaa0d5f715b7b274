"""Traced problems restated for other tools keep sparseopt's values; what a tool lacks is named."""

import importlib

import numpy as np
import pytest

import sparseopt as so
from benchmarks import checks
from benchmarks.tools.casadi_tool import CasadiC, CasadiMx, CasadiSx
from benchmarks.tools.interface import TOOLS, ToolUnavailableError, load_tool
from benchmarks.tools.sparseopt_tool import SparseoptTool
from benchmarks.translation.casadi_arrays import casadi_model
from benchmarks.translation.scalar_rows import Idiom, ScalarRows
from benchmarks.translation.traced import traced, traced_model
from problems import registry

# Bounds alone; dense rows; gathers and sparse matrices; a maximization; integrals; parameters of
# physics with tan; a mesh.
PROBLEMS = ["ac_opf", "bratu_control", "hanging_chain", "hs071", "quadrotor", "rocket", "torsion"]


class TranslatedMx(CasadiMx):
    models = {}  # noqa: RUF012 - no hand-written model is taken


class TranslatedSx(CasadiSx):
    models = {}  # noqa: RUF012


class TranslatedC(CasadiC):
    models = {}  # noqa: RUF012


def tool_or_skip(name):
    try:
        return load_tool(name)
    except ToolUnavailableError as reason:
        pytest.skip(str(reason))


def made_or_skipped(make, problem):
    try:
        return make(problem, dict(registry.get(problem).sizes["small"]))
    except ToolUnavailableError as reason:
        pytest.skip(str(reason))


def disagreements(make, problem):
    tools = {name: made_or_skipped(m, problem) for name, m in (("a", SparseoptTool), ("b", make))}
    point = checks.points(tools["a"].start, tools["a"].num_constraints)[1]
    return checks.disagreements(
        [{"tool": n, "checksums": checks.checksums(t, point)} for n, t in tools.items()]
    )


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("make", [TranslatedMx, TranslatedSx])
def test_casadi_translation_has_the_values_of_sparseopt(make, problem):
    assert disagreements(make, problem) == []


def test_generated_c_of_casadi_has_the_values_of_sparseopt():
    assert disagreements(TranslatedC, "hs071") == []


@pytest.mark.parametrize("problem", ["hs071", "bratu_control", "rocket"])
@pytest.mark.parametrize(
    "name", ["cvxpy_dnlp", "jax_asdex", "pyomo_asl", "pyoptinterface", "scipy"]
)
def test_other_translations_have_the_values_of_sparseopt(name, problem):
    make = tool_or_skip(name)
    if hasattr(make, "models"):
        make = type("Translated", (make,), {"models": {}})
    assert disagreements(make, problem) == []


@pytest.mark.parametrize("problem", ["luksan_vlcek_10", "roszman1", "tetra"])
def test_hessians_of_pyoptinterface_are_finite_where_squares_once_were_not(problem):
    make = type("Translated", (tool_or_skip("pyoptinterface"),), {"models": {}})
    assert disagreements(make, problem) == []


@pytest.mark.parametrize("name", [name for name in TOOLS if name.startswith("sparseopt_")])
@pytest.mark.parametrize("problem", ["bratu_control", "hs071"])
def test_every_plan_has_the_same_values(name, problem):
    assert disagreements(load_tool(name), problem) == []


@pytest.mark.parametrize("name", list(TOOLS))
def test_every_tool_solves_to_the_same_objective(name):
    tool = made_or_skipped(tool_or_skip(name), "hs071") if name != "limit_c" else None
    solved = tool.solve() if tool is not None else None
    if solved is not None:
        assert solved.objective == pytest.approx(17.0140173, rel=1e-6)
        assert solved.iterations > 0


def test_a_function_that_casadi_lacks_is_named():
    from scipy import special

    model = so.Model("gamma")
    x = model.variable("x", shape=2, lower=1.0, start=2.0)
    model.minimize(np.sum(special.gammaln(x)))
    with pytest.raises(ToolUnavailableError, match="gammaln"):
        casadi_model(traced_model(model), "MX")


def test_options_of_the_record_reach_every_tool():
    assert traced("hs071", {}).options["honor_original_bounds"] == "yes"


def chain_rows():
    model = so.Model("chain")
    x = model.variable("x", shape=4, start=1.0)
    model.minimize(np.sum((x - 1.0) ** 2))
    model.subject_to(x[1:] - 2.0 * x[:-1] <= 3.0, name="linear")
    model.subject_to(np.exp(x[1:]) * x[:-1] == 1.0, name="product")
    model.subject_to(x[0] * x[1] >= 0.1, name="quadratic")
    functions = {
        "add": "({0} + {1})",
        "subtract": "({0} - {1})",
        "multiply": "({0} * {1})",
        "square": "({0} ** 2)",
        "exp": "exp({0})",
    }
    idiom = Idiom(tool="Python", functions=functions, names={"exp": np.exp})
    return ScalarRows(traced_model(model), idiom)


def test_scalar_rows_know_linear_and_quadratic_ones():
    assert chain_rows().degrees == [1.0, 1.0, 1.0, np.inf, np.inf, np.inf, 2]


def test_scalar_rows_are_python_functions_of_one_instance():
    rows, x = chain_rows(), [2.0, 3.0, 5.0, 7.0]
    values = [sum(rows.values(terms, x)) for terms in rows.rows]
    linear = [3.0 - 4.0, 5.0 - 6.0, 7.0 - 10.0]
    products = [np.exp(3.0) * 2.0, np.exp(5.0) * 3.0, np.exp(7.0) * 5.0]
    assert values == pytest.approx([*linear, *products, 6.0], rel=1e-15)
    assert sum(rows.values(rows.objective, x)) == pytest.approx(1.0 + 4.0 + 16.0 + 36.0)
    assert any("exp(x[i" in source for source in rows.sources)


def test_a_missing_function_is_named_for_scalar_tools():
    model = so.Model("sine")
    x = model.variable("x", shape=2)
    model.minimize(np.sum(np.sin(x)))
    idiom = Idiom(tool="Plain", functions={}, names={})
    with pytest.raises(ToolUnavailableError, match="Plain has no function sin"):
        ScalarRows(traced_model(model), idiom)


def test_own_modules_that_are_missing_are_errors_not_reasons_to_skip(monkeypatch):
    def fail(name):
        raise ModuleNotFoundError(name="sparseopt.absent")

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(ModuleNotFoundError):
        load_tool("sparseopt")


def test_rows_of_one_instance_are_written_together():
    model = so.Model("pairs")
    x = model.variable("x", shape=3, start=1.0)
    model.minimize(x[0])
    model.subject_to(np.sin(x[1:] * x[:-1]) == 0.0, name="sine")
    model.subject_to(np.cos(x[1:] * x[:-1]) == 1.0, name="cosine")
    functions = {name: name + "({0}, {1})" for name in ("multiply", "subtract")}
    functions |= {name: name + "({0})" for name in ("sin", "cos")}
    rows = ScalarRows(traced_model(model), Idiom("Plain", functions, {}))
    assert sorted(map(sorted, rows.nonlinear_groups())) == [[0, 2], [1, 3]]


def test_what_changes_in_place_is_kept_before_it_is_used_twice():
    model = so.Model("twice")
    x = model.variable("x", shape=2, start=1.0)
    product = x[0] * x[1]
    model.minimize(np.sin(product) + np.cos(product))
    functions = {name: f"({{0}} {sign} {{1}})" for name, sign in (("multiply", "*"), ("add", "+"))}
    functions |= {name: name + "({0})" for name in ("sin", "cos")}
    kept = []

    def keep(value):
        kept.append(value)
        return value

    names = {"sin": np.sin, "cos": np.cos}
    idiom = Idiom("Plain", functions, names, keep)
    rows = ScalarRows(traced_model(model), idiom)
    assert sum(rows.values(rows.objective, [2.0, 3.0])) == pytest.approx(np.sin(6.0) + np.cos(6.0))
    assert set(kept) == {6.0}
