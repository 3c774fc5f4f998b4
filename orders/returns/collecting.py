"""What the driver does at a pick-up, in one transaction: checks, money out, credit note, cylinders."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from billing.queries import invoice_link
from billing.services import issue_credit_note, pay_out_certificate, record_payment
from core import calendar, settings
from orders import books, papers
from orders.carrier import Carrier
from orders.errors import TotalChanged
from orders.models import Handover, Order
from orders.returns import messages
from orders.returns.certificates import normal_number, open_certificates, order_certificates
from orders.returns.errors import WithdrawalRefused, WrongCaseState, WrongRecord
from orders.returns.lifecycle import move_case, reject_case
from orders.returns.models import ReturnCase
from orders.returns.opening import paid_deposit_by_card
from orders.returns.queries import bought_lines, case_by_id, paid_returns, remaining, why_no_withdrawal
from orders.returns.refunds import BoughtLine, Refund, old_deposits, refund, with_open_deposits
from orders.returns.rules import CylinderCheck, PayOut, deposit_pay_outs, door_refusal
from orders.returns.states import CaseAction, CaseKind, CaseStatus, RefundMethod, WithdrawalRefusal
from orders.states import PaymentMethod
from promos.services import order_ended
from promos.states import OrderEnd


@dataclass(frozen=True, kw_only=True)
class CaseDoor:
    """The driver's record of a pick-up.

    `shown_total_cents` is the cash that the driver was told to pay out. Withdrawal: foil, damage and invoice checked
    (H-144, H-149, H-150); `empties_left` by cylinder type are empties given to the customer instead of the deposit,
    `certificates` the numbers shown for those that are paid (X-24). Deposit return: one check per cylinder handed
    over. Complaint: `record` is the driver's complaint record (H-164).
    """

    shown_total_cents: int
    foil_intact: bool = True
    undamaged: bool = True
    invoice_shown: bool = True
    empties_left: Mapping[str, int] = field(default_factory=dict)
    certificates: tuple[str, ...] = ()
    cylinders: tuple[CylinderCheck, ...] = ()
    record: str = ""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """The amounts of a pick-up before it is written: what the driver's page shows. `refusal` is a code or empty."""

    cash_cents: int
    bank_cents: int
    gas_cents: int
    deposit_cents: int
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What a pick-up made."""

    status: CaseStatus
    cash_cents: int
    bank_cents: int
    credit_note_id: int | None
    reason: str


def preview_collection(case_id: int, door: CaseDoor, *, now: datetime) -> Collection:
    """The amounts of a record without writing anything."""
    case = case_by_id(case_id)
    if case.kind is CaseKind.WITHDRAWAL:
        refusal = _door_refusal(case.checks.get("waived", ()), door)
        if refusal:
            return Collection(cash_cents=0, bank_cents=0, gas_cents=0, deposit_cents=0, refusal=refusal)
        return _amounts(_withdrawal(case, door, now).refund)
    paid = sum(one.amount_cents for one in _pay_outs(case, door, now)) if door.cylinders else 0
    return Collection(cash_cents=paid, bank_cents=0, gas_cents=0, deposit_cents=paid)


def preview_withdrawal(order: Order, door: CaseDoor, *, now: datetime) -> Collection:
    """The amounts of a withdrawal from all that is left of an order, no case yet: brought to a counter (H-143)."""
    why_not = why_no_withdrawal(order, now)
    if why_not is not None or order.handover is None:
        raise WithdrawalRefused(why_not or WithdrawalRefusal.NOT_DELIVERED, order_id=order.id)
    quantities = remaining(order.handover)
    refusal = _door_refusal((), door)
    if refusal:
        return Collection(cash_cents=0, bank_cents=0, gas_cents=0, deposit_cents=0, refusal=refusal)
    return _amounts(_withdrawal_of(order, quantities, door, now).refund)


def preview_empties(door: CaseDoor, phone_e164: str, customer_id: int | None, *, now: datetime) -> Collection:
    """The amounts of green cylinders that have no case yet: brought to a counter (H-093 to H-097)."""
    paid = sum(one.amount_cents for one in _pay_outs_of(door, phone_e164, customer_id, now))
    return Collection(cash_cents=paid, bank_cents=0, gas_cents=0, deposit_cents=paid)


def _amounts(made: Refund) -> Collection:
    return Collection(cash_cents=made.cash_cents, bank_cents=made.bank_cents, gas_cents=made.gas_cents,
                      deposit_cents=made.deposit_cents + made.old_deposit_cents)


def collect_case(case_id: int, door: CaseDoor, carrier: Carrier, *, now: datetime, actor: str) -> Collected:
    """Take the cylinders over and pay.

    TotalChanged when the driver was shown another amount, WrongRecord, NoCertificate, WrongCaseState or StaleCase;
    then nothing is written.
    """
    case = case_by_id(case_id)
    if case.status is not CaseStatus.ON_THE_WAY:
        raise WrongCaseState(case_id=case_id, status=case.status.value)
    collect = {CaseKind.WITHDRAWAL: _collect_withdrawal, CaseKind.DEPOSIT_RETURN: _collect_empties,
               CaseKind.COMPLAINT: _collect_complaint, CaseKind.REPLACEMENT: _hand_over}[case.kind]
    return collect(case, door, carrier, now, actor)


def _require_shown(door: CaseDoor, cash_cents: int) -> None:
    if door.shown_total_cents != cash_cents:
        raise TotalChanged(cash_cents, shown=door.shown_total_cents)


def _door_refusal(waived: Sequence[str], door: CaseDoor) -> str:
    """What finance waived when it overturned a rejection is not held against the customer again."""
    refusal = door_refusal(
        foil_intact=door.foil_intact or WithdrawalRefusal.FOIL_REMOVED in waived,
        undamaged=door.undamaged or WithdrawalRefusal.DAMAGED in waived,
        invoice_shown=door.invoice_shown or WithdrawalRefusal.NO_INVOICE in waived)
    return refusal.value if refusal else ""


@dataclass(frozen=True, kw_only=True)
class _Withdrawal:
    """A withdrawal worked out: lines, refund, and the certificates that it closes."""

    handover: Handover
    lines: tuple[BoughtLine, ...]
    refund: Refund
    legacy_deposit_cents: int
    certificates: tuple[str, ...]
    shown: tuple[str, ...]


def _withdrawal(case: ReturnCase, door: CaseDoor, now: datetime) -> _Withdrawal:
    """H-145 to H-147, X-22, X-24."""
    if case.order is None:
        raise WrongRecord(case_id=case.id)
    quantities = {int(line): count for line, count in case.checks["quantities"].items()}
    return _withdrawal_of(case.order, quantities, door, now)


def _withdrawal_of(order: Order, quantities: Mapping[int, int], door: CaseDoor, now: datetime) -> _Withdrawal:
    handover = order.handover
    if handover is None:
        raise WrongRecord(order_id=order.id)
    own = order_certificates(order.ref)
    lines = with_open_deposits(bought_lines(handover, quantities), len(own))
    try:
        old = old_deposits(lines, door.empties_left)
    except ValueError:
        raise WrongRecord(field="empties_left", order_id=order.id) from None
    shown = open_certificates(door.certificates)
    older = {number: cents for number, cents in shown.items() if number not in own}
    back = sum(line.deposits_back for line in lines)  # the order's own, whether their papers are shown or not
    if len(older) > old or len(shown) - len(older) > back:
        raise WrongRecord(field="certificates", order_id=order.id)
    legacy = settings.get("deposit_cents", now) * (old - len(older))
    made = refund(lines, payment=handover.payment_method, deposit_by_card=paid_deposit_by_card(handover),
                  old_deposit_amounts=[*older.values(), legacy])
    closed = sorted(own, key=lambda number: number not in shown)[:back]
    return _Withdrawal(handover=handover, lines=lines, refund=made, legacy_deposit_cents=legacy,
                       certificates=(*older, *closed), shown=tuple(shown))


def _collect_withdrawal(case: ReturnCase, door: CaseDoor, carrier: Carrier, now: datetime, actor: str) -> Collected:
    checks: dict[str, Any] = {**case.checks, "foil_intact": door.foil_intact, "undamaged": door.undamaged,
                              "invoice_shown": door.invoice_shown, "empties_left": dict(door.empties_left)}
    refusal = _door_refusal(case.checks.get("waived", ()), door)
    if refusal:
        _require_shown(door, 0)
        case = reject_case(case.id, reason=refusal, now=now, actor=actor, checks=checks)
        return Collected(status=case.status, cash_cents=0, bank_cents=0, credit_note_id=None, reason=refusal)
    plan = _withdrawal(case, door, now)
    _require_shown(door, plan.refund.cash_cents)
    due = plan.refund.bank_cents > 0
    case = move_case(
        case.id, CaseAction.COLLECT_REFUND_DUE if due else CaseAction.COLLECT_PAID, now=now, actor=actor,
        collected_at=now, ended_at=None if due else now, refund_cents=plan.refund.total_cents,
        bank_cents=plan.refund.bank_cents, refund_method=RefundMethod.BANK if due else RefundMethod.CASH,
        checks={**checks, "certificates": list(plan.certificates), "shown": list(plan.shown)})
    order = case.order
    assert order is not None
    assert plan.handover.invoice_id is not None
    note = issue_credit_note(
        plan.handover.invoice_id, papers.credit_items(plan.lines, order.created_at), now=now, actor=actor,
        reason=papers.withdrawal_reason(case), payments=papers.pay_back(plan.refund))
    for number in plan.certificates:
        pay_out_certificate(number, case.ref, now=now, actor=actor)
    if plan.refund.cash_cents:
        record_payment(order_ref=order.ref, method=PaymentMethod.CASH.value, amount_cents=-plan.refund.cash_cents,
                       at=now, actor=actor)
    books.post_withdrawal(case, plan.lines, plan.refund, door.empties_left, carrier, vat_cents=-note.vat_cents,
                          legacy_deposit_cents=plan.legacy_deposit_cents, now=now, actor=actor)
    if order.promo_code:
        order_ended(order.ref, OrderEnd.WITHDRAWN, now=now)
    messages.tell_collected(case, credit_path=invoice_link(note.id), now=now)
    return Collected(status=case.status, cash_cents=plan.refund.cash_cents, bank_cents=plan.refund.bank_cents,
                     credit_note_id=note.id, reason="")


def _pay_outs(case: ReturnCase, door: CaseDoor, now: datetime) -> tuple[PayOut, ...]:
    """One pay-out or exclusion per cylinder handed over (H-093 to H-097)."""
    if not 0 < len(door.cylinders) <= case.cylinders:
        raise WrongRecord(case_id=case.id)
    return _pay_outs_of(door, case.phone_e164, case.customer_id, now)


def _pay_outs_of(door: CaseDoor, phone_e164: str, customer_id: int | None, now: datetime) -> tuple[PayOut, ...]:
    checks = [replace(check, certificate=normal_number(check.certificate)) for check in door.cylinders]
    shown = open_certificates([check.certificate for check in checks if check.certificate])
    return deposit_pay_outs(
        checks, returned_before=paid_returns(phone_e164, customer_id, now),
        household=settings.get("household_cylinders", now), on=calendar.local_date(now), certificates=shown,
        deposit_cents=settings.get("deposit_cents", now))


def _collect_empties(case: ReturnCase, door: CaseDoor, carrier: Carrier, now: datetime, actor: str) -> Collected:
    """The cylinders are taken back either way; the pay-out follows the three exclusions (X-20)."""
    pay_outs = _pay_outs(case, door, now)
    cash = sum(one.amount_cents for one in pay_outs)
    _require_shown(door, cash)
    reasons = sorted({one.exclusion.value for one in pay_outs if one.exclusion})
    case = move_case(
        case.id, CaseAction.COLLECT_PAID if cash else CaseAction.COLLECT_UNPAID, now=now, actor=actor,
        reason=",".join(reasons), collected_at=now, ended_at=now, refund_cents=cash, bank_cents=0,
        refund_method=RefundMethod.CASH,
        checks={**case.checks, "paid_cylinders": sum(1 for one in pay_outs if one.exclusion is None), "cylinders": [
            {"damaged": check.damaged, "test_due": check.test_due.isoformat() if check.test_due else None,
             "certificate": check.certificate, "paid_cents": one.amount_cents,
             "exclusion": one.exclusion.value if one.exclusion else ""}
            for check, one in zip(door.cylinders, pay_outs, strict=True)]})
    certified = [one for one in pay_outs if one.certificate]
    for one in certified:
        pay_out_certificate(one.certificate, case.ref, now=now, actor=actor)
    paid_on_certificates = sum(one.amount_cents for one in certified)
    books.post_deposit_return(
        case, case.lines[0].cylinder_type, len(door.cylinders), carrier, certified_cents=paid_on_certificates,
        legacy_cents=cash - paid_on_certificates, now=now, actor=actor)
    messages.tell_collected(case, credit_path="", now=now)
    return Collected(status=case.status, cash_cents=cash, bank_cents=0, credit_note_id=None, reason=",".join(reasons))


def _collect_complaint(case: ReturnCase, door: CaseDoor, carrier: Carrier, now: datetime, actor: str) -> Collected:
    """The driver fills the record; the cylinder goes to the technical sector for testing (H-164, H-165)."""
    _require_shown(door, 0)
    if not door.record.strip():
        raise WrongRecord(field="record", case_id=case.id)
    custody = {} if carrier.unit else {"vehicle_id": carrier.vehicle_id}
    case = move_case(case.id, CaseAction.COLLECT_FOR_TESTING, now=now, actor=actor, collected_at=now,
                     checks={**case.checks, **custody, "record": door.record.strip()[:1000]})
    books.post_complaint(case, carrier, now=now, actor=actor)
    messages.tell_collected(case, credit_path="", now=now)
    return Collected(status=case.status, cash_cents=0, bank_cents=0, credit_note_id=None, reason="")


def _hand_over(case: ReturnCase, door: CaseDoor, carrier: Carrier, now: datetime, actor: str) -> Collected:
    """Full cylinders brought free of charge at the end of a complaint (H-166)."""
    _require_shown(door, 0)
    case = move_case(case.id, CaseAction.HAND_OVER, now=now, actor=actor, collected_at=now, ended_at=now)
    books.post_replacement(case, carrier, now=now, actor=actor)
    return Collected(status=case.status, cash_cents=0, bank_cents=0, credit_note_id=None, reason="")
