"""The steps of random programs: one line of NumPy code each, or a few.

A step is a template.  ``{a}`` and ``{b}`` are arrays computed before; the other fields are drawn by
`sparseopt.testing.writing`: ``{axis}`` an axis of ``a``, ``{basic}`` a basic index, ``{fancy}`` an
integer index, ``{mask}`` a boolean one, ``{row}`` constants of the length of the last axis, and so
on.  A template that names ``{out}`` is a few statements, any other one the right-hand side of one.

Arguments are brought into the domain of what is applied to them, whatever their values are, so no
program divides by zero, overflows or leaves a domain.  Conditions compare with odd numbers, which
no constant of a program hits, so that rounding decides no branch.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["STEPS", "Step"]


@dataclass(frozen=True)
class Step:
    """One kind of step.

    Parameters
    ----------
    template : str
    is_smooth : bool
        Whether it has derivatives of every order.
    is_exact : bool
        Whether the recorded step rounds exactly as NumPy does.  Sums and products of many elements
        do not: NumPy adds in an order that depends on the memory layout, and BLAS in its own.
        Nor do powers and many transcendental functions: NumPy has vector code for contiguous
        arrays, and takes the C library's functions for other arrays and for scalars.
    """

    template: str
    is_smooth: bool = True
    is_exact: bool = True


_SMOOTH = """
np.sin({a})
np.cos({a})
np.tan(0.4 * np.tanh({a}))
np.arcsin(0.9 * np.sin({a}))
np.arccos(0.9 * np.sin({a}))
np.arctan({a})
np.sinh(np.tanh({a}))
np.cosh(np.tanh({a}))
np.tanh({a})
np.arcsinh({a})
np.arccosh(1.5 + {a} * {a})
np.arctanh(0.8 * np.sin({a}))
np.exp(np.tanh({a}))
np.exp2(np.tanh({a}))
np.expm1(np.sin({a}))
np.log(1.5 + {a} * {a})
np.log2(1.5 + {a} * {a})
np.log10(1.5 + {a} * {a})
np.log1p({a} * {a})
np.log1p(np.exp(-({a} * {a})))
np.sqrt(0.5 + {a} * {a})
np.cbrt(1.5 + np.sin({a}))
np.square(np.sin({a}))
np.reciprocal(2.0 + np.cos({a}))
1.0 / (2.0 + np.cos({a}))
np.negative({a})
np.positive({a})
-{a}
{number} * {a} + 0.25
{number} - {a} / 3
{number} * {a}
{a} - {number} * {a}
special.erf({a})
special.erfc({a})
special.gammaln(1.5 + np.sin({a}))
special.gamma(1.5 + np.sin({a}))
special.psi(1.5 + np.sin({a}))
special.expit({a})
special.log_expit({a})
special.logit(0.5 + 0.4 * np.sin({a}))
special.entr(1.5 + np.sin({a}))
special.ndtr({a})
special.log_ndtr({a})
special.ndtri(0.5 + 0.3 * np.sin({a}))
special.erfcx(np.sin({a}))
special.erfi(np.sin({a}))
special.erfinv(0.7 * np.sin({a}))
special.erfcinv(1.0 + 0.7 * np.sin({a}))
special.dawsn({a})
special.exp1(1.5 + np.sin({a}))
special.expi(1.5 + np.sin({a}))
special.exp10(0.3 * np.sin({a}))
special.cosm1({a})
special.j0({a})
special.j1({a})
special.y0(1.5 + np.sin({a}))
special.y1(1.5 + np.sin({a}))
special.i0(np.sin({a}))
special.i1(np.sin({a}))
special.k0(1.5 + np.sin({a}))
special.k1(1.5 + np.sin({a}))
special.jv(1.5, 1.5 + np.sin({a}))
special.yv(1.5, 1.5 + np.sin({a}))
special.iv(1.5, 1.5 + np.sin({a}))
special.kv(0.5, 1.5 + np.sin({a}))
special.gammainc(1.5, 1.5 + np.sin({a}))
special.gammaincc(1.5, 1.5 + np.sin({a}))
special.betainc(1.5, 2.0, 0.5 + 0.3 * np.sin({a}))
np.sinc(1.5 + 0.3 * np.sin({a}))
np.deg2rad({a})
0.01 * np.degrees({a})
np.real({a})
np.polyval([0.5, -0.25, {number}], np.sin({a}))
{a} * {row}
{a} + {row}
{row} / (2.0 + np.sin({a}))
np.where({row} > 0, np.sin({a}), 0.5 * {a})
np.where({row}, {a}, {number})
"""

_POWERS = """
{a} ** 2
{a} ** 3
(1.5 + np.sin({a})) ** 1.5
(1.5 + np.sin({a})) ** -2
np.power(1.5 + np.sin({a}), {number})
2.0 ** np.sin({a})
np.float_power(1.5 + np.cos({a}), 2.5)
(1.5 + np.sin({a})) ** np.sin({b})
np.power(2.5 + np.cos({b}), {a})
"""

_PAIRS = """
{a} + {b}
{a} - 0.5 * {b}
np.sin({a}) * {b}
{a} * {b} - {b}
{a} / (2.0 + np.sin({b}))
np.hypot({a} + 9.0, np.cos({b}))
np.arctan2({a}, 2.0 + np.cos({b}))
np.logaddexp({a}, {b})
np.logaddexp2({a}, np.sin({b}))
special.xlogy({a}, 1.5 + {b} * {b})
special.xlog1py({a}, {b} * {b})
np.sin({a} * {b}) + {a}
special.beta(1.5 + np.sin({a}), 1.5 + np.sin({b}))
special.betaln(1.5 + np.sin({a}), 1.5 + np.sin({b}))
special.rel_entr(1.5 + np.sin({a}), 1.5 + np.sin({b}))
special.kl_div(1.5 + np.sin({a}), 1.5 + np.sin({b}))
special.pseudo_huber(1.5 + np.sin({a}), {b})
np.copysign(1.5 + np.sin({a}), 2.0 + np.cos({b}))
np.multiply.outer(np.ravel({a}), np.ravel({b}))
np.outer({a}, {b})
np.kron(np.ravel({a})[:3], np.ravel({b})[:3])
np.cross([0.5, -1.0, 0.25], np.pad(np.ravel({a}), (0, 3))[:3])
"""

_KINKED = """
np.abs({a})
np.fabs({a})
np.maximum({a}, 0.1317)
np.minimum({a}, 0.1317)
np.fmax({a}, 0.1317)
np.fmin({a}, {b})
np.maximum({a}, {b})
np.minimum({a}, {b})
np.clip({a}, -0.5317, 0.5317)
np.where({a} > 0.0317, {a}, 0.5 * {b})
np.where({a} < 0.0317, np.sqrt(0.5 + {b} * {b}), np.log(1.5 + {a} * {a}))
np.where(({a} > -0.4317) & ({b} < 0.5317), {a} * {b}, {b})
np.where(~({a} >= 0.0317), np.sin({a}), {number})
np.where(np.logical_xor({a} > 0.0317, {b} > 0.0317), {a}, {b})
np.select([{a} > 0.3317, {a} < -0.3317], [{a}, {b}], 0.5 * {a})
np.max({a}, axis={axis}, keepdims={keep})
np.min({a}, axis={axis}, keepdims={keep})
np.maximum.reduce(np.atleast_1d({a}))
np.ptp({a}, axis={axis})
special.huber(0.5317, {a})
np.sign({a} - 0.0317)
np.heaviside({a} - 0.0317, 0.5)
np.floor(2.3 * {a} + 0.1317)
np.interp({a}, [-0.7317, 0.0317, 0.9317], [0.5, -0.25, 1.0])
np.interp({a}, [-0.5317, 0.4317], [0.5, 2.0], left=0.25, period=None)
0.5 * np.searchsorted([-0.7317, 0.0317, 0.9317], {a})
np.digitize({a}, [-0.7317, 0.0317, 0.9317]) + {b}
np.ceil(2.3 * {a} + 0.1317)
np.rint(2.3 * {a} + 0.1317)
np.trunc(2.3 * {a} + 0.1317)
np.fix(2.3 * {a} + 0.1317)
np.remainder({a} + 0.1317, 0.7)
np.fmod({a} + 3.1317, 0.7)
({a} + 0.1317) % (1.5 + 0.3 * np.sin({b}))
({a} + 0.1317) // 0.7
np.copysign({b}, {a} - 0.0317)
({a} <= 0.0317) * {b}
(np.not_equal({a}, {b})) * {a}
np.count_nonzero({a} > 0.0317, axis={axis}) * 0.5
np.where(np.isfinite({a}), {a}, {b})
np.where(np.isnan({a}) | np.isinf({a}), {b}, {a})
np.nan_to_num({a})
np.where(np.any({a} > 0.3317, axis={axis}, keepdims=True), {a}, -{a})
"""

_MOVEMENT = """
np.ravel({a})
np.transpose({a})
{a}.T
np.flip({a}, {axis})
np.flip({a})
np.roll({a}, {shift})
np.roll({a}, {shift}, axis={axis})
{a}[{basic}]
{a}[{fancy}]
{a}[..., {fancylast}]
{a}[{fancy}][::-1]
{a}[{mask}]
np.take({a}, {fancy}, axis=0)
np.compress({mask}, {a}, axis=0)
np.delete({a}, {position}, axis=0)
np.insert({a}, {position}, 0.3, axis=0)
np.insert({a}, {position}, {a}[0] * 0.5, axis=0)
np.append(np.ravel({a}), {b})
np.repeat({a}, 2, axis={axis})
np.repeat({a}, {counts}, axis=0)
np.tile({a}, 2)
np.pad({a}, 1, constant_values=0.3)
np.pad({a}, (1, 2), mode="edge")
np.pad({a}, (1, 0), mode="wrap")
np.pad({a}, 1, mode="reflect")
{a}[None]
{a}[..., None]
np.expand_dims({a}, {axis})
np.squeeze({a})
np.atleast_1d(np.squeeze({a}))
np.atleast_2d({a})
np.moveaxis({a}, {axis}, 0)
np.swapaxes({a}, 0, {axis})
np.reshape({a}, (-1, {divisor}))
np.reshape({a}, ({divisor}, -1), order="F")
{a}.flatten()
np.tril(np.atleast_2d({a}))
np.triu(np.atleast_2d({a}), 1)
np.diag(np.ravel({a})[:4])
np.diagonal(np.atleast_2d({a}))
np.broadcast_to({a}, (2, *np.shape({a})))
np.rot90(np.atleast_2d({a}))
np.hstack([np.ravel({a}), np.ravel({b})])
np.vstack([np.ravel({a})[:2], np.ravel({a})[-2:]])
np.stack([{a}, {a} * {number}], axis={axis})
np.concatenate([np.ravel({a}), [0.5], np.ravel({b})])
np.concatenate([{a}, 0.5 * {a}], axis={axis})
np.block([[np.ravel({a})[:2], np.ravel({b})[:1]], [np.ones(3)]])
np.split(np.ravel({a}), [1, 3])[{part}]
np.array_split({a}, 2)[{bit}]
np.diff({a}, axis={axis})
np.diff({a}, n=2, axis={axis})
np.ediff1d({a}, to_end=0.3)
np.concatenate([np.array([0.5 * v for v in np.ravel({a})[:2]]), np.ravel({a})])
np.stack([0.5 * v for v in {a}])
np.full_like({a}, 0.3) + {a}
np.zeros_like({a}) + np.sin({a})
"""

_REGROUPED = """
(1.5 + np.sin({a})) ** 0.5
np.sum({a}, axis={axis}, keepdims={keep})
np.sum({a})
{a}.sum()
np.tanh(np.sum(np.sin({a}) * {a}, axis={axis}))
np.exp(-np.mean({a} * {a}))
np.mean({a}, axis={axis}, keepdims={keep})
np.prod(np.cos({a}), axis={axis})
np.var({a}, axis={axis}, keepdims={keep})
np.sqrt(1.0 + np.var({a}))
np.std(np.append(np.ravel({a}), 9.5))
np.average({a}, axis=-1, weights=np.arange(1.0, 1.0 + {cols}))
np.sqrt(1.0 + np.sum({a} * {a}, keepdims=True))
np.linalg.norm(np.append(np.ravel({a}), 1.5))
np.cumsum({a}, axis={axis})
np.cumsum({a})
np.cumprod(np.cos({a}), axis={axis})
np.einsum("...i,...i->...", {a}, np.sin({a}))
np.einsum("i,j->ij", np.ravel({a})[:4], np.ravel({b})[:4])
np.einsum("i,ij,j->", np.ravel({a}), {matrix}, np.sin(np.ravel({a})))
np.einsum("ij->j", np.atleast_2d(np.ravel({a})))
np.convolve(np.ravel({a}), [0.5, -0.25, 0.125], "{mode}")
np.correlate(np.ravel({a}), [0.5, -0.25], "{mode}")
np.convolve(np.ravel({a})[:4], np.ravel({b})[:3])
np.trapezoid({a}, dx=0.1, axis={axis})
np.gradient(np.ravel({a}), 0.5)
np.gradient({a}, axis={axis})
{matrix} @ np.ravel({a})
np.ravel({a}) @ {matrix}
{weights} @ {a}
np.dot({a}, {weights}.T)
np.ravel({a}) @ np.ravel({a})
np.dot(np.ravel({a})[:2], np.ravel({b})[:2])
np.vdot(np.ravel({a})[:1], np.ravel({b})[-1:])
np.matmul(np.atleast_2d({a}), np.swapaxes(np.atleast_2d(np.sin({a})), -1, -2))
np.atleast_2d(np.ravel({a})).T @ np.atleast_2d(np.ravel({b}))
np.inner({a}, np.cos({a}))
np.tensordot({a}, np.sin({a}), axes=1) if np.ndim({a}) == 1 else {a}
np.tensordot({a}, {row}, axes=([-1], [0]))
np.trace(np.outer({a}, np.sin({a})))
np.linalg.norm(np.atleast_1d({a}) + 9.5, axis=-1)
sp.csr_array({matrix}) @ np.ravel({a})
sp.csc_array({matrix}).T @ np.ravel({a})
sp.eye_array({size}, k=1, format="csr") @ np.ravel({a})
(sp.csc_array({matrix}) @ np.reshape({a}, (-1, 1))) ** 2
np.log(1.5 + np.sum({a} * {b}) ** 2)
np.exp(-np.sum(np.square({a} - np.mean({a}))))
np.bincount({bins}, weights=np.ravel({a}))
"""

_WRITES = """
{out} = {a}.copy();{out}[0] = np.sin({a}[-1]);{out}[1:] *= 0.5
{out} = {a}.copy();tail = {out}[-1:];tail += 0.1
{out} = np.sin({a});{out}[::2] = {number};{out}[-1:] -= {a}[:1]
{out} = {a}.copy();{out}[1:] = {out}[:-1]
{out} = {a}.copy();{out}[::-1] = {a}
{out} = {a}.copy();{out}[1:] += {out}[:-1]
{out} = {a}.copy();{out}[{mask}] = 0.3
{out} = {a}.copy();{out}[{mask}] *= {a}[{mask}]
{out} = {a}.copy();{out}[{fancy}] = 0.5 * {out}[{fancy}]
{out} = {a}.copy();{out}[{basic}] = {number}
{out} = {a}.copy();{out}[{basic}] += np.tanh({out}[{basic}])
{out} = {a}.copy();view = {out}.T;view[...] = view * {number};view[-1:] = 0.25
{out} = {a}.copy();flat = {out}.reshape(-1);flat[1:] = np.cos(flat[:-1])
{out} = np.zeros_like({a});{out}[...] = {a};{out}[{position}] = {out}[0] * {out}[-1]
{out} = np.zeros_like({a});np.add.at({out}, {fancy}, np.sin({a}[{fancy}]))
{out} = np.atleast_2d({a}).copy();np.fill_diagonal({out}, 0.3)
{out} = np.empty_like({a});{out}[:1] = 0.5;{out}[1:] = {a}[1:] - {a}[:-1]
{out} = {a} + 0.0;{out} -= np.mean({a});{out} *= {out}
{out} = {a}.copy();np.copyto({out}, 0.5 * {a}, where={a} > 0.0317)
{out} = np.atleast_1d({a}).copy();np.put({out}, [0, -1], [0.5, 0.25])
{out} = {a}.copy();np.multiply({a}, {number}, out={out})
"""

_LOOPS = """
{out} = 0.0;for v in np.ravel({a}):;    {out} = {out} * 0.5 + np.sin(v)
{out} = 0.0;for k, v in enumerate(np.ravel({a})):;    {out} += v * (k + 1) * {number}
{out} = {a}.copy();for k in range(1, len({a})):;    {out}[k] = np.tanh({out}[k - 1] + {a}[k])
{out} = {a}.copy();for k in range(len({a}) - 1):;    {out}[k] += 0.5 * {out}[k + 1]
{out} = {a};for k in range(3):;    {out} = {out} - 0.1 * np.sin({out})
{out} = np.stack([np.sin(v) * (k + 1.0) for k, v in enumerate(np.ravel({a}))])
{out} = np.hstack([np.array([v, v * {number}]) for v in np.ravel({a})[:3]] + [np.ravel({a})])
{out} = sum(v * v for v in np.ravel({a}))
{out} = {a};for k, c in enumerate([0.5, -0.25]):;    {out} = np.roll({out}, k) * c + {a}
"""


_BY_LAYOUT = (
    "**", "power(", "arctan2(", "sinh(", "cosh(", "arctanh(", "tan(", "arcsin(", "arccos(",
    "exp2(", "expm1(", "log2(", "log10(", "log1p(", "cbrt(",
)  # fmt: skip


def _steps(text: str, *, smooth: bool = True, exact: bool = True) -> list[Step]:
    return [
        Step(
            line.replace(";", "\n"),
            smooth,
            exact and not any(words in line for words in _BY_LAYOUT),
        )
        for line in text.strip().splitlines()
    ]


_NOT_SMOOTH = ("> 0.0317",)
_MEAN = ("np.mean", "sum(")


def _of_writes(text: str) -> list[Step]:
    """Return steps whose lines may be kinked, or hold a mean, although most are neither."""
    return [
        Step(
            step.template,
            not any(words in step.template for words in _NOT_SMOOTH),
            not any(words in step.template for words in _MEAN),
        )
        for step in _steps(text)
    ]


_ALL = [
    *_steps(_SMOOTH),
    *_steps(_POWERS),
    *_steps(_PAIRS),
    *_steps(_MOVEMENT),
    *_steps(_REGROUPED, exact=False),
    *_of_writes(_WRITES),
    *_of_writes(_LOOPS),
    *_steps(_KINKED, smooth=False),
]
STEPS: tuple[Step, ...] = tuple(sorted(_ALL, key=lambda step: not step.is_smooth))
"""All steps, smooth ones first, so that shrinking prefers them."""
