"""Shapes and regions: plain, immutable data.

In the frame ``pixel`` positions and lengths are 0-based image pixels: the centre of the first pixel is (0, 0), and
angles are degrees counter-clockwise from +x. In a sky frame all are degrees, positions are longitude and latitude,
and an angle is what it would be on an image with north up and east to the left: the position angle plus 90 degrees.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, NoReturn

from dsa110_vis.errors import OptionError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from dsa110_vis.image import Image

__all__ = [
    "FRAMES",
    "SHAPES",
    "Box",
    "BoxAnnulus",
    "Brush",
    "Circle",
    "CircleAnnulus",
    "Ellipse",
    "EllipseAnnulus",
    "Line",
    "Point",
    "Polygon",
    "Polyline",
    "Region",
    "Shape",
]

FRAMES = ("pixel", "icrs", "fk5", "fk4", "galactic")
"""Frames in which the numbers of a shape can be given."""

LARGEST = 1e12
"""No pixel and no angle is that large, and with smaller numbers nothing overflows."""
_SIZES = frozenset(
    ("radius", "a", "b", "width", "height", "outer", "outer_a", "outer_b", "outer_width", "outer_height")
)  # fmt: skip

Vertices = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Shape:
    """A form and a place, as numbers.

    Raises
    ------
    OptionError
        If a number is not finite or absurd, a size is not above 0 (inner ones may be 0), an inner size is above its
        outer one, or there are too few vertices.
    """

    name: ClassVar[str] = ""
    has_area: ClassVar[bool] = True
    least: ClassVar[int] = 0
    """Fewest vertices of a shape that has vertices."""

    def __post_init__(self) -> None:
        values = vars(self)
        for key, value in values.items():
            if key == "vertices":
                self._check_vertices()
            elif not abs(value) < LARGEST:
                self._refuse(f"{key} {value}", f"Numbers must be finite, and below {LARGEST:g}.")
            elif key in _SIZES and not value > 0:
                self._refuse(f"{key} {value}", "Sizes must be above 0.")
            elif key.startswith("inner") and not 0 <= value <= values[key.replace("inner", "outer")]:
                self._refuse(f"{key} {value}", "It must be from 0 to the outer one.")

    def _check_vertices(self) -> None:
        vertices: Vertices = self.vertices  # type: ignore[attr-defined]
        if len(vertices) < self.least:
            self._refuse(f"{len(vertices)} vertices", f"It needs at least {self.least}.")
        if not all(abs(x) < LARGEST and abs(y) < LARGEST for x, y in vertices):
            self._refuse("a vertex that far", f"Numbers must be finite, and below {LARGEST:g}.")

    def _refuse(self, what: str, hint: str) -> NoReturn:
        message = f"A region of the shape {self.name} cannot have {what}."
        raise OptionError(message, hint)


@dataclass(frozen=True)
class Point(Shape):
    """A position.

    Parameters
    ----------
    x, y : float
        Where.
    """

    name: ClassVar[str] = "point"
    has_area: ClassVar[bool] = False
    x: float
    y: float


@dataclass(frozen=True)
class Line(Shape):
    """A straight line between two positions.

    Parameters
    ----------
    x1, y1, x2, y2 : float
        Its ends.
    """

    name: ClassVar[str] = "line"
    has_area: ClassVar[bool] = False
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Polyline(Shape):
    """Straight lines from position to position.

    Parameters
    ----------
    vertices : tuple of (float, float)
        Two or more.
    """

    name: ClassVar[str] = "polyline"
    has_area: ClassVar[bool] = False
    least: ClassVar[int] = 2
    vertices: Vertices


@dataclass(frozen=True)
class Circle(Shape):
    """A disc.

    Parameters
    ----------
    x, y : float
        Its centre.
    radius : float
        Its radius.
    """

    name: ClassVar[str] = "circle"
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Ellipse(Shape):
    """An ellipse.

    Parameters
    ----------
    x, y : float
        Its centre.
    a, b : float
        Semi-axes: along `angle`, and across it.
    angle : float
        Direction of the axis `a` in degrees.
    """

    name: ClassVar[str] = "ellipse"
    x: float
    y: float
    a: float
    b: float
    angle: float = 0.0


@dataclass(frozen=True)
class Box(Shape):
    """A rectangle, rotated or not.

    Parameters
    ----------
    x, y : float
        Its centre.
    width, height : float
        Whole sides: along `angle`, and across it.
    angle : float
        Direction of the side `width` in degrees.
    """

    name: ClassVar[str] = "box"
    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0


@dataclass(frozen=True)
class Polygon(Shape):
    """A polygon; where its sides cross, inside is what is enclosed an odd number of times.

    Parameters
    ----------
    vertices : tuple of (float, float)
        Three or more, without the first again at the end.
    """

    name: ClassVar[str] = "polygon"
    least: ClassVar[int] = 3
    vertices: Vertices


@dataclass(frozen=True)
class CircleAnnulus(Shape):
    """What lies between two circles.

    Parameters
    ----------
    x, y : float
        Their centre.
    inner, outer : float
        Their radii.
    """

    name: ClassVar[str] = "circle_annulus"
    x: float
    y: float
    inner: float
    outer: float


@dataclass(frozen=True)
class EllipseAnnulus(Shape):
    """What lies between two ellipses.

    Parameters
    ----------
    x, y : float
        Their centre.
    inner_a, inner_b, outer_a, outer_b : float
        Their semi-axes.
    angle : float
        Direction of the axes ``a`` in degrees.
    """

    name: ClassVar[str] = "ellipse_annulus"
    x: float
    y: float
    inner_a: float
    inner_b: float
    outer_a: float
    outer_b: float
    angle: float = 0.0


@dataclass(frozen=True)
class BoxAnnulus(Shape):
    """What lies between two boxes.

    Parameters
    ----------
    x, y : float
        Their centre.
    inner_width, inner_height, outer_width, outer_height : float
        Their whole sides.
    angle : float
        Direction of the widths in degrees.
    """

    name: ClassVar[str] = "box_annulus"
    x: float
    y: float
    inner_width: float
    inner_height: float
    outer_width: float
    outer_height: float
    angle: float = 0.0


@dataclass(frozen=True)
class Brush(Shape):
    """The stroke of a round brush; it exists only as pixels of a mask.

    Parameters
    ----------
    vertices : tuple of (float, float)
        Where the brush went; one or more.
    radius : float
        Its radius.
    """

    name: ClassVar[str] = "brush"
    least: ClassVar[int] = 1
    vertices: Vertices
    radius: float


SHAPES: dict[str, type[Shape]] = {
    kind.name: kind
    for kind in (
        Point,
        Line,
        Polyline,
        Circle,
        Ellipse,
        Box,
        Polygon,
        CircleAnnulus,
        EllipseAnnulus,
        BoxAnnulus,
        Brush,
    )
}
"""All shapes by name."""


@dataclass(frozen=True)
class Region:
    """A shape with a frame and what else is known of it.

    Parameters
    ----------
    shape : Shape
        Form and place.
    frame : str
        One of `FRAMES`: in which the numbers of the shape are.
    include : bool
        False for a region that takes away.
    label : str
        Its name.
    colour : str
        A colour name or ``#rrggbb``; empty for the viewer's own.
    channels : (int, int) or None
        First and last channel it is for, counted from 0; None for all.
    stokes : tuple of str or None
        Names of the Stokes parameters it is for; None for all.
    annotation : bool
        True for what is drawn and never part of a mask (CRTF's ``ann``).
    id : str
        Names it in a viewer; empty outside of one.
    drawn_in : str
        The frame in which it was first given; empty if that is `frame`.

    Raises
    ------
    OptionError
        If there is no such frame.
    """

    shape: Shape
    frame: str = "pixel"
    include: bool = True
    label: str = ""
    colour: str = ""
    channels: tuple[int, int] | None = None
    stokes: tuple[str, ...] | None = None
    annotation: bool = False
    id: str = field(default="", compare=False)
    drawn_in: str = ""

    def __post_init__(self) -> None:
        for frame in (self.frame, self.drawn_in or "pixel"):
            if frame not in FRAMES:
                message = f"There is no frame {frame!r}."
                raise OptionError(message, f"Allowed: {', '.join(FRAMES)}.")

    def mask(self, image: Image) -> npt.NDArray[np.bool_]:
        """Find the pixels of the region, whether it includes or excludes.

        Parameters
        ----------
        image : Image
            The image.

        Returns
        -------
        ndarray of bool, shape (ny, nx)
            The pixels, as `Image.statistics` takes them.

        Raises
        ------
        OptionError
            If it is in the sky and the image has no celestial coordinates.
        """
        from dsa110_vis.regions.combine import pixels_of  # noqa: PLC0415  it stands on this module

        return pixels_of([replace(self, include=True, annotation=False)], image.shape, image.celestial)
