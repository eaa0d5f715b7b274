"""Bundle adjustment: cameras and points in space from where the points appear in the images.

    minimize    1/2 sum_k rho(|pi(camera_{c_k}, X_{p_k}) - image_k|^2)

    with        P = R(w) X + t,   p = -(P_1, P_2) / P_3
                pi = f (1 + k_1 |p|^2 + k_2 |p|^4) p        [pixel]

over the nine numbers (w [rad], t, f [pixel], k_1, k_2) of each camera and the three of each point.
R(w) X = X cos a + (w x X) sin(a) / a + w (w . X) (1 - cos a) / a^2 with a = |w| is Rodrigues'
rotation. rho(s) = s is the squared loss; the robust one of Cauchy is rho(s) = c^2 log(1 + s / c^2)
with c = 2 pixels. Camera 0 and one coordinate of camera 1 are fixed, as images do not tell where
the whole scene is and how large.

The scene is synthetic, unless a BAL file is given: cameras on a circle of radius 8 look at its
center, f = 500 pixels, k_1 = -0.05, k_2 = 0.005; points are uniform in the cube [-1, 1]^3; every
point is seen by `views` neighboring cameras; images have normal errors of 0.5 pixel, and every
tenth one is off by 20 more. The start is off by normal errors of 0.01 (w, t), 5 (f) and 0.02 (X).
Random numbers come from `seed`.

Source: S. Agarwal, N. Snavely, S. M. Seitz, R. Szeliski, Bundle Adjustment in the Large, ECCV 2010,
doi:10.1007/978-3-642-15552-9_3; the loss: P. W. Holland and R. E. Welsch, Robust regression using
iteratively reweighted least-squares, Communications in Statistics 6 (1977),
doi:10.1080/03610927708827533. The scene is our own; there is no published value.
"""

from __future__ import annotations

import functools
from typing import Any, Literal, get_args

import numpy as np

import sparseopt as so
from problems.arguments import checked
from problems.engineering.bal import Scene, read_bal
from problems.record import Counts, KnownObjective, ProblemRecord

CIRCLE_RADIUS = 8.0
FOCAL_LENGTH = 500.0
DISTORTION = (-0.05, 0.005)
IMAGE_ERROR = 0.5
OUTLIER_ERROR = 20.0
LOSS_SCALE = 2.0
START_ERROR = np.array([0.01] * 6 + [5.0, 0.0, 0.0])
POINT_START_ERROR = 0.02
# Below this squared angle a series of three terms is exact to rounding.
SMALL_SQUARED_ANGLE = 1e-4
Loss = Literal["squared", "cauchy"]


@checked(num_cameras=2, num_points=1, views=1, loss=get_args(Loss), seed=0)
def build(
    num_cameras: int = 5,
    num_points: int = 60,
    views: int = 3,
    loss: Loss = "cauchy",
    seed: int = 0,
    file: str | None = None,
) -> so.Model:
    """Return the model of a synthetic scene, or of the BAL file at the path `file`."""
    scene = read_bal(file) if file else synthetic_scene(num_cameras, num_points, views, seed)
    lower, upper = _camera_bounds(scene.cameras)
    model = so.Model(f"bundle_adjustment_{loss}")
    cameras = model.variable("cameras", scene.cameras.shape, lower, upper, start=scene.cameras)
    points = model.variable("points", scene.points.shape, start=scene.points)
    seen = project(cameras[scene.camera], points[scene.point])
    squared = np.sum((seen - scene.image) ** 2, axis=1)
    if loss == "cauchy":
        squared = LOSS_SCALE**2 * np.log1p(squared / LOSS_SCALE**2)
    model.minimize(0.5 * np.sum(squared))
    return model


def project(cameras: Any, points: Any) -> Any:
    """Return where cameras (n, 9) see points (n, 3): image coordinates (n, 2) [pixel]."""
    behind = rotate(cameras[:, :3], points) + cameras[:, 3:6]
    p = -behind[:, :2] / behind[:, 2:]
    s = np.sum(p**2, axis=1)
    distortion = 1 + cameras[:, 7] * s + cameras[:, 8] * s**2
    return (cameras[:, 6] * distortion)[:, None] * p


def rotate(vectors: Any, points: Any) -> Any:
    """Return points (n, 3) turned by Rodrigues vectors (n, 3), with derivatives also at zero."""
    s = np.sum(vectors**2, axis=1)
    small = s < SMALL_SQUARED_ANGLE
    angle = np.sqrt(np.where(small, 1.0, s))
    sine = np.where(small, 1 - s / 6 + s**2 / 120, np.sin(angle) / angle)
    half = np.where(small, 0.5 - s / 24 + s**2 / 720, (1 - np.cos(angle)) / angle**2)
    along = np.sum(vectors * points, axis=1)
    # cos a = 1 - s half, so that no third function is needed.
    return (
        (1 - s * half)[:, None] * points
        + sine[:, None] * np.cross(vectors, points)
        + (half * along)[:, None] * vectors
    )


def photographed(
    num_cameras: int = 5, num_points: int = 60, views: int = 3, seed: int = 0, **_: object
) -> Scene:
    """Return the synthetic scene, which is then kept: what is in the images, a first estimate."""
    return synthetic_scene(num_cameras, num_points, views, seed)


@functools.lru_cache(maxsize=8)
def synthetic_scene(num_cameras: int, num_points: int, views: int, seed: int) -> Scene:
    """Return the scene of the header, with a disturbed estimate of cameras and points."""
    random = np.random.default_rng(seed)
    cameras = _cameras_on_circle(num_cameras)
    points = random.uniform(-1.0, 1.0, (num_points, 3))
    first = random.integers(num_cameras, size=num_points)
    camera = ((first[:, None] + np.arange(views)) % num_cameras).ravel()
    point = np.repeat(np.arange(num_points), views)
    image = project(cameras[camera], points[point])
    image += IMAGE_ERROR * random.standard_normal(image.shape)
    image[::10] += OUTLIER_ERROR * random.standard_normal(image[::10].shape)
    disturbed = cameras + START_ERROR * random.standard_normal(cameras.shape)
    disturbed[0], disturbed[1, 3] = cameras[0], cameras[1, 3]
    disturbed_points = points + POINT_START_ERROR * random.standard_normal(points.shape)
    for array in (camera, point, image, disturbed, disturbed_points):
        array.flags.writeable = False  # the cache keeps them
    return Scene(camera, point, image, disturbed, disturbed_points)


def _cameras_on_circle(num_cameras: int) -> Any:
    """Return cameras that look along -z at the origin, turned about the vertical axis."""
    # Half a turn is where Rodrigues vectors jump, so the circle stays open there.
    angle = np.linspace(-0.9 * np.pi, 0.9 * np.pi, num_cameras)
    cameras = np.zeros((num_cameras, 9))
    cameras[:, 1], cameras[:, 5] = angle, -CIRCLE_RADIUS
    cameras[:, 6], cameras[:, 7:] = FOCAL_LENGTH, DISTORTION
    return cameras


def _camera_bounds(cameras: Any) -> tuple[Any, Any]:
    fixed = np.zeros(cameras.shape, bool)
    fixed[0] = True
    fixed[1:2, 3] = True
    return np.where(fixed, cameras, -np.inf), np.where(fixed, cameras, np.inf)


def counts(
    num_cameras: int = 5,
    num_points: int = 60,
    views: int = 3,
    loss: Loss = "cauchy",
    seed: int = 0,
    file: str | None = None,
) -> Counts:
    """Return the counts: blocks of the cameras, of the points, and of who sees what."""
    scene = read_bal(file) if file else synthetic_scene(num_cameras, num_points, views, seed)
    pairs = len(np.unique(np.stack([scene.camera, scene.point]), axis=1).T)
    seeing, seen = len(np.unique(scene.camera)), len(np.unique(scene.point))
    return Counts(
        variables=scene.cameras.size + scene.points.size,
        constraints=0,
        jacobian=0,
        hessian=45 * seeing + 6 * seen + 27 * pairs,
    )


def _known(loss: Loss, value: float) -> KnownObjective:
    return KnownObjective(
        size={"num_cameras": 5, "num_points": 60, "views": 3, "loss": loss, "seed": 0},
        value=value,
        relative_tolerance=1e-6,
        source="CasADi 3.8.2 with IPOPT 3.14.19 on its own formulas, and for the squared loss SciPy"
        " 1.17.1, least_squares; not published",
    )


RECORD = ProblemRecord(
    name="bundle_adjustment",
    title="bundle adjustment of a synthetic scene or a BAL file",
    family="least squares, computer vision",
    sense="minimize",
    build=build,
    sizes={
        "small": {"num_cameras": 5, "num_points": 60, "views": 3, "loss": "squared", "seed": 0},
        "medium": {"num_cameras": 20, "num_points": 1000, "views": 4, "loss": "cauchy", "seed": 0},
        "large": {
            "num_cameras": 100,
            "num_points": 10_000,
            "views": 4,
            "loss": "cauchy",
            "seed": 0,
        },
    },
    counts=counts,
    known=(_known("cauchy", 179.55051692536), _known("squared", 2403.6817663123)),
    reference="Agarwal, Snavely, Seitz, Szeliski (2010), doi:10.1007/978-3-642-15552-9_3",
    second_size={"num_cameras": 4, "num_points": 30, "views": 2, "loss": "squared", "seed": 1},
    solved_sizes=("small", "medium"),
    data=photographed,
)
