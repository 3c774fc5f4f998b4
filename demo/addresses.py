"""Public addresses of Ljubljana for the demo, and the city's zone.

The addresses are those of the city's public bicycle stations with the positions that the operator publishes; a test
holds each against the road of its name. The zone is our own drawing of the city (X-14).
"""
from __future__ import annotations

from typing import Any

DEPOT: dict[str, Any] = {"name": "Ljubljana", "address": "Verovškova ulica 64a", "lat": 46.07935, "lon": 14.50118}

# street, house number, post code, latitude, longitude
ADDRESSES: tuple[tuple[str, str, str, float, float], ...] = (
    ("Šmartinska cesta", "58", "1000", 46.065206, 14.529911),
    ("Savska cesta", "1", "1000", 46.062475, 14.524321),
    ("Vilharjeva cesta", "23", "1000", 46.06005, 14.51302),
    ("Masarykova cesta", "14", "1000", 46.05763, 14.514264),
    ("Pogačarjev trg", "3", "1000", 46.051093, 14.507186),
    ("Cankarjeva cesta", "1", "1000", 46.052431, 14.503257),
    ("Tržaška cesta", "91", "1000", 46.041753, 14.477016),
    ("Celovška cesta", "26", "1000", 46.05952, 14.4982),
    ("Zaloška cesta", "54", "1000", 46.055801, 14.534156),
    ("Grudnovo nabrežje", "3", "1000", 46.045748, 14.506196),
    ("Litijska cesta", "53", "1000", 46.047689, 14.547416),
    ("Vojkova cesta", "91", "1000", 46.08259, 14.52016),
    ("Prule", "8", "1000", 46.040213, 14.512044),
    ("Slovenska cesta", "55c", "1000", 46.05682, 14.50551),
    ("Celovška cesta", "69", "1000", 46.06342, 14.494588),
    ("Šmartinska cesta", "28", "1000", 46.059433, 14.52051),
    ("Ilirska ulica", "1", "1000", 46.053144, 14.513479),
    ("Dunajska cesta", "105", "1000", 46.074193, 14.511134),
    ("Poljanska cesta", "50", "1000", 46.048982, 14.522709),
    ("Grablovičeva ulica", "60", "1000", 46.051863, 14.530349),
    ("Železna cesta", "18", "1000", 46.06361, 14.51315),
    ("Cesta na Rožnik", "1", "1000", 46.053241, 14.486206),
    ("Kajuhova ulica", "42", "1000", 46.056405, 14.540901),
    ("Dunajska cesta", "50", "1000", 46.065136, 14.509112),
    ("Zoisova cesta", "2", "1000", 46.046377, 14.501256),
    ("Dunajska cesta", "211", "1000", 46.08929, 14.513751),
    ("Kongresni trg", "3", "1000", 46.050388, 14.504623),
    ("Dunajska cesta", "186", "1000", 46.086761, 14.514151),
    ("Gerbičeva ulica", "61", "1000", 46.039384, 14.485458),
    ("Večna pot", "70", "1000", 46.052454, 14.472149),
    ("Vodovodna cesta", "90", "1000", 46.075207, 14.504734),
    ("Škrabčeva ulica", "2", "1000", 46.051439, 14.49273),
    ("Celovška cesta", "111c", "1000", 46.06928, 14.48971),
    ("Zaloška cesta", "16", "1000", 46.05441, 14.52978),
    ("Dolenjska cesta", "11", "1000", 46.038866, 14.517605),
    ("Jakčeva ulica", "37", "1000", 46.053047, 14.545125),
    ("Vodnikova cesta", "187", "1000", 46.074315, 14.475483),
    ("Zaloška cesta", "1", "1000", 46.05257, 14.51928),
    ("Tržaška cesta", "123", "1000", 46.039641, 14.472664),
    ("Litostrojska cesta", "53", "1000", 46.080522, 14.491439),
    ("Trg Osvobodilne fronte", "12", "1000", 46.057421, 14.510265),
    ("Tržaška cesta", "37", "1000", 46.044629, 14.486699),
    ("Prešernov trg", "6", "1000", 46.051367, 14.506542),
    ("Celovška cesta", "163", "1000", 46.073264, 14.485942),
    ("Topniška ulica", "54", "1000", 46.064546, 14.518013),
    ("Breg", "20", "1000", 46.046498, 14.505148),
    ("Miklošičeva cesta", "20", "1000", 46.054168, 14.50706),
    ("Devinska ulica", "1a", "1000", 46.04081, 14.49951),
    ("Verovškova ulica", "57", "1000", 46.076856, 14.500222),
    ("Poljanska cesta", "20c", "1000", 46.049877, 14.516308),
    ("Dunajska cesta", "70", "1000", 46.06942, 14.51052),
)

ZONE: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[
        [14.4300, 46.0450], [14.4370, 46.0600], [14.4400, 46.0850], [14.4500, 46.1050], [14.4800, 46.1120],
        [14.5100, 46.1150], [14.5450, 46.1120], [14.5750, 46.1000], [14.6000, 46.0850], [14.6250, 46.0700],
        [14.6300, 46.0550], [14.6050, 46.0450], [14.5800, 46.0350], [14.5600, 46.0200], [14.5450, 46.0080],
        [14.5150, 46.0050], [14.4900, 46.0180], [14.4600, 46.0220], [14.4450, 46.0300], [14.4300, 46.0450],
    ]],
}
ZONE_POSTCODES = ("1000", "1210", "1211", "1231", "1260", "1261")

# The delivery plan outside the city: name, start of the post code, weekday (0 = Monday), from, until.
PLACE_DAYS: tuple[tuple[str, str, int, str, str], ...] = (
    ("Medvode, Vodice", "121", 1, "08:00", "12:00"),
    ("Medvode, Vodice", "121", 4, "08:00", "12:00"),
    ("Domžale, Kamnik", "123", 2, "08:00", "13:00"),
    ("Domžale, Kamnik", "124", 2, "08:00", "13:00"),
    ("Grosuplje, Škofljica", "129", 3, "08:00", "13:00"),
    ("Vrhnika, Logatec", "13", 0, "09:00", "14:00"),
    ("Zasavje, Litija", "14", 3, "09:00", "14:00"),
    ("Gorenjska", "4", 1, "08:00", "15:00"),
    ("Štajerska", "2", 2, "08:00", "15:00"),
    ("Celje z okolico", "3", 3, "08:00", "15:00"),
    ("Severna Primorska", "5", 4, "08:00", "15:00"),
    ("Obala in Kras", "6", 1, "08:00", "15:00"),
    ("Dolenjska", "8", 2, "08:00", "15:00"),
    ("Prekmurje", "9", 4, "08:00", "15:00"),
)
