"""The GSM 03.38 alphabet: folding text into it and counting what an SMS costs. Pure (PRODUCT U4, DOMAIN section 6)."""
from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")  # each costs two septets: an escape and itself
SINGLE_SEPTETS, PART_SEPTETS = 160, 153
SINGLE_UNITS, PART_UNITS = 70, 67  # UCS-2

_REPLACEMENTS = str.maketrans({
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ł": "l", "Ł": "L", "ı": "i", "œ": "oe", "Œ": "OE",
    "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "ĸ": "k",
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "`": "'", "\u00b4": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2039": "'", "\u203a": "'", "\u2026": "...", "\u00d7": "x", "\u2022": "-", "\u00b7": "-",
    "\t": " ", "\u2028": "\n", "\u2029": "\n", "\u00ad": "", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "",
    "\ufeff": "",
})


def fold(text: str) -> str:
    """The text in the GSM-7 alphabet: letters lose marks it lacks, typographic signs become plain, the rest is `?`."""
    return "".join(_fold_character(character)
                   for character in unicodedata.normalize("NFC", text).translate(_REPLACEMENTS))


def _fold_character(character: str) -> str:
    if character in BASIC or character in EXTENDED:
        return character
    plain = "".join(part for part in unicodedata.normalize("NFKD", character).translate(_REPLACEMENTS)
                    if not unicodedata.combining(part))
    if plain and all(part in BASIC or part in EXTENDED for part in plain):
        return plain
    return " " if character.isspace() else "?"


def fits(text: str) -> bool:
    """True when the text can be sent in GSM-7 as it is."""
    return all(character in BASIC or character in EXTENDED for character in text)


def septets(text: str) -> int:
    """The length in septets. ValueError for text outside the alphabet."""
    if not fits(text):
        raise ValueError("not in the GSM-7 alphabet")
    return sum(2 if character in EXTENDED else 1 for character in text)


def segments(text: str) -> int:
    """How many SMS parts the text takes: GSM-7 160/153 septets, else UCS-2 70/67 units. Nothing takes one."""
    if not fits(text):
        return _parts([len(character.encode("utf-16-be")) // 2 for character in text], SINGLE_UNITS, PART_UNITS)
    return _parts([2 if character in EXTENDED else 1 for character in text], SINGLE_SEPTETS, PART_SEPTETS)


def _parts(sizes: list[int], single: int, part: int) -> int:
    """Fill parts one after another; a character of two units is never split over two parts."""
    if sum(sizes) <= single:
        return 1
    count, filled = 1, 0
    for size in sizes:
        if filled + size > part:
            count, filled = count + 1, 0
        filled += size
    return count
