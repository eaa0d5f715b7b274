"""One thread at a time: evaluations wait, and a solve in another thread is an error."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import sparseopt as so
from sparseopt.errors import SolverError
from sparseopt.evaluation.turns import Turns


def in_thread(action):
    found = []

    def run():
        try:
            found.append(action())
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20.0)
    return found[0] if found else None


def enter(turns):
    with turns:
        return "entered"


def test_another_thread_may_evaluate_after_an_evaluation_and_after_a_solve():
    turns = Turns()
    with turns.solve(), turns:
        pass
    with turns:
        pass
    assert in_thread(lambda: enter(turns)) == "entered"


def test_another_thread_is_refused_during_a_solve():
    turns = Turns()
    with turns.solve():
        error = in_thread(lambda: enter(turns))
        assert isinstance(error, SolverError)
        assert "another thread" in error.what
        assert "a model in each thread" in error.instead


def test_a_solve_inside_of_a_solve_leaves_the_outer_one_in_place():
    turns = Turns()
    with turns.solve():
        with turns.solve():
            pass
        assert isinstance(in_thread(lambda: enter(turns)), SolverError)


def test_another_thread_waits_for_an_evaluation():
    turns, order = Turns(), []

    def late():
        with turns:
            order.append("late")

    with turns:
        thread = threading.Thread(target=late)
        thread.start()
        thread.join(0.02)
        order.append("early")
    thread.join(20.0)
    assert order == ["early", "late"]


def test_who_waited_for_the_lock_of_a_solve_is_refused_too():
    turns = Turns()
    turns._lock.acquire()
    found = []

    def late():
        try:
            enter(turns)
        except SolverError as error:
            found.append(error)

    thread = threading.Thread(target=late)
    thread.start()
    thread.join(0.02)
    turns.solving = threading.get_ident()
    turns._lock.release()
    thread.join(20.0)
    assert len(found) == 1
    turns.solving = None
    assert in_thread(lambda: enter(turns)) == "entered"


def test_the_progress_callback_may_not_hand_the_problem_to_another_thread():
    m = so.Model()
    x = m.variable("x", 2, start=1.0)
    m.minimize(np.sum((x - 2.0) ** 4))
    p = m.problem()
    found = []
    m.solve(callback=lambda i: found.append(in_thread(lambda: p.objective(np.ones(2)))))
    assert found
    assert all(isinstance(error, SolverError) for error in found)
    assert in_thread(lambda: p.objective(np.ones(2))) == pytest.approx(2.0)
