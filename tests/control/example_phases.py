"""Small phases with exact optima.

Sources: Bryson and Ho, Applied Optimal Control (1975); Betts, Practical Methods for Optimal Control
(2001), for linear tangent steering; Locatelli, Optimal Control of a Double Integrator (2017).
"""

from __future__ import annotations

import numpy as np

from sparseopt import control

BRACHISTOCHRONE = 0.8247591431566251  # the cycloid from (0, 0) to (2, 2), g = 9.8
LINEAR_TANGENT_STEERING = 0.5545708783346031  # tan u is linear in t
BRYSON_DENHAM = 4.0  # 4 / (9 l) for l = 1/9
RICCATI = 2.3577716532914845  # sinh(rT) / (r cosh(rT) - sinh(rT)), r = sqrt(2), T = 2


def brachistochrone(name="slide"):
    p = control.Phase(name)
    p.time(initial=0.0, final=(0.1, 10.0), guess=(0.0, 1.0))
    p.state("x", initial=0.0, final=2.0)
    p.state("y", initial=0.0, final=2.0)
    p.state("v", lower=0.0, initial=0.0, guess=(0.0, 6.0))
    p.control("theta", lower=0.0, upper=np.pi, guess=0.8)
    p.parameter("g", 9.8)
    p.dynamics(
        lambda s, u, q, t: {
            "x": s.v * np.sin(u.theta),
            "y": s.v * np.cos(u.theta),
            "v": q.g * np.cos(u.theta),
        }
    )
    p.minimize(lambda first, last, q, integral: last.time)
    return p


def linear_tangent_steering():
    p = control.Phase("ascent")
    p.time(initial=0.0, final=(0.1, 5.0), guess=(0.0, 0.6))
    p.state("x", initial=0.0, guess=(0.0, 12.0))
    p.state("vx", initial=0.0, final=45.0)
    p.state("y", initial=0.0, final=5.0)
    p.state("vy", initial=0.0, final=0.0)
    p.control("u", lower=-np.pi / 2, upper=np.pi / 2, guess=(1.0, -1.0))
    p.dynamics(
        lambda s, u, q, t: {
            "x": s.vx,
            "vx": 100 * np.cos(u.u),
            "y": s.vy,
            "vy": 100 * np.sin(u.u),
        }
    )
    p.minimize(lambda first, last, q, integral: last.time)
    return p


def double_integrator(final_time=1.0, **bounds):
    """A phase without an objective."""
    p = control.Phase("slew")
    p.time(initial=0.0, final=final_time)
    p.state("x", initial=0.0, final=1.0)
    p.state("v", initial=0.0, final=0.0)
    p.control("u", **bounds)
    p.dynamics(lambda s, u, q, t: {"x": s.v, "v": u.u})
    return p


def least_effort():
    p = double_integrator()
    p.integral("effort", lambda s, u, q, t: u.u**2 / 2)
    p.minimize(lambda first, last, q, integral: integral.effort)
    return p


def least_time():
    p = double_integrator(final_time=(0.1, 10.0), lower=-1.0, upper=1.0)
    p.minimize(lambda first, last, q, integral: last.time)
    return p


def bryson_denham():
    p = control.Phase("arc")
    p.time(initial=0.0, final=1.0)
    p.state("x", initial=0.0, final=0.0, upper=1 / 9)
    p.state("v", initial=1.0, final=-1.0)
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"x": s.v, "v": u.u})
    p.integral("effort", lambda s, u, q, t: u.u**2 / 2)
    p.minimize(lambda first, last, q, integral: integral.effort)
    return p


def linear_quadratic():
    """x' = x + u with cost of x^2 + u^2 over two seconds: the optimum is RICCATI."""
    p = control.Phase("regulate")
    p.time(initial=0.0, final=2.0)
    p.state("x", initial=1.0, guess=1.0)
    p.control("u")
    p.dynamics(lambda s, u, q, t: {"x": s.x + u.u})
    p.integral("cost", lambda s, u, q, t: s.x**2 + u.u**2)
    p.minimize(lambda first, last, q, integral: integral.cost)
    return p


def growth():
    """x' = x cos t without a control: x = exp(sin t)."""
    p = control.Phase("grow")
    p.time(initial=0.0, final=2.0)
    p.state("x", initial=1.0, guess=1.0)
    p.dynamics(lambda s, u, q, t: {"x": s.x * np.cos(t)})
    return p


def solved(phase, **settings):
    settings = {"refine": False, "intervals": 10, "options": {"tol": 1e-11}, **settings}
    return control.Problem("example", [phase]).solve(**settings)
