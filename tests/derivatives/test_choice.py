"""The choice of a plan: made for the cheapest by count, and explained."""

import numpy as np
import pytest

import sparseopt as so
from sparseopt.derivatives import chain_rule, choice
from sparseopt.derivatives.assembly import assemble
from sparseopt.derivatives.costs import cost_of
from sparseopt.modeling.traced_function import TracedFunction

RANDOM = np.random.default_rng(0)


def network(inputs, hidden, outputs):
    first = RANDOM.standard_normal((hidden, inputs))
    last = RANDOM.standard_normal((outputs, hidden))
    return lambda x: np.tanh(last @ np.tanh(first @ x))


def evaluator(function, size, role="constraints"):
    return TracedFunction(function, np.zeros(size), None, "auto", role).evaluator


def test_one_stage_is_multiplied_out_directly_without_coloring():
    made = evaluator(lambda x: np.sin(x[1:]) * x[:-1], 50)
    plan = made.jacobian_plan
    assert (plan.name, plan.coloring) == ("direct", None)
    assert "with one stage" in made.jacobian_candidates.chosen_because


def test_few_outputs_are_reverse_and_few_inputs_forward():
    assert evaluator(network(120, 160, 3), 120).jacobian_plan.name == "reverse"
    assert evaluator(network(3, 160, 120), 3).jacobian_plan.name == "forward"


def test_the_choice_has_the_least_estimate():
    made = evaluator(network(40, 80, 40), 40)
    found = made.jacobian_candidates.candidates()
    costs = {c.plan: c.cost.seconds for c in found if c.cost}
    assert set(costs) == {"direct", "forward", "reverse", "bidirectional"}
    assert made.jacobian_plan.name == min(costs, key=costs.get)


def test_products_beyond_the_budget_are_never_made(monkeypatch):
    monkeypatch.setattr(choice, "MAX_PRODUCTS", 1000)
    made = evaluator(network(30, 40, 30), 30)
    assert made.jacobian_plan.name != "direct"
    assert "more than 1000 products" in made.explain_plan("jacobian")
    x = np.linspace(-1, 1, 30)
    asked = so.jacobian(network(30, 40, 30), x, plan="direct")
    assert asked.explain().startswith("Jacobian")


def test_no_sweep_is_written_out_where_the_search_alone_costs_more(monkeypatch):
    def unwanted(candidates, pattern):
        raise AssertionError("a bound that decides nothing")

    monkeypatch.setattr(choice.HessianCandidates, "_least_costs", unwanted)
    made = evaluator(lambda x: np.sum(np.tanh(np.cumsum(np.sin(x)))), 40, "objective")
    monkeypatch.setattr(choice, "SEARCH", 1.0)
    assert made.hessian_plan.name == "direct"
    assert "the search for them" in made.hessian_candidates.chosen_because


def test_local_derivatives_of_intermediates_are_assembled_once(monkeypatch):
    assembled = []

    def noted(entries, shape):
        assembled.append(shape)
        return assemble(entries, shape)

    monkeypatch.setattr(chain_rule, "assemble", noted)
    model = so.Model()
    x = model.variable("x", 60)
    model.minimize(np.tanh(np.cumsum(np.sin(x))) @ x)
    model.subject_to(np.exp(np.cumsum(np.sin(x))) * x >= 0.0)
    made = model.problem().evaluator
    assert made.jacobian_plan.is_chained
    assert made.hessian_plan.is_chained
    stages = len([s for s in made.form.intermediates if s.blocks])
    assert len(assembled) == stages + 1  # the constraints themselves


def test_a_hessian_through_a_dense_layer_is_compressed():
    weights = RANDOM.standard_normal((200, 10))
    made = evaluator(lambda x: np.sum(np.tanh(weights @ np.tanh(weights.T @ x))), 200, "objective")
    assert made.hessian_plan.name in ("star", "acyclic")


def test_explanation_lists_every_plan_and_marks_the_chosen():
    J = so.jacobian(network(40, 80, 3), np.zeros(40))
    lines = J.explain().splitlines()
    assert lines[1] == "plan reverse: the least estimated time"
    assert [line.split()[0] for line in lines[3:]] == ["direct", "forward", "*", "bidirectional"]
    assert lines[5].startswith("* reverse")


def test_an_explicit_plan_says_so():
    assert (
        "plan forward: it was asked for"
        in so.jacobian(np.sin, np.zeros(3), plan="forward").explain()
    )


def test_costs_grow_with_instances_and_repeated_phases_count_each_time():
    def forward(size):
        plans = evaluator(lambda x: np.tanh(np.sum(x**2) * x), size).jacobian_candidates
        return cost_of(plans.plan("forward").schedule)

    small, large = forward(20), forward(40)
    # n directions of work in proportion to n.
    assert 3.0 < large.operations / small.operations < 5.0
    assert small.bytes < large.bytes
    assert small.seconds < large.seconds


@pytest.mark.parametrize("name", ["direct", "forward", "reverse", "bidirectional"])
def test_model_problems_evaluate_with_the_chosen_plan(name):
    x = np.linspace(0.2, 1.0, 8)
    function = network(8, 20, 4)
    J = so.jacobian(function, x, plan=name)
    assert (J.coloring is None) == (name == "direct")
    assert np.allclose(J(x).toarray(), so.jacobian(function, x)(x).toarray())


def test_a_dense_hessian_is_not_colored(monkeypatch):
    def unwanted(candidates, plan):
        raise AssertionError("a coloring of a complete graph")

    monkeypatch.setattr(choice, "MAX_PRODUCTS", 100)
    monkeypatch.setattr(choice, "MOST_SEARCH", 1000.0)
    monkeypatch.setattr(choice.HessianCandidates, "_color", unwanted)
    made = evaluator(lambda x: np.log(np.sum(np.exp(x))), 40, "objective")
    assert (made.hessian_plan.name, made.hessian_pattern.nnz) == ("direct", 820)
    assert "a coloring would take minutes" in made.hessian_candidates.chosen_because
