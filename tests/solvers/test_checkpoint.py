"""Checkpoints: complete at any moment, one interval old at most, and only for their own problem."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

import sparseopt as so
from problems import registry
from sparseopt import Status
from sparseopt.errors import ProblemError
from sparseopt.graph.content_hash import content_hash

ROOT = Path(__file__).parents[2]

METHODS = [
    *("ipopt", "cyipopt", "trust-constr", "SLSQP", "L-BFGS-B", "TNC", "Newton-CG"),
    *("trust-ncg", "trust-krylov", "BFGS", "CG", "Nelder-Mead", "Powell"),
]


def valley(size=2, name="valley", weight=100.0):
    model = so.Model(name)
    x = model.variable("x", size, start=-1.2)
    model.minimize(np.sum(weight * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))
    return model


def chain():
    return registry.get("rocket").build(**registry.get("rocket").sizes["small"])


@pytest.mark.parametrize("solver", METHODS)
def test_the_last_iterate_is_on_disk_when_a_solve_ends(solver, tmp_path):
    path = tmp_path / "run.npz"
    solution = valley().solve(solver, checkpoint=path, every=1000)
    saved = so.load_checkpoint(path)
    assert saved.header["status"] == solution.status.value
    assert saved.iteration == solution.iterations
    assert saved.objective == solution.objective
    np.testing.assert_array_equal(saved["x"], solution["x"])
    assert os.listdir(tmp_path) == ["run.npz"]


@pytest.mark.parametrize("solver", METHODS)
def test_every_so_many_iterations_the_iterate_is_written_before_the_callback(solver, tmp_path):
    path, seen = tmp_path / "run.npz", []

    def look(iteration):
        saved = so.load_checkpoint(path)
        seen.append(iteration.number - saved.iteration)
        assert saved.header["status"] == "running"

    valley().solve(solver, checkpoint=path, every=3, callback=look)
    assert set(seen[:7]) == {0, 1, 2}
    assert max(seen) == 2


@pytest.mark.parametrize("solver", ["ipopt", "cyipopt"])
def test_ipopt_goes_on_where_it_was_stopped(solver, tmp_path):
    model, path = chain(), str(tmp_path / "run.npz")
    whole = model.solve(solver)
    stop_at = whole.iterations - 5
    model.solve(solver, checkpoint=path, callback=lambda i: i.number < stop_at)
    saved = so.load_checkpoint(path)
    assert saved.header["status"] == "stopped"
    assert saved.multipliers is not None
    assert saved.barrier_parameter > 0.0
    resumed = model.solve(solver, start=path)
    assert resumed.success
    assert resumed.iterations <= 8
    assert resumed.objective == pytest.approx(whole.objective, rel=1e-6)


def test_multipliers_of_bounds_follow_from_the_barrier_where_ipopt_does_not_tell_them(tmp_path):
    """With a fixed variable they are not asked for; μ / slack stands for them."""
    model, path = so.Model("fixed"), tmp_path / "run.npz"
    x = model.variable("x", 2, lower=[0.0, 2.0], upper=[np.inf, 2.0], start=[1.0, 2.0])
    model.minimize(np.exp(x[0]) * x[1])
    seen = []

    def look(iteration):
        saved = so.load_checkpoint(path)
        slack, barrier = saved.x[0], saved.barrier_parameter
        seen.append(saved.multipliers[1][0] / (barrier / max(slack, barrier)))

    model.solve(checkpoint=path, every=1, callback=look)
    assert seen == pytest.approx(np.ones(len(seen)))


def test_a_saved_solution_is_a_start(tmp_path):
    model = chain()
    solution = model.solve()
    solution.save(tmp_path / "solution.npz")
    again = model.solve(start=tmp_path / "solution.npz")
    assert again.iterations <= 2
    assert again.success


def test_maximized_objectives_have_the_users_sign(tmp_path):
    model = so.Model("up")
    x = model.variable("x", 2, lower=0.0, upper=1.0, start=0.5)
    model.maximize(np.sum(x))
    model.solve(checkpoint=tmp_path / "run.npz")
    assert so.load_checkpoint(tmp_path / "run.npz").objective == pytest.approx(2.0)


def test_an_interval_may_be_a_time(tmp_path):
    path, written = tmp_path / "run.npz", set()

    def look(iteration):
        written.add(so.load_checkpoint(path).iteration)

    valley().solve("BFGS", checkpoint=path, every=timedelta(hours=1), callback=look)
    assert written == {1}
    valley().solve("BFGS", checkpoint=path, every=timedelta(microseconds=1), callback=look)
    assert len(written) > 5


def test_the_last_iterate_is_written_when_the_callback_raises(tmp_path):
    def fail(iteration):
        if iteration.number == 4:
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine") as caught:
        valley().solve(checkpoint=tmp_path / "run.npz", every=100, callback=fail)
    saved = so.load_checkpoint(tmp_path / "run.npz")
    np.testing.assert_array_equal(saved.x, caught.value.result.x)
    assert saved.header["status"] != "running"


def test_the_last_iterate_is_written_after_an_interrupt(tmp_path):
    def interrupt(iteration):
        if iteration.number == 4:
            raise KeyboardInterrupt

    solution = valley().solve(checkpoint=tmp_path / "run.npz", every=100, callback=interrupt)
    assert solution.status is Status.STOPPED
    saved = so.load_checkpoint(tmp_path / "run.npz")
    assert saved.header["status"] == "stopped"
    np.testing.assert_array_equal(saved.x, solution.x)


# ---- of what they are
@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda: valley(3, "longer"), r"of 'valley', not of 'longer'"),
        (lambda: valley(2, "heavier", 101.0), r"'valley' with other formulas.*'heavier'"),
        (chain, r"of 'valley', not of"),
    ],
)
def test_a_checkpoint_of_another_problem_is_refused_by_name(other, message, tmp_path):
    valley().solve(checkpoint=tmp_path / "run.npz")
    with pytest.raises(ProblemError, match=message) as caught:
        other().solve(start=tmp_path / "run.npz")
    assert "load_checkpoint" in caught.value.instead


def test_bounds_and_parameters_may_change_between_runs(tmp_path):
    def model(upper, k):
        m = so.Model("moving")
        x = m.variable("x", 2, upper=upper, start=0.0)
        k = m.parameter("k", k)
        m.minimize(np.sum((x - k) ** 2))
        return m

    model(5.0, 1.0).solve(checkpoint=tmp_path / "run.npz")
    solution = model(1.5, 2.0).solve(start=tmp_path / "run.npz")
    np.testing.assert_allclose(solution["x"], 1.5, atol=1e-6)


def test_another_version_is_trusted_with_equal_names(tmp_path, monkeypatch):
    monkeypatch.setattr("sparseopt.modeling.checkpoint._version", lambda: "0.0.1")
    valley().solve(checkpoint=tmp_path / "run.npz")
    monkeypatch.undo()
    assert valley(weight=101.0).solve(start=tmp_path / "run.npz").success


def test_the_hash_is_the_same_in_another_process():
    code = (
        "from tests.solvers.test_checkpoint import valley, content_hash;"
        "print(content_hash(valley().problem().program))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == content_hash(valley().problem().program)
    assert content_hash(valley(3).problem().program) != found.stdout.strip()


# ---- bad files and places
def test_a_file_that_is_no_checkpoint_is_named(tmp_path):
    path = tmp_path / "notes.npz"
    path.write_text("not an archive")
    with pytest.raises(ProblemError, match=r"notes\.npz is no checkpoint"):
        valley().solve(start=path)
    with pytest.raises(ProblemError, match="there is no checkpoint"):
        valley().solve(start=tmp_path / "never.npz")


def test_a_missing_folder_is_told_before_the_solve(tmp_path):
    with pytest.raises(ProblemError, match="has no folder"):
        valley().solve(checkpoint=tmp_path / "nowhere" / "run.npz")


@pytest.mark.parametrize("every", [0, -1, 2.5, "10", True, timedelta(0)])
def test_an_interval_that_is_none_is_refused(every, tmp_path):
    with pytest.raises(ProblemError, match="cannot be written"):
        valley().solve(checkpoint=tmp_path / "run.npz", every=every)


def test_a_disk_that_fills_up_costs_a_warning_and_not_the_solve(tmp_path, monkeypatch):
    path, real = tmp_path / "run.npz", os.replace
    writes = []

    def full(*args):
        writes.append(args)
        if len(writes) > 1:
            raise OSError(28, "No space left on device")
        real(*args)

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(RuntimeWarning, match="No space left"):
        solution = valley().solve(checkpoint=path, every=5)
    assert solution.success
    assert so.load_checkpoint(path).iteration == 0
    assert os.listdir(tmp_path) == ["run.npz"], "nothing half written is left"


# ---- killed at any moment
VICTIM = """
import os, sys, time
from tests.solvers.test_checkpoint import valley

def tell(iteration):
    os.write(1, b"%d\\n" % iteration.number)

model = valley(200)
while True:
    model.solve(options={"max_iter": 60, "tol": 1e-300}, checkpoint=sys.argv[1], every=EVERY,
                callback=tell)
    os.write(1, b"again\\n")
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
@pytest.mark.parametrize(("every", "lines", "seed"), [(1, 37, 0), (1, 90, 1), (7, 61, 2)])
def test_a_killed_process_leaves_a_whole_file_one_interval_old(every, lines, seed, tmp_path):
    """The callback tells a number after its checkpoint; the kill comes at whatever follows."""
    path, random = tmp_path / "run.npz", np.random.default_rng(seed)
    command = [sys.executable, "-c", VICTIM.replace("EVERY", str(every)), str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as victim:
        for _ in range(lines):
            last = victim.stdout.readline()
        time.sleep(random.uniform(0.0, 0.02))
        os.kill(victim.pid, signal.SIGKILL)
        last = ([last, *victim.stdout.read().split()])[-1].strip()
    saved = so.load_checkpoint(path)
    assert saved.x.shape == (200,)
    assert np.isfinite(saved.x).all()
    if last.isdigit():
        assert saved.header["status"] != "running" or saved.iteration > int(last) - every
    assert valley(200).solve(start=path, options={"max_iter": 3}).iterations <= 3


def test_what_is_not_asked_for_writes_nothing_and_hashes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "sparseopt.modeling.checkpoint.content_hash", lambda program: pytest.fail("hashed")
    )
    assert valley().solve().success
    assert os.listdir(tmp_path) == []
