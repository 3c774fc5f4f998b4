"""Random days through the real services, beside books kept by hand: PRODUCT D10 (Y-10, H-050 to H-097, X-03 to X-06).

The machine orders, pays, cancels, delivers with changes at the door, fails, takes back, complains and pays out, and
notes in plain sums what each of it must have moved. After every step the ledger holds exactly that: every account to
the cent and to the cylinder, every transaction zero in each unit, every type as many as there were, nothing owed to
or by a customer that the sums do not explain, and `flask billing verify` finds nothing.

Seen to fail within a dozen examples, each: with `postings.m10` that takes a green cylinder along instead of the orange
one; with `refund_due_cents` left out of a delivery's entries; with `doubted` that moves nothing; with a cancellation
that does not post what is owed; with a waiver that posts the deposit twice.
"""
from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing import ledger, postings
from billing.ports import ledger_checks
from core import clock
from core.db import db, unit_of_work
from orders.errors import WrongState
from orders.models import Order, OrderLine
from orders.returns.complaints import receive_case
from orders.returns.counter import return_at_counter
from orders.returns.lifecycle import mark_refunded as mark_case_refunded
from orders.returns.rules import CylinderCheck
from orders.returns.services import CaseContact, CaseDoor
from orders.services import cancel_order, deliver_order, dispatch_order, fail_order, mark_paid, mark_refunded
from orders.settlement import DoorLine, DoorSettlement
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from orders.units import units
from orders.waiving import waive_kept_deposit
from tests.conftest import MONDAY_NOON, empty_tables
from tests.factories import CARRIER, SISKA, a_phone, make_order, make_products, make_terms, one
from tests.orders.cases import IBAN, collect, complain, give_back, withdraw
from tests.orders.fakes import FakePromises
from tests.promos.factories import issued

PRICES = {"Z10": 2490, "P5": 1590}
GREEN, OWN = (E.SWAP, E.K, E.M10), (E.PURCHASE, E.PURCHASE_WITH_EMPTY)
DRIVER, FULL, EMPTY, HELD = "cash:driver:3", "vehicle:2:full", "vehicle:2:empty", "vehicle:2:held"
PHYSICAL = ("depot:", "vehicle:", "unit:", "customers", "technical", "scrap")
CODES, OFF, AT_ONCE = 4, 300, 3
GOOD, LATE = date(2030, 1, 1), date(2020, 1, 1)
numbers = st.integers(0, 1000)
kinds = st.sampled_from([*GREEN, *OWN])
counts = st.integers(1, 3)
wishes = st.fixed_dictionaries({"kind": kinds, "count": counts, "payment": st.sampled_from(P), "coded": st.booleans()})
doors = st.fixed_dictionaries({"kind": kinds, "count": counts, "damaged": st.booleans(), "replaced": st.booleans(),
                               "by_card": st.booleans(), "papers": st.booleans()})


@dataclass(kw_only=True)
class Ordered:
    """An order as a careful clerk would remember it."""

    order_id: int
    kind: E
    product: str
    count: int
    payment: P
    off: int
    state: str
    prepaid: int = 0
    certificates: list[str] = field(default_factory=list)
    damaged: int = 0
    refunded: bool = False
    waived: bool = False
    returned: bool = False


class Days(RuleBasedStateMachine):
    """Orders and returns in any order, beside books kept by hand."""

    app: Flask

    def __init__(self) -> None:
        super().__init__()
        self.held = contextlib.ExitStack()
        self.held.enter_context(clock.frozen_at(MONDAY_NOON))
        self.books: Counter[tuple[str, str]] = Counter()
        self.orders: list[Ordered] = []
        self.due: dict[tuple[str, int], int] = {}
        self.keys = itertools.count(1)
        self.codes: list[str] = []

    def teardown(self) -> None:
        db.session.remove()
        empty_tables()
        self.held.close()

    def move(self, source: str, target: str, unit: str, amount: int) -> None:
        self.books[source, unit] -= amount
        self.books[target, unit] += amount

    def among(self, *states: str) -> list[Ordered]:
        return [order for order in self.orders if order.state in states]

    def kept_by_customers(self) -> list[Ordered]:
        return [order for order in self.among("delivered") if not order.returned]

    def with_kept_deposit(self) -> list[Ordered]:
        return [order for order in self.among("delivered") if order.damaged and not order.waived]

    @initialize(morning=st.lists(st.tuples(wishes, doors), min_size=4, max_size=4))
    def begin(self, morning: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        """Open the books; a few orders are out before the random part, so that there is something to come back."""
        self.open_the_books()
        for wish, door in morning:
            self.place(**wish)
            if self.orders[-1].state == "waiting":
                self.paid(self.orders[-1])
            self.meet(self.orders[-1], **door)

    def open_the_books(self) -> None:
        """Y-10: cylinders in the field and their deposits from before the ledger, and a loaded van."""
        make_products()
        make_terms()
        with unit_of_work():
            ledger.post("field_opening", "opening", postings.field_opening("Z10", 500, deposits_cents=500_000),
                        at=clock.utc_now(), dedupe_key="opening", actor="staff:1")
            for kind in PRICES:
                entries = (postings.stock_opening(1, kind, 300) + postings.stock_load(1, 2, kind, 200))
                ledger.post("stock_opening", "opening", entries, at=clock.utc_now(), dedupe_key=f"o:{kind}",
                            actor="staff:1")
        self.codes = issued(CODES, ends_at=clock.utc_now() + timedelta(days=60))
        self.move("supply", "customers", "Z10", 500)
        self.move("liability:legacy_deposits", "equity:opening", "EUR", 500_000)
        for kind in PRICES:
            self.move("supply", "depot:1:full", kind, 300)
            self.move("depot:1:full", FULL, kind, 200)

    @precondition(lambda self: len(self.among("waiting", "confirmed")) < AT_ONCE)
    @rule(wish=wishes)
    def order(self, wish: dict[str, Any]) -> None:
        self.place(**wish)

    def place(self, kind: E, count: int, payment: P, coded: bool) -> None:
        product = "Z10" if kind in GREEN else "P5"
        code = self.codes.pop() if coded and self.codes else None
        off = OFF if code else 0
        net = PRICES[product] * count - off
        deposit = 1000 * count if kind in (E.K, E.M10) else 0
        buyback = 300 * count if kind is E.M10 else 0
        made = make_order(lines=one(kind, count, product), payment=payment, promo_code=code,
                          shown_total_cents=net + deposit - buyback)
        assert made.total_cents == net + deposit - buyback
        ebank = payment is P.EBANK
        self.orders.append(Ordered(order_id=made.id, kind=kind, product=product, count=count, payment=payment, off=off,
                                   state="waiting" if ebank else "confirmed", prepaid=net if ebank else 0))

    @precondition(lambda self: self.among("waiting"))
    @rule(number=numbers)
    def pay(self, number: int) -> None:
        self.paid(chosen(self.among("waiting"), number))

    def paid(self, order: Ordered) -> None:
        with unit_of_work():
            mark_paid(order.order_id, amount_cents=order.prepaid, now=clock.utc_now(), actor="staff:1")
        order.state = "confirmed"
        self.move("liability:prepayments", "bank", "EUR", order.prepaid)

    @precondition(lambda self: self.among("waiting", "confirmed"))
    @rule(number=numbers, by=st.sampled_from(["customer", "company"]))
    def cancel(self, number: int, by: str) -> None:
        order = chosen(self.among("waiting", "confirmed"), number)
        with unit_of_work():
            cancel_order(order.order_id, by=by, reason="", now=clock.utc_now(), actor="x")  # type: ignore[arg-type]
        before, order.state = order.state, "cancelled"
        if before == "confirmed" and order.prepaid:
            self.move("liability:refunds", "liability:prepayments", "EUR", order.prepaid)
            self.due["order", order.order_id] = order.prepaid

    @precondition(lambda self: self.among("confirmed"))
    @rule(number=numbers, door=doors)
    def visit(self, number: int, door: dict[str, Any]) -> None:
        self.meet(chosen(self.among("confirmed"), number), **door)

    @precondition(lambda self: self.among("confirmed"))
    @rule(number=numbers)
    def find_nobody(self, number: int) -> None:
        order = chosen(self.among("confirmed"), number)
        with unit_of_work():
            dispatch_order(order.order_id, now=clock.utc_now(), actor="driver:3")
        with unit_of_work():
            fail_order(order.order_id, reason="nobody", now=clock.utc_now(), actor="driver:3")

    def meet(self, order: Ordered, kind: E, count: int, damaged: bool, replaced: bool, by_card: bool,
             papers: bool) -> None:
        """Whatever happens at the door (H-068, H-077 to H-079, X-05)."""
        with unit_of_work():
            dispatch_order(order.order_id, now=clock.utc_now(), actor="driver:3")
        order.kind = kind if (kind in GREEN) == (order.kind in GREEN) else order.kind
        order.count = min(count, order.count)
        order.damaged = int(damaged and order.kind is E.SWAP)
        if order.payment is not P.EBANK:
            order.payment = P.CARD if by_card else P.CASH
        self.deliver(order, int(replaced), papers)

    def deliver(self, order: Ordered, replaced: int, papers: bool) -> None:
        kind, count, damaged = order.kind, order.count, order.damaged
        net = PRICES[order.product] * count - order.off
        deposit = 1000 * (count if kind in (E.K, E.M10) else damaged)
        buyback = 300 * count if kind is E.M10 else 0
        owed = order.prepaid - net if order.prepaid else 0
        card = net if order.payment is P.CARD else 0
        cash = deposit - buyback + (net if order.payment is P.CASH else 0)
        holders = [other for other in self.kept_by_customers() if other.certificates] if damaged and papers else []
        shown = (holders[0].certificates.pop(0),) if holders else ()
        record = DoorLine(line_id=self.line_of(order), exchange=kind, quantity=count, damaged_empties=damaged,
                          replaced=replaced)
        door = DoorSettlement(lines=(record,), payment=order.payment, shown_total_cents=cash + card,
                              card_scheme="Visa" if order.payment is P.CARD else "", certificates=shown)
        with unit_of_work():
            done = deliver_order(order.order_id, door, CARRIER, now=clock.utc_now(), actor="driver:3")
        order.state, order.certificates = "delivered", list(done.certificate_numbers)
        assert len(order.certificates) == deposit // 1000
        for account, cents in ((DRIVER, cash), ("card", card), ("liability:prepayments", order.prepaid),
                               ("liability:refunds", -owed), ("sales", -net), ("buyback:orange", buyback),
                               ("liability:deposits", 1000 * len(shown) - deposit),
                               ("liability:legacy_deposits", 1000 * (damaged - len(shown))),
                               ("revenue:kept_deposits", -1000 * damaged)):
            self.books[account, "EUR"] += cents
        if owed:
            self.due["order", order.order_id] = owed
        self.move(FULL, "customers", order.product, count)
        self.move(FULL, HELD, order.product, replaced)
        if kind in (E.SWAP, E.PURCHASE_WITH_EMPTY):
            self.move("customers", EMPTY, order.product, count)
        if kind is E.M10:
            self.move("customers", EMPTY, "O10", count)

    def line_of(self, order: Ordered) -> int:
        return db.session.execute(db.select(OrderLine.id).where(OrderLine.order_id == order.order_id)).scalar_one()

    @precondition(lambda self: self.kept_by_customers())
    @rule(number=numbers, count=counts, leaves_empties=st.booleans())
    def withdraw(self, number: int, count: int, leaves_empties: bool) -> None:
        """Full ones back with their money (H-145 to H-147, X-24)."""
        order = chosen(self.kept_by_customers(), number)
        order.returned = True
        back = min(count, order.count)
        released = min(order.count if order.kind in (E.K, E.M10) else order.damaged, len(order.certificates), back)
        swapped = back - released if order.kind is E.SWAP else 0
        room = back if order.kind is E.PURCHASE_WITH_EMPTY else swapped
        left = room if leaves_empties else 0
        old = 1000 * (swapped - left) if order.kind is E.SWAP else 0
        gas = PRICES[order.product] * back - order.off * back // order.count
        bank = 0 if order.payment is P.CASH else gas
        cash = gas + 1000 * released + old - bank
        stored = db.session.get_one(Order, order.order_id)
        assert stored.handover is not None
        case = withdraw(stored, quantities={stored.handover.lines[0].id: back})
        done = collect(case, cash, empties_left={order.product: left} if left else {})
        assert (done.cash_cents, done.bank_cents) == (cash, bank)
        del order.certificates[:released]
        for account, cents in (("sales", gas), ("liability:deposits", 1000 * released),
                               ("liability:legacy_deposits", old), (DRIVER, -cash), ("liability:refunds", -bank)):
            self.books[account, "EUR"] += cents
        self.move("customers", FULL, order.product, back)
        self.move(EMPTY, "customers", order.product, left)
        if bank:
            self.due["case", case.id] = bank

    @rule(number=numbers, count=st.integers(1, 2), damaged=st.booleans(), late=st.booleans(), at_unit=st.booleans())
    def hand_in(self, number: int, count: int, damaged: bool, late: bool, at_unit: bool) -> None:
        """Green cylinders back for their deposit, to a driver or over a counter (H-090 to H-097, X-20)."""
        held = [order for order in self.kept_by_customers() if order.certificates]
        holder = chosen(held, number) if held and number % 2 else None
        shown = holder.certificates[0] if holder else ""
        certified = 0 if damaged or late or not shown else 1000
        paid = 0 if damaged or late else 1000 * count
        checks = tuple(CylinderCheck(damaged=damaged, test_due=LATE if late else GOOD, certificate=one)
                       for one in [shown, *[""] * (count - 1)])
        if at_unit:
            door = CaseDoor(shown_total_cents=paid, cylinders=checks)
            with unit_of_work():
                return_at_counter("Ana Kovač", a_phone(), door, units()["kranj"], email=None, photo=None,
                                  request_key=f"counter-{next(self.keys):05d}", now=clock.utc_now(), actor="staff:1")
        else:
            collect(give_back(count, contact=contact(), damaged=None, test_due=None), paid, cylinders=checks)
        if certified and holder:
            holder.certificates.pop(0)
        money, place = ("cash:unit:kranj", "unit:kranj:empty") if at_unit else (DRIVER, EMPTY)
        self.move(money, "liability:deposits", "EUR", certified)
        self.move(money, "liability:legacy_deposits", "EUR", paid - certified)
        self.move("customers", place, "Z10", count)

    @precondition(lambda self: self.kept_by_customers())
    @rule(number=numbers, tested=st.booleans())
    def complain(self, number: int, tested: bool) -> None:
        """A defective one is fetched, and handed to the technical sector (H-164, H-165)."""
        order = chosen(self.kept_by_customers(), number)
        order.returned = True
        case = complain(db.session.get_one(Order, order.order_id))
        collect(case, 0, record="Pušča.")
        self.move("customers", HELD, order.product, order.count)
        if tested:
            with unit_of_work():
                receive_case(case.id, now=clock.utc_now(), actor="staff:1")
            self.move(HELD, "technical", order.product, order.count)

    @precondition(lambda self: self.with_kept_deposit())
    @rule(number=numbers)
    def give_the_kept_deposit_back(self, number: int) -> None:
        """X-06, once; not after another refund of the order was transferred."""
        order = chosen(self.with_kept_deposit(), number)
        refusal = pytest.raises(WrongState) if order.refunded else contextlib.nullcontext()
        with refusal, unit_of_work():
            waive_kept_deposit(order.order_id, reason="lepo", iban=None, now=clock.utc_now(), actor="staff:1")
        if not order.refunded:
            order.waived = True
            self.move("liability:refunds", "revenue:kept_deposits", "EUR", 1000)
            self.due["order", order.order_id] = self.due.get(("order", order.order_id), 0) + 1000

    @precondition(lambda self: self.due)
    @rule(number=numbers)
    def transfer(self, number: int) -> None:
        kind, subject = list(self.due)[number % len(self.due)]
        mark = mark_refunded if kind == "order" else mark_case_refunded
        with unit_of_work():
            mark(subject, iban=IBAN, now=clock.utc_now(), actor="staff:1")
        for order in self.orders:
            order.refunded |= (kind, subject) == ("order", order.order_id)
        self.move("bank", "liability:refunds", "EUR", self.due.pop((kind, subject)))

    @rule(hours=st.integers(1, 5))
    def wait(self, hours: int) -> None:
        clock.advance(timedelta(hours=hours))

    @invariant()
    def the_ledger_is_the_books(self) -> None:
        if not self.books:
            return
        assert set(ledger.trial_balance().values()) == {0}
        assert ledger.unbalanced_transactions() == []
        held: Counter[tuple[str, str]] = Counter()
        for (account, unit), amount in ledger.balances("").items():
            held["sales" if account in ("revenue:gas", "vat") else account, unit] += amount
        assert held == {key: amount for key, amount in self.books.items() if amount}
        for kind, brought in (("Z10", 800), ("P5", 300), ("O10", 0)):
            there = sum(number for (account, unit), number in held.items()
                        if unit == kind and account.startswith(PHYSICAL))
            assert there == brought
        assert [check for check in ledger_checks() if not check.agrees] == []


def chosen(orders: list[Ordered], number: int) -> Ordered:
    return orders[number % len(orders)]


def contact() -> CaseContact:
    """Somebody new: the usual quantity of a household is never reached."""
    return CaseContact(name="Ana Kovač", phone=a_phone(), email=None, place=SISKA)


@pytest.mark.parametrize("database_app", ["sqlite"], indirect=True)
def test_after_any_day_the_ledger_holds_what_was_moved(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-D10, Y-10: debits equal credits, cylinders are conserved, no balance is unexplained."""
    monkeypatch.setitem(app.extensions, "promises", FakePromises())
    run_state_machine_as_test(Days, settings=settings(
        max_examples=30, stateful_step_count=25, deadline=None, database=None,
        suppress_health_check=list(HealthCheck)))
