"""The race car on a track whose fastest lap is known."""

import numpy as np
import pytest

from problems.control import race_car


def test_on_a_circle_the_inner_edge_at_the_limit_of_grip_is_fastest():
    lap = race_car.problem(bends=0.0).solve(intervals=30)
    radius = race_car.LAP / (2 * np.pi) - race_car.HALF_WIDTH
    assert lap.objective == pytest.approx(24.669400518, rel=1e-7)
    assert lap.objective == pytest.approx(2 * np.pi * np.sqrt(radius / race_car.GRIP_ACROSS))
    speed = lap["lap"].state("v")(np.linspace(0.0, race_car.LAP, 7))
    assert speed == pytest.approx(np.sqrt(race_car.GRIP_ACROSS * radius), rel=1e-5)


def test_a_closed_lap_ends_as_it_began():
    lap = race_car.problem().solve(intervals=60, refine=False)
    for name in ("n", "xi", "v"):
        state = lap["lap"].state(name)
        assert state(race_car.LAP) == pytest.approx(state(0.0), abs=1e-8)
