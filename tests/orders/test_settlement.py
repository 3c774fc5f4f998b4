"""orders/settlement.py: PRODUCT D9, all kinds by code by payment against amounts written out by hand."""
from __future__ import annotations

import pytest

from core.errors import DomainError
from orders.errors import (
    ExchangeNotPossible,
    NothingDelivered,
    TotalChanged,
    UnknownCard,
    WrongDoorLine,
    WrongPayment,
)
from orders.models import Order, OrderLine
from orders.pricing import PriceRules
from orders.settlement import DoorLine, DoorSettlement, Settlement, as_agreed, require_shown, settle
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P

RULES = PriceRules(deposit_cents=1000, buyback_cents=300, deposit_by_card_allowed=False, max_cylinders=5,
                   min_gas_left_cents=100)
CARDS = ("Mastercard", "Visa")


def order(*lines: tuple[E, int], payment: P = P.CASH, discount: int = 0, price: int = 2490) -> Order:
    """An order that was never stored: line ids 1, 2, ...; green 10 kg at 24,90 unless said otherwise."""
    made = [OrderLine(
        id=number, product_code="Z10", cylinder_type="Z10", exchange=kind, quantity=count, unit_price_cents=price,
        vat_permille=220, unit_deposit_cents=1000 if kind in (E.K, E.M10) else 0,
        unit_buyback_cents=300 if kind is E.M10 else 0, net_gas_g=10_000)
        for number, (kind, count) in enumerate(lines, 1)]
    return Order(id=7, lines=made, payment_method=payment, discount_cents=discount,
                 gas_cents=sum(line.unit_price_cents * line.quantity for line in made))


def at_door(given: Order, *lines: DoorLine, payment: P | None = None, scheme: str = "Visa") -> Settlement:
    chosen = payment or given.payment_method
    door = DoorSettlement(lines=lines or as_agreed(given), payment=chosen, shown_total_cents=0,
                          card_scheme=scheme if chosen is P.CARD else "")
    return settle(given, door, RULES, CARDS)


def amounts(made: Settlement) -> tuple[int, ...]:
    return (made.gas_cents, made.discount_cents, made.deposit_cents, made.buyback_cents, made.total_cents,
            made.cash_cents, made.card_cents, made.refund_due_cents)


def line(kind: E, count: int, number: int = 1, *, damaged: int = 0, replaced: int = 0) -> DoorLine:
    return DoorLine(line_id=number, exchange=kind, quantity=count, damaged_empties=damaged, replaced=replaced)


# gas, discount, deposit, buyback, total, cash, card, refund to the account
AS_ORDERED = [
    ((E.SWAP, 1), P.CASH, 0, (2490, 0, 0, 0, 2490, 2490, 0, 0)),
    ((E.SWAP, 1), P.CARD, 0, (2490, 0, 0, 0, 2490, 0, 2490, 0)),
    ((E.SWAP, 1), P.EBANK, 0, (2490, 0, 0, 0, 2490, 0, 0, 0)),
    ((E.SWAP, 2), P.CASH, 300, (4980, 300, 0, 0, 4680, 4680, 0, 0)),
    ((E.SWAP, 2), P.CARD, 300, (4980, 300, 0, 0, 4680, 0, 4680, 0)),
    ((E.SWAP, 2), P.EBANK, 300, (4980, 300, 0, 0, 4680, 0, 0, 0)),
    ((E.K, 1), P.CASH, 0, (2490, 0, 1000, 0, 3490, 3490, 0, 0)),
    ((E.K, 1), P.CARD, 0, (2490, 0, 1000, 0, 3490, 1000, 2490, 0)),
    ((E.K, 1), P.EBANK, 0, (2490, 0, 1000, 0, 3490, 1000, 0, 0)),
    ((E.K, 1), P.CASH, 300, (2490, 300, 1000, 0, 3190, 3190, 0, 0)),
    ((E.K, 1), P.CARD, 300, (2490, 300, 1000, 0, 3190, 1000, 2190, 0)),
    ((E.K, 1), P.EBANK, 300, (2490, 300, 1000, 0, 3190, 1000, 0, 0)),
    ((E.M10, 1), P.CASH, 0, (2490, 0, 1000, 300, 3190, 3190, 0, 0)),
    ((E.M10, 1), P.CARD, 0, (2490, 0, 1000, 300, 3190, 700, 2490, 0)),
    ((E.M10, 1), P.EBANK, 0, (2490, 0, 1000, 300, 3190, 700, 0, 0)),
    ((E.M10, 1), P.CASH, 300, (2490, 300, 1000, 300, 2890, 2890, 0, 0)),
    ((E.M10, 1), P.CARD, 300, (2490, 300, 1000, 300, 2890, 700, 2190, 0)),
    ((E.M10, 1), P.EBANK, 300, (2490, 300, 1000, 300, 2890, 700, 0, 0)),
]


@pytest.mark.parametrize(("ordered", "payment", "discount", "expected"), AS_ORDERED)
def test_a_delivery_as_ordered_costs_what_was_agreed(ordered: tuple[E, int], payment: P, discount: int,
                                                     expected: tuple[int, ...]) -> None:
    """D9, H-051, H-061 to H-064, X-04, X-11."""
    made = at_door(order(ordered, payment=payment, discount=discount))
    assert amounts(made) == expected
    assert made.changed is False


# ordered; payment; code; what the driver records; amounts
CHANGED = [
    # the customer has an orange one instead of a green one: + 10,00 - 3,00 (H-068)
    ((E.SWAP, 1), P.CASH, 0, [line(E.M10, 1)], (2490, 0, 1000, 300, 3190, 3190, 0, 0)),
    ((E.SWAP, 1), P.CARD, 0, [line(E.M10, 1)], (2490, 0, 1000, 300, 3190, 700, 2490, 0)),
    # the customer has none: + 10,00
    ((E.SWAP, 1), P.EBANK, 0, [line(E.K, 1)], (2490, 0, 1000, 0, 3490, 1000, 0, 0)),
    # K was ordered, a green one is handed over after all: the deposit falls away
    ((E.K, 1), P.CASH, 300, [line(E.SWAP, 1)], (2490, 300, 0, 0, 2190, 2190, 0, 0)),
    # M10 was ordered, there is no orange one: the 3,00 fall away
    ((E.M10, 1), P.CASH, 0, [line(E.K, 1)], (2490, 0, 1000, 0, 3490, 3490, 0, 0)),
    # two swaps ordered: one green, one orange handed over
    ((E.SWAP, 2), P.CASH, 0, [line(E.SWAP, 1), line(E.M10, 1)], (4980, 0, 1000, 300, 5680, 5680, 0, 0)),
    # a damaged empty: its deposit is kept, a new one is due (H-077, H-078)
    ((E.SWAP, 1), P.CASH, 0, [line(E.SWAP, 1, damaged=1)], (2490, 0, 1000, 0, 3490, 3490, 0, 0)),
    ((E.SWAP, 2), P.CARD, 0, [line(E.SWAP, 2, damaged=1)], (4980, 0, 1000, 0, 5980, 1000, 4980, 0)),
    # another cylinder demanded: no change in money (H-079)
    ((E.SWAP, 2), P.CASH, 0, [line(E.SWAP, 2, replaced=1)], (4980, 0, 0, 0, 4980, 4980, 0, 0)),
    # fewer than ordered: the code stays whole while 1,00 of gas is left
    ((E.SWAP, 3), P.CASH, 300, [line(E.SWAP, 1)], (2490, 300, 0, 0, 2190, 2190, 0, 0)),
    # fewer than ordered and paid before: the rest goes back to the account
    ((E.SWAP, 3), P.EBANK, 300, [line(E.SWAP, 1)], (2490, 300, 0, 0, 2190, 0, 0, 4980)),
    # fewer, paid before, and a deposit in cash: the two are not set off against each other
    ((E.SWAP, 2), P.EBANK, 0, [line(E.K, 1)], (2490, 0, 1000, 0, 3490, 1000, 0, 2490)),
]


@pytest.mark.parametrize(("ordered", "payment", "discount", "record", "expected"), CHANGED)
def test_a_change_at_the_door_is_priced_again(ordered: tuple[E, int], payment: P, discount: int,
                                              record: list[DoorLine], expected: tuple[int, ...]) -> None:
    """X-05, H-068, H-077, H-078, H-079."""
    assert amounts(at_door(order(ordered, payment=payment, discount=discount), *record)) == expected


def test_a_code_larger_than_the_gas_left_is_cut_so_that_one_euro_remains() -> None:
    """X-10: of 24,90 a code of 40,00 takes at most 23,90."""
    made = at_door(order((E.SWAP, 2), discount=4000), line(E.SWAP, 1))
    assert amounts(made) == (2490, 2390, 0, 0, 100, 100, 0, 0)


def test_the_discount_is_split_over_the_lines_to_the_cent() -> None:
    made = at_door(order((E.SWAP, 2), (E.K, 1), discount=100))
    assert [settled.discount_cents for settled in made.lines] == [67, 33]


def test_the_customer_may_pay_by_card_instead_of_cash_and_the_other_way_round() -> None:
    assert amounts(at_door(order((E.K, 1)), payment=P.CARD)) == (2490, 0, 1000, 0, 3490, 1000, 2490, 0)
    assert amounts(at_door(order((E.K, 1), payment=P.CARD), payment=P.CASH)) == (2490, 0, 1000, 0, 3490, 3490, 0, 0)


def test_empties_and_new_deposits_follow_the_kind() -> None:
    made = at_door(order((E.SWAP, 2), (E.M10, 1), (E.K, 1)), line(E.SWAP, 2, damaged=1), line(E.M10, 1, 2),
                   line(E.K, 1, 3))
    assert [settled.empties for settled in made.lines] == [("Z10", 2), ("O10", 1), ("Z10", 0)]
    assert [settled.new_deposits for settled in made.lines] == [1, 1, 1]
    assert (made.kept_deposit_cents, made.kept_certified_cents) == (1000, 0)
    assert (made.kept_deposit_cents, made.deposit_cents, made.changed) == (1000, 3000, True)


def test_an_order_line_that_is_not_recorded_is_not_handed_over() -> None:
    made = at_door(order((E.SWAP, 1), (E.K, 1)), line(E.SWAP, 1))
    assert amounts(made) == (2490, 0, 0, 0, 2490, 2490, 0, 0)
    assert [settled.line_id for settled in made.lines] == [1]


@pytest.mark.parametrize(("record", "refusal"), [
    ([line(E.SWAP, 0)], NothingDelivered),
    ([line(E.SWAP, 3)], WrongDoorLine),
    ([line(E.SWAP, 2), line(E.M10, 1)], WrongDoorLine),
    ([line(E.SWAP, -1)], WrongDoorLine),
    ([line(E.SWAP, 1, 99)], WrongDoorLine),
    ([line(E.SWAP, 1, damaged=2)], WrongDoorLine),
    ([line(E.SWAP, 1, replaced=2)], WrongDoorLine),
    ([line(E.SWAP, 1, damaged=-1)], WrongDoorLine),
    ([line(E.M10, 1, damaged=1)], WrongDoorLine),
    ([line(E.PURCHASE, 1)], ExchangeNotPossible),
])
def test_a_record_that_does_not_fit_the_order_is_refused(record: list[DoorLine], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        at_door(order((E.SWAP, 2)), *record)


@pytest.mark.parametrize(("agreed", "paid"), [(P.CASH, P.EBANK), (P.CARD, P.EBANK), (P.EBANK, P.CASH),
                                              (P.EBANK, P.CARD)])
def test_a_prepaid_order_is_not_paid_again_and_an_unpaid_one_is_paid(agreed: P, paid: P) -> None:
    with pytest.raises(WrongPayment):
        at_door(order((E.SWAP, 1), payment=agreed), payment=paid)


@pytest.mark.parametrize("scheme", ["", "American Express", "visa"])
def test_only_the_named_cards_are_taken(scheme: str) -> None:
    """H-121."""
    with pytest.raises(UnknownCard):
        at_door(order((E.SWAP, 1), payment=P.CARD), scheme=scheme)


def test_another_amount_than_the_one_shown_is_refused_with_the_right_one() -> None:
    made = at_door(order((E.K, 1)))
    require_shown(made, 3490)
    with pytest.raises(TotalChanged) as refused:
        require_shown(made, 2490)
    assert refused.value.total_cents == 3490
