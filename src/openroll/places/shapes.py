"""The map of a jurisdiction: of GeoJSON (RFC 7946), the shape of each district and its code, and nothing else.

Properties, names, ids and further members are left out: a map stands in the bundle, and whoever made it may have written in it
who lives there.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from openroll.places.model import SHAPES
from openroll.places.tables import DISTRICTS
from openroll.rules.faults import Fault

DEPTHS: Mapping[str, int] = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""The kinds of shape a district may have, and how deep positions lie in each."""
_WANTED = "a FeatureCollection of RFC 7946, a feature a district, its code in properties/code"


class NoShape(ValueError):
    """Something is no shape of RFC 7946."""


def read_shapes(data: bytes | str, codes: frozenset[str]) -> tuple[str, list[Fault]]:
    """The map as canonical JSON, when each of its features is a district of the list, and its faults."""
    try:
        shapes = json.loads(data)
        features = shapes["features"] if shapes["type"] == "FeatureCollection" else None
        kept = [_feature(feature) for feature in features or ()]
    except (ValueError, KeyError, TypeError, RecursionError):
        kept = []
    if not kept:
        return "", [Fault(SHAPES, 1, "", "It is no map that can be read here.", _WANTED)]
    unknown = sorted({feature["properties"]["code"] for feature in kept} - codes)
    faults = [
        Fault(SHAPES, 1, "properties/code", f"There is no district {code!r}.", f"a code of {DISTRICTS}")
        for code in unknown
    ]
    collection = {"type": "FeatureCollection", "features": kept}
    return "" if faults else json.dumps(collection, ensure_ascii=False, sort_keys=True, separators=(",", ":")), faults


def _feature(feature: Any) -> dict[str, Any]:
    shape = feature["geometry"]
    if feature["type"] != "Feature":
        raise NoShape
    geometry = None
    if shape is not None:
        geometry = {"type": shape["type"], "coordinates": _positions(shape["coordinates"], DEPTHS[shape["type"]])}
    return {"type": "Feature", "properties": {"code": str(feature["properties"]["code"])}, "geometry": geometry}


def _positions(found: Any, depth: int) -> list[Any]:
    if not isinstance(found, list):
        raise NoShape
    if depth:
        return [_positions(one, depth - 1) for one in found]
    return [_degrees(found[0], 180), _degrees(found[1], 90)]  # a height, and whatever stands behind it, is left out


def _degrees(found: Any, most: int) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise NoShape
    if not math.isfinite(found) or abs(found) > most:
        raise NoShape
    return found
