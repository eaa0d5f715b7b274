"""Residuals, energies and their derivatives, compared with scikit-fem's own assembly."""

import copy

import numpy as np
import pytest
import skfem
from skfem.helpers import ddot, det, div, dot, grad, identity, inv, mul, sym_grad, trace, transpose
from skfem.models.poisson import laplace

import sparseopt as so
from sparseopt import pde

N = 4


def triangles():
    """Right-angled ones, whose geometry is full of zeros."""
    return skfem.MeshTri.init_tensor(np.linspace(0, 1, N + 1), np.linspace(0, 1, N + 1) ** 1.5)


def irregular_triangles():
    mesh = triangles().smoothed()
    shift = 0.03 * np.sin(7 * mesh.p[::-1] + 1)
    order = np.random.default_rng(0).permutation(mesh.nelements)
    return skfem.MeshTri(mesh.p + shift, mesh.t[:, order])


def quadrilaterals():
    mesh = skfem.MeshQuad.init_tensor(*2 * [np.linspace(0, 1, N + 1)])
    return skfem.MeshQuad(mesh.p + 0.03 * np.sin(5 * mesh.p[::-1]), mesh.t)


BASES = {
    "P1 on a line": lambda: skfem.Basis(skfem.MeshLine().refined(3), skfem.ElementLineP1()),
    "P1 on triangles": lambda: skfem.Basis(triangles(), skfem.ElementTriP1()),
    "P2 on triangles": lambda: skfem.Basis(irregular_triangles(), skfem.ElementTriP2()),
    "P1 on quadrilaterals": lambda: skfem.Basis(quadrilaterals(), skfem.ElementQuad1()),
    "P2 on quadrilaterals": lambda: skfem.Basis(quadrilaterals(), skfem.ElementQuad2()),
    "P1 on tetrahedra": lambda: skfem.Basis(skfem.MeshTet().refined(1), skfem.ElementTetP1()),
    "P2 on tetrahedra": lambda: skfem.Basis(
        skfem.MeshTet().refined(1), skfem.ElementTetP2(), intorder=2
    ),
    "P1 on hexahedra": lambda: skfem.Basis(
        skfem.MeshHex().refined(1), skfem.ElementHex1(), intorder=3
    ),
    "P2 on curved triangles": lambda: skfem.Basis(
        skfem.MeshTri2.init_circle(2), skfem.ElementTriP2(), intorder=4
    ),
    "P1 on some triangles": lambda: skfem.Basis(
        triangles(), skfem.ElementTriP1(), elements=np.arange(3, 9)
    ),
    "P1 on facets of triangles": lambda: skfem.FacetBasis(triangles(), skfem.ElementTriP1()),
    "P2 on facets of tetrahedra": lambda: skfem.FacetBasis(
        skfem.MeshTet().refined(1), skfem.ElementTetP2(), intorder=2
    ),
}


def values(size, seed=0):
    return np.random.default_rng(seed).uniform(-1.0, 1.0, size)


def assert_equal(found, expected):
    found, expected = (a.toarray() if hasattr(a, "toarray") else a for a in (found, expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def num_blocks(fem, form, u):
    explained = str(so.jacobian(lambda x: fem.residual(form, x), u).explain())
    return int(explained.split(" blocks")[0].split()[-1])


def diffusion(u, v, w):
    return (1 + u**2) * dot(grad(u), grad(v)) - w.x[0] * v


@skfem.BilinearForm
def diffusion_jacobian(u, v, w):
    p = w.p
    return (1 + p**2) * dot(grad(u), grad(v)) + 2 * p * u * dot(grad(p), grad(v))


@pytest.mark.parametrize("unroll", [True, False])
@pytest.mark.parametrize("name", BASES)
def test_nonlinear_diffusion_is_that_of_scikit_fem(name, unroll):
    basis = BASES[name]()
    fem, u = pde.FiniteElements(basis, unroll=unroll), values(basis.N)
    p = basis.interpolate(u)
    residual = skfem.LinearForm(lambda v, w: diffusion(w.p, v, w)).assemble(basis, p=p)
    jacobian = so.jacobian(lambda x: fem.residual(diffusion, x), u)
    assert_equal(fem.residual(diffusion, u), residual)
    assert_equal(jacobian(u), diffusion_jacobian.assemble(basis, p=p))


def test_a_bilinear_form_of_scikit_fem_is_applied():
    basis = BASES["P2 on triangles"]()
    fem = pde.FiniteElements(basis)
    jacobian = so.jacobian(lambda u: fem.residual(laplace, u), basis.zeros())
    assert_equal(jacobian(basis.zeros()), laplace.assemble(basis))


def test_a_linear_form_of_scikit_fem_with_a_traced_coefficient():
    basis = BASES["P1 on triangles"]()
    fem = pde.FiniteElements(basis)
    load = skfem.LinearForm(lambda v, w: w.strength * w.x[1] * v)
    jacobian = so.jacobian(lambda s: fem.residual(load, strength=s[0]), np.ones(1))
    expected = skfem.LinearForm(lambda v, w: w.x[1] * v).assemble(basis)
    assert_equal(jacobian(np.ones(1)).toarray()[:, 0], expected)


# ---- elasticity, with scikit-fem's helpers on traced fields
MU, LAMBDA = 1.3, 2.1


def neo_hookean(u, w):
    F = grad(u) + identity(u)
    J = det(F)
    return MU / 2 * (ddot(F, F) - w.x.shape[0]) - MU * np.log(J) + LAMBDA / 2 * np.log(J) ** 2


def piola(u):
    F = grad(u) + identity(u)
    inverse = transpose(inv(F))
    return MU * (F - inverse) + LAMBDA * np.log(det(F)) * inverse


@skfem.BilinearForm
def elasticity_tensor(u, v, w):
    F = grad(w.p) + identity(w.p)
    inverse = inv(F)
    back = np.einsum("ij...,jk...,kl...->il...", inverse, grad(u), inverse)
    change = ddot(transpose(inverse), grad(u))
    stress = MU * grad(u) + (MU - LAMBDA * np.log(det(F))) * transpose(back)
    return ddot(stress + LAMBDA * change * transpose(inverse), grad(v))


@pytest.mark.parametrize(
    ("mesh", "element", "order"),
    [
        (triangles, skfem.ElementTriP1(), 1),
        (irregular_triangles, skfem.ElementTriP2(), 2),
        (quadrilaterals, skfem.ElementQuad1(), 2),
        (skfem.MeshTet().refined, skfem.ElementTetP1(), 1),
    ],
)
def test_neo_hookean_energy_and_residual_are_those_of_scikit_fem(mesh, element, order):
    basis = skfem.Basis(mesh(), skfem.ElementVector(element), intorder=order)
    fem, u = pde.FiniteElements(basis), 0.02 * values(basis.N)
    p = basis.interpolate(u)
    energy = skfem.Functional(lambda w: neo_hookean(w.p, w)).assemble(basis, p=p)
    force = skfem.LinearForm(lambda v, w: ddot(piola(w.p), grad(v))).assemble(basis, p=p)
    stiffness = elasticity_tensor.assemble(basis, p=p)
    gradient = so.gradient(lambda x: fem.energy(neo_hookean, x), u)
    hessian = so.hessian(lambda x: fem.energy(neo_hookean, x), u)
    jacobian = so.jacobian(lambda x: fem.residual(lambda u, v, w: ddot(piola(u), grad(v)), x), u)
    assert fem.energy(neo_hookean, u) == pytest.approx(energy, rel=1e-13)
    assert_equal(gradient(u), force)
    lower = hessian(u)
    assert_equal(np.tril(lower.toarray()), np.tril(stiffness.toarray()))
    assert_equal(jacobian(u), stiffness)


def test_linear_elasticity_with_symmetric_gradients():
    basis = skfem.Basis(triangles(), skfem.ElementVector(skfem.ElementTriP1()))
    fem = pde.FiniteElements(basis)

    def form(u, v, w):
        stress = 2 * MU * sym_grad(u) + LAMBDA * trace(sym_grad(u)) * identity(grad(u))
        return ddot(stress, sym_grad(v)) + div(u) * div(v)

    jacobian = so.jacobian(lambda u: fem.residual(form, u), basis.zeros())
    assert_equal(jacobian(basis.zeros()), skfem.BilinearForm(form).assemble(basis))


# ---- other elements
def test_a_mixed_element_has_a_field_for_each_component():
    element = skfem.ElementComposite(
        skfem.ElementVector(skfem.ElementTriP2()), skfem.ElementTriP1()
    )
    basis = skfem.Basis(irregular_triangles(), element, intorder=4)
    fem, x = pde.FiniteElements(basis), values(basis.N)

    def navier_stokes(u, p, v, q, w):
        convection = dot(mul(grad(u), u), v)
        return ddot(grad(u), grad(v)) + convection - p * div(v) + q * div(u)

    @skfem.BilinearForm
    def linearized(u, p, v, q, w):
        convection = dot(mul(grad(u), w.u) + mul(grad(w.u), u), v)
        return ddot(grad(u), grad(v)) + convection - p * div(v) + q * div(u)

    velocity, pressure = basis.interpolate(x)
    form = skfem.LinearForm(lambda v, q, w: navier_stokes(w.u, w.p, v, q, w))
    jacobian = so.jacobian(lambda x: fem.residual(navier_stokes, x), x)
    assert_equal(fem.residual(navier_stokes, x), form.assemble(basis, u=velocity, p=pressure))
    assert_equal(jacobian(x), linearized.assemble(basis, u=velocity))


def test_an_element_of_fluxes_has_values_and_divergences():
    basis = skfem.Basis(irregular_triangles(), skfem.ElementTriRT0())
    fem, x = pde.FiniteElements(basis), values(basis.N)

    def darcy(u, v, w):
        return (1 + dot(u, u)) * dot(u, v) + div(u) * div(v)

    @skfem.BilinearForm
    def linearized(u, v, w):
        return (1 + dot(w.p, w.p)) * dot(u, v) + 2 * dot(w.p, u) * dot(w.p, v) + div(u) * div(v)

    jacobian = so.jacobian(lambda x: fem.residual(darcy, x), x)
    assert_equal(jacobian(x), linearized.assemble(basis, p=basis.interpolate(x)))


def test_an_element_of_plates_has_second_derivatives():
    basis = skfem.Basis(triangles(), skfem.ElementTriMorley())
    fem = pde.FiniteElements(basis)
    jacobian = so.jacobian(
        lambda x: fem.residual(lambda u, v, w: ddot(u.hess, v.hess), x), basis.zeros()
    )
    bilaplacian = skfem.BilinearForm(lambda u, v, w: ddot(u.hess, v.hess)).assemble(basis)
    assert_equal(jacobian(basis.zeros()), bilaplacian)


# ---- boundary terms
def test_boundary_terms_know_the_normal_and_the_side():
    basis = skfem.Basis(triangles().with_defaults(), skfem.ElementTriP1())
    side = basis.boundary("right")
    fem, u = pde.FiniteElements(side), values(basis.N)

    def radiation(u, v, w):
        return (u**4 + w.n[0] * u.grad[0]) * v

    @skfem.BilinearForm
    def linearized(u, v, w):
        return (4 * w.p**3 * u + w.n[0] * u.grad[0]) * v

    jacobian = so.jacobian(lambda u: fem.residual(radiation, u), u)
    assert_equal(jacobian(u), linearized.assemble(side, p=side.interpolate(u)))


# ---- coefficients
def test_derivatives_by_a_field_that_is_constant_on_each_element():
    basis = skfem.Basis(triangles(), skfem.ElementTriP1())
    pieces = basis.with_element(skfem.ElementTriP0())
    fem, u = pde.FiniteElements(basis), values(basis.N)
    interpolate = pde.FiniteElements(pieces).interpolate

    def form(u, v, w):
        return np.exp(w.k) * dot(grad(u), grad(v))

    @skfem.BilinearForm
    def by_conductivity(k, v, w):
        return np.exp(w.k) * k * dot(grad(w.p), grad(v))

    k = values(pieces.N, seed=1)
    jacobian = so.jacobian(lambda k: fem.residual(form, u, k=interpolate(k)), k)
    given = {"k": pieces.interpolate(k), "p": basis.interpolate(u)}
    assert_equal(jacobian(k), by_conductivity.assemble(pieces, basis, **given))


def test_coefficients_may_be_numbers_arrays_and_fields():
    basis = skfem.Basis(triangles(), skfem.ElementTriP1())
    fem, u = pde.FiniteElements(basis), values(basis.N)
    field = basis.interpolate(basis.doflocs[0])
    given = {"a": 2.0, "b": np.array(field), "c": np.ones((basis.nelems, 1)), "d": field}

    def form(u, v, w):
        return w.a * w.b * w.c * u * v + dot(w.d.grad, grad(v))

    jacobian = so.jacobian(lambda u: fem.residual(form, u, **given), u)
    expected = skfem.BilinearForm(lambda u, v, w: 2 * w.x[0] * u * v).assemble(basis)
    assert_equal(jacobian(u), expected)
    load = skfem.LinearForm(lambda v, w: form(w.p, v, w)).assemble(
        basis, p=basis.interpolate(u), **(given | {"c": 1.0})
    )
    assert_equal(fem.residual(form, u, **given), load)


def test_coordinates_are_computed_for_the_forms_that_read_them(monkeypatch):
    basis = BASES["P2 on triangles"]()
    fem, u, asked = pde.FiniteElements(basis), np.ones(basis.N), []
    known = basis.default_parameters
    monkeypatch.setattr(basis, "default_parameters", lambda: asked.append(1) or known())
    fem.energy(lambda u, w: w.k * u**2, u, k=2.0)
    assert not asked
    fem.energy(lambda u, w: w["x"][0] * u**2, u)
    assert len(asked) == basis.dx.shape[1]
    named = []
    fem.energy(lambda u, w: named.append(dict(**w)) or u, u, k=2.0)
    assert sorted(named[0]) == ["h", "k", "x"]
    assert named[0]["x"].shape == (2, basis.nelems, 1)


def test_what_a_form_reads_can_be_copied_and_asked_for_other_names():
    basis = skfem.Basis(triangles(), skfem.ElementTriP1())
    fem, u = pde.FiniteElements(basis), basis.ones()
    assert fem.energy(lambda u, w: copy.copy(w).x[0], u) == pytest.approx(0.5)
    with pytest.raises(AttributeError, match="'strength' not found"):
        fem.energy(lambda u, w: w.strength * u, u)


def test_matrices_that_scikit_fem_assembled_multiply_traced_fields():
    basis = skfem.Basis(triangles(), skfem.ElementTriP1())
    fem, u = pde.FiniteElements(basis), values(basis.N)
    stiffness = laplace.assemble(basis)
    by_matrix = so.hessian(lambda u: u @ (stiffness @ u) / 2, u)
    by_energy = so.hessian(lambda u: fem.energy(lambda u, w: dot(grad(u), grad(u)) / 2, u), u)
    assert_equal(by_energy(u), by_matrix(u))


# ---- structure
@pytest.mark.parametrize(
    ("mesh", "element"),
    [
        (skfem.MeshTri().refined(4), skfem.ElementTriP1()),
        (skfem.MeshTri().refined(4), skfem.ElementTriP2()),
        (skfem.MeshTri().refined(5), skfem.ElementTriP2()),
        (skfem.MeshQuad().refined(4), skfem.ElementQuad1()),
        (skfem.MeshTet().refined(2), skfem.ElementTetP1()),
        (skfem.MeshTet().refined(3), skfem.ElementTetP1()),
    ],
)
def test_an_element_type_is_one_block_however_fine_the_mesh(mesh, element):
    basis = skfem.Basis(mesh, element, intorder=2)
    assert num_blocks(pde.FiniteElements(basis), diffusion, basis.zeros()) == 1


def test_loads_that_vanish_on_some_elements_do_not_split_them():
    basis = skfem.Basis(skfem.MeshTri().refined(4), skfem.ElementTriP1())

    def form(u, v, w):
        return u**3 * v * np.where(w.x[0] < 0.3, 0.0, 1.0) + diffusion(u, v, w)

    assert num_blocks(pde.FiniteElements(basis), form, basis.zeros()) == 1


def test_long_formulas_are_not_unrolled():
    long = skfem.Basis(skfem.MeshHex(), skfem.ElementHex2())
    short = skfem.Basis(skfem.MeshTri(), skfem.ElementTriP2())
    assert pde.FiniteElements(long).is_unrolled is False
    assert pde.FiniteElements(short).is_unrolled is True


def test_chosen_rows_are_those_of_the_residual_with_few_kinds_of_elements():
    basis = skfem.Basis(skfem.MeshTet().refined(2), skfem.ElementTetP1())
    fem, free, u = pde.FiniteElements(basis), basis.complement_dofs(basis.get_dofs()), basis.ones()
    chosen = so.jacobian(lambda u: fem.residual(diffusion, u, I=free), u)
    assert_equal(chosen(u), so.jacobian(lambda u: fem.residual(diffusion, u), u)(u)[free])
    assert_equal(fem.residual(diffusion, u, I=free[::-1]), fem.residual(diffusion, u)[free])


# ---- Taylor remainders
def test_taylor_remainders_of_an_energy_fall_with_rates_two_and_three():
    basis = skfem.Basis(irregular_triangles(), skfem.ElementTriP2())
    fem = pde.FiniteElements(basis)

    def energy(u):
        return fem.energy(lambda u, w: np.sqrt(1 + dot(grad(u), grad(u))) - w.x[0] * np.sin(u), u)

    u, d = values(basis.N), values(basis.N, seed=1)
    slope = so.gradient(energy, u)(u) @ d
    curvature = d @ so.hessian_vector_product(energy, u)(u, d)
    steps = np.array([2e-3, 1e-3, 5e-4])
    change = np.array([energy(u + t * d) - energy(u) for t in steps])
    first, second = change - steps * slope, change - steps * slope - steps**2 / 2 * curvature
    assert np.log2(np.abs(first[:-1] / first[1:])) == pytest.approx([2, 2], abs=0.1)
    assert np.log2(np.abs(second[:-1] / second[1:])) == pytest.approx([3, 3], abs=0.1)


# ---- Dirichlet conditions
def test_a_poisson_problem_with_dirichlet_conditions_is_solved_as_by_condense():
    basis = skfem.Basis(triangles(), skfem.ElementTriP2())
    fem, boundary = pde.FiniteElements(basis), basis.get_dofs()
    prescribed = basis.doflocs[0] ** 2
    free = basis.complement_dofs(boundary)
    model = so.Model("poisson")
    u = fem.expand(model.variable("u", free.size), prescribed, D=boundary)
    model.minimize(fem.energy(lambda u, w: dot(grad(u), grad(u)) / 2 - u, u))
    found = fem.expand(model.solve()["u"], prescribed, I=free)
    load = skfem.LinearForm(lambda v, w: 1.0 * v).assemble(basis)
    system = skfem.condense(laplace.assemble(basis), load, x=prescribed, D=boundary)
    np.testing.assert_allclose(found, skfem.solve(*system), atol=1e-9)
