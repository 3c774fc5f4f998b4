"""The driver's page through the client: a stop from leaving to the receipt, the sheet, pick-ups, every refusal."""
from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts.models import Consent
from billing.models import DepositCertificate, Invoice, Payment
from core import clock, links
from core.db import db, unit_of_work
from delivery.models import Shift, Stop
from delivery.services import driver_path, publish
from delivery.states import FailReason, StopStatus
from orders.models import Handover, Order
from orders.returns.complaints import end_replaced, find_justified, receive_case
from orders.returns.evidence import photos_of
from orders.returns.models import ReturnCase
from orders.returns.states import CaseStatus
from orders.states import ExchangeKind, OrderStatus, PaymentMethod
from tests.delivery.factories import fleet, order_live, stop_of
from tests.factories import any_promise, make_offer, one
from tests.orders.cases import complain, give_back, withdraw
from tests.orders.test_withdrawal_counter import a_picture

HTMX = {"HX-Request": "true"}


@dataclass
class Day:
    """One van with its driver's page."""

    client: FlaskClient
    shift_id: int
    path: str

    def get(self, rest: str = "", **kwargs: Any) -> TestResponse:
        return self.client.get(self.path + rest, **kwargs)

    def post(self, rest: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        return self.client.post(self.path + rest, data=data or {}, **kwargs)

    def to_the_door(self, stop_id: int) -> None:
        for step in ("leave", "arrive"):
            assert self.post(f"/stops/{stop_id}/{step}", {"out_of_turn": "1"}).status_code == 303


@pytest.fixture
def day(app: Flask, client: FlaskClient, now: datetime) -> Day:
    shift_id = fleet(1).shift_ids[0]
    with unit_of_work():
        path = driver_path(shift_id, now)
    return Day(client=client, shift_id=shift_id, path=path)


def stop_id_of(source: Order | ReturnCase) -> int:
    db.session.rollback()
    column = Stop.order_id if isinstance(source, Order) else Stop.case_id
    return db.session.query(Stop).filter(column == source.id).order_by(Stop.id.desc()).first().id


def status_of(stop_id: int) -> StopStatus:
    db.session.rollback()
    return db.session.get_one(Stop, stop_id).status


def due(html: str) -> str:
    found = re.search(r'data-testid="due">([^<]+)<', html)
    assert found is not None
    return found[1].replace("\u00a0", " ")


def shown(html: str) -> str:
    found = re.search(r'name="shown_total_cents" value="(-?\d*)"', html)
    assert found is not None
    return found[1]


def sheet(order: Order, **changes: Any) -> dict[str, Any]:
    """The sheet as ordered, for booking; `changes` by field name, `line` stands for the first line's id."""
    data: dict[str, Any] = {"payment": order.payment_method.value, "gdpr": "", "step": "book",
                            "shown_total_cents": order.door_cents}
    if order.payment_method is PaymentMethod.CARD:
        data["card_scheme"] = "Visa"
    for line in order.lines:
        data[f"line_{line.id}_{line.exchange.value}"] = line.quantity
    return data | {name.replace("line_", f"line_{order.lines[0].id}_", 1) if name.startswith("line_")
                   else f"{name}_{order.lines[0].id}" if name in ("damaged", "replaced") else name: value
                   for name, value in changes.items()}


def nothing_booked(order: Order) -> None:
    db.session.rollback()
    assert db.session.get_one(Order, order.id).status is OrderStatus.OUT_FOR_DELIVERY
    assert db.session.query(Handover).count() == 0
    assert db.session.query(Invoice).count() == 0
    assert db.session.query(Payment).count() == 0


# the link

def test_a_foreign_or_mistyped_link_is_404(day: Day) -> None:
    order = order_live(1)
    order_link = links.token_for("order", order.id)
    assert day.client.get("/d/AAAAAAAAAA").status_code == 404
    assert day.client.get(f"/d/{order_link}").status_code == 404
    assert day.client.post(f"/d/{order_link}/accept", data={"version": "1"}).status_code == 404


def test_an_expired_link_says_so(day: Day) -> None:
    clock.advance(timedelta(days=2))
    assert day.get().status_code == 410


def test_a_stop_of_another_van_is_404(day: Day, app: Flask) -> None:
    stop_id = stop_id_of(order_live(1))
    other = Shift(vehicle_id=1, driver_id=1, depot_id=db.session.get_one(Shift, day.shift_id).depot_id,
                  starts_at=clock.utc_now() + timedelta(days=1), ends_at=clock.utc_now() + timedelta(days=1, hours=8))
    shift = db.session.get_one(Shift, day.shift_id)
    other.vehicle_id, other.driver_id = shift.vehicle_id, shift.driver_id
    with unit_of_work():
        db.session.add(other)
        db.session.flush()
        path = driver_path(other.id, clock.utc_now())
    for rest in ("arrive", "deliver", "fail", "collect"):
        assert day.client.post(f"{path}/stops/{stop_id}/{rest}", data={}).status_code == 404
    assert day.client.post(f"{path}/stops/{stop_id}/leave", data={}).status_code == 404
    assert status_of(stop_id) is StopStatus.PLANNED


# the list

def test_an_empty_list_says_what_comes(day: Day) -> None:
    answer = day.get()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'data-testid="current"' not in answer.text


def test_the_next_stop_shows_who_where_and_how_much(day: Day) -> None:
    order = order_live(1, contact_name="Janez Novak")
    html = day.get().text
    assert f'data-stop="{stop_id_of(order)}" data-status="planned"' in html
    assert "Novak J." in html
    assert "Janez" not in html  # H-108: no more than a driver needs
    assert "24,90" in html
    assert f"destination={order.lat:.6f},{order.lon:.6f}" in html
    assert f"geo:{order.lat:.6f},{order.lon:.6f}" in html
    assert f"tel:{order.phone_e164}" in html


def test_the_list_is_accepted_by_its_version(day: Day) -> None:
    order_live(1)
    with unit_of_work():
        publish(day.shift_id, now=clock.utc_now(), actor="staff:1")
    assert 'data-testid="accept"' in day.get().text
    stale = day.post("/accept", {"version": "9"})
    assert stale.status_code == 409
    assert db.session.get_one(Shift, day.shift_id).accepted_version == 0
    assert day.post("/accept", {"version": "1"}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Shift, day.shift_id).accepted_version == 1
    assert 'data-testid="accepted"' in day.get().text


@pytest.mark.parametrize("version", ["", "x", "0", "-1"])
def test_a_version_that_is_none_accepts_nothing(day: Day, version: str) -> None:
    assert day.post("/accept", {"version": version}).status_code == 303
    assert db.session.get_one(Shift, day.shift_id).accepted_version == 0


def test_the_poll_is_silent_while_nothing_changed(day: Day) -> None:
    order_live(1)
    path = re.search(r'hx-get="([^"]+)"', day.get().text)
    assert path is not None
    assert day.client.get(path[1].replace("&amp;", "&"), headers=HTMX).status_code == 204
    order_live(2)
    answer = day.client.get(path[1].replace("&amp;", "&"), headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="list"')


# a delivery

def test_a_delivery_goes_from_leaving_to_the_receipt(day: Day) -> None:
    """P-D9, H-124: the amount with its parts, then the invoice at once."""
    order = order_live(1, lines=one(ExchangeKind.K))
    stop_id = stop_id_of(order)
    assert day.post(f"/stops/{stop_id}/leave").status_code == 303
    assert status_of(stop_id) is StopStatus.EN_ROUTE
    arrived = day.post(f"/stops/{stop_id}/arrive")
    assert (arrived.status_code, arrived.headers["Location"]) == (303, f"{day.path}/stops/{stop_id}/deliver")
    page = day.get(f"/stops/{stop_id}/deliver")
    assert (page.status_code, due(page.text), shown(page.text)) == (200, "34,90 EUR", "3490")
    booked = day.post(f"/stops/{stop_id}/deliver", sheet(order, gdpr="signed"))
    assert (booked.status_code, booked.headers["Location"]) == (303, f"{day.path}?done={stop_id}")
    assert status_of(stop_id) is StopStatus.DONE
    handover = db.session.query(Handover).one()
    assert (handover.total_cents, handover.cash_cents, handover.deposit_cents) == (3490, 3490, 1000)
    assert db.session.query(Consent).one().given is True
    receipt = day.client.get(booked.headers["Location"]).text
    assert 'data-testid="receipt"' in receipt
    assert receipt.count('data-testid="paper"') == 2  # the invoice and the certificate
    assert db.session.query(DepositCertificate).one().amount_cents == 1000


def test_a_delivery_sent_twice_is_booked_once(day: Day) -> None:
    order = order_live(1)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    for _ in range(2):
        answer = day.post(f"/stops/{stop_id}/deliver", sheet(order))
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{day.path}?done={stop_id}")
    assert day.get(f"/stops/{stop_id}/deliver").status_code == 303
    assert db.session.query(Handover).count() == 1
    assert db.session.query(Invoice).count() == 1
    assert db.session.query(Payment).count() == 1


def test_a_kind_changed_at_the_door_is_priced_by_the_server_before_it_is_booked(day: Day) -> None:
    """X-05, H-068: swap becomes M10; the amount shown before no longer holds, nothing is booked."""
    order = order_live(1)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    data = sheet(order, line_swap=0, line_m10=1)
    refused = day.post(f"/stops/{stop_id}/deliver", data)
    assert refused.status_code == 409
    assert 'data-testid="total-changed"' in refused.text
    assert (due(refused.text), shown(refused.text)) == ("31,90 EUR", "3190")
    nothing_booked(order)
    assert day.post(f"/stops/{stop_id}/deliver", data | {"shown_total_cents": 3190}).status_code == 303
    handover = db.session.query(Handover).one()
    assert (handover.total_cents, handover.buyback_cents, handover.deposit_cents) == (3190, 300, 1000)
    assert handover.lines[0].exchange is ExchangeKind.M10


@pytest.mark.parametrize("value", ["", "x", "2489", "-1"])
def test_a_total_that_was_not_shown_books_nothing(day: Day, value: str) -> None:
    order = order_live(1)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    answer = day.post(f"/stops/{stop_id}/deliver", sheet(order, shown_total_cents=value))
    assert answer.status_code in (409, 422)
    nothing_booked(order)


def test_a_preview_computes_and_writes_nothing(day: Day) -> None:
    """H-077, H-078: a damaged empty keeps its deposit and costs a new one."""
    order = order_live(1, lines=one(ExchangeKind.SWAP, 2))
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    piece = day.post(f"/stops/{stop_id}/deliver", sheet(order, damaged=1, step="preview"), headers=HTMX)
    assert (piece.status_code, due(piece.text)) == (200, "59,80 EUR")
    assert piece.text.lstrip().startswith("<form")
    page = day.post(f"/stops/{stop_id}/deliver", sheet(order, line_swap=1, line_k=1, step="preview"))
    assert (page.status_code, due(page.text)) == (200, "59,80 EUR")
    less = day.post(f"/stops/{stop_id}/deliver", sheet(order, line_swap=1, step="preview"))
    assert (less.status_code, due(less.text)) == (200, "24,90 EUR")
    nothing_booked(order)


@pytest.mark.parametrize(("field", "value"), [
    ("line_swap", "3"), ("line_swap", "-1"), ("line_swap", "dve"), ("line_swap", "1.5"), ("line_k", "1"),
    ("damaged", "3"), ("replaced", "3"), ("damaged", "x"), ("payment", ""), ("payment", "bitcoin"),
    ("payment", "ebank"), ("gdpr", "maybe"), ("line_swap", "0"),
])
def test_a_sheet_that_does_not_fit_the_order_is_422_and_books_nothing(day: Day, field: str, value: str) -> None:
    order = order_live(1, lines=one(ExchangeKind.SWAP, 2))
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    answer = day.post(f"/stops/{stop_id}/deliver", sheet(order, **{field: value}))
    assert answer.status_code == 422
    nothing_booked(order)


def test_a_card_needs_its_name_and_the_deposit_stays_cash(day: Day) -> None:
    """X-04, H-121: gas by card, the deposit in cash."""
    order = order_live(1, lines=one(ExchangeKind.K), payment=PaymentMethod.CARD)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    page = day.get(f"/stops/{stop_id}/deliver").text
    assert 'data-testid="split"' in page
    for name in ("", "American Express"):
        answer = day.post(f"/stops/{stop_id}/deliver", sheet(order, card_scheme=name))
        assert answer.status_code == 422
        nothing_booked(order)
    assert day.post(f"/stops/{stop_id}/deliver", sheet(order)).status_code == 303
    handover = db.session.query(Handover).one()
    assert (handover.card_cents, handover.cash_cents, handover.card_scheme) == (2490, 1000, "Visa")


def test_another_cylinder_demanded_is_recorded(day: Day) -> None:
    """H-079"""
    order = order_live(1)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    assert day.post(f"/stops/{stop_id}/deliver", sheet(order, replaced=1)).status_code == 303
    assert db.session.query(Handover).one().lines[0].replaced == 1


@pytest.mark.parametrize("rest", ["deliver", "fail"])
def test_the_sheet_before_arrival_leads_back_to_the_list(day: Day, rest: str) -> None:
    order = order_live(1)
    stop_id = stop_id_of(order)
    answer = day.post(f"/stops/{stop_id}/{rest}", sheet(order) | {"reason": "not_home"})
    assert answer.status_code == 409
    assert 'data-testid="refusal"' in answer.text
    assert status_of(stop_id) is StopStatus.PLANNED


# steps

def test_leaving_out_of_turn_has_to_be_meant(day: Day) -> None:
    first, second = order_live(1), order_live(2)
    db.session.rollback()
    later = max((stop_of(first), stop_of(second)), key=lambda stop: stop.position)
    later_id = later.id
    assert day.post(f"/stops/{later_id}/leave").status_code == 409
    assert status_of(later_id) is StopStatus.PLANNED
    assert day.post(f"/stops/{later_id}/leave", {"out_of_turn": "1"}).status_code == 303
    assert status_of(later_id) is StopStatus.EN_ROUTE


def test_the_last_step_can_be_taken_back(day: Day) -> None:
    order = order_live(1)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    assert day.post(f"/stops/{stop_id}/back").status_code == 303
    assert status_of(stop_id) is StopStatus.EN_ROUTE
    assert day.post(f"/stops/{stop_id}/back").status_code == 303
    assert status_of(stop_id) is StopStatus.PLANNED
    assert db.session.get_one(Order, order.id).status is OrderStatus.CONFIRMED
    assert day.post(f"/stops/{stop_id}/back").status_code == 409


@pytest.mark.parametrize("step", ["leave", "arrive"])
def test_a_step_taken_twice_is_refused_and_changes_nothing(day: Day, step: str) -> None:
    stop_id = stop_id_of(order_live(1))
    day.post(f"/stops/{stop_id}/leave")
    if step == "arrive":
        day.post(f"/stops/{stop_id}/arrive")
    before = status_of(stop_id)
    answer = day.post(f"/stops/{stop_id}/{step}")
    assert answer.status_code == 409
    assert 'data-testid="refusal"' in answer.text
    assert status_of(stop_id) is before


def test_a_failed_stop_keeps_the_order_and_says_why(day: Day) -> None:
    """Y-07: an attempt; the order is confirmed again, its promise closed."""
    order = order_live(1)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    for reason in ("", "rain"):
        assert day.post(f"/stops/{stop_id}/fail", {"reason": reason}).status_code == 422
        assert status_of(stop_id) is StopStatus.ARRIVED
    answer = day.post(f"/stops/{stop_id}/fail", {"reason": "not_home"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{day.path}?done={stop_id}")
    db.session.rollback()
    stop, kept = db.session.get_one(Stop, stop_id), db.session.get_one(Order, order.id)
    assert (stop.status, stop.fail_reason) == (StopStatus.FAILED, FailReason.NOT_HOME)
    assert kept.status is OrderStatus.CONFIRMED
    assert kept.promise_closed_at is not None
    assert 'data-testid="receipt"' in day.client.get(answer.headers["Location"]).text
    assert day.post(f"/stops/{stop_id}/fail", {"reason": "not_home"}).status_code == 303


# pick-ups

def delivered(day: Day, seed: int = 1, **changes: Any) -> Order:
    order = order_live(seed, **changes)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    assert day.post(f"/stops/{stop_id}/deliver", sheet(order)).status_code == 303
    return order


def pick_up(case_of: Callable[..., ReturnCase], *args: Any, **changes: Any) -> tuple[ReturnCase, int]:
    """A case with a window of the next two hours, and its stop."""
    with any_promise():
        case = case_of(*args, offer=make_offer(minutes=120), **changes)
    return case, stop_id_of(case)


def case_status(case: ReturnCase) -> CaseStatus:
    db.session.rollback()
    return db.session.get_one(ReturnCase, case.id).status


CHECKED = {"foil_intact": "yes", "undamaged": "yes", "invoice_shown": "yes", "certificates": ""}


def test_a_withdrawal_is_checked_paid_and_credited(day: Day) -> None:
    """H-144 to H-146, X-24: cash back by the driver; an empty green one is left instead of the deposit."""
    order = delivered(day)
    case, stop_id = pick_up(withdraw, order)
    assert 'data-testid="current"' in day.get().text
    day.to_the_door(stop_id)
    page = day.get(f"/stops/{stop_id}/collect")
    assert page.status_code == 200
    assert 'data-testid="collect"' not in page.text  # nothing is offered before the three answers
    waits = day.post(f"/stops/{stop_id}/collect", {"foil_intact": "yes", "step": "preview"}, headers=HTMX)
    assert (waits.status_code, 'data-testid="errors"' in waits.text) == (200, False)
    paid = day.post(f"/stops/{stop_id}/collect", CHECKED | {"step": "preview"}, headers=HTMX)
    assert (paid.status_code, due(paid.text), shown(paid.text)) == (200, "34,90 EUR", "3490")
    left = day.post(f"/stops/{stop_id}/collect", CHECKED | {"left_Z10": "1", "step": "preview"}, headers=HTMX)
    assert due(left.text) == "24,90 EUR"
    wrong = day.post(f"/stops/{stop_id}/collect", CHECKED | {
        "left_Z10": "1", "step": "book", "shown_total_cents": "3490"})
    assert wrong.status_code == 409
    assert case_status(case) is CaseStatus.ON_THE_WAY
    for _ in range(2):
        booked = day.post(f"/stops/{stop_id}/collect", CHECKED | {
            "left_Z10": "1", "step": "book", "shown_total_cents": "2490"})
        assert (booked.status_code, booked.headers["Location"]) == (303, f"{day.path}?done={stop_id}")
    assert case_status(case) is CaseStatus.COMPLETED
    assert [invoice.total_cents for invoice in db.session.query(Invoice).order_by(Invoice.id)] == [2490, -2490]
    assert 'data-testid="paper"' in day.client.get(booked.headers["Location"]).text


def test_a_removed_foil_ends_the_withdrawal_at_the_door(day: Day) -> None:
    """H-149"""
    case, stop_id = pick_up(withdraw, delivered(day))
    day.to_the_door(stop_id)
    answers = CHECKED | {"foil_intact": "no"}
    page = day.post(f"/stops/{stop_id}/collect", answers | {"step": "preview"})
    assert 'data-testid="refused-at-door"' in page.text
    assert day.post(f"/stops/{stop_id}/collect", answers | {
        "step": "book", "shown_total_cents": shown(page.text)}).status_code == 303
    assert case_status(case) is CaseStatus.REJECTED
    assert db.session.query(Invoice).count() == 1


@pytest.mark.parametrize(("field", "value"), [
    ("foil_intact", ""), ("undamaged", ""), ("invoice_shown", ""), ("foil_intact", "perhaps"), ("left_Z10", "2"),
    ("left_Z10", "-1"), ("left_Z10", "ena"), ("certificates", "<script>"), ("certificates", "9" * 121),
])
def test_a_withdrawal_record_that_cannot_be_is_422(day: Day, field: str, value: str) -> None:
    case, stop_id = pick_up(withdraw, delivered(day))
    day.to_the_door(stop_id)
    answer = day.post(f"/stops/{stop_id}/collect", CHECKED | {
        "step": "book", "shown_total_cents": "3490"} | {field: value})
    assert answer.status_code == 422
    assert case_status(case) is CaseStatus.ON_THE_WAY
    assert db.session.query(Invoice).count() == 1


def test_a_deposit_return_pays_for_each_cylinder_that_is_not_excluded(day: Day) -> None:
    """H-094, H-095, H-097: ten euros without a certificate; nothing for a damaged or an overdue one."""
    case, stop_id = pick_up(give_back, 3)
    day.to_the_door(stop_id)
    assert due(day.get(f"/stops/{stop_id}/collect").text) == "30,00 EUR"
    record = {"handed_1": "y", "stamp_1": "2027-05", "handed_2": "y", "damaged_2": "y", "stamp_2": "",
              "handed_3": "y", "stamp_3": "2024-10", "step": "preview"}
    page = day.post(f"/stops/{stop_id}/collect", record, headers=HTMX)
    assert (page.status_code, due(page.text)) == (200, "10,00 EUR")
    book = record | {"step": "book", "shown_total_cents": shown(page.text)}
    wrong = day.post(f"/stops/{stop_id}/collect", book | {"photo": (io.BytesIO(b"%PDF-1.7"), "jeklenka.jpg")})
    assert (wrong.status_code, case_status(case)) == (422, CaseStatus.ON_THE_WAY)
    assert day.post(f"/stops/{stop_id}/collect", book | {
        "photo": (io.BytesIO(a_picture()), "jeklenka.png")}).status_code == 303
    assert case_status(case) is CaseStatus.COMPLETED
    assert db.session.get_one(ReturnCase, case.id).cash_cents == 1000
    assert [(photo.width, photo.height) for photo in photos_of(case.id)] == [(1600, 800)]


@pytest.mark.parametrize(("field", "value"), [
    ("stamp_1", "maj 2027"), ("stamp_1", "2027-13"), ("stamp_1", "1850-01"), ("stamp_1", "5"),
    ("certificate_1", "x" * 31), ("certificate_1", "{7}"), ("certificate_1", "KP-2099-000001"), ("handed_1", ""),
])
def test_a_deposit_return_that_cannot_be_is_422(day: Day, field: str, value: str) -> None:
    case, stop_id = pick_up(give_back, 1)
    day.to_the_door(stop_id)
    record = {"handed_1": "y", "stamp_1": "", "certificate_1": "", "step": "book", "shown_total_cents": "1000"}
    if field == "handed_1":
        del record["handed_1"]
    else:
        record[field] = value
    assert day.post(f"/stops/{stop_id}/collect", record).status_code == 422
    assert case_status(case) is CaseStatus.ON_THE_WAY


def test_a_complaint_record_takes_the_cylinder_along(day: Day) -> None:
    """H-164"""
    case, stop_id = pick_up(complain, delivered(day))
    day.to_the_door(stop_id)
    for data in ({"defect": ""}, {"defect": "magic"}, {"defect": "valve", "note": "<b>"},
                 {"defect": "valve", "note": "a" * 251}):
        refused = day.post(f"/stops/{stop_id}/collect", data | {"step": "book", "shown_total_cents": "0"})
        assert refused.status_code == 422
        assert case_status(case) is CaseStatus.ON_THE_WAY
    answer = day.post(f"/stops/{stop_id}/collect", {
        "defect": "valve", "note": "Sika ob odpiranju.", "step": "book", "shown_total_cents": "0"})
    assert answer.status_code == 303
    assert case_status(case) is CaseStatus.TESTING


def test_a_replacement_is_planned_as_a_stop_and_handed_over_free(day: Day) -> None:
    """H-166, X-25, Y-02."""
    case, stop_id = pick_up(complain, delivered(day))
    day.to_the_door(stop_id)
    assert day.post(f"/stops/{stop_id}/collect", {
        "defect": "valve", "note": "", "step": "book", "shown_total_cents": "0"}).status_code == 303
    with unit_of_work():
        receive_case(case.id, now=clock.utc_now(), actor="staff:5")
        find_justified(case.id, finding="Tesnilo je počeno.", now=clock.utc_now(), actor="staff:5")
    with any_promise(), unit_of_work():
        brought = end_replaced(case.id, offer=make_offer(minutes=120), now=clock.utc_now(), actor="staff:1")
    stop_id = stop_id_of(brought)
    day.to_the_door(stop_id)
    page = day.get(f"/stops/{stop_id}/collect")
    assert (page.status_code, shown(page.text)) == (200, "0")
    assert day.post(f"/stops/{stop_id}/collect", {"step": "book", "shown_total_cents": "0"}).status_code == 303
    assert case_status(brought) is CaseStatus.COMPLETED


def test_a_delivery_sheet_is_no_pick_up_record(day: Day) -> None:
    order = order_live(1)
    stop_id = stop_id_of(order)
    day.to_the_door(stop_id)
    assert day.get(f"/stops/{stop_id}/collect").status_code == 404
    assert day.post(f"/stops/{stop_id}/collect", CHECKED | {"step": "book"}).status_code == 404
    nothing_booked(order)
