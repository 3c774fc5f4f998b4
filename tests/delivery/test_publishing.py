"""The driver's list by SMS, and what customers are told (PRODUCT U1, U4, D8; Y-05, Y-13, H-108)."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.db import db, unit_of_work
from core.links import resolve
from core.phone import PhoneKind
from core.tasks import run_sweep
from delivery.driving import deliver, leave_for
from delivery.errors import NothingToPublish, ShiftClosed, UnknownShift
from delivery.goods import short_name
from delivery.list_texts import StopText, fitting, length
from delivery.models import ListEntry, Shift, Stop
from delivery.services import list_changed, publish, unassign_stop
from delivery.states import ShiftStatus
from notify.gsm7 import fold, septets
from notify.models import OutboxMessage
from orders.models import Order
from orders.services import cancel_order
from orders.states import ExchangeKind, PaymentMethod
from tests.delivery.factories import fleet, order_live, somewhere, stop_of, version
from tests.factories import a_phone, as_ordered, one

pytestmark = pytest.mark.usefixtures("app")


def sent(template: str = "", ref: str = "") -> list[OutboxMessage]:
    """The SMS in the outbox, oldest first; by the beginning of the template's name."""
    db.session.rollback()
    query = sa.select(OutboxMessage).where(OutboxMessage.medium == "sms", OutboxMessage.template.startswith(template))
    if ref:
        query = query.where(OutboxMessage.ref == ref)
    return list(db.session.scalars(query.order_by(OutboxMessage.id)))


def send(shift_id: int, now: datetime) -> Any:
    with unit_of_work():
        return publish(shift_id, now=now, actor="staff:1")


def test_the_first_list_is_a_header_and_one_message_for_every_stop(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order_live(1)
    order_live(2, lines=one(ExchangeKind.K))
    published = send(shift_id, now)
    assert (published.version, published.messages) == (1, 3)
    head, *stops = sent("driver_")
    shift = db.session.get_one(Shift, shift_id)
    assert (head.recipient, head.ref) == (shift.driver.phone_e164, f"shift:{shift_id}")
    assert head.body.startswith("LJ-1 Kovac1, seznam 1: postankov 2, ")
    assert "Nalozite 2xZ10." in head.body
    assert "Gotovina skupaj 59,80 EUR." in head.body
    assert [message.body[:4] for message in stops] == ["1/2 ", "2/2 "]
    assert {("1xZ10 menjava. POBERI 24,90 got" in message.body, "1xK. POBERI 34,90 got" in message.body)
            for message in stops} == {(True, False), (False, True)}
    for message in (head, *stops):
        assert message.body.endswith(f"http://localhost{published.path}")
        assert septets(message.body) <= 160


def test_the_link_leads_to_this_shift_until_twelve_hours_after_it(now: datetime) -> None:
    """Y-11, Y-13."""
    shift_id = fleet(1).shift_ids[0]
    order_live(1)
    path = send(shift_id, now).path
    assert resolve("driver", path.removeprefix("/d/"), address="10.0.0.1") == shift_id
    clock.advance(timedelta(hours=18, minutes=59))
    assert resolve("driver", path.removeprefix("/d/"), address="10.0.0.1") == shift_id


def test_a_stops_message_says_all_that_the_driver_needs_and_nothing_more(now: datetime) -> None:
    """H-108: surname with initial, place, goods, amount, phone; no promo code, no price parts."""
    shift_id = fleet(1).shift_ids[0]
    phone = a_phone("041 123 456")
    order_live(1, contact_name="Marija Žagar", phone=phone, place=somewhere(
        1, street="Šišenska cesta", house_number="12", floor=3, note="zvonec 4"), payment=PaymentMethod.CARD)
    path = send(shift_id, now).path
    body = sent("driver_stop")[0].body
    assert body == (f"1/1 do 13.00 ZAGAR M., Sisenska cesta 12, 3. nad., zvonec 4. 1xZ10 menjava. POBERI 24,90 kart. "
                    f"041 123 456 http://localhost{path}")


def test_publishing_again_without_a_change_sends_nothing(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order_live(1)
    send(shift_id, now)
    before = len(sent("driver_"))
    again = send(shift_id, now)
    assert (again.version, again.messages, len(sent("driver_"))) == (1, 0, before)
    assert not list_changed(shift_id, now)


def test_a_change_sends_a_new_version_with_the_changes_only(now: datetime) -> None:
    """Y-05: SPREMEMBA, the new stop, the dropped one; the unchanged one is not sent again."""
    made = fleet(1)
    shift_id = made.shift_ids[0]
    first, second = order_live(1), order_live(2)
    send(shift_id, now)
    before = len(sent("driver_"))
    with unit_of_work():
        cancel_order(first.id, by="customer", reason="", now=now, actor="customer")
    order_live(3)
    assert list_changed(shift_id, now)
    assert send(shift_id, now).version == 2
    head, new, dropped = sent("driver_")[before:]
    assert head.body.startswith("SPREMEMBA LJ-1, seznam 2: postankov 2, novih 1, odpade 1")
    assert new.body.startswith("NOV ")
    assert dropped.body.startswith("SPREMEMBA LJ-1 seznam 2: ODPADE NOVAK J., Preizkusna ulica 1.")
    assert {entry.stop_id for entry in db.session.scalars(sa.select(ListEntry).where(ListEntry.list_version == 2))
            } == {stop.id for stop in db.session.scalars(sa.select(Stop).where(Stop.status == "planned"))}
    assert stop_of(second).shift_id == shift_id


def test_a_stop_that_is_done_is_not_told_as_dropped(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1)
    send(shift_id, now)
    stop_id = stop_of(order).id
    with unit_of_work():
        leave_for(shift_id, stop_id, now=now)
    with unit_of_work():
        deliver(shift_id, stop_id, as_ordered(order), now=now)
    assert not list_changed(shift_id, now)


def test_what_cannot_be_published_is_refused(now: datetime) -> None:
    made = fleet(1)
    with pytest.raises(NothingToPublish):
        send(made.shift_ids[0], now)
    with pytest.raises(UnknownShift):
        send(10**6, now)
    order_live(1)
    with unit_of_work():
        db.session.execute(sa.update(Shift).values(status=ShiftStatus.DOWN))
    with pytest.raises(ShiftClosed):
        send(made.shift_ids[0], now)
    assert sent("driver_") == []
    assert made.shifts[0].list_version == 0


def test_a_published_list_that_changed_is_sent_by_itself_once_the_plan_has_settled(now: datetime) -> None:
    """Y-05: a change sends a new version."""
    made = fleet(1)
    shift_id = made.shift_ids[0]
    order_live(1)
    send(shift_id, now)
    order_live(2)
    run_sweep("delivery.announce")
    assert made.shifts[0].list_version == 1
    clock.advance(timedelta(seconds=31))
    run_sweep("delivery.announce")
    db.session.rollback()
    assert made.shifts[0].list_version == 2


def test_a_list_that_was_never_published_is_not_sent_by_itself(now: datetime) -> None:
    made = fleet(1)
    order_live(1)
    clock.advance(timedelta(minutes=5))
    run_sweep("delivery.announce")
    assert sent("driver_") == []
    assert made.shifts[0].list_version == 0


def test_customers_are_told_the_time_then_that_they_are_next_each_once(now: datetime) -> None:
    """PRODUCT U1."""
    shift_id = fleet(1).shift_ids[0]
    for seed in range(1, 5):
        order_live(seed)
    send(shift_id, now)
    for _ in range(2):
        run_sweep("delivery.announce")
    rows = db.session.scalars(sa.select(Stop).order_by(Stop.position)).all()
    near = [stop for stop in rows[:2] if stop.planned_start_at and stop.planned_start_at <= now + timedelta(minutes=15)]
    assert len(sent("stop_next")) == len(near) >= 1
    later = [stop for stop in rows if stop.planned_start_at
             and now + timedelta(minutes=15) < stop.planned_start_at <= now + timedelta(minutes=30)]
    assert len(sent("stop_time")) == len(later) >= 1
    for stop in (*near, *later):
        db.session.refresh(stop)
        assert stop.announced_at == stop.planned_start_at
    for stop in near:
        assert stop.next_told_at == now
    body = sent("stop_next")[0].body
    assert body.startswith("Plin na dom: naslednji ste. Voznik Voznik pride okoli 12.")
    assert "http://localhost/t/" in body


def test_a_time_that_moved_by_more_than_was_said_is_told_once(now: datetime) -> None:
    """PRODUCT U1: a change of the time only if it moves by more than ten minutes."""
    made = fleet(2)
    for seed in range(1, 9):
        order_live(seed, phone=a_phone("01 234 56 78") if seed % 2 else a_phone())
    for shift_id in made.shift_ids:
        send(shift_id, now)
    run_sweep("delivery.announce")
    told = db.session.scalars(sa.select(Stop).where(Stop.next_told_at.is_(None))).all()
    for stop in told:
        stop.announced_at = stop.announced_at or now + timedelta(minutes=45)
    assert {stop.customer.phone_kind for stop in told} == {PhoneKind.MOBILE, PhoneKind.FIXED}
    for minutes, messages in ((10, 0), (11, 1), (40, 1)):
        for stop in told:
            assert stop.announced_at is not None
            stop.planned_start_at = stop.announced_at + timedelta(minutes=minutes)
        db.session.commit()
        run_sweep("delivery.announce")
        mobile = [stop.source.ref for stop in told if stop.customer.phone_kind is PhoneKind.MOBILE]
        assert sorted(message.ref for message in sent("stop_moved")) == messages * sorted(mobile)
    assert "se je spremenil" in sent("stop_moved")[0].body


def test_being_told_next_counts_as_a_change_of_the_plan(now: datetime) -> None:
    """Who is told is frozen; a plan computed before may not move them."""
    made = fleet(1)
    order_live(1)
    send(made.shift_ids[0], now)
    before = version(made.depot_id)
    run_sweep("delivery.announce")
    assert version(made.depot_id) == before + 1
    run_sweep("delivery.announce")
    assert version(made.depot_id) == before + 1


def test_nobody_is_told_anything_before_the_list_is_out(now: datetime) -> None:
    fleet(1)
    order_live(1)
    run_sweep("delivery.announce")
    assert sent("stop_") == []


def test_a_landline_gets_no_sms(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1, phone=a_phone("01 234 56 78"))
    send(shift_id, now)
    run_sweep("delivery.announce")
    assert sent("stop_") == []
    assert stop_of(order).next_told_at == now


def test_a_broken_promise_is_said_once_with_the_new_time(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    for seed in range(1, 4):
        order_live(seed)
    send(shift_id, now)
    clock.advance(timedelta(minutes=70))
    for _ in range(2):
        run_sweep("delivery.announce")
    late = [order for order in db.session.scalars(sa.select(Order)) if (stop_of(order).planned_start_at or now)
            > order.promised_by_at + timedelta(minutes=5)]
    told = {message.ref for message in sent("stop_late")}
    next_told = {message.ref for message in sent("stop_next")}
    assert told
    assert told <= {order.ref for order in late}
    assert {order.ref for order in late} <= told | next_told
    assert len(sent("stop_late")) == len(told)


def test_leaving_tells_the_customer_unless_they_know(now: datetime) -> None:
    shift_id = fleet(1).shift_ids[0]
    order = order_live(1)
    with unit_of_work():
        leave_for(shift_id, stop_of(order).id, now=now)
    assert [message.ref for message in sent("stop_next")] == [order.ref]


def test_a_stop_taken_from_a_published_list_is_told_as_dropped(now: datetime) -> None:
    made = fleet(1)
    shift_id = made.shift_ids[0]
    order_live(1)
    order_live(2)
    send(shift_id, now)
    stop = db.session.scalars(sa.select(Stop).order_by(Stop.position.desc())).first()
    assert stop is not None
    with unit_of_work():
        unassign_stop(stop.id, seen_version=version(made.depot_id), now=now, actor="staff:1")
    send(shift_id, now)
    assert [message.template for message in sent("driver_")][-2:] == ["driver_change", "driver_stop_dropped"]


WORDS = st.text(alphabet="abcčćdđefghijklmnoprsštuvzžABCČĆDĐEFGŠŽ -'.,/0123456789äöüß€^{}[]~|\\ł日", max_size=80)


@given(name=WORDS, street=WORDS, number=WORDS, note=st.text(max_size=300), town=WORDS, floor=st.integers(0, 30),
       goods=st.lists(st.sampled_from(["5xZ10", "2xM10", "1xK", "3xP35+", "1xP5"]), min_size=1, max_size=4),
       token=st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=10, max_size=10),
       template=st.sampled_from(["driver_stop", "driver_stop_changed", "driver_stop_new", "driver_stop_dropped"]),
       language=st.sampled_from(["sl", "en"]), method=st.sampled_from(["none", "cash", "card", "both"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_message_fits_one_sms_whatever_the_customer_is_called(
        app: Flask, name: str, street: str, number: str, note: str, town: str, floor: int, goods: list[str],
        token: str, template: str, language: str, method: str) -> None:
    """D8: 160 septets, the GSM alphabet, the link whole."""
    link = f"https://narocila.butanplin.si/d/{token}"
    text = StopText(
        until="31.12. 19.30", name=short_name(name).upper(), street=street, house_number=number, town=town,
        floor=floor, note=note, goods=", ".join(goods), words="swap", pickup=True, pay_out=False, amount="1.234,50",
        method=method, phone="041 123 456", link=link)
    place = {"number": 12, "count": 14, "van": "LJ-12", "version": 3}
    context = fitting(template, language, text, **place)
    assert length(template, language, context) <= 160
    shown = fold(context["stop"].link)
    assert shown == link
