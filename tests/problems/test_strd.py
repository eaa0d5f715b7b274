"""The reader of NIST's datasets, and their certified parameters through IPOPT."""

import importlib

import numpy as np
import pytest

from problems import registry
from problems.fitting import strd

NAMES = sorted(path.stem for path in strd.FOLDER.glob("*.dat"))
CASES = [(name, start) for name in NAMES for start in (1, 2)]


FILE = """\
NIST/ITL StRD
Dataset Name:  Tiny              (Tiny.dat)

Data:          1 Response  (y)

Model:         Exponential Class
               2 Parameters (b1 and b2)

        Start 1     Start 2           Parameter     Standard Deviation
  b1 =   500         250           2.3894212918E+02  2.7070075241E+00
  b2 =    -0.0001      5e-4        5.5015643181E-04  7.2668688436E-06

Residual Sum of Squares:                    1.2455138894E-01
Residual Standard Deviation:                1.0187876330E-01
Degrees of Freedom:                                 1
Number of Observations:                             3

Data:   y               x1       x2
      10.07E0      77.6E0       1
      14.73E0     114.9E0      -2
      17.94E0     141.1E0       3
"""


def module_of(name):
    return importlib.import_module(f"problems.fitting.{name.lower()}")


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "Tiny.dat"
    path.write_text(FILE)
    return path


def test_file_is_read_by_its_headings(tiny):
    data = strd.read_dataset(tiny)
    assert data.name == "Tiny"
    assert data.response.tolist() == [10.07, 14.73, 17.94]
    assert data.predictor.tolist() == [[77.6, 114.9, 141.1], [1.0, -2.0, 3.0]]
    assert data.starts.tolist() == [[500.0, -0.0001], [250.0, 0.0005]]
    assert data.parameters.tolist() == [238.94212918, 0.00055015643181]
    assert data.standard_deviations.tolist() == [2.7070075241, 7.2668688436e-06]
    assert data.residual_sum_of_squares == 0.12455138894
    assert data.degrees_of_freedom == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Dataset Name", "Data set", "no 'Dataset Name'"),
        ("      17.94E0     141.1E0       3\n", "", "2 observations"),
        ("2 Parameters", "3 Parameters", "2 parameters"),
        ("Residual Sum", "Sum", "no 'Residual Sum of Squares'"),
    ],
)
def test_broken_files_are_named_errors(tiny, old, new, message):
    tiny.write_text(FILE.replace(old, new))
    with pytest.raises(ValueError, match=message):
        strd.read_dataset(tiny)


def test_every_stored_dataset_is_a_problem():
    assert len(NAMES) == 27
    assert {name.lower() for name in NAMES} <= set(registry.names())


@pytest.mark.parametrize("name", NAMES)
def test_certified_parameters_give_the_certified_residuals(name):
    """So that neither the formula nor a number of the data can be wrong."""
    module = module_of(name)
    found = strd.residual_sum_of_squares(module.DATA, module.response, module.DATA.parameters)
    tolerance = 1e-20 if name == "Lanczos1" else 1e-9 * module.DATA.residual_sum_of_squares
    assert abs(found - module.DATA.residual_sum_of_squares) <= tolerance


@pytest.mark.parametrize(("name", "start"), CASES)
def test_derivatives_agree_along_steps_as_large_as_the_parameters(name, start):
    module = module_of(name)
    problem, x = module.build(start).problem(), module.DATA.starts[start - 1]
    sizes = np.diag(np.abs(x))
    expected = slopes(module, x, sizes)
    changes = [slopes(module, x + v, sizes) - slopes(module, x - v, sizes) for v in 1e-5 * sizes]
    gradient = sizes @ problem.gradient(x)
    hessian = sizes @ problem.hessian(x).toarray() @ sizes
    np.testing.assert_allclose(gradient, expected, atol=1e-12 * np.abs(expected).max())
    np.testing.assert_allclose(
        hessian, np.array(changes) / 2e-5, rtol=1e-6, atol=1e-6 * np.abs(hessian).max()
    )


def slopes(module, x, directions):
    """Return the derivatives of the objective by complex steps through NumPy's formula."""
    moved = [x + 1e-40j * direction for direction in directions]
    values = [strd.residual_sum_of_squares(module.DATA, module.response, b) for b in moved]
    return np.imag(values) / 1e-40


@pytest.mark.parametrize(("name", "start"), CASES)
def test_ipopt_finds_the_certified_parameters(name, start):
    module = module_of(name)
    options = {"tol": 1e-9, **module.RECORD.options}
    solution = module.build(start).solve(solver="ipopt", options=options)
    assert solution.success
    expected = module.DATA.parameters
    np.testing.assert_allclose(solution["b"], expected, rtol=1e-8)
