"""Names of NumPy and SciPy that no rule could be written for, by the reason.

What is recorded and what is refused is known to the registry (`dispatch`) and to the table of
scalar functions.  Here is the rest of NumPy's public names, so that `python -m benchmarks.coverage`
sees a name that is nowhere, and so that an error says more than "no rule".  Names are those of
``numpy``; those of its parts and of SciPy are ``linalg.norm``, ``fft.fft``, ``special.erf``.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DIFFERENTIABLE", "NOT_APPLICABLE", "NameClass", "class_of"]


@dataclass(frozen=True)
class NameClass:
    """Names that have one reason for having no rule.

    Parameters
    ----------
    title : str
    why : str
        Why a traced array makes no sense there.
    instead : str
        What to write.
    names : str
        Separated by blanks.
    """

    title: str
    why: str
    instead: str
    names: str


NOT_APPLICABLE = (
    NameClass(
        "makes a plain array",
        "a plain array holds numbers, and these are not known while the code is recorded",
        "leave it out; np.stack([...]) for arrays of traced values",
        """
        array asanyarray asarray asarray_chkfinite ascontiguousarray asfortranarray asmatrix
        bmat from_dlpack frombuffer fromfunction fromiter require
        """,
    ),
    NameClass(
        "constructors from sizes",
        "sizes and constants must be known while the code is recorded",
        "constant arguments; np.zeros_like(x), np.full_like(x, value), np.linspace for points "
        "between traced ends",
        """
        arange eye full identity ones zeros empty tri bartlett blackman hamming hanning
        kaiser fft.fftfreq fft.rfftfreq
        """,
    ),
    NameClass(
        "indices",
        "indices and shapes must be known while the code is recorded",
        "constant indices",
        """
        broadcast_shapes diag_indices indices ix_ mask_indices nested_iters
        ravel_multi_index tril_indices triu_indices unravel_index
        """,
    ),
    NameClass(
        "bits and integers",
        "traced values are real numbers",
        "np.floor, np.remainder, np.where and comparisons",
        """
        bitwise_count bitwise_left_shift bitwise_right_shift gcd lcm left_shift packbits
        right_shift unpackbits
        """,
    ),
    NameClass(
        "dates and times",
        "traced values are real numbers",
        "numbers, in a unit of your choice",
        """
        busday_count busday_offset datetime_as_string datetime_data is_busday isnat
        """,
    ),
    NameClass(
        "types of data",
        "it answers for a type, not for values",
        "x.dtype, which is float64 for every traced array",
        """
        isdtype issubdtype min_scalar_type mintypecode promote_types typename isfortran
        isscalar iterable
        """,
    ),
    NameClass(
        "reading, writing, printing",
        "numbers are not known while the code is recorded",
        "print(x.shape) while the code is recorded; results are plain arrays",
        """
        array2string array_repr array_str base_repr binary_repr format_float_positional
        format_float_scientific fromfile fromregex fromstring genfromtxt load loadtxt save
        savetxt savez savez_compressed
        """,
    ),
    NameClass(
        "settings and information",
        "it takes no array",
        "the same, outside the recorded code",
        """
        get_include get_printoptions getbufsize geterr geterrcall info printoptions
        set_printoptions setbufsize seterr seterrcall show_config show_runtime test errstate
        linalg.test fft.test special.test special.errstate special.geterr special.seterr
        """,
    ),
    NameClass(
        "makes functions",
        "the function it makes calls Python code with numbers, element by element",
        "the function itself on whole arrays, or so.external(function, shape)",
        """
        frompyfunc vectorize
        """,
    ),
    NameClass(
        "classes",
        "objects of the class hold numbers",
        "the functions of numpy",
        """
        broadcast busdaycalendar dtype finfo flatiter iinfo matrix memmap ndarray
        ndenumerate ndindex nditer poly1d recarray ufunc linalg.LinAlgError
        special.SpecialFunctionError special.SpecialFunctionWarning
        """,
    ),
    NameClass(
        "older spellings",
        "NumPy has another name for it, or has removed it",
        "np.vstack, np.trapezoid, np.isin",
        """
        in1d row_stack trapz
        """,
    ),
    NameClass(
        "zeros and coefficients by number",
        "integers are its arguments",
        "constants",
        """
        special.ai_zeros special.bei_zeros special.beip_zeros special.ber_zeros
        special.bernoulli special.berp_zeros special.bi_zeros special.erf_zeros
        special.euler special.fresnel_zeros special.fresnelc_zeros special.fresnels_zeros
        special.jn_zeros special.jnjnp_zeros special.jnp_zeros special.jnyn_zeros
        special.kei_zeros special.keip_zeros special.kelvin_zeros special.ker_zeros
        special.kerp_zeros special.stirling2 special.y0_zeros special.y1_zeros
        special.y1p_zeros special.yn_zeros special.ynp_zeros special.mathieu_even_coef
        special.mathieu_odd_coef special.obl_cv_seq special.pro_cv_seq
        """,
    ),
    NameClass(
        "tables by order",
        "it takes numbers, not arrays, and returns values of all orders with their derivatives",
        "the function of one order, such as special.jv",
        """
        special.lmbda special.lqmn special.lqn special.pbdn_seq special.pbdv_seq
        special.pbvv_seq special.riccati_jn special.riccati_yn
        """,
    ),
    NameClass(
        "polynomials and quadratures by degree",
        "integers are its arguments; it makes an object or a table",
        "np.polyval of the coefficients of the object",
        """
        special.legendre special.chebyt special.chebyu special.chebyc special.chebys
        special.jacobi special.laguerre special.genlaguerre special.hermite
        special.hermitenorm special.gegenbauer special.sh_legendre special.sh_chebyt
        special.sh_chebyu special.sh_jacobi special.roots_legendre special.roots_chebyt
        special.roots_chebyu special.roots_chebyc special.roots_chebys special.roots_jacobi
        special.roots_laguerre special.roots_genlaguerre special.roots_hermite
        special.roots_hermitenorm special.roots_gegenbauer special.roots_sh_legendre
        special.roots_sh_chebyt special.roots_sh_chebyu special.roots_sh_jacobi
        special.p_roots special.t_roots special.u_roots special.c_roots special.s_roots
        special.j_roots special.l_roots special.la_roots special.h_roots special.he_roots
        special.cg_roots special.ps_roots special.ts_roots special.us_roots special.js_roots
        """,
    ),
)

_DIFFERENTIABLE = {
    "one value for one element": """
        absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh astype cbrt conjugate
        copysign cos cosh deg2rad degrees divide divmod exp exp2 expm1 fabs float_power fmax
        fmin fmod hypot i0 ldexp log log10 log1p log2 logaddexp logaddexp2 maximum minimum modf
        multiply nan_to_num negative positive power rad2deg radians real real_if_close
        reciprocal remainder sin sinc sinh sqrt square subtract tan tanh unwrap
    """,
    "products": """
        convolve correlate cross dot einsum inner kron matmul matvec outer tensordot trace vdot
        vecdot vecmat
    """,
    "sums, products, extremes, statistics": """
        average corrcoef cov cumprod cumsum cumulative_prod cumulative_sum max mean median min
        nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile
        nanstd nansum nanvar percentile prod ptp quantile std sum var
    """,
    "sampled functions and polynomials": """
        bincount diff ediff1d gradient interp poly polyadd polyder polyfit polyint polymul
        polysub polyval trapezoid vander geomspace linspace logspace
    """,
    "choosing": """
        choose clip compress extract partition piecewise select sort where
    """,
    "copies and views": """
        append apply_along_axis apply_over_axes array_split atleast_1d atleast_2d atleast_3d
        block broadcast_arrays broadcast_to column_stack concatenate copy copyto delete diag
        diagflat diagonal dsplit dstack expand_dims fill_diagonal flip fliplr flipud full_like
        hsplit hstack insert matrix_transpose meshgrid moveaxis pad place put put_along_axis
        putmask ravel repeat reshape resize roll rollaxis rot90 split squeeze stack swapaxes
        take take_along_axis tile transpose tril triu unstack vsplit vstack
    """,
}
DIFFERENTIABLE = frozenset(" ".join(_DIFFERENTIABLE.values()).split())
"""Functions of NumPy's main namespace with real values that change smoothly with real arguments.

Differentiable almost everywhere, with a derivative that is not zero throughout: no steps (`floor`),
truths, indices, counts or bits (`frexp`, `nextafter`); and the shape of the result is known from
the shapes of the arguments (unlike `trim_zeros`, `polydiv`).  Each function is named once, not its
aliases.
"""

_CLASSES = {name: group for group in NOT_APPLICABLE for name in group.names.split()}


def class_of(name: str) -> NameClass | None:
    """Return why a name has no rule, or ``None`` for a name that could have one.

    Examples
    --------
    >>> class_of("packbits").why
    'traced values are real numbers'
    >>> class_of("sin") is None
    True
    """
    return _CLASSES.get(name)
