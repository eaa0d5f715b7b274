"""docs/benchmarks.md: its numbers follow from the stored measurements, and from nothing else."""

import json
import math

import pytest

from benchmarks.report import __main__ as command
from benchmarks.report import figures
from benchmarks.report.bars import bars
from benchmarks.report.measurements import read
from benchmarks.report.page import CONTENTS, page
from benchmarks.report.sizes import size_table
from benchmarks.report.statistics import geometric_mean, growth_exponent, performance_profile
from benchmarks.report.wording import number

MACHINE = {
    "time": "2026-11-21T05:51:34+00:00",
    "processor": "a processor",
    "cores": 2,
    "memory_gigabytes": 24.0,
    "system": "a system",
    "python": "3.11",
    "compiler": "cc 12",
    "packages": {"numpy": "2.4", "jax": None},
}


def times(median):
    quartiles = {"lower_quartile": 0.9 * median, "upper_quartile": 1.1 * median}
    return {"median": median, "minimum": median, "samples": 5, **quartiles}


def setup(seconds, megabytes=100.0):
    parts = {"build": seconds / 2, "derivatives": seconds / 2}
    totals = {"total_seconds": seconds, "totals": [seconds], "seconds": parts}
    return {**totals, "details": {}, "peak_megabytes": megabytes, "process_megabytes": megabytes}


def whole(seconds, objective=1.0, status="Solve_Succeeded"):
    parts = {"imports": 0.0, "setup": seconds / 2, "solve": seconds / 2}
    outcome = {"objective": objective, "status": status, "iterations": 5}
    return {**outcome, "total_seconds": seconds, "totals": [seconds], "seconds": parts}


def result(tool, matrix_seconds, setup_seconds, whole_seconds, total=1.0, **changes):
    seconds = {kind: times(matrix_seconds) for kind in ("jacobian", "hessian")}
    sums = {"jacobian": {"sum": total, "norm": 1.0}}
    labels = ("cold", "warm") if tool == "sparseopt" else ("cold",)
    found = {
        "problem": "luksan_vlcek_1",
        "size_name": "medium",
        "size": {"num_variables": 10_000},
        "variables": 10_000,
        "tool": tool,
        "setup": {label: setup(setup_seconds) for label in labels},
        "evaluate": {"seconds": seconds, "checksums": sums},
        "whole": {label: whole(whole_seconds) for label in labels},
    }
    return {**found, **changes}


@pytest.fixture
def measured(tmp_path):
    def measurements(*results, name="race.json"):
        report = {"machine": MACHINE, "results": list(results)}
        report["code_lines"] = {"luksan_vlcek_1": {"sparseopt": 8, "casadi": 6}}
        (tmp_path / name).write_text(json.dumps(report))
        return read([tmp_path / name])

    return measurements


def bar(found, words):
    return next(b for b in bars(found) if b.statement.startswith(words))


RACE = (
    result("sparseopt", 1e-3, 0.1, 1.0),
    result("casadi_mx", 30e-3, 1.0, 2.0),
    result("casadi_sx", 40e-3, 9.0, 8.0),
    result("pyoptinterface", 4e-3, 0.5, 4.0),
    result("limit_c", 0.4e-3, 0.2, 1.0),
)


def test_the_page_is_what_the_command_writes():
    """Written by `python -m benchmarks.report`; run it again when measurements changed."""
    files = command.stored_files()
    if not files:
        pytest.skip("no measurements are stored")
    found = read(files)
    assert page(found) == command.PAGE.read_text(encoding="utf-8")
    assert all((command.FIGURES / f"{name}.svg").exists() for name in figures.names(found))


def test_bars_are_ratios_of_the_best_rival_and_do_not_round_up(measured):
    found = measured(*RACE)
    evaluation = bar(found, "J and H evaluation, n")
    assert (evaluation.measured, evaluation.held) == ("2 of 2", True)
    assert (bar(found, "… faster than PyOptInterface").measured) == "4.00× (2 cases)"
    assert bar(found, "… faster than PyOptInterface").held is False
    assert (bar(found, "… faster than the better CasADi").measured) == "30.0× (2 cases)"
    assert bar(found, "… faster than the best other tool").measured == "5.00× (1 case)"
    assert bar(found, "whole time, compile cache cold").measured == "0.500× (1 case)"


def test_a_bar_says_beside_which_tools_and_in_how_many_cases(measured):
    """A mean over CasADi's matrix graphs alone must not pass for one over its scalar graphs."""
    found = measured(*RACE)
    assert bar(found, "J and H evaluation, n").beside == (
        "`casadi_mx` 2, `casadi_sx` 2, `pyoptinterface` 2"
    )
    assert bar(found, "… faster than PyOptInterface").beside == "`pyoptinterface` 2"
    alone = measured(RACE[0], RACE[1])
    assert bar(alone, "… faster than the better CasADi").beside == "`casadi_mx` 2"
    assert bar(alone, "whole time, compile cache cold").beside == "`casadi_mx` 1"


def test_exceptions_name_the_whole_bar(measured):
    text = page(measured(result("sparseopt", 1e-3, 0.1, 4.0), RACE[1]))
    for cache in ("cold", "warm"):
        subject = f"“whole time, compile cache {cache}, n ≥ 10⁴, as a multiple of the best"
        assert f"{subject} other tool's … slowest" in text


def test_the_page_counts_what_was_not_measured(measured, tmp_path):
    found = measured(RACE[0], RACE[1])
    assert "| `casadi_mx` | 1 | 1 | 0 | 1 | 0 | 0 | 0 | 0 |" in page(found)
    without = next(line for line in page(found).splitlines() if line.startswith("Without any"))
    assert "`jax_asdex`" in without
    assert "`casadi_mx`" not in without
    path = tmp_path / "race.json"
    report = json.loads(path.read_text())
    report["not_run"] = {"rocket large casadi_mx": "setup whole"}
    path.write_text(json.dumps(report))
    text = page(read([path]))
    assert "| `casadi_mx` | 1 | 1 | 0 | 1 | 0 | 0 | 0 | 1 |" in text
    assert "- `casadi_mx`: not run yet, in whole or in part (rocket, large)" in text


def test_a_limit_is_not_a_rival_and_needs_five_problems(measured):
    limit = bar(measured(*RACE), "J and H evaluation, as a multiple of hand-written C's time")
    assert limit.measured == "2.50× (2 cases, 1 problem)"
    assert limit.held is False


def with_vectors(tool, median, **changes):
    """Return a result whose f, g and c take a tenth of the time of J and H."""
    found = result(tool, median, 0.1, 1.0, **changes)
    vectors = {kind: times(median / 10) for kind in ("objective", "gradient", "constraints")}
    seconds = {**found["evaluate"]["seconds"], **vectors}
    return {**found, "evaluate": {**found["evaluate"], "seconds": seconds}}


def test_f_g_and_c_are_held_against_hand_written_c_of_five_problems(measured):
    names = [f"luksan_vlcek_{k}" for k in range(1, 6)]
    found = measured(
        *(with_vectors("sparseopt", 3e-3, problem=name) for name in names),
        *(with_vectors("limit_c", 2e-3, problem=name) for name in names),
    )
    vectors = bar(found, "f, g and c evaluation")
    assert (vectors.measured, vectors.held) == ("1.50× (15 cases, 5 problems)", True)
    assert "| luksan_vlcek_1, n = 10,000 | 0.300 ±20 % | 0.200 ±20 % |" in page(found)


def test_measurements_without_f_g_and_c_of_the_limit_leave_that_bar_open(measured):
    assert bar(measured(*RACE), "f, g and c evaluation").held is None


def test_each_class_of_sizes_stands_on_its_own(measured):
    """A mean over both would be 10, and none of the classes is like that."""
    large = {"variables": 1_000_000, "size_name": "large"}
    found = measured(
        *(result("sparseopt", 1e-3, 0.1, 1.0, **size) for size in ({}, large)),
        result("pyoptinterface", 200e-3, 0.1, 1.0),
        result("pyoptinterface", 0.5e-3, 0.1, 1.0, **large),
    )
    head, _, fastest, factor, *_ = size_table(found)
    assert [cell.strip() for cell in head.split("|")[2:-1]] == [
        "n ≥ 10⁴: 2 cases",
        "10⁴ ≤ n < 5·10⁴: 1 case",
        "n ≥ 5·10⁴: 1 case",
    ]
    assert fastest.endswith("| 2 of 4 | 2 of 2 | 0 of 2 |")
    mean, small, large = factor.split("|")[2:-1]
    assert mean.strip() == "**10.0×**, 0.500× (4)"
    assert small.strip() == "**200×**, 200× (2)"
    assert large.strip() == "**0.500×**, 0.500× (2)"


def test_the_head_says_which_bars_do_not_hold_and_what_failed(measured):
    failed = {key: RACE[1][key] for key in ("problem", "size_name", "size", "variables")}
    failed |= {"tool": "jax_asdex", "failures": {"setup": "over 30 s"}}
    head, _, _ = page(measured(*RACE, failed)).partition("## Bars")
    assert "in no mean: `jax_asdex` 1" in head
    assert (
        "- J and H evaluation, n ≥ 10⁴ … faster than PyOptInterface: 4.00× (2 cases), "
        "wanted geometric mean ≥ 5×"
    ) in head
    assert "faster than the better CasADi: 30.0×" not in head


def test_the_page_says_how_many_times_are_those_of_calls_from_python(measured):
    newer = {**RACE[0], "evaluate": {**RACE[0]["evaluate"], "calls": "from C"}}
    assert "5 of 5 results are older" in page(measured(*RACE))
    assert "4 of 5 results are older" in page(measured(newer, *RACE[1:]))
    assert "are older" not in page(measured(newer))


def test_every_section_that_the_head_links_to_is_there(measured):
    text = page(measured(*RACE))
    for title in CONTENTS:
        assert f"\n## {title}\n" in text


def test_times_of_wrong_values_do_not_count(measured):
    wrong = result("pyoptinterface", 1e-6, 1e-6, 4.0, total=2.0)
    found = measured(RACE[0], RACE[1], wrong)
    assert bar(found, "J and H evaluation, n").held is False
    assert set(found.cases[0].medians("jacobian")) == {"sparseopt", "casadi_mx"}
    assert set(found.cases[0].setup()) == {"sparseopt", "casadi_mx"}
    assert "other values than most tools: J" in page(found)


def test_where_values_of_sparseopt_are_wrong_it_has_lost(measured):
    wrong = result("sparseopt", 1e-6, 0.1, 1.0, total=2.0)
    evaluation = bar(measured(wrong, *RACE[1:3]), "J and H evaluation, n")
    assert evaluation.measured == "1 of 2"
    assert "no time of sparseopt counts" in " ".join(evaluation.exceptions)


def test_a_solve_that_ends_elsewhere_or_fails_does_not_count(measured):
    elsewhere = result("pyoptinterface", 4e-3, 0.5, 4.0, whole={"cold": whole(0.1, objective=2.0)})
    failed = result("casadi_sx", 4e-3, 0.5, 4.0, whole={"cold": whole(0.1, status="Restoration")})
    found = measured(RACE[0], RACE[1], elsewhere, failed)
    assert set(found.cases[0].whole()) == {"sparseopt", "casadi_mx"}
    text = page(found)
    assert "solve ended at another objective: 2" in text
    assert "solve not successful: Restoration" in text


def test_failures_are_listed_with_their_stages(measured):
    failed = {key: RACE[1][key] for key in ("problem", "size_name", "size", "variables")}
    failed |= {"tool": "jax_asdex", "failures": {"setup": "over 30 s", "evaluate": "over 30 s"}}
    found = measured(RACE[0], RACE[1], failed)
    assert "- `jax_asdex`: setup, evaluate failed: over 30 s (luksan_vlcek_1" in page(found)
    profile = figures.profile_times(found)["setup"]
    assert profile == [{"sparseopt": 0.1, "casadi_mx": 1.0, "jax_asdex": math.inf}]


def test_growth_is_fitted_from_ten_thousand_on(measured):
    def grown(n, seconds):
        size = {"size_name": f"n={n}", "variables": n}
        labels = {"cold": setup(seconds, megabytes=n / 1e3)}
        return result("sparseopt", seconds, 0.0, 1.0, setup=labels, **size)

    cases = [(1000, 5.0), (10_000, 1.0), (100_000, 10.0), (10_000_000, 1000.0)]
    found = measured(*(grown(n, seconds) for n, seconds in cases), name="scaling.json")
    growth = bar(found, "growth of set-up")
    assert (growth.measured, growth.held) == ("luksan_vlcek_1 1.00", True)
    assert bar(found, "luksan_vlcek_1 with n = 10,000,000").held is False


def test_two_threads_must_give_the_same_bits(measured):
    def run(seconds, digest):
        return {"seconds": {"hessian": times(seconds)}, "digests": {"hessian": digest}}

    size = {"variables": 1_000_000, "size_name": "large"}
    same = result("sparseopt", 1.0, 1.0, 1.0, **size, threads={"1": run(2, "a"), "2": run(1, "a")})
    other = {**same, "threads": {"1": run(2, "a"), "2": run(1, "b")}}
    assert bar(measured(same), "two threads").held is True
    assert bar(measured(other), "two threads").held is False


def test_two_threads_stand_beside_a_copy_of_the_values(measured):
    def run(seconds, copied):
        every = {"hessian": times(seconds), "hessian_copy": times(copied)}
        return {"seconds": every, "digests": {"hessian": "a"}}

    size = {"variables": 1_000_000, "size_name": "large"}
    runs = {"1": run(3, 1.5), "2": run(2, 1)}
    found = measured(result("sparseopt", 1.0, 1.0, 1.0, **size, threads=runs))
    threads = bar(found, "two threads")
    assert threads.measured == (
        "least 1.50×, mean 1.50×, same bits, copying the values: least 1.50×, mean 1.50×"
    )
    assert threads.exceptions[0].endswith("n = 1,000,000: 1.50× (copying the values 1.50×)")
    assert "| 1.50× | 1.50× | yes |" in page(found)


def test_a_repeated_solve_that_fails_does_not_count_and_is_listed(measured):
    small = {"problem": "hs071", "variables": 4, "size_name": "small"}
    solved = {"objective": 1.0, "status": "Solve_Succeeded", "warm_seconds": 1e-3}
    failed = {**solved, "status": "Restoration"}
    found = measured(
        result("sparseopt", 1e-3, 0.1, 1.0, **small, solve=solved),
        result("casadi_sx", 1e-3, 0.1, 1.0, **small, solve=failed),
    )
    words = "problems of Hock and Schittkowski, n < 50, as a multiple of CasADi's time: solve"
    assert bar(found, words).held is None
    assert "- `casadi_sx`: repeated solve not successful: Restoration (hs071" in page(found)


def test_a_page_of_nothing_says_that_nothing_was_measured(measured):
    found = measured()
    assert {b.held for b in bars(found)} == {None}
    assert "Not measured." in page(found)


def test_figures_and_page_are_the_same_every_time(measured, tmp_path):
    found = measured(*RACE)
    folders = [tmp_path / "first", tmp_path / "second"]
    names = [figures.write(found, folder) for folder in folders]
    assert names[0] == names[1] == figures.names(found)
    for name in names[0]:
        first, second = ((folder / f"{name}.svg").read_bytes() for folder in folders)
        assert first == second
    assert page(found) == page(found)


def test_the_command_writes_page_and_figures(measured, tmp_path):
    measured(*RACE)
    command.main([tmp_path / "race.json"], tmp_path / "page.md", tmp_path / "figures")
    assert "profile-setup.svg" in (tmp_path / "page.md").read_text()
    assert (tmp_path / "figures" / "profile-setup.svg").exists()


def test_statistics_of_known_numbers():
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)
    assert math.isnan(geometric_mean([]))
    assert growth_exponent([10, 100], [3.0, 300.0]) == pytest.approx(2.0)
    cases = [{"a": 1.0, "b": 2.0}, {"a": math.inf, "b": 1.0}, {"b": 1.0}]
    assert performance_profile(cases, "a") == ([1.0], [0.5])
    assert [number(v) for v in (999.6, 9.9999, 0.1, 0.0)] == ["1,000", "10.0", "0.100", "0"]
    assert number(math.inf) == "inf"
