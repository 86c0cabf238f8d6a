"""Makes `subscribers/desk/outlines.json.gz` from Natural Earth's countries 1:50m (public domain).

Input: `countries-50m.json` of the npm package world-atlas 2.0.2 (`npm pack world-atlas`). Rings are thinned to 0.02°
(about 2 km; far finer than the map's strokes) and rounded to 0.01°.

    python -m deploy.build_outlines countries-50m.json
"""

import gzip
import json
import sys
from itertools import accumulate
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "subscribers" / "desk" / "outlines.json.gz"
TOLERANCE = 0.02
Point = tuple[float, float]


def rings(topology: dict[str, Any]) -> list[list[Point]]:
    """The outer rings of all countries in degrees, longitude first."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        steps = accumulate(arc, lambda at, step: (at[0] + step[0], at[1] + step[1]))
        arcs.append(thin([(x * scale[0] + shift[0], y * scale[1] + shift[1]) for x, y in steps]))
    found = []
    for country in topology["objects"]["countries"]["geometries"]:
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        for polygon in polygons:
            ring: list[Point] = []
            for number in polygon[0]:
                ring += arcs[number] if number >= 0 else arcs[~number][::-1]
            found.append([(round(x, 2), round(y, 2)) for x, y in ring])
    return [list(dict.fromkeys(ring)) for ring in found if len(set(ring)) > 2]


def thin(line: list[Point]) -> list[Point]:
    """Ramer–Douglas–Peucker: the fewest points that stay within the tolerance; both ends stay."""
    if len(line) < 3:
        return line
    (x0, y0), (x1, y1) = line[0], line[-1]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5

    def off(point: Point) -> float:
        x, y = point
        if length == 0:
            return ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5
        return abs((y1 - y0) * x - (x1 - x0) * y + x1 * y0 - y1 * x0) / length

    far = max(range(1, len(line) - 1), key=lambda n: off(line[n]))
    if off(line[far]) <= TOLERANCE:
        return [line[0], line[-1]]
    return thin(line[: far + 1])[:-1] + thin(line[far:])


def main(source: Path) -> None:
    """Write the file; the same input gives the same bytes."""
    told = json.dumps(rings(json.loads(source.read_text("utf-8"))), separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(told.encode(), 9, mtime=0))
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
