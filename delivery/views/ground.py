"""The roads under maps without tiles: the same for everybody, kept by browsers until there is a new map."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify

from core.auth import public
from core.errors import NotFound
from delivery.roads import map_credit, map_mark, road_ground

blueprint = Blueprint("ground", __name__, url_prefix="/ground")
public(blueprint, "main roads, which are open data")

KEPT_S = 30 * 24 * 3600


class NoSuchMap(NotFound):
    """No map has been imported, or another one than this."""

    code = "no_such_map"


@blueprint.get("/<mark>.json")
def lines(mark: str) -> Any:
    """The main roads of the map in force, as encoded polylines."""
    found = road_ground()
    if found is None or mark != map_mark():
        raise NoSuchMap()
    answer = jsonify({"lines": found, "credit": map_credit()})
    answer.cache_control.max_age = KEPT_S
    return answer
