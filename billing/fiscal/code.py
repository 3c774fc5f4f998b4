"""The printed code of a document's marks: 60 digits as a QR code."""
from __future__ import annotations

import io

import segno


def digits_bitmap(digits: str) -> bytes:
    """As PNG, for paper."""
    drawn = io.BytesIO()
    segno.make_qr(digits, error="m").save(drawn, kind="png", border=4, scale=4)
    return drawn.getvalue()


def digits_picture(digits: str) -> str:
    """As SVG, for the page."""
    drawn = io.BytesIO()
    segno.make_qr(digits, error="m").save(drawn, kind="svg", xmldecl=False, border=4, dark="#000", light="#fff",
                                          omitsize=True, svgclass=None, lineclass=None)
    return drawn.getvalue().decode("utf-8").strip()
