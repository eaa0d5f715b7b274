"""Find, load and describe a libipopt.

Places, in this order: the path the caller gives, the environment variable
``SPARSEOPT_IPOPT_LIBRARY``, the casadi wheel (with METIS, which halves the time on large problems),
the conda environment, the system, the cyipopt wheel.  The C interface (``IpStdCInterface.h``) is
stable since Ipopt 3.0; the current iterate needs 3.14.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparseopt.errors import SolverNotInstalledError
from sparseopt.evaluation import submit
from sparseopt.on_demand import on_demand

if TYPE_CHECKING:
    import ctypes.util as ctypes_util
    from importlib import metadata
else:  # they are for a libipopt that stands elsewhere than most
    ctypes_util = on_demand("ctypes.util")
    metadata = on_demand("importlib.metadata")

ENVIRONMENT_VARIABLE = "SPARSEOPT_IPOPT_LIBRARY"

_ADDRESS, _INT, _DOUBLE, _TEXT = ctypes.c_void_p, ctypes.c_int, ctypes.c_double, ctypes.c_char_p

# Result and argument types of IpStdCInterface.h; arrays and callbacks are passed as addresses.
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "CreateIpoptProblem": (
        _ADDRESS,
        [_INT, *[_ADDRESS] * 2, _INT, *[_ADDRESS] * 2, _INT, _INT, _INT, *[_ADDRESS] * 5],
    ),
    "FreeIpoptProblem": (None, [_ADDRESS]),
    "AddIpoptStrOption": (ctypes.c_bool, [_ADDRESS, _TEXT, _TEXT]),
    "AddIpoptNumOption": (ctypes.c_bool, [_ADDRESS, _TEXT, _DOUBLE]),
    "AddIpoptIntOption": (ctypes.c_bool, [_ADDRESS, _TEXT, _INT]),
    "SetIpoptProblemScaling": (ctypes.c_bool, [_ADDRESS, _DOUBLE, _ADDRESS, _ADDRESS]),
    "SetIntermediateCallback": (ctypes.c_bool, [_ADDRESS, _ADDRESS]),
    "IpoptSolve": (_INT, [_ADDRESS] * 8),
}
_CURRENT_ITERATE: tuple[Any, list[Any]] = (
    ctypes.c_bool,
    [_ADDRESS, ctypes.c_bool, _INT, _ADDRESS, _ADDRESS, _ADDRESS, _INT, _ADDRESS, _ADDRESS],
)


@dataclass(frozen=True)
class IpoptLibrary:
    """A loaded libipopt.

    Attributes
    ----------
    path : str
    source : str
        Where it was found: "given", "environment", "casadi", "conda", "system" or "cyipopt".
    version : tuple of int
        Empty if the library does not tell.
    functions : ctypes.CDLL
        The C interface, with argument types set.
    """

    path: str
    source: str
    version: tuple[int, ...]
    functions: ctypes.CDLL

    @property
    def has_current_iterate(self) -> bool:
        """Whether the iterate can be read during the solve (Ipopt 3.14 and later)."""
        return hasattr(self.functions, "GetIpoptCurrentIterate")

    @cached_property
    def description(self) -> str:
        """Name and version, for reports."""
        number = ".".join(map(str, self.version)) or "(version unknown)"
        return f"Ipopt {number} ({self.source})"


def ipopt_candidates() -> Iterator[tuple[str, str]]:
    """Yield (source, path) of every libipopt found, the preferred one first."""
    if given := os.environ.get(ENVIRONMENT_VARIABLE):
        yield "environment", given
    for source, folder in _folders():
        if libraries := _libraries_in(folder):
            yield source, str(libraries[0])  # the others are the same under longer names
    if found := _system_library():
        yield "system", found
    for path in _files_of_distribution("cyipopt-wheels"):
        yield "cyipopt", path


_loading = threading.Lock()


@cache
def start_loading(path: str | None = None) -> None:
    """Start to load what `load_ipopt` returns, in the background; it says what is wrong.

    It waits its turn: with few processors, what compiles is needed sooner.
    """
    # The file is looked for here: every look at a folder would wait for Python's busy threads.
    candidates = [("given", path)] if path else islice(ipopt_candidates(), 1)
    for _, candidate in candidates:
        submit(partial(_dlopen, candidate))


def load_ipopt(path: str | None = None) -> IpoptLibrary:
    """Load the library at `path`, else the first that loads of `ipopt_candidates`.

    Raises
    ------
    SolverNotInstalledError
        If there is none; the message says how to install one.
    """
    with _loading:
        return _loaded(path)


@cache
def _loaded(path: str | None) -> IpoptLibrary:
    candidates = iter([("given", path)]) if path else ipopt_candidates()
    failures = []
    for source, candidate in candidates:
        try:
            return _open_library(source, candidate)
        except (OSError, AttributeError) as error:
            failures.append(f"{candidate}: {error}")
            if source in ("given", "environment"):  # asked for by name: no silent replacement
                break
    raise SolverNotInstalledError(
        "no Ipopt library can be loaded",
        why="; ".join(failures) or "none was found",
        instead=f"pip install casadi, or set {ENVIRONMENT_VARIABLE} to the path of a libipopt",
    )


def _open_library(source: str, path: str) -> IpoptLibrary:
    # Symbols stay local to the library, so that two versions of Ipopt in one process do not mix.
    functions = _dlopen(path)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(functions, name)
        function.restype, function.argtypes = result, arguments
    if hasattr(functions, "GetIpoptCurrentIterate"):
        iterate = functions.GetIpoptCurrentIterate
        iterate.restype, iterate.argtypes = _CURRENT_ITERATE
    return IpoptLibrary(path, source, _version(functions, path), functions)


def _dlopen(path: str) -> ctypes.CDLL:
    """Load a library; if its dependencies are not found, load those that lie beside it first.

    Wheels keep them in one folder and rely on the order in which their own module loads them.
    """
    try:
        return _opened(path)
    except OSError:
        neighbors = [file for file in Path(path).parent.glob("*") if _is_library(file)]
    for _ in neighbors:  # in each pass at least one more loads, or nothing helps
        failed = [file for file in neighbors if not _loads(file)]
        if len(failed) in (0, len(neighbors)):
            break
        neighbors = failed
    return ctypes.CDLL(path)


def _opened(path: str) -> ctypes.CDLL:
    """Open a library while Python goes on; `ctypes.CDLL` lets no other thread run meanwhile."""
    if sys.platform == "win32":
        return ctypes.CDLL(path)
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype, dlopen.argtypes = _ADDRESS, [_TEXT, _INT]
    handle = dlopen(os.fsencode(path), os.RTLD_NOW | ctypes.DEFAULT_MODE)
    return ctypes.CDLL(path, handle=handle)  # without a handle it says why not


def _loads(file: Path) -> bool:
    try:
        ctypes.CDLL(str(file))
    except OSError:
        return False
    return True


def _is_library(file: Path) -> bool:
    return any(f".{kind}" in file.name for kind in ("so", "dylib", "dll"))


def _version(functions: ctypes.CDLL, path: str) -> tuple[int, ...]:
    if hasattr(functions, "GetIpoptVersion"):
        numbers = [ctypes.c_int() for _ in range(3)]
        functions.GetIpoptVersion(*map(ctypes.byref, numbers))
        return tuple(number.value for number in numbers)
    # Older libraries do not say, but their file names often do.
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", Path(path).resolve().name)
    return tuple(map(int, found.groups())) if found else ()


# What takes long is looked for once: a library is expected first, and loaded later.
@cache
def _system_library() -> str | None:
    return ctypes_util.find_library("ipopt")


@cache
def _casadi_folder() -> Path | None:
    casadi = importlib.util.find_spec("casadi")  # located, not imported
    return Path(casadi.origin).parent if casadi is not None and casadi.origin else None


def _folders() -> Iterator[tuple[str, Path]]:
    casadi = _casadi_folder()
    if casadi is not None:
        yield "casadi", casadi
    prefix = os.environ.get("CONDA_PREFIX")
    if prefix:
        yield "conda", Path(prefix) / ("Library/bin" if sys.platform == "win32" else "lib")


_ENDS_OF_NAMES = {
    "win32": (("ipopt", "libipopt"), ".dll"),
    "darwin": (("libipopt",), ".dylib"),
}


def _libraries_in(folder: Path) -> list[Path]:
    start, end = _ENDS_OF_NAMES.get(sys.platform, (("libipopt.so",), ""))
    plain = folder / f"{start[0]}{end}"
    if plain.is_file():  # most often; a folder of a wheel takes longer to read
        return [plain]
    found = [
        name
        for name in (os.listdir(folder) if folder.is_dir() else [])
        if name.startswith(start) and name.endswith(end)
        if "amplinterface" not in name and "sipopt" not in name
    ]
    return [folder / name for name in sorted(found, key=len)]


@cache
def _files_of_distribution(name: str) -> list[str]:
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return []
    names = re.compile(r"(lib)?ipopt[-.\w]*\.(so|dylib|dll)[.\d]*$")
    return [
        str(file.locate())
        for file in files
        if names.match(file.name) and "wrapper" not in file.name  # Python's extension module
    ]
