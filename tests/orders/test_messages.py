"""templates/sms and templates/email of orders and cases: every word is filled in, in both languages, and short."""
from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import meta

from core.db import db, unit_of_work
from notify import gsm7
from notify.models import OutboxMessage
from orders.cases.changes import accept_change, propose_item
from orders.returns.appeals import appeal_rejection, decide_appeal
from orders.returns.complaints import end_credited, end_replaced, find_justified, receive_case
from orders.returns.goodwill import pay_goodwill
from orders.returns.rules import CylinderCheck
from orders.returns.services import fail_case, give_case_window, mark_refunded, reject_case
from orders.returns.services import move_case as move_case_by
from orders.returns.states import AppealDecision, CaseAction
from orders.services import cancel_order, fail_order, give_window, mark_paid, reject_order
from orders.services import mark_refunded as mark_order_refunded
from orders.states import Channel
from orders.states import ExchangeKind as E
from orders.states import PaymentMethod as P
from tests.factories import make_delivered_order, make_dispatched_order, make_offer, make_order, one
from tests.orders.cases import IBAN, collect, complain, give_back, withdraw
from tests.orders.fakes import FakePromises

ROOT = Path(__file__).parents[2] / "templates"
ORDER = {"number", "name", "address", "when", "amount", "cash", "total", "link", "company_phone"}
CASE = {"number", "name", "address", "notice", "when", "link", "order_number", "refund", "cash", "bank", "has_cash",
        "has_bank", "refund_by", "goods_back", "iban_missing", "company_phone", "unit"}
MORE = {
    "order_awaiting_payment": {"prepaid", "iban", "company", "reference", "has_door"},
    "order_cancelled": {"reason", "refund", "has_refund"}, "order_rejected": {"reason", "refund", "has_refund"},
    "order_delivered": {"invoice", "withdraw_by"}, "order_refunded": {"refund"},
    "case_deposit_return": {"expectation"}, "case_rejected": {"reason"}, "case_collected": {"credit"},
    "case_justified": {"finding"}, "case_replacement": {"complaint"}, "case_credited": {"credit"},
    "case_appeal_decided": {"overturned", "reason"}, "order_change": {"change", "reason", "answer"},
}
FILES = sorted(path for kind in ("sms", "email") for path in (ROOT / kind).glob("*.txt")
               if path.name.startswith(("order_", "case_")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_uses_only_what_its_message_is_given(path: Path, app: Flask) -> None:
    name = path.name.split(".")[0]
    used = meta.find_undeclared_variables(app.jinja_env.parse(path.read_text()))
    assert used - (ORDER if name.startswith("order_") else CASE) - MORE.get(name, set()) == set()


def every_message(language: str, now: datetime) -> None:
    """Bring about every message of orders and cases once."""
    speak = {"language": language}
    failed = make_dispatched_order(**speak)
    paid, refused = (make_order(payment=P.EBANK, lines=one(E.K), **speak) for _ in range(2))
    with unit_of_work():
        fail_order(failed.id, reason="not_home", now=now, actor="driver:3")
        give_window(failed.id, make_offer(days=1), now=now, actor="staff:1")
        for order in (paid, refused):
            mark_paid(order.id, amount_cents=2490, now=now, actor="staff:1")
        cancel_order(paid.id, by="company", reason="ni zaloge", now=now, actor="staff:1")
        reject_order(refused.id, reason="očitna napaka v ceni", now=now, actor="staff:1")
        mark_order_refunded(paid.id, iban=IBAN, now=now, actor="staff:2")
    by_card = withdraw(make_delivered_order(payment=P.CARD, **speak))
    collect(by_card, 0, empties_left={"Z10": 1})
    foil = withdraw(make_delivered_order(**speak))
    complaint = complain(make_delivered_order(**speak))
    returned = give_back(1, damaged=None)
    with unit_of_work():
        mark_refunded(by_card.id, iban=IBAN, now=now, actor="staff:2")
        give_case_window(returned.id, make_offer(days=1), now=now, actor="staff:1")
        move_case_by(complaint.id, CaseAction.DISPATCH, now=now, actor="driver:3")
        fail_case(complaint.id, reason="not_home", now=now, actor="driver:3")
        reject_case(foil.id, reason="foil_removed", now=now, actor="driver:3")
        decide_appeal(appeal_rejection(foil.id, text="Ne.", now=now, actor="customer").id, AppealDecision.UPHELD,
                      reason="Fotografija kaže odstranjeno folijo.", now=now, actor="staff:2")
    end_of_cases(now, speak)


def end_of_cases(now: datetime, speak: dict[str, str]) -> None:
    """What is told at the end of complaints, of goodwill and of a change."""
    order = make_order(lines=one(E.K), **speak)
    found = [complain(make_delivered_order(**speak)) for _ in range(2)]
    unpaid = give_back(1)
    for case in found:
        collect(case, 0, record="Pušča.")
    collect(unpaid, 0, cylinders=(CylinderCheck(damaged=True),))
    with unit_of_work():
        for case in found:
            receive_case(case.id, now=now, actor="staff:5")
            find_justified(case.id, finding="Tesnilo je počeno.", now=now, actor="staff:5")
        end_replaced(found[0].id, now=now, actor="staff:1")
        end_credited(found[1].id, now=now, actor="staff:1")
        pay_goodwill(unpaid.id, amount_cents=1000, reason="Zvesta stranka.", iban=None, now=now, actor="staff:2")
        change = propose_item(order.id, order.lines[0].id, "P5", E.PURCHASE, reason="Ni na zalogi.", now=now,
                              actor="staff:1")
        accept_change(change.id, channel=Channel.WEB, now=now, actor="customer")


@pytest.mark.parametrize("language", ["sl", "en"])
def test_every_message_is_short_enough_and_whole(plan: FakePromises, now: datetime, language: str) -> None:
    every_message(language, now)
    rows = db.session.scalars(sa.select(OutboxMessage)).all()
    assert {row.template for row in rows} == {path.name.split(".")[0] for path in FILES}
    for row in rows:
        assert "  " not in row.body, (row.template, row.body)
        assert "None" not in row.body
        assert "!" not in row.body
        if row.medium.value == "sms":
            assert gsm7.segments(row.body) <= 2, (row.template, gsm7.septets(row.body), row.body)
