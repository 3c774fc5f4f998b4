"""What a delivery van may drive on and how fast: OpenStreetMap's tags, read for a light goods vehicle.

Speeds are free flow, fitted on Ljubljana: a class has its own usual speed, a lower limit on the sign holds, and each
end of a street at a junction costs time. Beyond the town they are a beginning that the factors by area correct.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MPH = 1.609344
TOP_SPEED_KMH = 90.0  # at a car's speed the quickest way leads over the ring motorway
JUNCTION_MS = 1230  # lost on a street between two junctions
SLOWEST_KMH = 5.0
AS_SIGNED = {"motorway": 120.0, "trunk": 80.0}  # where no limit is tagged
USUAL_KMH = {
    "primary": 64.7, "secondary": 54.35, "tertiary": 41.9, "unclassified": 37.7, "residential": 42.33,
    "motorway_link": 45.0, "trunk_link": 45.0, "primary_link": 45.0, "secondary_link": 45.0, "tertiary_link": 41.9,
    "service": 20.15, "living_street": 12.0, "road": 25.0}
WITH_JUNCTIONS = frozenset({"primary", "secondary", "tertiary", "unclassified", "residential"})
MAIN_ROADS = frozenset({"motorway", "trunk", "primary", "secondary"})
NO_HOUSES = frozenset({"motorway", "motorway_link", "trunk_link"})
WORDS_KMH = {"walk": 7.0, "none": 130.0, "si:urban": 50.0, "si:rural": 90.0, "si:trunk": 110.0, "si:motorway": 130.0}

ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")  # the most specific one speaks
REFUSED = frozenset({"no", "private", "agricultural", "forestry", "agricultural;forestry", "emergency", "military",
                     "psv", "bus", "taxi", "discouraged", "residents"})
CLOSED_BARRIERS = frozenset({"bollard", "block", "jersey_barrier", "cycle_barrier", "chain", "log", "debris", "fence",
                             "wall", "stile", "turnstile", "kissing_gate", "motorcycle_barrier", "planter", "rope",
                             "full-height_turnstile", "bus_trap", "sump_buster", "hampshire_gate", "yes"})
FORWARD_WORDS, BACKWARD_WORDS = frozenset({"yes", "true", "1"}), frozenset({"-1", "reverse"})
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh)?", re.IGNORECASE)
RESTRICTION = "restriction"
RESTRICTION_FOR_CARS = ("restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", RESTRICTION)
NOT_FOR = frozenset({"motorcar", "motor_vehicle", "vehicle", "goods"})


@dataclass(frozen=True, kw_only=True, order=True)
class Road:
    """How a way may be driven. `houses`: somebody can stop there; not on a motorway, not in a tunnel. `main`: drawn on
    a map of the whole town."""

    speed_kmh: float
    junctions: bool
    houses: bool
    main: bool
    forward: bool
    backward: bool


class Turn(StrEnum):
    """What a restriction says of a turn."""

    NO = "no"
    ONLY = "only"


def road_of(tags: Mapping[str, str]) -> Road | None:
    """How a van may drive on a way with these tags; None where it may not."""
    kind = tags.get("highway", "")
    if (kind not in USUAL_KMH and kind not in AS_SIGNED) or tags.get("area") == "yes" or not may_enter(tags):
        return None
    forward, backward = directions(tags)
    if not (forward or backward):
        return None
    tunnel = tags.get("tunnel", "no") not in ("no", "building_passage")
    return Road(speed_kmh=_speed(kind, tags), junctions=kind in WITH_JUNCTIONS,
                houses=kind not in NO_HOUSES and not tunnel and tags.get("motorroad") != "yes",
                main=kind in MAIN_ROADS, forward=forward, backward=backward)


def may_enter(tags: Mapping[str, str]) -> bool:
    """Whether a van that delivers there may enter."""
    for key in ACCESS_KEYS:
        if key in tags:
            return tags[key] not in REFUSED
    return True


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether it may be driven along the way and against it."""
    said = next((tags[key] for key in ("oneway:motorcar", "oneway:motor_vehicle", "oneway") if key in tags), "")
    if said in FORWARD_WORDS:
        return True, False
    if said in BACKWARD_WORDS:
        return False, True
    if said in ("reversible", "alternating"):  # which way it goes now is on a sign that no map knows
        return False, False
    circular = tags.get("junction") in ("roundabout", "circular")
    if not said and (circular or tags.get("highway") in ("motorway", "motorway_link")):
        return True, False
    return True, True


def _speed(kind: str, tags: Mapping[str, str]) -> float:
    signed = speed_limit(tags.get("maxspeed", ""))
    if kind in AS_SIGNED:
        return max(SLOWEST_KMH, signed or AS_SIGNED[kind])
    return max(SLOWEST_KMH, min(USUAL_KMH[kind], signed or USUAL_KMH[kind]))


def speed_limit(text: str) -> float | None:
    """A limit in km/h; None where the tag gives none."""
    text = text.strip().lower()
    if text in WORDS_KMH:
        return WORDS_KMH[text]
    found = _SPEED.fullmatch(text.split(";")[0].strip())
    if found is None or not float(found[1]):
        return None
    return float(found[1]) * (MPH if found[2] == "mph" else 1.0)


def blocks(tags: Mapping[str, str]) -> bool:
    """Whether a node ends the drive: a bollard, or a gate that is not for everybody."""
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    if any(key in tags for key in ACCESS_KEYS):
        return not may_enter(tags)
    return barrier in CLOSED_BARRIERS


def turn_of(tags: Mapping[str, str]) -> tuple[Turn, str] | None:
    """What a relation says of a turn and its whole word (`no_left_turn`); None where it says nothing to a van."""
    said = next((tags[key] for key in RESTRICTION_FOR_CARS if key in tags), "")
    rule, _, _ = said.partition("_")
    if rule not in (Turn.NO, Turn.ONLY) or NOT_FOR & {word.strip() for word in tags.get("except", "").split(";")}:
        return None
    return Turn(rule), said
