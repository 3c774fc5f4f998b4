"""A complaint from the technical sector to its one end (H-165, H-166, X-25)."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from billing.bank.ibans import checked_iban
from billing.queries import invoice_link
from billing.services import issue_credit_note, pay_out_certificate
from core import calendar, settings, signals
from core.db import after_commit, changed_rows
from core.phone import Phone, display_phone
from orders import books, papers
from orders.demand import place_of
from orders.ports import Offer
from orders.returns import messages
from orders.returns.certificates import order_certificates
from orders.returns.errors import WrongCaseState, WrongRecord
from orders.returns.events import note_case_event
from orders.returns.lifecycle import move_case, reject_case
from orders.returns.models import CaseLine, ReturnCase
from orders.returns.opening import CaseContact, open_case
from orders.returns.queries import bought_lines, case_by_id
from orders.returns.refunds import Refund, old_deposits, refund, with_open_deposits
from orders.returns.states import CaseAction, CaseKind, CaseStatus, Outcome, RefundMethod
from orders.states import Channel, PaymentMethod


def receive_case(case_id: int, *, now: datetime, actor: str) -> ReturnCase:
    """The technical sector takes the cylinders over, once: off the van, or from the unit (H-165)."""
    case = _complaint(case_id)
    if changed_rows(sa.update(ReturnCase).where(
            ReturnCase.id == case_id, ReturnCase.status == CaseStatus.TESTING, ReturnCase.received_at.is_(None),
    ).values(received_at=now)) != 1:
        raise WrongCaseState(case_id=case_id)
    case = case_by_id(case_id)
    note_case_event(case, "received_for_test", now=now, actor=actor)
    books.post_received(case, now=now, actor=actor)
    after_commit(lambda: signals.case_changed.send("orders", case_id=case_id))
    return case


def find_justified(case_id: int, *, finding: str, now: datetime, actor: str) -> ReturnCase:
    """The verdict: the defect is there. What follows is the buyer's wish (H-163)."""
    case = _tested(case_id)
    case = move_case(case_id, CaseAction.FIND_JUSTIFIED, now=now, actor=actor,
                     checks={**case.checks, "finding": finding[:1000]})
    messages.tell_verdict(case, finding=finding, now=now)
    return case


def reject_complaint(case_id: int, *, finding: str, bring_back: bool, now: datetime, actor: str) -> ReturnCase:
    """The verdict: no defect. The end of the complaint; the buyer gets the cylinder back, if it is sound."""
    case = _tested(case_id)
    case = reject_case(case_id, reason=finding, now=now, actor=actor, outcome=Outcome.REJECTED,
                       checks={**case.checks, "finding": finding[:1000]})
    if bring_back:
        _bring(case, None, now=now, actor=actor)
    return case


def end_repaired(case_id: int, *, offer: Offer | None = None, now: datetime, actor: str) -> ReturnCase:
    """The end: repaired, and brought back as a stop of its own. Returns that stop's case."""
    case = move_case(case_id, CaseAction.REPAIR, now=now, actor=actor, outcome=Outcome.REPAIRED, ended_at=now)
    return _bring(case, offer, now=now, actor=actor)


def end_replaced(case_id: int, *, offer: Offer | None = None, now: datetime, actor: str) -> ReturnCase:
    """The end: another cylinder, free of charge, as a stop of its own (H-166). Returns that stop's case."""
    case = move_case(case_id, CaseAction.REPLACE, now=now, actor=actor, outcome=Outcome.REPLACED, ended_at=now)
    return _bring(case, offer, now=now, actor=actor)


def end_credited(case_id: int, *, iban: str | None = None, now: datetime, actor: str) -> ReturnCase:
    """The end: a credit note over the price that was paid, and the deposits; due by transfer (H-166, X-22)."""
    case = _complaint(case_id)
    made, legacy, certificates = _price_back(case, now)
    case = move_case(
        case_id, CaseAction.CREDIT, now=now, actor=actor, outcome=Outcome.CREDITED, refund_cents=made.total_cents,
        bank_cents=made.total_cents, refund_method=RefundMethod.BANK, iban=checked_iban(iban) or case.iban,
        refund_by_on=calendar.company_deadline(calendar.local_date(now), settings.get("refund_days", now)))
    order = case.order
    assert order is not None
    assert order.handover is not None
    assert order.handover.invoice_id is not None
    lines = with_open_deposits(bought_lines(order.handover, _quantities(case)), len(certificates))
    note = issue_credit_note(
        order.handover.invoice_id, papers.credit_items(lines, order.created_at), now=now, actor=actor,
        reason=papers.complaint_reason(case), payments=papers.pay_back(made))
    for number in certificates:
        pay_out_certificate(number, case.ref, now=now, actor=actor)
    books.post_credited(case, made, vat_cents=-note.vat_cents, legacy_deposit_cents=legacy, now=now, actor=actor)
    messages.tell_credited(case, credit_path=invoice_link(note.id), now=now)
    return case


def credit_preview(case: ReturnCase, now: datetime) -> Refund:
    """What a credit note would pay back."""
    return _price_back(case, now)[0]


def _price_back(case: ReturnCase, now: datetime) -> tuple[Refund, int, list[str]]:
    """The price and deposits of the returned cylinders, what of them is from before, and the certificates closed.

    The buyer has no cylinder any more: for a swapped one its deposit is paid as after a withdrawal (X-24).
    """
    if case.order is None or case.order.handover is None:
        raise WrongRecord(case_id=case.id)
    own = order_certificates(case.order.ref)
    lines = with_open_deposits(bought_lines(case.order.handover, _quantities(case)), len(own))
    legacy = settings.get("deposit_cents", now) * old_deposits(lines, {})
    made = refund(lines, payment=PaymentMethod.EBANK, deposit_by_card=True, old_deposit_amounts=[legacy])
    made = Refund(gas_cents=made.gas_cents, deposit_cents=made.deposit_cents, old_deposit_cents=legacy, cash_cents=0,
                  bank_cents=made.total_cents)
    return made, legacy, own[:sum(line.deposits_back for line in lines)]


def _quantities(case: ReturnCase) -> dict[int, int]:
    return {int(line): count for line, count in case.checks["quantities"].items()}


def _complaint(case_id: int) -> ReturnCase:
    case = case_by_id(case_id)
    if case.kind is not CaseKind.COMPLAINT:
        raise WrongCaseState(case_id=case_id, kind=case.kind.value)
    return case


def _tested(case_id: int) -> ReturnCase:
    """A verdict needs the cylinder in the technical sector's hands."""
    case = _complaint(case_id)
    if case.received_at is None:
        raise WrongCaseState(case_id=case_id, status=case.status.value)
    return case


def _bring(case: ReturnCase, offer: Offer | None, *, now: datetime, actor: str) -> ReturnCase:
    """A stop that brings as many full cylinders; `parent_id` is unique: one for each complaint."""
    contact = CaseContact(
        name=case.contact_name, email=case.email, place=place_of(case), language=case.language,
        phone=Phone(e164=case.phone_e164, kind=case.phone_kind, display=display_phone(case.phone_e164)),
        customer_id=case.customer_id, order_id=case.order_id)
    lines = [CaseLine(order_line_id=line.order_line_id, cylinder_type=line.cylinder_type, quantity=line.quantity,
                      full=True, net_gas_g=line.net_gas_g) for line in case.lines]
    made = open_case(CaseKind.REPLACEMENT, contact, lines, request_key=f"end-of-case-{case.id}", channel=Channel.PHONE,
                     status=CaseStatus.AWAITING_PICKUP, offer=offer, now=now, actor=actor, parent_id=case.id)
    messages.tell_replacement(made, case, now=now)
    return made
