"""What campaigns ask of packages that they may not import."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flask import current_app

EXTENSION = "promo_products"


class Products(Protocol):
    """The products of the present price list as (code, name in the person's language)."""

    def __call__(self) -> Sequence[tuple[str, str]]: ...


def product_choices() -> list[tuple[str, str]]:
    """The products a campaign can be limited to; none where the application wires no price list."""
    products: Products | None = current_app.extensions.get(EXTENSION)
    return [] if products is None else [(code, name) for code, name in products()]
