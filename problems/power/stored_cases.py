"""The networks stored beside this file, by name, and any other MATPOWER file by its path."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import sparseopt as so
from problems.power.matpower import read_case
from problems.power.power_network import PowerNetwork, per_unit_network

DATA = Path(__file__).parent / "data"
# Objectives of AC optimal power flow [$/h], found with CasADi 3.8.2 and IPOPT 3.14.19.
KNOWN_OPTIMA = {
    "case3": 5812.64293503618,
    "case3__api": 11242.123499780477,
    "case3__sad": 5959.312896011384,
    "case5": 17551.89083859476,
    "case5__api": 78949.90826083915,
    "case5__sad": 26108.8422624152,
    "case14": 2178.080410819639,
    "case14__api": 5999.363080387176,
    "case14__sad": 2776.787604078052,
    "case24": 63352.20108606418,
    "case24__api": 161222.57632735826,
    "case24__sad": 76917.96407133713,
    "case30": 8208.515427944541,
    "case30__api": 18036.58700707232,
    "case30__sad": 8208.51542794452,
    "case57": 37589.33820419325,
    "case57__api": 36242.46118508717,
    "case57__sad": 38663.28214697749,
    "case89": 107285.6730699836,
    "case118": 97213.60693895923,
    "case300": 565219.9718650844,
    "case1354": 1258843.9851005604,
    "case2869": 2462790.432482465,
}


def network(case: str | Path = "case14") -> PowerNetwork:
    """Return the network of a stored case, or of the MATPOWER file at the path `case`.

    Raises
    ------
    ProblemError
        When there is neither such a case nor such a file; when the file is not a MATPOWER case, or
        has equipment that is not modeled.
    """
    is_path = isinstance(case, str | Path)
    path = _stored_files().get(str(case), Path(case)) if is_path else None
    if path is None or not path.is_file():
        advice = f"give the path of a MATPOWER file, or one of {', '.join(KNOWN_OPTIMA)}"
        what = f"case = {case!r} is neither a file nor a stored case"
        raise so.ProblemError(what, instead=advice)
    modified = path.stat().st_mtime_ns
    return _network(path, modified)


def read(case: str | Path = "case14", **_: object) -> None:
    """Read the file of a network, which is then kept."""
    network(case)


@lru_cache(maxsize=8)
def _network(path: Path, modified: int) -> PowerNetwork:
    return per_unit_network(read_case(path))


def _stored_files() -> dict[str, Path]:
    """Return the files by name: "pglib_opf_case14_ieee__api", "case14_ieee__api", "case14__api"."""
    files: dict[str, Path] = {}
    for path in sorted(DATA.glob("pglib_opf_*.m*")):
        name = re.sub(r"\.m(\.gz)?$", "", path.name)
        short = name.removeprefix("pglib_opf_")
        number = re.sub(r"^(case\d+)_[a-z]+(_[a-z]+)*?(?=__|$)", r"\1", short)
        files |= {name: path, short: path, number: path}
    return files
