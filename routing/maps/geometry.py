"""Distances on the ground between nearby places."""
from __future__ import annotations

from typing import Any

import numpy as np

from routing.maps.graph import E7

METRES_PER_DEGREE = 111_195.08  # on a sphere of 6,371,008.8 m


def metres_between(lat_a: Any, lon_a: Any, lat_b: Any, lon_b: Any) -> Any:
    """Metres between places in tenths of millionths of a degree; exact enough for pieces of a road."""
    north = (lat_b.astype(np.int64) - lat_a) / E7
    east = (lon_b.astype(np.int64) - lon_a) / E7 * np.cos(np.radians((lat_a.astype(np.int64) + lat_b) / 2 / E7))
    return METRES_PER_DEGREE * np.hypot(north, east)
