"""Bad input to finite elements is a named error that says where."""

import sys

import numpy as np
import pytest
import skfem
from skfem.helpers import dot, grad

import sparseopt as so
from sparseopt import errors, pde


@pytest.fixture
def basis():
    return skfem.Basis(skfem.MeshTri().refined(2), skfem.ElementTriP1())


def diffusion(u, v, w):
    return (1 + u**2) * dot(grad(u), grad(v))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_elements_without_area_are_named():
    mesh = skfem.MeshTri().refined(2)
    p = mesh.p.copy()
    p[:, mesh.t[0, 5]] = p[:, mesh.t[1, 5]]
    with pytest.raises(errors.DegenerateMeshError, match="elements are degenerate: ") as info:
        pde.FiniteElements(skfem.Basis(skfem.MeshTri(p, mesh.t), skfem.ElementTriP1()))
    assert 5 in info.value.elements


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_elements_without_area_are_named_on_facets():
    mesh = skfem.MeshTri(
        np.array([[0.0, 1, 2, 0], [0, 0, 0, 1]]), np.array([[0, 0], [1, 1], [2, 3]])
    )
    with pytest.raises(errors.DegenerateMeshError) as info:
        pde.FiniteElements(skfem.FacetBasis(mesh, skfem.ElementTriP1()))
    assert 0 in info.value.elements


def test_folded_elements_are_named():
    mesh = skfem.MeshQuad().refined(1)
    p = mesh.p.copy()
    p[:, np.all(p == 0.5, axis=0)] = 1.2
    with pytest.raises(errors.DegenerateMeshError, match="folded"):
        pde.FiniteElements(skfem.Basis(skfem.MeshQuad(p, mesh.t), skfem.ElementQuad1()))


def test_very_flat_elements_are_not_degenerate():
    mesh = skfem.MeshTri(np.array([[0.0, 1, 0.5], [0, 0, 1e-8]]), np.array([[0], [1], [2]]))
    assert pde.FiniteElements(skfem.Basis(mesh, skfem.ElementTriP1()))


def test_a_mesh_is_no_basis():
    with pytest.raises(errors.ProblemError, match=r"on a MeshTri1[\s\S]*skfem\.Basis"):
        pde.FiniteElements(skfem.MeshTri())


def test_degrees_of_freedom_are_counted(basis):
    fem = pde.FiniteElements(basis)
    with pytest.raises(errors.ShapeError, match=r"shape \(24,\), the basis has 25"):
        fem.residual(diffusion, np.zeros(24))
    with pytest.raises(errors.ShapeError, match=r"\(3,\) for 9 free"):
        fem.expand(np.zeros(3), D=basis.get_dofs())
    with pytest.raises(errors.ProblemError, match="either the free I or the prescribed D"):
        fem.expand(np.zeros(9))


def test_numbers_that_are_not_finite_are_named(basis):
    fem = pde.FiniteElements(basis)
    source = np.ones((basis.nelems, 1))
    source[3] = np.nan
    with pytest.raises(errors.NonFiniteError, match="source is not finite at 1 of 32 places: 3"):
        fem.residual(lambda v, w: w.source * v, source=source)
    with pytest.raises(errors.NonFiniteError, match="u is not finite at 25 of 25"):
        fem.residual(diffusion, np.full(25, np.inf))


def test_coefficients_of_other_sizes_are_named(basis):
    fem = pde.FiniteElements(basis)
    with pytest.raises(errors.ShapeError, match=r"k has shape \(25,\)[\s\S]*interpolate"):
        fem.residual(lambda u, v, w: w.k * u * v, basis.zeros(), k=basis.ones())
    coarse = pde.FiniteElements(skfem.Basis(skfem.MeshTri(), skfem.ElementTriP1()))
    with pytest.raises(errors.ProblemError, match=r"k is a field at other quadrature points"):
        fem.residual(lambda u, v, w: w.k * u * v, basis.zeros(), k=coarse.interpolate(np.ones(4)))


def test_a_form_without_its_test_function_is_refused(basis):
    fem = pde.FiniteElements(basis)
    with pytest.raises(errors.ProblemError, match="not linear in its test function"):
        so.jacobian(lambda u: fem.residual(lambda u, v, w: u * v + 1.0, u), basis.zeros())
    with pytest.raises(errors.ProblemError, match="not linear in its test function"):
        fem.residual(lambda u, v, w: u * v**2, basis.zeros())


def test_a_form_that_is_a_vector_is_refused(basis):
    with pytest.raises(errors.ShapeError, match=r"returned an array of shape \(2, 32, 1\)"):
        pde.FiniteElements(basis).residual(lambda u, v, w: grad(u) * v, basis.zeros())


def test_a_missing_scikit_fem_is_a_named_error(basis, monkeypatch):
    monkeypatch.setitem(sys.modules, "skfem", None)
    with pytest.raises(errors.PackageNotInstalledError, match="pip install scikit-fem"):
        pde.FiniteElements(basis)


def test_rows_may_be_booleans_and_count_from_the_end(basis):
    fem, u = pde.FiniteElements(basis), np.random.default_rng(0).normal(size=basis.N)
    whole = fem.residual(diffusion, u)
    inner = basis.complement_dofs(basis.get_dofs())
    mask = np.isin(np.arange(basis.N), inner)
    np.testing.assert_allclose(fem.residual(diffusion, u, I=mask), whole[inner], atol=1e-14)
    np.testing.assert_allclose(fem.residual(diffusion, u, I=[-1]), whole[-1:], atol=1e-14)
    expected = np.where(mask, u, 0.0)
    np.testing.assert_array_equal(fem.expand(u[inner], I=mask), expected)
    np.testing.assert_array_equal(fem.expand(u[inner], D=~mask), expected)


@pytest.mark.parametrize("rows", [[10**6], [1.5], "a", [True, False]])
def test_rows_that_do_not_exist_are_refused(basis, rows):
    fem = pde.FiniteElements(basis)
    with pytest.raises(so.ProblemError, match="I is not made of numbers of degrees of freedom"):
        fem.residual(diffusion, basis.zeros() + 1.0, I=rows)
    with pytest.raises(so.ProblemError, match="D is not made of numbers of degrees of freedom"):
        fem.expand(basis.zeros(), D=rows)


def test_prescribed_values_are_checked_and_others_not_read(basis):
    fem = pde.FiniteElements(basis)
    x = np.full(basis.N, np.nan)
    x[1:] = 3.0
    assert fem.expand([7.0], x, I=[0])[:2].tolist() == [7.0, 3.0]
    with pytest.raises(so.NonFiniteError, match="x is not finite"):
        fem.expand([7.0], x, I=[1])
    with pytest.raises(so.ShapeError, match=r"x has shape \(3,\)"):
        fem.expand([7.0], np.ones(3), I=[1])
    with pytest.raises(so.ShapeError, match=r"values of shape \(2,\) for 1 free"):
        fem.expand([1.0, 2.0], I=[1, 1])


def test_lists_are_arrays(basis):
    fem, u = pde.FiniteElements(basis), np.ones(basis.N)

    def form(u, v, w):
        return w.k * u * v

    expected = fem.residual(form, u, k=np.ones((basis.nelems, 1)))
    found = fem.residual(form, u.tolist(), k=[[1.0]] * basis.nelems)
    np.testing.assert_array_equal(found, expected)
    k = fem.interpolate([1.0] * basis.N)
    np.testing.assert_allclose(fem.residual(form, u, k=k), expected, atol=1e-14)


@pytest.mark.parametrize(
    ("form", "coefficients", "message"),
    [
        (None, {}, "the form is NoneType, no function"),
        (lambda u, v: u * v, {}, r"the form cannot be called as f\(u, v, w\)"),
        (lambda u, v, w: None, {}, "the form returned NoneType, not numbers"),
        (lambda u, v, w: w.k * v, {"k": "a"}, "k is str, not numbers"),
        (lambda u, v, w: w.k * v, {"k": lambda x: x}, "k is function, not numbers"),
    ],
)
def test_forms_and_coefficients_that_are_none_are_refused(basis, form, coefficients, message):
    with pytest.raises(so.ProblemError, match=message):
        pde.FiniteElements(basis).residual(form, np.ones(basis.N), **coefficients)
