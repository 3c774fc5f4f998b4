"""Addresses and the outline of the country."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.places import Place, fold, house_key, in_city_by_postcode, in_slovenia, search_key

INSIDE = {
    "Ljubljana": (46.0511, 14.5051), "Maribor": (46.5547, 15.6459), "Celje": (46.2361, 15.2677),
    "Kranj": (46.2389, 14.3556), "Koper": (45.5481, 13.7302), "Piran": (45.5283, 13.5683),
    "Nova Gorica": (45.9558, 13.6433), "Bovec": (46.3381, 13.5522), "Kobarid": (46.2470, 13.5786),
    "Dobrovo": (45.9967, 13.5258), "Rateče": (46.4976, 13.7164), "Jezersko": (46.3936, 14.4983),
    "Ravne": (46.5431, 14.9692), "Dravograd": (46.5889, 15.0192), "Šentilj": (46.6817, 15.6481),
    "Murska Sobota": (46.6625, 16.1664), "Hodoš": (46.8236, 16.3222), "Lendava": (46.5631, 16.4514),
    "Ormož": (46.4114, 16.1544), "Rogatec": (46.2294, 15.7003), "Brežice": (45.9033, 15.5911),
    "Metlika": (45.6475, 15.3142), "Vinica": (45.4611, 15.2528), "Kočevje": (45.6430, 14.8633),
    "Osilnica": (45.5292, 14.6981), "Ilirska Bistrica": (45.5672, 14.2458), "Sečovlje": (45.4764, 13.6250),
    "Sežana": (45.7092, 13.8736), "Miren": (45.8956, 13.6075),
}
OUTSIDE = {
    "Trst": (45.6495, 13.7768), "Gorica (IT)": (45.9415, 13.6150), "Videm": (46.0637, 13.2353),
    "Trbiž": (46.5050, 13.5780), "Beljak": (46.6103, 13.8558), "Celovec": (46.6249, 14.3050),
    "Pliberk": (46.5900, 14.8000), "Lipnica": (46.7811, 15.5450), "Gradec": (47.0707, 15.4395),
    "Monošter": (46.9522, 16.2744), "Čakovec": (46.3844, 16.4339), "Varaždin": (46.3057, 16.3366),
    "Krapina": (46.1608, 15.8789), "Zagreb": (45.8150, 15.9819), "Karlovac": (45.4870, 15.5478),
    "Delnice": (45.4008, 14.8000), "Reka": (45.3271, 14.4422), "Buje": (45.4090, 13.6600),
    "Umag": (45.4350, 13.5240), "the null island": (0.0, 0.0), "the other side of the world": (-46.05, -165.5),
}


@pytest.mark.parametrize("town", list(INSIDE))
def test_a_town_of_slovenia_lies_in_slovenia(town: str) -> None:
    """H-092."""
    assert in_slovenia(*INSIDE[town]) is True


@pytest.mark.parametrize("town", list(OUTSIDE))
def test_a_town_abroad_does_not(town: str) -> None:
    """H-092."""
    assert in_slovenia(*OUTSIDE[town]) is False


@pytest.mark.parametrize("position", [(float("nan"), 14.5), (46.05, float("nan")), (float("inf"), 14.5),
                                      (46.05, float("-inf")), (91.0, 14.5)])
def test_what_is_no_position_lies_nowhere(position: tuple[float, float]) -> None:
    assert in_slovenia(*position) is False


@given(st.floats(), st.floats())
def test_nothing_outside_the_surrounding_box_is_inside(lat: float, lon: float) -> None:
    if not (45.4 <= lat <= 46.9 and 13.3 <= lon <= 16.7):
        assert in_slovenia(lat, lon) is False


@pytest.mark.parametrize(("text", "folded"), [
    ("Šišenska cesta", "sisenska cesta"), ("ŽUPANČIČEVA", "zupanciceva"), ("Đakovićeva ul.", "dakoviceva ul"),
    ("  Trg   MDB\t12 A ", "trg mdb 12a"), ("12/A", "12a"), ("64a", "64a"), ("S\u030cis\u030cka", "siska"), ("", ""),
    ("Cesta 24. junija 3", "cesta 24 junija 3"),
])
def test_folding_forgets_case_marks_and_punctuation(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_two_spellings_are_one_house() -> None:
    assert house_key("Šišenska CESTA", "12 a", "1000") == house_key("sisenska cesta", "12A", "1000")


def test_the_search_key_holds_the_whole_address() -> None:
    place = Place(street="Šišenska cesta", house_number="12", postcode="1000", city="Ljubljana", lat=46.06, lon=14.48)
    assert search_key(place) == "sisenska cesta 12 1000 ljubljana"
    assert place.line == "Šišenska cesta 12, 1000 Ljubljana"


def test_six_postcodes_are_the_city() -> None:
    """X-14."""
    assert [code for code in ("1000", "1210", "1211", "1215", "1231", "1260", "1261", "2000")
            if in_city_by_postcode(code)] == ["1000", "1210", "1211", "1231", "1260", "1261"]
