"""Reader of bundle adjustment files in the BAL format (text, also gzipped or bzip2-compressed).

A file holds white-space separated numbers: the numbers of cameras, points and observations; for
each observation the camera, the point (both from 0) and the image coordinates x, y [pixel]; nine
numbers for each camera: rotation as Rodrigues vector [rad], translation, focal length [pixel], two
coefficients of radial distortion; three coordinates for each point.

Source: S. Agarwal, N. Snavely, S. M. Seitz, R. Szeliski, Bundle Adjustment in the Large, ECCV 2010,
doi:10.1007/978-3-642-15552-9_3.
"""

from __future__ import annotations

import bz2
import gzip
import itertools
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import sparseopt as so

Array = NDArray[np.float64]
Index = NDArray[np.intp]
CAMERA_SIZE = 9


@dataclass(frozen=True)
class Scene:
    """What was seen, and an estimate of where everything is.

    Attributes
    ----------
    camera, point : ndarray of int, shape (num_observations,)
        Which camera saw which point.
    image : ndarray, shape (num_observations, 2)
        Where in its image [pixel], from the center, y upward.
    cameras : ndarray, shape (num_cameras, 9)
        Rotation vector [rad], translation, focal length [pixel], two distortion coefficients.
    points : ndarray, shape (num_points, 3)
        Positions in space, in the units of the translations.
    """

    camera: Index
    point: Index
    image: Array
    cameras: Array
    points: Array


class SceneFileError(so.ProblemError):
    """Raised for a file that is not of the BAL format; says the line."""


def read_bal(path: str | Path) -> Scene:
    """Return the scene of a BAL file.

    Raises
    ------
    SceneFileError
        With file and line, when the header is not three positive counts, numbers are missing, left
        over, not numbers or not finite, or an observation names a camera or point that does not
        exist.
    """
    path = Path(path)
    text = _text(path)
    words = text.split()
    counts = _counts(path, words[:3])
    numbers = _numbers(path, text, words)
    num_cameras, num_points, num_observations = counts
    sizes = [4 * num_observations, CAMERA_SIZE * num_cameras, 3 * num_points]
    if len(numbers) != sum(sizes):
        what = f"{sum(sizes)} numbers must follow the header, not {len(numbers)}"
        raise _error(path, text, min(len(words) - 1, 3 + sum(sizes)), what)
    seen, cameras, points = np.split(numbers, np.cumsum(sizes)[:-1])
    observations = seen.reshape(-1, 4)
    for column, (kind, count) in enumerate((("camera", num_cameras), ("point", num_points))):
        _check_indices(path, text, observations, column, kind, count)
    return Scene(
        camera=observations[:, 0].astype(np.intp),
        point=observations[:, 1].astype(np.intp),
        image=observations[:, 2:],
        cameras=cameras.reshape(-1, CAMERA_SIZE),
        points=points.reshape(-1, 3),
    )


def write_bal(path: str | Path, scene: Scene) -> None:
    """Write a scene as a BAL file of text, exact to the last bit."""
    lines = [f"{len(scene.cameras)} {len(scene.points)} {len(scene.image)}"]
    seen = zip(scene.camera.tolist(), scene.point.tolist(), scene.image.tolist(), strict=True)
    lines += [f"{camera} {point} {x!r} {y!r}" for camera, point, (x, y) in seen]
    numbers = np.concatenate([scene.cameras.ravel(), scene.points.ravel()])
    lines += [repr(number) for number in numbers.tolist()]
    Path(path).write_text("\n".join(lines) + "\n", encoding="ascii")


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SceneFileError(f"cannot be read: {error.strerror}", where=str(path)) from error
    try:
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        elif path.suffix == ".bz2":
            content = bz2.decompress(content)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise SceneFileError(f"cannot be decompressed: {error}", where=str(path)) from error
    return content.decode("ascii", errors="replace")


def _error(path: Path, text: str, word: int, what: str) -> SceneFileError:
    """Return an error at the line of a word, counted from 0."""
    position = next(itertools.islice(re.finditer(r"\S+", text), word, None)).start()
    line = text.count("\n", 0, position) + 1
    return SceneFileError(what, where=f"{path}:{line}")


def _counts(path: Path, words: list[str]) -> tuple[int, int, int]:
    if len(words) < 3 or not all(word.isdecimal() and int(word) > 0 for word in words):
        what = (
            "a BAL file starts with the numbers of cameras, points and observations,"
            f" not with {' '.join(words)!r}"
        )
        raise SceneFileError(what, where=f"{path}:1")
    return int(words[0]), int(words[1]), int(words[2])


def _numbers(path: Path, text: str, words: list[str]) -> Array:
    """Return what follows the header, as numbers."""
    try:
        numbers = np.array(words, dtype=np.float64)
    except ValueError as error:
        wrong = next(place for place, word in enumerate(words) if not _is_number(word))
        raise _error(path, text, wrong, f"{words[wrong]!r} is not a number") from error
    if not np.isfinite(numbers).all():
        wrong = int(np.argmin(np.isfinite(numbers)))
        raise _error(path, text, wrong, f"{words[wrong]} is not finite")
    return numbers[3:]


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _check_indices(
    path: Path, text: str, observations: Array, column: int, kind: str, count: int
) -> None:
    numbers = observations[:, column]
    wrong = (numbers < 0) | (numbers >= count) | (numbers != np.floor(numbers))
    if wrong.any():
        row = int(np.argmax(wrong))
        what = f"observation {row}: no {kind} {numbers[row]:g}, there are {count}"
        raise _error(path, text, 3 + 4 * row + column, what)
