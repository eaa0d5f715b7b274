"""``sparseopt show``: what is known of a problem; ``--size`` of a named problem."""

from __future__ import annotations

import json

import pytest

from problems import registry


def test_formula_sizes_sources_and_the_way_to_the_model_are_printed(run):
    text = run("show", "robot").stdout
    assert "robot (cops; optimal control)" in text
    assert "    minimize    t_f\n" in text
    assert "num_intervals=50: n = 460, m = 312, nnz(J) = 1,812, nnz(H) = 714" in text
    assert "  9.14138           num_intervals=200\n      COPS 3.0 report" in text
    assert "doi:10.2172/834714" in text


def test_what_is_printed_of_python_runs(run):
    text = run("show", "hs071").stdout
    code = text[text.index("  from problems") :].replace("\n  ", "\n").strip()
    made: dict[str, object] = {}
    exec(code, made)
    assert made["solution"].objective == pytest.approx(17.0140173, rel=1e-6)


def test_a_better_optimum_than_ipopt_reaches_is_the_one_that_is_printed(run):
    name, known = next(
        (record.name, known)
        for record in registry.records().values()
        for known in record.known
        if known.best is not None
    )
    text = run("show", name).stdout
    assert f"\n  {known.best:.12g}\n" in text
    assert f"IPOPT ends at {known.value:.12g}" in text


def test_a_source_of_several_objectives_is_printed_once_below_them(run):
    text = run("show", "rocket").stdout
    assert (
        "\n  1.01283568854     num_intervals=200\n  1.01283660843     num_intervals=400\n" in text
    )
    assert text.count("CasADi 3.8.2 with IPOPT 3.14.19") == 1


def test_a_problem_of_one_size_has_one_line_of_counts(run):
    text = run("show", "hs071").stdout
    assert "Sizes, as the model is written:\n  n = 4, m = 2, nnz(J) = 8, nnz(H) = 10\n\n" in text


def test_the_published_optimum_of_an_optimal_control_problem_is_shown_beside_those_of_meshes(run):
    text = run("show", "launch_vehicle").stdout
    assert "\n  7530.33038712     intervals=5\n" in text
    assert "\n  7529.712\n      Rao et al. (2010), Betts (2010): 7529.712, doi:10.1145/" in text
    found = json.loads(run("show", "launch_vehicle", "--json").stdout)
    assert found["continuous"]["objective"] == 7529.712
    assert json.loads(run("show", "hs071", "--json").stdout)["continuous"] is None


def test_json_has_every_size_and_every_known_objective(run):
    found = json.loads(run("show", "catmix", "--json").stdout)
    record = registry.get("catmix")
    assert {name: size["arguments"] for name, size in found["sizes"].items()} == record.sizes
    assert [known["objective"] for known in found["known"]] == [k.value for k in record.known]
    assert found["ipopt_options"]["tol"] == 1e-9
    assert found["file"].endswith("catmix.py")


def test_every_record_can_be_shown(run):
    for name in registry.names():
        result = run("show", name)
        assert result.exit_code == 0, name
        assert "Source" in result.stdout, name


def test_an_unknown_name_is_named_with_the_nearest_one(run):
    result = run("show", "rockett")
    assert result.exit_code == 2
    assert "did you mean 'rocket'" in " ".join(result.output.split())


def test_a_named_problem_has_its_sizes_in_other_commands(run):
    data = json.loads(run("inspect", "luksan_vlcek_1", "--size", "medium", "--json").stdout)
    size = registry.get("luksan_vlcek_1").sizes["medium"]
    assert data["variables"] == size["num_variables"]


def test_a_solve_says_where_no_objective_of_its_size_is_known(run):
    arguments = ("solve", "predator_prey", "--size", "small")
    assert run(*arguments).stdout.endswith(
        "best known objective\n  none at this size; those of others: sparseopt show predator_prey\n"
    )
    data = json.loads(run(*arguments, "--json").stdout)
    assert data["arguments"] == registry.get("predator_prey").sizes["small"]
    assert "best_known" not in data


def test_set_comes_before_size(run):
    data = json.loads(
        run("inspect", "bearing", "--size", "small", "--set", "num_y=7", "--json").stdout
    )
    assert data["variables"] == (registry.get("bearing").sizes["small"]["num_x"] + 2) * 9


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (("rocket", "--size", "huge"), "rocket has the sizes small, medium, large, not 'huge'"),
        (("problems.cops.rocket:build", "--size", "small"), "so it has no --size"),
    ],
)
def test_sizes_that_do_not_exist_are_named(run, target, message):
    result = run("inspect", *target)
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())
