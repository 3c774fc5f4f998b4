"""orders/pricing.py"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.errors import EmptyOrder, ExchangeNotPossible, TooManyCylinders
from orders.pricing import LineRequest, PriceRules, Pricing, VatShare, price, spread, vat_shares
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P

RULES = PriceRules(deposit_cents=1000, buyback_cents=300, deposit_by_card_allowed=False, max_cylinders=5,
                   min_gas_left_cents=100)
BY_CARD = PriceRules(deposit_cents=1000, buyback_cents=300, deposit_by_card_allowed=True, max_cylinders=5,
                     min_gas_left_cents=100)


@dataclass(frozen=True)
class Product:
    """As billing.prices.PricedProduct, so far as pricing looks at it."""

    code: str
    cylinder_type: str
    gross_cents: int
    exchanges: tuple[str, ...]
    vat_permille: int = 220
    net_gas_g: int = 10_000


PRODUCTS = cast("Any", {
    "Z10": Product("Z10", "Z10", 2490, ("swap", "m10", "k")),
    "P35": Product("P35", "P35", 7990, ("purchase_with_empty", "purchase"), net_gas_g=35_000),
    "B5": Product("B5", "P5", 1500, ("purchase",), vat_permille=95, net_gas_g=5_000),
})


def priced(*lines: tuple[str, E, int], discount: int = 0, payment: P = P.CASH, rules: PriceRules = RULES) -> Pricing:
    requests = [LineRequest(product_code=code, exchange=kind, quantity=count) for code, kind, count in lines]
    return price(requests, PRODUCTS, rules, discount, payment)


# Written out by hand: gas 24,90 each; K deposit 10,00; M10 deposit 10,00 less 3,00 for the orange one.
@pytest.mark.parametrize(("lines", "discount", "payment", "expected"), [
    # gas, deposit, buyback, total, prepaid, door, cash
    ([("Z10", E.SWAP, 1)], 0, P.CASH, (2490, 0, 0, 2490, 0, 2490, 2490)),
    ([("Z10", E.SWAP, 2)], 300, P.CASH, (4980, 0, 0, 4680, 0, 4680, 4680)),
    ([("Z10", E.K, 1)], 0, P.CASH, (2490, 1000, 0, 3490, 0, 3490, 3490)),
    ([("Z10", E.M10, 1)], 0, P.CASH, (2490, 1000, 300, 3190, 0, 3190, 3190)),
    ([("Z10", E.SWAP, 1)], 0, P.CARD, (2490, 0, 0, 2490, 0, 2490, 0)),
    ([("Z10", E.K, 1)], 300, P.CARD, (2490, 1000, 0, 3190, 0, 3190, 1000)),
    ([("Z10", E.M10, 1)], 0, P.CARD, (2490, 1000, 300, 3190, 0, 3190, 700)),
    ([("Z10", E.SWAP, 1)], 0, P.EBANK, (2490, 0, 0, 2490, 2490, 0, 0)),
    ([("Z10", E.K, 2)], 300, P.EBANK, (4980, 2000, 0, 6680, 4680, 2000, 2000)),
    ([("Z10", E.M10, 1)], 0, P.EBANK, (2490, 1000, 300, 3190, 2490, 700, 700)),
    ([("Z10", E.SWAP, 1), ("Z10", E.M10, 1), ("Z10", E.K, 1)], 0, P.CASH, (7470, 2000, 300, 9170, 0, 9170, 9170)),
    ([("P35", E.PURCHASE_WITH_EMPTY, 1)], 0, P.CASH, (7990, 0, 0, 7990, 0, 7990, 7990)),
])
def test_parts_of_an_order_are_exact(lines: list[tuple[str, E, int]], discount: int, payment: P,
                                     expected: tuple[int, ...]) -> None:
    """H-051, H-061 to H-064, H-120, H-123, X-04, X-11."""
    made = priced(*lines, discount=discount, payment=payment)
    assert (made.gas_cents, made.deposit_cents, made.buyback_cents, made.total_cents, made.prepaid_cents,
            made.door_cents, made.cash_part_cents) == expected
    assert made.delivery_cents == 0


def test_the_deposit_goes_by_card_only_where_it_is_allowed() -> None:
    """X-04."""
    assert priced(("Z10", E.M10, 1), payment=P.CARD).cash_part_cents == 700
    assert priced(("Z10", E.M10, 1), payment=P.CARD, rules=BY_CARD).cash_part_cents == 0
    assert priced(("Z10", E.M10, 1), payment=P.EBANK, rules=BY_CARD).cash_part_cents == 700


def test_vat_is_contained_in_the_gas_after_the_discount_and_not_in_the_deposit() -> None:
    """H-030, X-11: 22.90 at 22 % holds 4.13."""
    assert priced(("Z10", E.K, 1), discount=200).vat == (VatShare(vat_permille=220, gross_cents=2290, vat_cents=413),)


def test_vat_is_rounded_per_rate_and_the_discount_is_split_over_the_rates() -> None:
    made = priced(("Z10", E.SWAP, 1), ("B5", E.PURCHASE, 1), discount=399)
    # 2490 : 1500 of 399 is 249 : 150; 13.50 at 9.5 % holds 1.1712, 22.41 at 22 % holds 4.0411
    assert made.vat == (VatShare(vat_permille=95, gross_cents=1350, vat_cents=117),
                        VatShare(vat_permille=220, gross_cents=2241, vat_cents=404))
    assert made.vat_cents == 521


def test_the_same_product_under_the_same_kind_is_one_line() -> None:
    made = priced(("Z10", E.SWAP, 1), ("Z10", E.K, 1), ("Z10", E.SWAP, 2), ("P35", E.PURCHASE, 0))
    assert [(line.exchange, line.quantity) for line in made.lines] == [(E.SWAP, 3), (E.K, 1)]


@pytest.mark.parametrize("lines", [[], [("Z10", E.SWAP, 0)], [("Z10", E.SWAP, -1)]])
def test_an_order_without_a_cylinder_is_refused(lines: list[tuple[str, E, int]]) -> None:
    with pytest.raises(EmptyOrder):
        priced(*lines)


def test_an_order_may_hold_five_cylinders_and_not_six() -> None:
    assert priced(("Z10", E.SWAP, 3), ("Z10", E.K, 2)).cylinders == 5
    with pytest.raises(TooManyCylinders):
        priced(("Z10", E.SWAP, 3), ("Z10", E.K, 3))


@pytest.mark.parametrize(("code", "kind"), [("P35", E.SWAP), ("P35", E.M10), ("P35", E.K), ("Z10", E.PURCHASE),
                                            ("Z10", E.PURCHASE_WITH_EMPTY), ("B5", E.PURCHASE_WITH_EMPTY)])
def test_a_green_cylinder_is_exchanged_for_green_only(code: str, kind: E) -> None:
    """H-066, H-075, H-076."""
    with pytest.raises(ExchangeNotPossible):
        priced((code, kind, 1))


def test_a_discount_leaves_at_least_one_euro_of_gas() -> None:
    """X-10, W-20: promos refuses before; a larger one is a bug and never priced."""
    assert priced(("Z10", E.SWAP, 1), discount=2390).total_cents == 100
    with pytest.raises(ValueError):
        priced(("Z10", E.SWAP, 1), discount=2391)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 9_000), min_size=1, max_size=6))
def test_a_split_amount_adds_up_to_the_cent(amount: int, weights: list[int]) -> None:
    shares = spread(amount, weights)
    assert sum(shares) == (amount if sum(weights) else 0)
    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if weight == 0)


@given(st.lists(st.tuples(st.sampled_from([0, 95, 220]), st.integers(1, 9_000)), min_size=1, max_size=5),
       st.integers(0, 500))
def test_vat_shares_add_up_to_what_is_paid(amounts: list[tuple[int, int]], discount: int) -> None:
    assert sum(share.gross_cents for share in vat_shares(amounts, discount)) == sum(a for _, a in amounts) - discount
