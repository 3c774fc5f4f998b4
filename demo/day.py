"""A morning of orders, played through the product's own services with the clock held at each moment."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from accounts.models import StaffUser
from accounts.places import Place
from accounts.services import upsert_customer
from core import clock
from core.db import db, unit_of_work
from core.phone import parse_phone
from core.roles import Role
from delivery import driving
from delivery.errors import OnAnotherStop
from delivery.models import Shift, Stop
from delivery.publishing import publish
from delivery.states import MOVABLE, FailReason
from delivery.vans import begin_due_shifts, end_due_shifts
from demo.addresses import ADDRESSES
from demo.people import CUSTOMERS
from demo.stories import STORIES, End, Story
from orders import placing
from orders.demand import place_of
from orders.models import Order
from orders.ports import promises
from orders.queries import current_terms, order_by_id
from orders.returns.opening import order_pickup_demand
from orders.returns.services import open_withdrawal
from orders.services import cancel_order, preview_door, reject_order
from orders.settlement import DoorSettlement, as_agreed
from orders.states import Channel, PaymentMethod, PromiseKind
from orders.views.submission import submit_order
from promos.models import PromoCode
from promos.services import hold
from promos.states import CodeState

_OUTSIDE = Place(street="Medvoška cesta", house_number="3", postcode="1215", city="Medvode", lat=46.1413, lon=14.4124,
                 source="pin")
_DRIVE, _SERVICE = timedelta(minutes=12), timedelta(minutes=5)


def play_a_morning(now: datetime) -> None:
    """Today's orders as far as they have come; publish the vans' lists."""
    play(dict(enumerate(STORIES)), now)
    _publish_lists(now)


def play(stories: Mapping[int, Story], now: datetime) -> None:
    """Place every story's order at its time and carry it as far as it goes until then; by the customer's number."""
    placed: dict[int, int] = {}
    moments: list[tuple[datetime, int, str]] = []
    for number, story in stories.items():
        at = now - timedelta(minutes=story.minutes_ago)
        moments.append((at, number, "place"))
        if story.end not in (End.PLANNED, End.UNPAID):
            moments.append((min(at + timedelta(minutes=story.done_after or 6), now), number, "go on"))
    for at, number, what in sorted(moments):
        with unit_of_work():
            end_due_shifts(at)
            begin_due_shifts(at)
        if what == "place":
            placed[number] = _place(number, stories[number], at)
        else:
            _go_on(placed[number], stories[number], at)


def _place(number: int, story: Story, at: datetime) -> int:
    """The order as the web or the phone desk takes it; returns its id."""
    with clock.frozen_at(at):
        name, phone_text = CUSTOMERS[number]
        phone, place = parse_phone(phone_text), _place_of(number, story)
        email = f"stranka{number + 1}@primer.si"
        customer_id = taken_by = None
        if story.channel is Channel.PHONE:
            taken_by = _agent_id()
            with unit_of_work():
                customer_id = upsert_customer(name=name, phone=phone, email=email, language="sl",
                                              actor=f"staff:{taken_by}").id
        lines = tuple(placing.LineRequest(product_code=code, exchange=exchange, quantity=quantity)
                      for code, exchange, quantity in story.lines)
        prepared = placing.prepare(lines, payment=story.payment, floor=story.floor, now=at)
        offers = promises().find(place, prepared.demand, now=at, not_before=prepared.not_before)
        offer, key, code, discount = offers.offers[0], f"demo-story-{number}", None, 0
        with unit_of_work():
            promises().keep(offers, place, prepared.demand, now=at)
            if story.with_code:
                facts = placing.facts(prepared, channel=story.channel, in_zone=offer.in_zone, phone_e164=phone.e164,
                                      customer_id=customer_id)
                benefit = hold(_free_code(), facts, holder=key, now=at)
                code, discount = benefit.code, benefit.discount_cents
        request = placing.OrderRequest(
            request_key=key, channel=story.channel, language="sl", contact_name=name, phone=phone, email=email,
            place=place, lines=lines, payment=story.payment,
            shown_total_cents=prepared.pricing.total_cents - discount, shown_promised_by_at=None,
            terms_version_id=current_terms(at).id, terms_confirmed=True, adult_confirmed=True, data_confirmed=True,
            duties_confirmed=True, promo_code=code, customer_id=customer_id, taken_by=taken_by)
        return submit_order(request, offer.quote_key, actor=f"staff:{taken_by}" if taken_by else "customer").id


def _place_of(number: int, story: Story) -> Place:
    if story.outside:
        return _OUTSIDE
    street, house_number, postcode, lat, lon = ADDRESSES[number * 2 % len(ADDRESSES)]
    return Place(street=street, house_number=house_number, postcode=postcode, city="Ljubljana", lat=lat, lon=lon,
                 floor=story.floor, note=story.note, source="register")


def _agent_id() -> int:
    return db.session.scalars(sa.select(StaffUser.id).where(StaffUser.role == Role.AGENT).limit(1)).one()


def _free_code() -> str:
    return db.session.scalars(sa.select(PromoCode.code).where(PromoCode.state == CodeState.ISSUED)
                              .order_by(PromoCode.id).limit(1)).one()


def _go_on(order_id: int, story: Story, at: datetime) -> None:
    """What has happened to the order since."""
    with clock.frozen_at(at):
        if story.end is End.CANCELLED:
            with unit_of_work():
                cancel_order(order_id, by="customer", reason="", now=at, actor="customer")
        elif story.end is End.CANCELLED_BY_US:
            with unit_of_work():
                cancel_order(order_id, by="company", reason="vozilo v okvari", now=at, actor="system")
        elif story.end is End.REJECTED:
            with unit_of_work():
                reject_order(order_id, reason="naslova ni mogoče preveriti", now=at, actor="system")
    if story.end in (End.DELIVERED, End.WITHDRAWN, End.FAILED, End.ON_THE_WAY):
        _drive(order_id, story, at)


def _drive(order_id: int, story: Story, at: datetime) -> None:
    """The driver leaves, arrives and settles, or finds nobody home."""
    stop = db.session.scalars(sa.select(Stop).where(Stop.order_id == order_id, Stop.status.in_(MOVABLE))).one()
    if stop.shift_id is None:
        return
    shift_id, stop_id = stop.shift_id, stop.id
    left = at if story.end is End.ON_THE_WAY else at - _DRIVE
    try:
        with clock.frozen_at(left), unit_of_work():
            driving.leave_for(shift_id, stop_id, out_of_turn=True, now=left)
    except OnAnotherStop:  # the van is under way to somebody else: this one stays planned
        return
    if story.end is End.ON_THE_WAY:
        return
    arrived = at - _SERVICE
    with clock.frozen_at(arrived), unit_of_work():
        driving.arrive(shift_id, stop_id, now=arrived)
    with clock.frozen_at(at):
        if story.end is End.FAILED:
            with unit_of_work():
                driving.fail(shift_id, stop_id, FailReason.NOT_HOME, now=at)
            return
        with unit_of_work():
            driving.deliver(shift_id, stop_id, _door(order_by_id(order_id), at), now=at)
        if story.end is End.WITHDRAWN:
            _withdraw(order_id, at + timedelta(minutes=40))


def _door(order: Order, at: datetime) -> DoorSettlement:
    """Everything as ordered; the amount is what the driver's page shows."""
    card = "Visa" if order.payment_method is PaymentMethod.CARD else ""
    door = DoorSettlement(lines=as_agreed(order), payment=order.payment_method, shown_total_cents=0, card_scheme=card,
                          gdpr="signed")
    return replace(door, shown_total_cents=preview_door(order.id, door, now=at).door_cents)


def _withdraw(order_id: int, at: datetime) -> None:
    """The customer withdraws on the order's page; a van fetches the cylinder."""
    with clock.frozen_at(at):
        order = order_by_id(order_id)
        place, demand = place_of(order), order_pickup_demand(order)
        offers = promises().find(place, demand, now=at)
        agreed = [offer for offer in offers.offers if offer.kind is PromiseKind.AGREED]
        with unit_of_work():
            promises().keep(offers, place, demand, now=at)
            open_withdrawal(order_id, request_key=f"demo-withdrawal-{order_id}", channel=Channel.WEB, quantities=None,
                            offer=agreed[-1] if agreed else None, iban=None, now=at, actor="customer")


def _publish_lists(now: datetime) -> None:
    """Every van with something to do gets its list."""
    shifts = db.session.scalars(sa.select(Shift.id).join(Stop, Stop.shift_id == Shift.id).where(
        Stop.status.in_(MOVABLE), Shift.starts_at <= now).distinct().order_by(Shift.id)).all()
    for shift_id in list(shifts)[:4]:
        with unit_of_work():
            publish(shift_id, now=now, actor="system")
