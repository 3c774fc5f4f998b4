"""Opening a case: withdrawal, return of a green cylinder for its deposit, complaint."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from accounts.places import Place
from billing.bank.ibans import checked_iban
from core import calendar, settings, signals
from core.db import after_commit, db
from core.phone import Phone, display_phone
from orders.demand import place_of
from orders.models import Handover, Order
from orders.numbers import next_number
from orders.placing import require_slovenia
from orders.ports import Demand, Offer, promises
from orders.queries import order_by_id
from orders.returns import messages
from orders.returns.errors import ComplaintRefused, WithdrawalRefused, WrongNotice, WrongQuantity
from orders.returns.events import note_case_event
from orders.returns.models import CaseLine, ReturnCase
from orders.returns.queries import (
    bought_lines,
    case_by_request_key,
    hold_order,
    paid_returns,
    remaining,
    why_no_withdrawal,
)
from orders.returns.refunds import refund
from orders.returns.rules import complaint_refusal, deposit_return_expectation
from orders.returns.states import CaseKind, CaseStatus, ComplaintRefusal, DefectKind, Expectation, RefundMethod, Wish
from orders.states import Channel, OrderStatus, PaymentMethod

GREEN = "Z10"
SERIES = {CaseKind.WITHDRAWAL: "OD", CaseKind.DEPOSIT_RETURN: "VR", CaseKind.COMPLAINT: "RK",
          CaseKind.REPLACEMENT: "ZM"}


@dataclass(frozen=True, kw_only=True)
class CaseContact:
    """Whom we visit, and the order it is about, if any."""

    name: str
    phone: Phone
    email: str | None
    place: Place
    language: str = "sl"
    customer_id: int | None = None
    order_id: int | None = None


def contact_of(order: Order) -> CaseContact:
    """The contact and place of an order."""
    return CaseContact(
        name=order.contact_name, email=order.email, place=place_of(order), language=order.language,
        phone=Phone(e164=order.phone_e164, kind=order.phone_kind, display=display_phone(order.phone_e164)),
        customer_id=order.customer_id, order_id=order.id)


def pickup_demand(lines: Sequence[tuple[str, int, int]], floor: int) -> Demand:
    """What a pick-up asks of a van. Lines are (cylinder type, quantity, gas in grams of one, 0 when empty)."""
    collect: dict[str, int] = {}
    for kind, quantity, _ in lines:
        collect[kind] = collect.get(kind, 0) + quantity
    return Demand(collect=collect, gas_in_g=sum(quantity * gas for _, quantity, gas in lines), floor=floor,
                  payment=PaymentMethod.CASH, cylinders=sum(quantity for _, quantity, _ in lines))


def bringing_demand(lines: Sequence[tuple[str, int, int]], floor: int) -> Demand:
    """What a visit asks of a van that only brings full cylinders; lines as for `pickup_demand`."""
    taken = pickup_demand(lines, floor)
    return replace(taken, deliver=taken.collect, collect={}, gas_out_g=taken.gas_in_g, gas_in_g=0)


def case_demand(case: ReturnCase) -> Demand:
    """What a case asks of a van."""
    return _demand(case.kind, case.lines, case.floor)


def _demand(kind: CaseKind, lines: Sequence[CaseLine], floor: int) -> Demand:
    asked = bringing_demand if kind is CaseKind.REPLACEMENT else pickup_demand
    return asked([(line.cylinder_type, line.quantity, line.net_gas_g) for line in lines], floor)


def order_pickup_demand(order: Order, quantities: Mapping[int, int] | None = None) -> Demand:
    """What fetching delivered cylinders of an order asks of a van; `quantities` by handover line, None for all."""
    lines = _full_lines(_handover(order), quantities)
    return pickup_demand([(line.cylinder_type, line.quantity, line.net_gas_g) for line in lines], order.floor)


def open_withdrawal(order_id: int, *, request_key: str, channel: Channel, quantities: Mapping[int, int] | None,
                    offer: Offer | None, iban: str | None, now: datetime, actor: str,
                    taken_by: int | None = None, received_on: date | None = None) -> ReturnCase:
    """The buyer withdraws (H-140, X-18, X-21). `quantities` maps handover line ids to cylinders; None means all.

    `offer` is the pick-up window; None leaves it to be agreed: the notice counts all the same. `received_on` is the
    day of an e-mail that an agent enters later: that day counts (H-141). The same request_key again returns the first
    case. Raises WithdrawalRefused with the reason, or WrongNotice; nothing is written then.
    """
    first = case_by_request_key(request_key)
    if first is not None:
        return first
    hold_order(order_id)
    order = order_by_id(order_id)
    notice_at = notice_instant(order, received_on, now)
    why_not = why_no_withdrawal(order, notice_at)
    if why_not is not None:
        raise WithdrawalRefused(why_not, order_id=order_id)
    case = withdrawal_case(order, notice_at, request_key=request_key, channel=channel, quantities=quantities,
                           offer=offer, iban=iban, now=now, actor=actor, taken_by=taken_by)
    messages.tell_withdrawal(case, order, now=now)
    return case


def withdrawal_case(order: Order, notice_at: datetime, *, request_key: str, channel: Channel,
                    quantities: Mapping[int, int] | None, offer: Offer | None, iban: str | None, now: datetime,
                    actor: str, taken_by: int | None) -> ReturnCase:
    """The case of a withdrawal with what it would refund; whether the buyer may withdraw was asked before."""
    handover = _handover(order)
    left = remaining(handover)
    quantities = left if quantities is None else quantities
    lines = _full_lines(handover, quantities, left)
    expected = refund(bought_lines(handover, quantities), payment=handover.payment_method,
                      deposit_by_card=paid_deposit_by_card(handover), old_deposit_amounts=())
    today = calendar.local_date(notice_at)
    return open_case(
        CaseKind.WITHDRAWAL, contact_of(order), lines, request_key=request_key, channel=channel, offer=offer,
        status=CaseStatus.AWAITING_PICKUP, taken_by=taken_by, now=now, actor=actor, notice_at=notice_at,
        goods_back_on=calendar.customer_deadline(today, settings.get("goods_back_days", now)),
        refund_by_on=calendar.company_deadline(today, settings.get("refund_days", now)),
        refund_cents=expected.total_cents, bank_cents=expected.bank_cents, iban=checked_iban(iban),
        refund_method=RefundMethod.BANK if expected.bank_cents else RefundMethod.CASH,
        checks={"quantities": {str(line.line_id): line.returned for line in bought_lines(handover, quantities)}})


def open_deposit_return(contact: CaseContact, *, request_key: str, channel: Channel, quantity: int,
                        damaged: bool | None, test_due: date | None, offer: Offer | None, now: datetime, actor: str,
                        taken_by: int | None = None) -> ReturnCase:
    """Green cylinders go back without a swap (H-090 to H-097). From the web it is a request for the agents (X-12)."""
    first = case_by_request_key(request_key)
    if first is not None:
        return first
    require_slovenia(contact.place)
    if quantity < 1:
        raise WrongQuantity
    expectation, payable_cents = expected_pay_out(contact.phone.e164, contact.customer_id, quantity=quantity,
                                                  damaged=damaged, test_due=test_due, now=now)
    case = open_case(
        CaseKind.DEPOSIT_RETURN, contact, [CaseLine(cylinder_type=GREEN, quantity=quantity, full=False, net_gas_g=0)],
        request_key=request_key, channel=channel, offer=offer, taken_by=taken_by, now=now, actor=actor,
        status=CaseStatus.REQUESTED if channel is Channel.WEB else CaseStatus.AWAITING_PICKUP,
        pay_out_expected=expectation.value, refund_cents=payable_cents,
        refund_method=RefundMethod.CASH,
        checks={"damaged": damaged, "test_due": test_due.isoformat() if test_due else None})
    if channel is not Channel.COUNTER:
        messages.tell_deposit_return(case, expectation, now=now)
    return case


def expected_pay_out(phone_e164: str, customer_id: int | None, *, quantity: int, damaged: bool | None,
                     test_due: date | None, now: datetime) -> tuple[Expectation, int]:
    """What a return will pay as far as the caller's answers tell, and at most how many cents (X-20, H-096)."""
    household = settings.get("household_cylinders", now)
    before = paid_returns(phone_e164, customer_id, now)
    expectation = deposit_return_expectation(
        quantity=quantity, returned_before=before, household=household, damaged=damaged, test_due=test_due,
        on=calendar.local_date(now))
    payable = 0 if expectation is Expectation.NOT_EXPECTED else min(quantity, household - before)
    return expectation, payable * settings.get("deposit_cents", now)


def open_complaint(order_id: int, *, request_key: str, channel: Channel, defect: DefectKind, noticed_on: date,
                   wish: Wish, description: str, quantities: Mapping[int, int] | None, offer: Offer | None,
                   now: datetime, actor: str, taken_by: int | None = None,
                   received_on: date | None = None) -> ReturnCase:
    """The buyer complains of a defect (H-160 to H-163). Raises ComplaintRefused with the reason, or WrongNotice.

    `received_on` as in `open_withdrawal`.
    """
    first = case_by_request_key(request_key)
    if first is not None:
        return first
    hold_order(order_id)
    order = order_by_id(order_id)
    notice_at = notice_instant(order, received_on, now)
    delivered_on = calendar.local_date(order.delivered_at) if order.delivered_at else None
    why_not = complaint_refusal(
        defect, delivered_on=delivered_on, noticed_on=noticed_on, today=calendar.local_date(notice_at),
        days=settings.get("defect_days", order.created_at),
        liability_months=settings.get("defect_months", order.created_at))
    if why_not is not None:
        raise ComplaintRefused(why_not, order_id=order_id)
    handover = _handover(order)
    left = remaining(handover)
    if not any(left.values()):
        raise ComplaintRefused(ComplaintRefusal.TAKEN_BACK, order_id=order_id)
    quantities = left if quantities is None else quantities
    case = open_case(
        CaseKind.COMPLAINT, contact_of(order), _full_lines(handover, quantities, left), request_key=request_key,
        channel=channel, offer=offer, status=CaseStatus.AWAITING_PICKUP, taken_by=taken_by, now=now, actor=actor,
        notice_at=notice_at, wish=wish.value, reason=description[:300],
        checks={"defect": defect.value, "noticed_on": noticed_on.isoformat(),
                "quantities": {str(line.line_id): line.returned for line in bought_lines(handover, quantities)}})
    messages.tell_complaint(case, order, now=now)
    return case


def paid_deposit_by_card(handover: Handover) -> bool:
    """Whether the deposit went by card at the door (setting `deposit_by_card_allowed`, X-04)."""
    return handover.card_cents > handover.gas_cents - handover.discount_cents


def _handover(order: Order) -> Handover:
    if order.status is not OrderStatus.DELIVERED or order.handover is None:
        raise ComplaintRefused(ComplaintRefusal.NOT_DELIVERED, order_id=order.id)
    return order.handover


def _full_lines(handover: Handover, quantities: Mapping[int, int] | None,
                most: Mapping[int, int] | None = None) -> list[CaseLine]:
    """Case lines of full cylinders; WrongQuantity for none, foreign lines, or more than `most` (what was delivered)."""
    left = {line.id: line.quantity for line in handover.lines} if most is None else most
    wanted = left if quantities is None else quantities
    known = {line.id: line for line in handover.lines}
    lines = []
    for line_id, quantity in wanted.items():
        line = known.get(line_id)
        if line is None or not 0 <= quantity <= left[line_id]:
            raise WrongQuantity(line_id=line_id)
        if quantity:
            lines.append(CaseLine(order_line_id=line.order_line_id, cylinder_type=line.cylinder_type,
                                  quantity=quantity, full=True, net_gas_g=line.net_gas_g))
    if not lines:
        raise WrongQuantity
    return lines


def notice_instant(order: Order, received_on: date | None, now: datetime) -> datetime:
    """When a notice counts: now, or the day on which an e-mail came in (H-141).

    WrongNotice for a day that is still to come, or before the delivery.
    """
    today = calendar.local_date(now)
    if received_on is None or received_on == today:
        return now
    if received_on > today or (order.delivered_at and received_on < calendar.local_date(order.delivered_at)):
        raise WrongNotice(order_id=order.id, received_on=received_on.isoformat())
    return calendar.end_of_day(received_on)


def open_case(kind: CaseKind, contact: CaseContact, lines: list[CaseLine], *, request_key: str, channel: Channel,
              status: CaseStatus, offer: Offer | None, now: datetime, actor: str, notice_at: datetime | None = None,
              **values: Any) -> ReturnCase:
    """Write the case. Without an offer its window is closed until one is agreed."""
    place = contact.place
    if offer is not None:
        promises().accept(offer, place, _demand(kind, lines, place.floor), now=now)
    case = ReturnCase(
        number=next_number(SERIES[kind], now), request_key=request_key, kind=kind, status=status, channel=channel,
        order_id=contact.order_id, customer_id=contact.customer_id, notice_at=notice_at or now,
        language=contact.language,
        contact_name=contact.name, phone_e164=contact.phone.e164, phone_kind=contact.phone.kind,
        email=contact.email or None, street=place.street, house_number=place.house_number, postcode=place.postcode,
        city=place.city, lat=place.lat, lon=place.lon, floor=place.floor, note=place.note,
        window_from_at=offer.promised_from_at if offer else now,
        window_by_at=offer.promised_by_at if offer else now, window_closed_at=None if offer else now,
        lines=lines, **values)
    db.session.add(case)
    db.session.flush()
    note_case_event(case, "opened", now=now, actor=actor, kind=kind.value, channel=channel.value)
    case_id = case.id
    signal = signals.case_opened if status is CaseStatus.AWAITING_PICKUP else signals.case_changed
    after_commit(lambda: signal.send("orders", case_id=case_id))
    return case
