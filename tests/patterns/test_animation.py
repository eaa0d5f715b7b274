"""Films of index sets: the steps they show, and the files."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sparseopt.errors import PatternError
from sparseopt.patterns.animation import MOST_FRAMES, _Film, animate_index_sets, flow
from sparseopt.tracing.trace import trace


def small(x):
    total = np.sum(x[:2] ** 2)
    return np.sin(x) * total


def program_of(function, size):
    return trace(function, (size,))[0]


def test_each_node_follows_its_arguments_with_the_variables_of_each_element():
    steps = {step.label: step.depends.astype(int).tolist() for step in flow(program_of(small, 3))}
    assert steps == {
        "%0 = x": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        "%1 = gather %0": [[1, 0, 0], [0, 1, 0]],
        "%2 = power %1 2": [[1, 0, 0], [0, 1, 0]],
        "%3 = sum of %2": [[1, 1, 0]],
        "%4 = sin %0": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        "%5 = gather %3": [[1, 1, 0]] * 3,
        "%6 = multiply %4 %5": [[1, 1, 0], [1, 1, 0], [1, 1, 1]],
    }


def test_a_step_knows_the_line_that_made_it():
    first = small.__code__.co_firstlineno
    lines = {step.where[1] - first for step in flow(program_of(small, 3)) if step.where}
    assert lines == {1, 2}


def test_what_depends_on_no_variable_is_left_out():
    steps = flow(program_of(lambda x: x + np.sign(x), 3))
    assert [step.label.split()[2] for step in steps] == ["x", "add"]


def test_a_film_is_a_gif_with_a_frame_for_each_element(tmp_path):
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("matplotlib")
    path = animate_index_sets(program_of(lambda x: x[1:] * x[:1], 3), tmp_path / "new" / "sets.gif")
    with image.open(path) as film:
        assert film.n_frames >= 3 + 2 + 2 + 2
    assert path.stat().st_size < 200_000


def test_a_film_with_buttons_is_one_html_file(tmp_path):
    pytest.importorskip("matplotlib")
    path = animate_index_sets(program_of(np.sin, 2), tmp_path / "sets.html")
    assert list(tmp_path.iterdir()) == [path]
    assert "data:image/png;base64" in path.read_text()


def test_long_programs_show_several_elements_in_a_frame():
    pytest.importorskip("matplotlib")
    film = _Film(flow(program_of(lambda x: np.sin(np.cos(x)), 40)))
    frames = list(film.frames())
    assert len(frames) <= MOST_FRAMES
    assert [max(k for step, k in frames if step == number) for number in range(3)] == [40] * 3


@pytest.mark.parametrize(
    ("function", "size", "name", "words"),
    [
        (np.sin, 61, "sets.gif", "too many for a film"),
        (lambda x: np.tile(x, 8), 50, "sets.gif", "450 elements of 50 variables"),
        (np.sin, 3, "sets.mp4", "'sets.mp4'"),
        (np.sign, 0, "sets.gif", "nothing depends"),
    ],
)
def test_what_cannot_be_shown_is_a_named_error(function, size, name, words, tmp_path):
    with pytest.raises(PatternError, match=words):
        animate_index_sets(program_of(function, size), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_matplotlib_is_named_and_so_is_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.animation", None)
    with pytest.raises(PatternError, match=r"sparseopt\[plots\]"):
        animate_index_sets(program_of(np.sin, 2), tmp_path / "sets.gif")
