"""The reader of BAL files, on whole and broken ones; Rodrigues' rotation."""

import bz2
import gzip

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import sparseopt as so
from problems.engineering.bal import Scene, read_bal, write_bal
from problems.engineering.bundle_adjustment import build, counts, rotate, synthetic_scene

TWO_CAMERAS = "2 1 2\n0 0 -3.5e0 1.25\n1 0 2 +4\n" + "\n".join(map(str, range(21))) + "\n"


def written(tmp_path, text, name="scene.txt"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_numbers_go_where_the_format_says(tmp_path):
    scene = read_bal(written(tmp_path, TWO_CAMERAS))
    assert scene.camera.tolist() == [0, 1]
    assert scene.point.tolist() == [0, 0]
    assert scene.image.tolist() == [[-3.5, 1.25], [2.0, 4.0]]
    assert scene.cameras.tolist() == [list(range(9)), list(range(9, 18))]
    assert scene.points.tolist() == [[18.0, 19.0, 20.0]]


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_compressed_files_read_the_same(tmp_path, suffix, compress):
    path = tmp_path / f"scene.txt{suffix}"
    path.write_bytes(compress(TWO_CAMERAS.encode()))
    assert read_bal(path).image.tolist() == [[-3.5, 1.25], [2.0, 4.0]]
    path.write_bytes(compress(TWO_CAMERAS.encode())[:20])
    with pytest.raises(ValueError, match="cannot be decompressed"):
        read_bal(path)


def test_what_is_written_is_read_to_the_last_bit(tmp_path):
    scene = synthetic_scene(3, 7, 2, seed=5)
    write_bal(tmp_path / "scene.txt", scene)
    again = read_bal(tmp_path / "scene.txt")
    for name in Scene.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again, name), getattr(scene, name))


def test_a_file_gives_the_model_of_the_same_scene(tmp_path):
    path = tmp_path / "scene.txt"
    write_bal(path, synthetic_scene(3, 7, 2, seed=5))
    problem, same = build(file=str(path)).problem(), build(3, 7, 2, seed=5).problem()
    x = same.initial_point
    assert problem.objective(x) == same.objective(x)
    assert problem.hessian_pattern.nnz == counts(file=str(path)).hessian


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("2 1 2\n", "", 1, "starts with the numbers of cameras"),
        ("2 1 2\n", "2 1 0\n", 1, "starts with the numbers of cameras"),
        ("2 1 2\n", "2 -1 2\n", 1, "starts with the numbers of cameras"),
        ("2 1 2\n", "2 1.0 2\n", 1, "starts with the numbers of cameras"),
        ("2 1 2\n", "2 1 3\n", 24, "33 numbers must follow the header, not 29"),
        ("\n20\n", "\n", 23, "29 numbers must follow the header, not 28"),
        ("\n20\n", "\n20\n\n21\n", 26, "29 numbers must follow the header, not 30"),
        ("1.25", "1,25", 2, "'1,25' is not a number"),
        ("\n7\n", "\n# camera\n", 11, "'#' is not a number"),
        ("1.25", "nan", 2, "nan is not finite"),
        ("1 0 2", "2 0 2", 3, "observation 1: no camera 2, there are 2"),
        ("1 0 2", "1 -1 2", 3, "observation 1: no point -1, there are 1"),
        ("1 0 2", "0.5 0 2", 3, "observation 1: no camera 0.5"),
    ],
)
def test_broken_files_are_named_errors_with_their_line(tmp_path, old, new, line, message):
    path = written(tmp_path, TWO_CAMERAS.replace(old, new, 1))
    with pytest.raises(so.ProblemError) as caught:
        read_bal(path)
    assert message in caught.value.what
    assert caught.value.where == f"{path}:{line}"


@pytest.mark.parametrize("length", range(0, len(TWO_CAMERAS) - 2, 5))
def test_a_truncated_file_is_a_named_error(tmp_path, length):
    with pytest.raises(so.ProblemError, match=r"numbers must follow|starts with|is not a number"):
        read_bal(written(tmp_path, TWO_CAMERAS[:length]))


@pytest.mark.parametrize("angle", [0.0, 1e-9, 9.999e-3, 1.0001e-2, 1.0, 3.0])
def test_rotations_agree_with_scipys(angle):
    axis = np.array([2.0, -1.0, 2.0]) / 3
    points = np.array([[1.0, 2.0, 3.0], [-4.0, 0.5, 0.0]])
    vectors = np.tile(angle * axis, (2, 1))
    expected = Rotation.from_rotvec(vectors).apply(points)
    np.testing.assert_allclose(rotate(vectors, points), expected, rtol=0, atol=1e-14 * 10)


def test_the_derivative_of_a_rotation_at_zero_is_the_cross_product():
    """d(R(w) X)/dw at w = 0 is minus the skew matrix of X."""
    x = np.array([1.0, 2.0, 3.0])
    jacobian = so.jacobian(lambda w: rotate(w[None], x[None])[0], np.zeros(3))
    assert jacobian(np.zeros(3)).toarray().tolist() == [[0, 3, -2], [-3, 0, 1], [2, -1, 0]]


def test_the_hessian_of_the_robust_loss_agrees_with_differences():
    """Steps in proportion to each variable: focal lengths and angles differ by orders."""
    problem = build(2, 5, 2, loss="cauchy", seed=3).problem()
    x = problem.initial_point
    steps = 1e-6 * (1e-2 + np.abs(x))
    columns = [
        (problem.gradient(x + h * unit) - problem.gradient(x - h * unit)) / (2 * h)
        for h, unit in zip(steps, np.eye(len(x)), strict=True)
    ]
    full = problem.hessian(x, np.zeros(0)).toarray()
    scale = np.sqrt(np.outer(np.abs(np.diag(full)), np.abs(np.diag(full)))) + 1.0
    assert np.abs((full - np.stack(columns)) / scale).max() < 1e-4


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_a_named_error(tmp_path, name):
    with pytest.raises(so.ProblemError, match="cannot be read") as caught:
        read_bal(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)
