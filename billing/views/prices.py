"""The public price list (H-040, H-041)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from billing import queries
from core import settings
from core.auth import public
from core.clock import utc_now

blueprint = Blueprint("prices", __name__)
public(blueprint, "the price list is published (H-041)")


@blueprint.get("/cenik")
def index() -> Any:
    """Products with prices, VAT, availability, deposit rules and the date since when they hold (H-027 to H-032)."""
    now = utc_now()
    products = queries.price_list(now)
    deposit, buyback = settings.get("deposit_cents", now), settings.get("orange_buyback_cents", now)
    names = {product.code: product for product in products}
    return render_template(
        "billing/prices.html", products=products, valid_from=queries.prices_valid_from(now), now=now,
        changes=[change for change in queries.price_changes_after(now) if change.product_code in names], names=names,
        deposit_cents=deposit, buyback_cents=buyback, m10_cents=deposit - buyback)
