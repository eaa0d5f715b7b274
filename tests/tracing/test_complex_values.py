"""Complex values as pairs of real ones: arithmetic and Fourier transforms as NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from sparseopt.errors import SparseOptError
from sparseopt.tracing.fourier_transform import FourierTransform
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample

C = np.array([1.0 + 2.0j, 0.5j, -3.0, 2.0 - 1.0j])


def parts(z):
    return np.concatenate([np.ravel(z.real), np.ravel(z.imag)])


def pair(x):
    return x[:4] + 1j * x[4:]


ARITHMETIC = {
    "constant factor": lambda x: pair(x) * C,
    "constant in front": lambda x: C * pair(x) + 2.0 - C,
    "array times complex": lambda x: C * x[:4] - 1j * x[4:] / 2.0,
    "product": lambda x: pair(x) * pair(x[::-1]),
    "quotient": lambda x: pair(x) / pair(x[::-1]),
    "reciprocal": lambda x: 1.0 / pair(x),
    "quotient by real": lambda x: pair(x) / x[:4],
    "real by complex": lambda x: x[:4] / pair(x),
    "difference": lambda x: (x[:4] - pair(x)) - 1j,
    "power": lambda x: pair(x) ** 3,
    "square": lambda x: np.square(pair(x)),
    "exponential": lambda x: np.exp(pair(x)),
    "phasor": lambda x: x[:4] * np.exp(1j * x[4:]),
    "conjugate": lambda x: -np.conj(pair(x)) * pair(x).conj(),
    "matrix": lambda x: np.outer(C, C) @ pair(x),
    "real matrix": lambda x: np.ones((2, 4)) @ pair(x),
    "sparse matrix": lambda x: sp.csr_matrix(np.outer(C, C)) @ pair(x) + sp.eye_array(4) @ pair(x),
    "sparse matrix behind": lambda x: pair(x) @ sp.csr_array(np.outer(C, C)),
    "matrix behind": lambda x: pair(x) @ np.outer(C, C),
    "dot": lambda x: np.dot(pair(x), C) + np.vdot(pair(x), C),
    "indexing": lambda x: pair(x)[1:3].reshape(2, 1).T + pair(x)[0],
    "sum": lambda x: np.sum(pair(x)) + pair(x).mean(),
    "concatenate": lambda x: np.concatenate([pair(x), x[:2], C]),
    "roll": lambda x: np.roll(pair(x), 1) + np.flip(np.diff(np.pad(pair(x), 1), axis=0)[1:]),
    "ufunc": lambda x: np.add(np.multiply(x[:4], pair(x)), np.subtract(C, pair(x))),
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_complex_arithmetic_equals_numpy(name):
    assert_same(lambda x: parts(ARITHMETIC[name](x)), sample(8), 1e-13)


def test_sizes_and_angles_are_real():
    assert_same(lambda x: abs(pair(x)) + np.abs(pair(x)) + np.angle(pair(x)), sample(8), 1e-14)
    assert_same(lambda x: np.angle(pair(x), deg=True) + np.real(pair(x)), sample(8), 1e-14)
    assert_same(lambda x: (pair(x) * pair(x).conj()).real, sample(8), 1e-14)


def test_elements_of_a_complex_array_are_written():
    def function(x):
        z = pair(x).copy()
        z[1] = 3.0 + x[0]
        z[2:] = C[:2]
        return parts(z)

    assert_same(function, sample(8), 1e-14)


def test_power_flow_in_complex_form_has_the_sparsity_of_the_network():
    admittance = np.diag([3.0 - 9j, 3.0 - 9j, 2.0 - 6j]) - np.diag([1.0 - 3j, 1.0 - 3j], 1)

    def injection(x):
        voltage = x[:3] * np.exp(1j * x[3:])
        power = voltage * np.conj(sp.csr_array(admittance) @ voltage)
        return parts(power)

    x = np.array([1.0, 1.1, 0.9, 0.0, 0.1, -0.2])
    assert_same(injection, x, 1e-13)
    jacobian = so.jacobian(injection, x)
    expected = np.stack(
        [(injection(x + 1e-6 * e) - injection(x - 1e-6 * e)) / 2e-6 for e in np.eye(6)], axis=1
    )
    np.testing.assert_allclose(jacobian(x).toarray(), expected, atol=1e-8)
    assert jacobian.pattern.nnz == 2 * (4 + 4 + 2)


TRANSFORMS = {
    "fft": lambda x: np.fft.fft(x),
    "fft padded": lambda x: np.fft.fft(x, 20),
    "fft cut": lambda x: np.fft.fft(x, 5),
    "fft ortho": lambda x: np.fft.fft(x, norm="ortho"),
    "fft forward": lambda x: np.fft.fft(x, norm="forward"),
    "fft of complex": lambda x: np.fft.fft(x * (1.0 + 2.0j) + 1j),
    "ifft": lambda x: np.fft.ifft(x + 1j * x[::-1]),
    "ifft ortho": lambda x: np.fft.ifft(x, norm="ortho"),
    "ifft forward": lambda x: np.fft.ifft(x, norm="forward"),
    "rfft": lambda x: np.fft.rfft(x),
    "irfft": lambda x: np.fft.irfft(x + 0.5j * x),
    "irfft odd": lambda x: np.fft.irfft(x + 0.5j * x, 2 * x.size - 1),
    "irfft padded": lambda x: np.fft.irfft(x + 0.5j * x, 3 * x.size),
    "hfft": lambda x: np.fft.hfft(x + 0.5j * x),
    "ihfft": lambda x: np.fft.ihfft(x),
    "filter": lambda x: np.fft.irfft(np.fft.rfft(x) * np.arange(x.size // 2 + 1), x.size),
    "derivative": lambda x: np.fft.ifft(1j * np.fft.fftfreq(x.size) * np.fft.fft(x)),
    "shift": lambda x: np.fft.fftshift(np.fft.ifftshift(np.fft.fft(x)) * x) + np.fft.fftshift(x),
}


@pytest.mark.parametrize("n", [1, 2, 3, 8, 13, 30, 34, 64, 100])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_equals_numpy(name, n):
    if n == 1 and name in ("irfft", "hfft"):
        pytest.skip("no points are left")
    assert_same(lambda x: parts(TRANSFORMS[name](x)), sample(n), 1e-12)


SEVERAL = {
    "axis": lambda x: np.fft.fft(x, axis=0),
    "rfft axis": lambda x: np.fft.rfft(x, axis=0),
    "irfft axis": lambda x: np.fft.irfft(x * 1j + x, axis=0),
    "fft2": lambda x: np.fft.fft2(x),
    "ifft2": lambda x: np.fft.ifft2(x * 1j),
    "fftn": lambda x: np.fft.fftn(x, s=(4, 7), axes=(0, 1)),
    "ifftn": lambda x: np.fft.ifftn(x),
    "rfft2": lambda x: np.fft.rfft2(x),
    "irfft2": lambda x: np.fft.irfft2(np.fft.rfft2(x) * 2.0, s=(5, 6)),
    "rfftn": lambda x: np.fft.rfftn(x),
    "irfftn": lambda x: np.fft.irfftn(x + 2j * x, s=(5, 11), axes=(0, 1)),
    "hfft axis": lambda x: np.fft.hfft(x + 1j * x, axis=0),
    "shift": lambda x: np.fft.fftshift(x, axes=1) + np.fft.ifftshift(x, axes=(0,)),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_a_transform_over_several_axes_equals_numpy(name):
    assert_same(lambda x: parts(SEVERAL[name](x)), sample((5, 6)), 1e-12)


ONE_OPERATION = [
    *((shape, kind, inverse) for shape in [(6,), (2, 3)] for kind in ["complex", "real"]
      for inverse in [False, True]),
    *((shape, kind, kind != "half") for shape in [(6,), (5,), (2, 3), (3, 4)]
      for kind in ["half", "inverse half"]),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "kind", "inverse"), ONE_OPERATION)
def test_a_transform_as_one_operation_is_its_matrix(shape, kind, inverse):
    function = FourierTransform(3, shape, kind, inverse)
    x = sample(function.size_in)
    values = np.empty(function.jacobian_rows.size)
    function.jacobian_values(x, values)
    shape = (function.size_out, function.size_in)
    matrix = sp.coo_array((values, (function.jacobian_rows, function.jacobian_cols)), shape)
    assert matrix.nnz < function.size_in * function.size_out / 3  # sines of 0 are no entries
    out = np.empty(function.size_out)
    function.evaluate(x, out)
    np.testing.assert_allclose(matrix @ x, out, rtol=1e-13, atol=1e-13)
    pushed, pulled = np.zeros(function.size_out), np.zeros(function.size_in)
    function.push(x, x, pushed)
    function.pull(x, out, pulled)
    np.testing.assert_allclose(pushed, out)
    np.testing.assert_allclose(pulled, matrix.T @ out, rtol=1e-12, atol=1e-12)


LONG = {
    "fft2": lambda x: np.fft.fft2(x),
    "fft2 over swapped axes": lambda x: np.fft.fft2(x, axes=(1, 0), norm="ortho"),
    "fft2 cut and padded": lambda x: np.fft.fft2(x, s=(5, 9)),
    "ifft2": lambda x: np.fft.ifft2(x * 1j + x**2),
    "rfft2": lambda x: np.fft.rfft2(x, norm="forward"),
    "rfft2 cut and padded": lambda x: np.fft.rfft2(x, s=(5, 9)),
    "rfftn over the first axis": lambda x: np.fft.rfftn(np.concatenate([x] * 6), axes=(0,)),
    "irfft2 odd": lambda x: np.fft.irfft2(x + 1j * x**2, s=(6, 13)),
    "irfft2 even": lambda x: np.fft.irfft2(x + 1j * x**2, norm="ortho"),
    "rfft": lambda x: np.fft.rfft(np.ravel(x)),
    "irfft": lambda x: np.fft.irfft(np.ravel(x + 1j * x**2)),
    "irfft odd": lambda x: np.fft.irfft(np.ravel(x + 1j * x**2), 55),
    "convolution": lambda x: np.fft.irfft2(np.fft.rfft2(x) * np.fft.rfft2(np.cos(x)), s=(6, 7)),
    "a transform of all but one axis": lambda x: np.fft.fftn(np.stack([x, x**2]), axes=(1, 2)),
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_transform_over_several_axes_equals_numpy_and_has_its_derivatives(name):
    function, x = lambda x: parts(LONG[name](x)), sample((6, 7))
    assert_same(function, x, 1e-12)
    direction = np.cos(np.arange(42.0)).reshape(6, 7)
    moved = (function(x + 1e-5 * direction) - function(x - 1e-5 * direction)) / 2e-5
    found = so.pushforward(function, x)(x, direction)
    np.testing.assert_allclose(found, moved, rtol=1e-7, atol=1e-7)
    jacobian = so.jacobian(function, x)(x)
    np.testing.assert_allclose(jacobian @ direction.ravel(), found, rtol=1e-11, atol=1e-11)
    weights = np.sin(np.arange(found.size))
    pulled = so.pullback(function, x)(x, weights)
    np.testing.assert_allclose(pulled.ravel(), jacobian.T @ weights, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("n", [16, 40])
def test_jacobians_through_transforms_are_those_of_numpy(n):
    function = lambda x: parts(np.fft.fft(np.exp(x) * (1.0 + 1j * x)))  # noqa: E731
    x = sample(n)
    found = so.jacobian(function, x)(x).toarray()
    slopes = np.exp(x) * (1.0 + 1j * x + 1j)
    expected = np.fft.fft(np.diag(slopes), axis=0)
    np.testing.assert_allclose(
        found, np.concatenate([expected.real, expected.imag]), rtol=1e-11, atol=1e-11
    )


def test_the_gradient_through_a_transform_is_exact():
    x = sample(30)

    def energy(x):
        spectrum = np.fft.rfft(x)
        return np.sum(abs(spectrum[1:]) ** 2 * np.arange(1.0, spectrum.size))

    gradient = so.gradient(energy, x)(x)
    expected = [(energy(x + 1e-5 * e) - energy(x - 1e-5 * e)) / 2e-5 for e in np.eye(30)]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-6)


def test_the_energy_of_a_spectrum_has_derivatives_at_zero_too():
    function = lambda x: np.sum(abs(np.fft.rfft(x)) ** 2)  # noqa: E731
    gradient = so.gradient(function, np.zeros(8))
    np.testing.assert_array_equal(gradient(np.zeros(8)), np.zeros(8))
    hessian = so.hessian(function, np.zeros(8))(np.zeros(8)).toarray()
    assert np.isfinite(hessian).all()


def intensities(x):
    spectrum = np.fft.fft2(x)
    return np.abs(spectrum * np.conj(spectrum))


def test_the_gradient_of_intensities_forms_no_matrix(monkeypatch):
    def refuse(self):
        raise AssertionError("a matrix of a transform is formed")

    for name in ("_first", "_second", "matrix", "_values"):
        monkeypatch.setattr(FourierTransform, name, property(refuse))
    x = sample((24, 26))
    measured = intensities(x[::-1] + 0.1)
    misfit = lambda x: np.sum((intensities(x) - measured) ** 2)  # noqa: E731
    gradient = so.gradient(misfit, x)(x)
    spectrum = np.fft.fft2(x)
    weighted = (abs(spectrum) ** 2 - measured) * spectrum
    expected = 4.0 * np.fft.ifft2(weighted, norm="forward").real
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-7)
    so.hessian_vector_product(misfit, x)(x, x)
    solved = so.minimize(
        lambda x: misfit(x.reshape(24, 26)), x.ravel(), method="L-BFGS-B", options={"maxiter": 3}
    )
    assert solved.fun < misfit(x)


def test_dense_matrices_of_intensities_are_those_of_numpy():
    x = sample((20, 24))
    misfit = lambda x: np.sum((intensities(x) - 1.0) ** 2)  # noqa: E731
    jacobian = so.jacobian(lambda x: intensities(x).ravel(), x)
    unit = np.fft.fft2(np.eye(480).reshape(480, 20, 24)).reshape(480, 480)
    spectrum = np.fft.fft2(x).ravel()
    slopes = 2.0 * (spectrum.conj() * unit).real.T
    np.testing.assert_allclose(jacobian(x).toarray(), slopes, rtol=1e-9, atol=1e-9)
    curvature = 2.0 * slopes.T @ slopes
    curvature += 4.0 * (unit.conj() * (abs(spectrum) ** 2 - 1.0) @ unit.T).real
    hessian = so.hessian(misfit, x)
    np.testing.assert_allclose(hessian(x).toarray(), curvature, rtol=1e-8, atol=1e-6)
    assert hessian.coloring.num_colors == 480  # a dense matrix: nothing is searched for


REFUSED = [
    lambda x: np.sin(x * 1j),
    lambda x: (x * 1j) ** x,
    lambda x: np.maximum(x * 1j, x),
    lambda x: np.linalg.inv(np.outer(x, x) * 1j),
    lambda x: np.sum(x) if x[0] * 1j else x,
    lambda x: np.where(x > 0.5, x * 1j, x),
    lambda x: np.diff(x * 1j, append=x[0]),
    lambda x: np.pad(x * 1j, 1, constant_values=1.0),
    lambda x: x * 1j,
    lambda x: np.asarray(x * 1j),
]


@pytest.mark.parametrize("function", REFUSED)
def test_what_has_no_complex_rule_is_refused_by_name(function):
    with pytest.raises(SparseOptError) as raised:
        trace(function, (3,))
    assert raised.value.instead or raised.value.why
