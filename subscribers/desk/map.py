"""A map that needs nobody: outlines and towns that ship with marqab, drawn as SVG around one place. Pure.

Outlines: Natural Earth 1:50m (public domain; borders de facto), made by `deploy/build_outlines.py`.
"""

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import cos, radians
from typing import Final

import msgspec

from schemas.records import Place
from subscribers.desk.tree import Element, h
from subscribers.telling import place_name
from subscribers.words import Language, say

WIDTH: Final = 640
HEIGHT: Final = 420
MARKED: Final = 14
"""Half the size of the mark in the middle, at least."""
KM_A_DEGREE: Final = 111.2
Point = tuple[float, float]


@dataclass(frozen=True)
class Window:
    """The part of the world that is shown, in degrees, with lengths true in its middle."""

    lat: float
    lon: float
    half_height: float

    @property
    def half_width(self) -> float:
        """Degrees of longitude from the middle to either side."""
        return self.half_height * WIDTH / HEIGHT / max(cos(radians(self.lat)), 0.2)

    def at(self, lon: float, lat: float) -> Point:
        """Where a point lies in the picture."""
        x = (lon - self.lon + self.half_width) / (2 * self.half_width) * WIDTH
        y = (self.lat + self.half_height - lat) / (2 * self.half_height) * HEIGHT
        return round(x, 1), round(y, 1)

    def holds(self, lon: float, lat: float) -> bool:
        """Whether it is in the picture."""
        return abs(lon - self.lon) <= self.half_width and abs(lat - self.lat) <= self.half_height


@cache
def outlines() -> list[list[Point]]:
    """The rings of the world's countries, longitude first."""
    packed = files(__package__).joinpath("outlines.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=list[list[tuple[float, float]]])


@cache
def cities() -> list[tuple[str, str, float, float]]:
    """Towns for orientation: English name, Arabic name, latitude, longitude."""
    rows = files(__package__).joinpath("cities.tsv").read_text("utf-8").splitlines()
    return [(en, ar, float(lat), float(lon)) for en, ar, lat, lon in (row.split("\t") for row in rows)]


def clip(ring: Sequence[Point], window: Window) -> list[Point]:
    """The ring cut off at the window's edges (Sutherland–Hodgman)."""
    west, east = window.lon - window.half_width, window.lon + window.half_width
    south, north = window.lat - window.half_height, window.lat + window.half_height
    cut = list(ring)
    for axis, limit, sign in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
        kept: list[Point] = []
        for here, there in zip(cut, cut[1:] + cut[:1], strict=True):
            inside, next_inside = sign * (here[axis] - limit) >= 0, sign * (there[axis] - limit) >= 0
            if inside:
                kept.append(here)
            if inside != next_inside:
                part = (limit - here[axis]) / (there[axis] - here[axis])
                kept.append((here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1])))
        cut = kept
    return cut


def draw(place: Place | None, language: Language) -> Element:
    """The map with its caption, or a sentence where no coordinates are known."""
    if place is None or place.lat is None or place.lon is None:
        return h("p", say("no_coordinates", language))
    radius = (place.radius_m or 0) / 1000 / KM_A_DEGREE
    window = Window(place.lat, place.lon, max(1.6, radius * 1.6))
    name = place_name(place, language)
    told = say("map_about", language, place=name, lat=f"{place.lat:.3f}", lon=f"{place.lon:.3f}")
    size = radius * HEIGHT / (2 * window.half_height)
    middle = {"cx": WIDTH / 2, "cy": HEIGHT / 2}
    return h(
        "figure",
        h(
            "svg",
            h("rect", class_="sea", width=WIDTH, height=HEIGHT),
            [h("path", class_="land", d=_path(ring, window)) for ring in _near(window)],
            _towns(window, language, name),
            h("circle", class_="about", r=round(max(size, 9), 1), **middle),
            h("circle", class_="spot", r=4, **middle),
            _scale(window),
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            role="img",
            aria_label=told,
            class_="map",
        ),
        h("figcaption", told),
    )


def _near(window: Window) -> Iterable[list[Point]]:
    for ring in outlines():
        cut = clip(ring, window)
        if len(cut) > 2:
            yield cut


def _path(ring: Sequence[Point], window: Window) -> str:
    return "M" + "L".join(f"{x},{y}" for x, y in (window.at(*point) for point in ring)) + "Z"


def _towns(window: Window, language: Language, own: str) -> Iterable[Element]:
    for english, arabic, lat, lon in cities():
        name = arabic if language == "ar" else english
        if window.holds(lon, lat):
            x, y = window.at(lon, lat)
            yield h("circle", class_="town", cx=x, cy=y, r=2)
            if not own.startswith(name):
                hidden = abs(x - WIDTH / 2) < MARKED and abs(y - HEIGHT / 2) < MARKED  # below the mark of the place
                yield h("text", name, class_="town-name", x=x, y=y - (MARKED if hidden else 6), text_anchor="middle")


def _scale(window: Window) -> Element:
    kilometres = next(km for km in (20, 50, 100, 200, 500, 1000) if km >= window.half_height * KM_A_DEGREE / 4)
    length = kilometres / KM_A_DEGREE * HEIGHT / (2 * window.half_height)
    left, base = 16, HEIGHT - 16
    return h(
        "g",
        h("path", class_="scale", d=f"M{left},{base - 5}V{base}H{left + round(length, 1)}V{base - 5}"),
        h("text", f"{kilometres} km", class_="town-name", x=left + 4, y=base - 8, text_anchor="start", direction="ltr"),
    )
