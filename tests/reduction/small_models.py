"""Models with states, small enough for closed forms and dense references."""

from __future__ import annotations

import numpy as np

import sparseopt as so

SIZE = 6


def reaction(seed=0, sense="minimize", start=0.1):
    """A nonlinear equation in six states with four parameters; everything couples and curves."""
    rng = np.random.default_rng(seed)
    spread, data = rng.uniform(0.5, 1.5, (SIZE, 4)), rng.uniform(0.0, 1.0, SIZE)
    model = so.Model("reaction")
    u = model.variable("u", shape=SIZE)
    p = model.variable("p", shape=4, start=start)
    value = 0.5 * np.sum((u - data) ** 2) + 0.05 * np.sum(p**2) + 0.1 * np.sum(u[:4] * p)
    if sense == "minimize":
        model.minimize(value)
    else:
        model.maximize(-value)
    v = np.pad(u, 1)
    diffusion = 2 * u - v[:-2] - v[2:]
    model.subject_to(diffusion + u + u**3 * p[0] ** 2 == np.sin(spread @ p), name="pde")
    return model


def linear():
    """States that are linear in the parameters: u = (p_0 + p_1, p_0 - p_1)."""
    model = so.Model("linear")
    u = model.variable("u", shape=2)
    p = model.variable("p", shape=2, start=1.0)
    model.minimize((u[0] - 3.0) ** 2 + (u[1] - 1.0) ** 2)
    model.subject_to(u[0] + u[1] == 2 * p[0], name="sums")
    model.subject_to(u[0] - u[1] == 2 * p[1], name="differences")
    return model


def root(**bounds):
    """The state is the root of the parameter; there is none below zero."""
    model = so.Model("root")
    u = model.variable("u", start=2.0)
    p = model.variable("p", start=4.0, **bounds)
    model.minimize((u - 0.3) ** 2 + 0.01 * p)
    model.subject_to(u**2 == p, name="pde")
    return model


def dense_reference(reduced, p):
    """Return gradient and Hessian of F by dense algebra with the full problem's matrices."""
    full, part = reduced.full, reduced.partition
    x = reduced.state(p)
    jacobian = full.jacobian(x).toarray()[part.state_rows]
    by_states, by_parameters = jacobian[:, part.states], jacobian[:, part.parameters]
    slopes = full.gradient(x)
    adjoint = np.zeros(full.num_constraints)
    adjoint[part.state_rows] = -np.linalg.solve(by_states.T, slopes[part.states])
    hessian = full.hessian(x, adjoint).toarray()
    basis = np.zeros((full.num_variables, part.parameters.size))
    basis[part.states] = -np.linalg.solve(by_states, by_parameters)
    basis[part.parameters] = np.eye(part.parameters.size)
    return basis.T @ slopes, basis.T @ hessian @ basis
