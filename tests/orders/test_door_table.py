"""The door settlement table (PRODUCT D9): every exchange kind x code x payment x change at the door, to the cent.

Every expected figure is written out by hand. Prices: green 24,90; own 5, 10 and 35 kg 15,90, 25,90 and 79,90 for the
customer's own empty one, 54,90, 64,90 and 169,90 without. The code takes 3,00 off the gas; a deposit is 10,00, an
orange cylinder brings 3,00 (H-044, H-050 to H-068, H-075 to H-079, H-120 to H-123, X-04 to X-06, X-11).
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import pytest

from billing.certificates import issue_certificates
from billing.models import DepositCertificate, Product
from billing.states import CertificateStatus
from core.db import db, unit_of_work
from core.errors import DomainError
from orders.errors import ExchangeNotPossible, TooManyCertificates
from orders.models import Order, OrderLine
from orders.pricing import PriceRules
from orders.returns.errors import NoCertificate
from orders.services import deliver_order
from orders.settlement import DoorLine, DoorSettlement, settle
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from orders.transfers import due_refunds
from orders.waiving import waive_kept_deposit
from tests.billing.statements import IBAN
from tests.factories import CARRIER, make_dispatched_order, one
from tests.orders.cases import ledger, moved_since
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything

RULES = PriceRules(deposit_cents=1000, buyback_cents=300, deposit_by_card_allowed=False, max_cylinders=5,
                   min_gas_left_cents=100)
PRICES = {"Z10": 2490, "P5": 1590, "P5N": 5490, "P10": 2590, "P10N": 6490, "P35": 7990, "P35N": 16990}
SOLD = {"Z10": ("swap", "m10", "k"), "P5": ("purchase_with_empty",), "P5N": ("purchase",),
        "P10": ("purchase_with_empty",), "P10N": ("purchase",), "P35": ("purchase_with_empty",), "P35N": ("purchase",)}
NEW, OLD = E.PURCHASE, E.PURCHASE_WITH_EMPTY


class Row(NamedTuple):
    """One cylinder ordered as `ordered` and handed over as `door`; `damaged`: its empty was, the old deposit is kept.

    `kept` is what a waiver would give back. Then, without and with the code, what is collected: cash; cash and card;
    cash of a prepaid order.
    """

    product: str
    ordered: E
    door: E
    damaged: int
    kept: int
    cash: int
    card: tuple[int, int]
    ebank: int
    cash_code: int
    card_code: tuple[int, int]
    ebank_code: int


ROWS = [
    # product, ordered, at the door, damaged, kept | cash, (cash, card), e-bank | the same with the code
    Row("Z10", E.SWAP, E.SWAP, 0, 0, 2490, (0, 2490), 0, 2190, (0, 2190), 0),
    Row("Z10", E.SWAP, E.M10, 0, 0, 3190, (700, 2490), 700, 2890, (700, 2190), 700),
    Row("Z10", E.SWAP, E.K, 0, 0, 3490, (1000, 2490), 1000, 3190, (1000, 2190), 1000),
    Row("Z10", E.SWAP, E.SWAP, 1, 1000, 3490, (1000, 2490), 1000, 3190, (1000, 2190), 1000),
    Row("Z10", E.M10, E.M10, 0, 0, 3190, (700, 2490), 700, 2890, (700, 2190), 700),
    Row("Z10", E.M10, E.SWAP, 0, 0, 2490, (0, 2490), 0, 2190, (0, 2190), 0),
    Row("Z10", E.M10, E.K, 0, 0, 3490, (1000, 2490), 1000, 3190, (1000, 2190), 1000),
    Row("Z10", E.M10, E.SWAP, 1, 1000, 3490, (1000, 2490), 1000, 3190, (1000, 2190), 1000),
    Row("Z10", E.K, E.K, 0, 0, 3490, (1000, 2490), 1000, 3190, (1000, 2190), 1000),
    Row("Z10", E.K, E.SWAP, 0, 0, 2490, (0, 2490), 0, 2190, (0, 2190), 0),
    Row("Z10", E.K, E.M10, 0, 0, 3190, (700, 2490), 700, 2890, (700, 2190), 700),
    Row("Z10", E.K, E.SWAP, 1, 1000, 3490, (1000, 2490), 1000, 3190, (1000, 2190), 1000),
    Row("P5", OLD, OLD, 0, 0, 1590, (0, 1590), 0, 1290, (0, 1290), 0),
    Row("P5N", NEW, NEW, 0, 0, 5490, (0, 5490), 0, 5190, (0, 5190), 0),
    Row("P10", OLD, OLD, 0, 0, 2590, (0, 2590), 0, 2290, (0, 2290), 0),
    Row("P10N", NEW, NEW, 0, 0, 6490, (0, 6490), 0, 6190, (0, 6190), 0),
    Row("P35", OLD, OLD, 0, 0, 7990, (0, 7990), 0, 7690, (0, 7690), 0),
    Row("P35N", NEW, NEW, 0, 0, 16990, (0, 16990), 0, 16690, (0, 16690), 0),
]


def cells() -> Iterator[tuple[Row, P, int, int, int]]:
    """Row, payment, code, cash and card of every cell of the table."""
    for row in ROWS:
        yield row, P.CASH, 0, row.cash, 0
        yield row, P.CARD, 0, *row.card
        yield row, P.EBANK, 0, row.ebank, 0
        yield row, P.CASH, 300, row.cash_code, 0
        yield row, P.CARD, 300, *row.card_code
        yield row, P.EBANK, 300, row.ebank_code, 0


def an_order(product: str, ordered: E, payment: P, discount: int, quantity: int = 1) -> Order:
    """An order that was never stored, its line numbered 1."""
    line = OrderLine(id=1, product_code=product, cylinder_type=product[:3], exchange=ordered, quantity=quantity,
                     unit_price_cents=PRICES[product], vat_permille=220, net_gas_g=10_000,
                     unit_deposit_cents=1000 if ordered in (E.K, E.M10) else 0,
                     unit_buyback_cents=300 if ordered is E.M10 else 0)
    return Order(id=7, lines=[line], payment_method=payment, discount_cents=discount,
                 gas_cents=PRICES[product] * quantity)


def record(payment: P, *lines: DoorLine, shown: int = 0) -> DoorSettlement:
    return DoorSettlement(lines=lines, payment=payment, shown_total_cents=shown,
                          card_scheme="Visa" if payment is P.CARD else "")


def at_door(kind: E, quantity: int = 1, *, damaged: int = 0, replaced: int = 0, line_id: int = 1) -> DoorLine:
    return DoorLine(line_id=line_id, exchange=kind, quantity=quantity, damaged_empties=damaged, replaced=replaced)


@pytest.mark.parametrize(("row", "payment", "code", "cash", "card"), list(cells()))
def test_what_is_collected_at_the_door(row: Row, payment: P, code: int, cash: int, card: int) -> None:
    """P-D9; another cylinder demanded on the spot changes no cent (H-079)."""
    order = an_order(row.product, row.ordered, payment, code)
    for replaced in (0, 1):
        made = settle(order, record(payment, at_door(row.door, damaged=row.damaged, replaced=replaced)), RULES,
                      ("Visa",), SOLD)
        assert (made.cash_cents, made.card_cents, made.refund_due_cents) == (cash, card, 0)
        assert made.kept_deposit_cents == row.kept
        assert made.changed is (row.ordered is not row.door or bool(row.damaged))


# ordered, how many; payment; code; what happens; cash, card, refund to the account
SEVERAL = [
    ("Z10", E.SWAP, 3, P.CASH, 0, [at_door(E.SWAP, 1), at_door(E.M10, 1), at_door(E.K, 1)], (9170, 0, 0)),
    ("Z10", E.SWAP, 3, P.CARD, 300, [at_door(E.SWAP, 1), at_door(E.M10, 1), at_door(E.K, 1)], (1700, 7170, 0)),
    ("Z10", E.SWAP, 3, P.EBANK, 300, [at_door(E.SWAP, 1), at_door(E.M10, 1), at_door(E.K, 1)], (1700, 0, 0)),
    ("Z10", E.M10, 2, P.EBANK, 0, [at_door(E.M10, 1)], (700, 0, 2490)),
    ("Z10", E.SWAP, 2, P.EBANK, 0, [at_door(E.SWAP, 1, damaged=1)], (1000, 0, 2490)),
    ("Z10", E.SWAP, 2, P.CASH, 300, [at_door(E.SWAP, 2, damaged=2)], (6680, 0, 0)),
    ("P5", OLD, 3, P.CARD, 300, [at_door(OLD, 2)], (0, 2880, 0)),
    ("P35", OLD, 2, P.EBANK, 300, [at_door(OLD, 1)], (0, 0, 7990)),
]


@pytest.mark.parametrize(("product", "ordered", "number", "payment", "code", "lines", "expected"), SEVERAL)
def test_several_cylinders_split_or_fewer_than_ordered(product: str, ordered: E, number: int, payment: P, code: int,
                                                      lines: list[DoorLine], expected: tuple[int, int, int]) -> None:
    """X-05, Y-08, H-068, H-122; what was paid in advance and not delivered goes back, deposits stay cash."""
    made = settle(an_order(product, ordered, payment, code, number), record(payment, *lines), RULES, ("Visa",), SOLD)
    assert (made.cash_cents, made.card_cents, made.refund_due_cents) == expected


@pytest.mark.parametrize(("product", "ordered", "door"), [
    ("P5", OLD, NEW), ("P10", OLD, NEW), ("P35", OLD, NEW), ("P5N", NEW, OLD), ("P5", OLD, E.SWAP), ("P5N", NEW, E.K),
    ("Z10", E.SWAP, NEW), ("Z10", E.M10, OLD)])
def test_a_way_in_which_the_product_is_not_sold_is_refused(product: str, ordered: E, door: E) -> None:
    """H-044, H-076: the price of gas for one's own empty cylinder never pays for a cylinder."""
    with pytest.raises(ExchangeNotPossible):
        settle(an_order(product, ordered, P.CASH, 0), record(P.CASH, at_door(door)), RULES, ("Visa",), SOLD)


def test_the_server_knows_in_which_ways_a_product_is_sold(plan: FakePromises, now: datetime) -> None:
    """H-044: by its price list, not by what the driver asks for; nothing is written."""
    order = make_dispatched_order(lines=one(NEW, 1, "P5"))
    product = db.session.get_one(Product, "P5")
    with unit_of_work():
        product.exchanges = ["purchase"]
    before = everything()
    door = record(P.CASH, at_door(OLD, line_id=order.lines[0].id), shown=1590)
    with pytest.raises(ExchangeNotPossible), unit_of_work():
        deliver_order(order.id, door, CARRIER, now=now, actor="driver:3")
    assert everything() == before


@pytest.mark.parametrize(("amount", "damaged", "kept", "legacy"), [(1000, 1, 1000, 0), (1250, 1, 1250, 0),
                                                                  (1250, 2, 2250, 1000)])
def test_the_certificate_of_a_damaged_empty_ends_and_its_amount_is_kept(plan: FakePromises, now: datetime, amount: int,
                                                                        damaged: int, kept: int, legacy: int) -> None:
    """H-077, H-093, X-08: what stands on it, whatever the deposit is today; 10,00 for one without a certificate."""
    with unit_of_work():
        old = issue_certificates(count=1, amount_cents=amount, order_ref="order:0", customer_id=None,
                                 holder_name="Ana Kovač", now=now)[0]
    order = make_dispatched_order(lines=one(E.SWAP, 2))
    due = 4980 + 1000 * damaged
    door = replace(record(P.CASH, at_door(E.SWAP, 2, damaged=damaged, line_id=order.lines[0].id), shown=due),
                   certificates=(old.number.lower(),))
    before = ledger()
    with unit_of_work():
        done = deliver_order(order.id, door, CARRIER, now=now, actor="driver:3")
    assert (done.settlement.kept_deposit_cents, done.settlement.cash_cents) == (kept, due)
    moved = moved_since(before)
    assert moved["revenue:kept_deposits", "EUR"] == -kept
    assert moved.get(("liability:legacy_deposits", "EUR"), 0) == legacy
    assert moved.get(("liability:deposits", "EUR"), 0) == amount - 1000 * damaged
    assert (db.session.get_one(DepositCertificate, old.id).status, old.ended_ref) == (CertificateStatus.KEPT, order.ref)


@pytest.mark.parametrize(("damaged", "shown", "why"), [
    (0, ["KP-2026-000001"], TooManyCertificates), (1, ["KP-2099-000001"], NoCertificate),
    (2, ["KP-2026-000001", "kp-2026-000001"], NoCertificate)])
def test_a_certificate_that_cannot_be_kept_changes_nothing(plan: FakePromises, now: datetime, damaged: int,
                                                           shown: list[str], why: type[DomainError]) -> None:
    with unit_of_work():
        issue_certificates(count=1, amount_cents=1000, order_ref="order:0", customer_id=None, holder_name="A", now=now)
    order = make_dispatched_order(lines=one(E.SWAP, 2))
    door = replace(record(P.CASH, at_door(E.SWAP, 2, damaged=damaged, line_id=order.lines[0].id),
                          shown=4980 + 1000 * damaged), certificates=tuple(shown))
    before = everything()
    with pytest.raises(why), unit_of_work():
        deliver_order(order.id, door, CARRIER, now=now, actor="driver:3")
    assert everything() == before


@pytest.mark.parametrize(("payment", "cash", "card", "due"), [(P.CASH, 3490, 0, 1000), (P.CARD, 1000, 2490, 1000),
                                                              (P.EBANK, 1000, 0, 1000)])
def test_a_waiver_gives_the_kept_deposit_back_whatever_the_payment(plan: FakePromises, now: datetime, payment: P,
                                                                   cash: int, card: int, due: int) -> None:
    """X-06, H-077, H-078: damaged at the swap, 10,00 kept and 10,00 paid anew; waived, the old 10,00 are due back."""
    order = make_dispatched_order(payment=payment)
    door = record(payment, at_door(E.SWAP, damaged=1, line_id=order.lines[0].id), shown=cash + card)
    with unit_of_work():
        done = deliver_order(order.id, door, CARRIER, now=now, actor="driver:3")
    assert (done.settlement.cash_cents, done.settlement.card_cents) == (cash, card)
    assert due_refunds() == []
    with unit_of_work():
        waive_kept_deposit(order.id, reason="Poškodba ob prevozu", iban=IBAN, now=now, actor="staff:1")
    assert [(owed.subject, owed.amount_cents) for owed in due_refunds()] == [(order.ref, due)]
