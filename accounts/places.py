"""Places of delivery: addresses as people write them, and whether they lie in Slovenia. Pure."""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

CITY_POSTCODES = frozenset({"1000", "1210", "1211", "1231", "1260", "1261"})

# Our own rough outline of the Republic of Slovenia (latitude, longitude), drawn a little generously: it decides
# whether a van may be sent at all (H-092), not where a border runs.
_OUTLINE: tuple[tuple[float, float], ...] = (
    (45.470, 13.585), (45.535, 13.530), (45.605, 13.690), (45.595, 13.725), (45.587, 13.800), (45.598, 13.850),
    (45.640, 13.855), (45.705, 13.805), (45.740, 13.775), (45.795, 13.690), (45.805, 13.585), (45.850, 13.585),
    (45.890, 13.590), (45.930, 13.630), (45.970, 13.625), (45.985, 13.590), (45.960, 13.540), (45.965, 13.475),
    (46.020, 13.470), (46.060, 13.500), (46.100, 13.580), (46.165, 13.640), (46.200, 13.590), (46.225, 13.475),
    (46.205, 13.420), (46.260, 13.375), (46.310, 13.380), (46.365, 13.430), (46.405, 13.560), (46.450, 13.650),
    (46.500, 13.690), (46.525, 13.710), (46.520, 13.830), (46.525, 13.930), (46.500, 14.040), (46.445, 14.170),
    (46.445, 14.400), (46.425, 14.530), (46.440, 14.640), (46.465, 14.740), (46.525, 14.770), (46.580, 14.840),
    (46.620, 14.880), (46.630, 14.970), (46.660, 15.050), (46.650, 15.220), (46.670, 15.400), (46.700, 15.550),
    (46.700, 15.640), (46.720, 15.680), (46.715, 15.850), (46.695, 15.985), (46.740, 16.000), (46.840, 15.990),
    (46.880, 16.100), (46.885, 16.280), (46.850, 16.365), (46.760, 16.355), (46.715, 16.390), (46.690, 16.440),
    (46.610, 16.480), (46.560, 16.530), (46.480, 16.615), (46.470, 16.560), (46.510, 16.440), (46.500, 16.350),
    (46.530, 16.250), (46.465, 16.270), (46.405, 16.320), (46.375, 16.300), (46.385, 16.150), (46.375, 16.050),
    (46.330, 16.020), (46.270, 15.880), (46.235, 15.790), (46.200, 15.660), (46.140, 15.620), (46.080, 15.680),
    (46.040, 15.720), (45.930, 15.715), (45.850, 15.730), (45.815, 15.680), (45.800, 15.540), (45.750, 15.330),
    (45.690, 15.390), (45.640, 15.360), (45.580, 15.310), (45.525, 15.350), (45.455, 15.310), (45.435, 15.200),
    (45.480, 15.050), (45.450, 14.900), (45.470, 14.800), (45.515, 14.660), (45.585, 14.670), (45.610, 14.590),
    (45.640, 14.530), (45.560, 14.500), (45.490, 14.400), (45.475, 14.250), (45.480, 14.120), (45.470, 14.020),
    (45.445, 13.970), (45.440, 13.870), (45.445, 13.680),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a van goes. `source` is `register` or `osm` (a known address), `pin` (set on the map) or `history`."""

    street: str
    house_number: str
    postcode: str
    city: str
    lat: float
    lon: float
    floor: int = 0
    note: str = ""
    source: str = "register"

    @property
    def line(self) -> str:
        """`Šišenska cesta 12, 1000 Ljubljana`."""
        return f"{self.street} {self.house_number}, {self.postcode} {self.city}"


def in_slovenia(lat: float, lon: float) -> bool:
    """Whether a position lies in the Republic of Slovenia, to within a few kilometres (H-092)."""
    inside = False
    before_lat, before_lon = _OUTLINE[-1]
    for here_lat, here_lon in _OUTLINE:
        if (here_lat > lat) != (before_lat > lat):
            crossing = here_lon + (lat - here_lat) / (before_lat - here_lat) * (before_lon - here_lon)
            inside ^= lon < crossing
        before_lat, before_lon = here_lat, here_lon
    return inside


def in_city_by_postcode(postcode: str) -> bool:
    """Whether a postcode is one of Ljubljana's: the fallback where no zone is drawn (X-14)."""
    return postcode in CITY_POSTCODES


_NUMBER_AND_LETTER = re.compile(r"\b(\d+) ([a-z])\b")


def fold(text: str) -> str:
    """Lower case without diacritics and punctuation, `12 a` as `12a`: the form in which addresses are compared."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = plain.replace("đ", "d").replace("ł", "l")
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    words = " ".join("".join(character if character.isalnum() else " " for character in letters).split())
    return _NUMBER_AND_LETTER.sub(r"\1\2", words)


def house_key(street: str, house_number: str, postcode: str) -> str:
    """`sisenska cesta 12 1000`: what makes two spellings the same house."""
    return f"{fold(street)} {fold(house_number)} {fold(postcode)}"


def search_key(place: Place) -> str:
    """`sisenska cesta 12 1000 ljubljana`: what is searched for an address."""
    return f"{house_key(place.street, place.house_number, place.postcode)} {fold(place.city)}"[:180]


def street_key(place: Place) -> str:
    """`sisenska cesta 1000 ljubljana`: what the houses of a street have in common."""
    return f"{fold(place.street)} {fold(place.postcode)} {fold(place.city)}"[:180]
