"""The agents' desk through the client: who is calling, the order by phone, intake of cases, the queue of the web."""
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts.models import Customer, StaffUser
from accounts.queries import customer_addresses, customer_by_phone, suggest_addresses
from accounts.register import add_known_addresses
from accounts.services import upsert_customer
from core import clock
from core.db import db, unit_of_work
from core.roles import Role
from orders.address_entry import UnknownAddress, place_from
from orders.models import Order
from orders.queries import order_by_id
from orders.returns.models import ReturnCase
from orders.returns.states import CaseKind, CaseStatus
from orders.states import Channel, ExchangeKind, OrderStatus, PaymentMethod
from promos.models import PromoCode
from promos.states import CodeState
from tests.factories import SISKA, a_phone, make_delivered_order, make_order, one, signed_in
from tests.orders.cases import give_back, withdraw
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything
from tests.promos.factories import issued

SWAP = {"q-Z10-swap": "1"}
CALL = {"phone": "041 123 456", "name": "Žiga Novak", "email": "ziga@primer.si", "payment": "cash",
        "address": "Šišenska cesta 12, 1000 Ljubljana", "floor": "3", "note": "zvonec 4"}
TICKS = {"terms": "y", "adult": "y", "data": "y", "duties": "y"}


@pytest.fixture
def desk(app: Flask, plan: FakePromises) -> Iterator[FlaskClient]:
    """A signed-in agent, the fake plan, and one house that the register knows."""
    with unit_of_work():
        add_known_addresses([SISKA])
    return signed_in(app, Role.AGENT)


def value(page: TestResponse, name: str) -> str:
    """What a field of the page carries (for radio buttons and ticks: the one that is chosen)."""
    for tag in re.findall(rf'<input[^>]*name="{name}"[^>]*>', page.text):
        if "radio" in tag and " checked" not in tag:
            continue
        found = re.search(r'value="([^"]*)"', tag)
        return found[1] if found else ""
    area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*([^<]*)<', page.text)
    assert area is not None, f"no {name} on the page"
    return area[1]


def looked(desk: FlaskClient, **fields: str) -> dict[str, str]:
    """The form as the agent sees it before confirming: typed values, promise, total and terms."""
    typed = {**({} if any(name.startswith("q-") for name in fields) else SWAP), **CALL, **fields}
    page = desk.post("/agent?lang=en", data=typed)
    assert page.status_code == 200, page.text
    carried = ("request_key", "quote_key", "terms_version_id", "shown_total_cents")
    return {**typed, **{name: value(page, name) for name in carried}, **TICKS, "action": "order"}


def send(desk: FlaskClient, fields: dict[str, str], *without: str, **changes: str) -> TestResponse:
    sent = {name: text for name, text in {**fields, **changes}.items() if name not in without}
    return desk.post("/agent?lang=en", data=sent)


def the_order() -> Order:
    return db.session.scalars(sa.select(Order)).one()


def the_case() -> ReturnCase:
    return db.session.scalars(sa.select(ReturnCase)).one()


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def known_caller(number: str = "040 111 222", name: str = "Marija Čeh") -> Customer:
    with unit_of_work():
        return upsert_customer(name=name, phone=a_phone(number), email="marija@primer.si", language="sl",
                               actor="staff:1")


# who is calling

def test_a_caller_is_found_by_number_however_it_is_written(desk: FlaskClient) -> None:
    """P-A1."""
    known_caller()
    for text in ("040 111 222", "+386 40 111 222", "0038640111222", "040/111-222"):
        page = desk.get("/agent", query_string={"q": text, "lang": "en"})
        assert "Marija Čeh" in page.text
        assert value(page, "phone") == "040 111 222"


def test_callers_are_found_by_part_of_the_name_without_diacritics_also_guests_of_the_web(desk: FlaskClient) -> None:
    known_caller()
    make_order(phone=a_phone("040 333 444"), contact_name="Čehovin Rok")
    page = desk.get("/agent?q=ceh&lang=en")
    assert re.findall(r'href="/agent\?q=%2B(\d+)">([^<]+)<', page.text) == [("38640111222", "Marija Čeh")]
    page = desk.get("/agent?q=čehovin&lang=en")
    assert re.findall(r'href="/agent\?q=%2B(\d+)">([^<]+)<', page.text) == [("38640333444", "Čehovin Rok")]


def test_an_order_number_opens_its_caller_with_that_order(desk: FlaskClient) -> None:
    phone = a_phone("040 333 444")
    first = make_order(phone=phone, lines=one(ExchangeKind.SWAP, 3))
    make_order(phone=phone)
    page = desk.get(f"/agent?q={first.number}")
    assert (value(page, "phone"), value(page, "q-Z10-swap")) == ("040 333 444", "3")


@pytest.mark.parametrize("text", ["Neznanec", "2026-999999", "%", "_", "' or 1=1 --", "113",
                                  "<script>alert(1)</script>"])
def test_nobody_found_says_what_to_type_and_repeats_it_harmlessly(desk: FlaskClient, text: str) -> None:
    known_caller()
    page = desk.get("/agent", query_string={"q": text, "lang": "en"})
    assert page.status_code == 200
    assert "Nobody found" in page.text
    assert "Marija" not in page.text
    assert "<script>alert" not in page.text


def test_the_last_order_is_there_at_once_with_promise_and_price_and_looking_writes_nothing(desk: FlaskClient) -> None:
    """P-D3."""
    phone = a_phone("040 333 444")
    make_order(phone=phone, lines=one(ExchangeKind.SWAP, 2), payment=PaymentMethod.CARD, email="ana@primer.si")
    before = everything()
    page = desk.get("/agent?q=040333444&lang=en")
    assert everything() == before
    names = ("q-Z10-swap", "name", "address", "floor", "note", "email", "payment", "shown_total_cents")
    assert [value(page, name) for name in names] == [
        "2", "Janez Novak", "Šišenska cesta 12, 1000 Ljubljana", "3", "zvonec 4", "ana@primer.si", "card", "4980"]
    assert "today by 13.00" in page.text


def test_after_the_first_green_cylinder_the_next_one_is_a_swap(desk: FlaskClient) -> None:
    """H-075: copying a first delivery must not charge a second deposit; an order that never came stays as it was."""
    make_delivered_order(phone=a_phone("040 333 444"), lines=one(ExchangeKind.K))
    page = desk.get("/agent?q=040333444")
    assert [value(page, f"q-Z10-{kind}") for kind in ("k", "swap")] == ["0", "1"]
    make_order(phone=a_phone("040 333 555"), lines=one(ExchangeKind.K))
    page = desk.get("/agent?q=040333555")
    assert [value(page, f"q-Z10-{kind}") for kind in ("k", "swap")] == ["1", "0"]


def test_an_earlier_order_is_copied_but_never_somebody_elses(desk: FlaskClient) -> None:
    phone = a_phone("040 333 444")
    wanted = make_order(phone=phone, lines=one(ExchangeKind.SWAP, 4))
    make_order(phone=phone)
    other = make_order(lines=one(ExchangeKind.SWAP, 5))
    assert value(desk.get(f"/agent?q=040333444&copy={wanted.id}"), "q-Z10-swap") == "4"
    assert value(desk.get(f"/agent?q=040333444&copy={other.id}"), "q-Z10-swap") == "1"


def test_a_landline_is_told_to_get_no_sms(desk: FlaskClient) -> None:
    assert "A landline gets no SMS." in desk.get("/agent?q=01 234 56 78&lang=en").text
    assert "A landline gets no SMS." not in desk.get("/agent?q=041 234 567&lang=en").text


def test_addresses_are_suggested_from_half_a_name(desk: FlaskClient) -> None:
    assert desk.get("/agent/addresses?q=12 sisen").json == ["Šišenska cesta 12, 1000 Ljubljana"]


# the order

def test_an_order_by_phone_carries_its_channel_agent_customer_and_ticks(desk: FlaskClient, plan: FakePromises) -> None:
    """H-009, H-022, Y-09."""
    answer = send(desk, looked(desk))
    order = the_order()
    assert (answer.status_code, answer.location) == (303, f"/agent/orders/{order.id}")
    agent = db.session.scalars(sa.select(StaffUser).where(StaffUser.role == Role.AGENT)).one()
    customer = customer_by_phone("+38641123456")
    assert customer is not None
    assert (order.channel, order.taken_by, order.customer_id) == (Channel.PHONE, agent.id, customer.id)
    assert (order.total_cents, order.language, order.status) == (2490, "sl", OrderStatus.CONFIRMED)
    assert order.adult_confirmed
    assert order.data_confirmed
    assert order.duties_confirmed
    assert [place.line for place in customer_addresses(customer.id)] == ["Šišenska cesta 12, 1000 Ljubljana"]
    assert len(plan.accepted) == 1


def test_the_callers_language_is_not_the_one_of_the_agents_page(desk: FlaskClient) -> None:
    send(desk, looked(desk, language="en"))
    assert the_order().language == "en"
    assert '<option selected value="en">' in desk.get("/agent?q=041123456&lang=sl").text


def test_the_look_of_a_script_is_a_fragment_with_place_and_price(desk: FlaskClient) -> None:
    page = desk.post("/agent?lang=en", data={**SWAP, **CALL, "address": "12 sisen"}, headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert "<html" not in page.text
    assert "Šišenska cesta 12, 1000 Ljubljana" in page.text
    assert value(page, "shown_total_cents") == "2490"


@pytest.mark.parametrize("tick", ["terms", "adult", "data", "duties"])
def test_a_missing_tick_is_asked_for_beside_it_and_everything_typed_is_kept(desk: FlaskClient, tick: str) -> None:
    """H-022, H-035."""
    fields = looked(desk)
    before = (count(Order), count(Customer))
    answer = send(desk, fields, tick)
    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-error"', answer.text) == [tick]
    for name in ("name", "phone", "email", "address", "floor", "note", "q-Z10-swap", "request_key"):
        assert value(answer, name) == fields[name]
    kept = re.findall(r'<input[^>]* checked[^>]* name="(terms|adult|data|duties)"', answer.text)
    assert kept == [name for name in TICKS if name != tick]
    assert (count(Order), count(Customer)) == before


def test_a_changed_total_is_shown_again_and_leaves_no_trace_of_the_caller(desk: FlaskClient) -> None:
    fields = looked(desk)
    answer = send(desk, fields, shown_total_cents="2000")
    assert answer.status_code == 409
    assert 'id="shown_total_cents"' in answer.text
    assert value(answer, "shown_total_cents") == "2490"
    assert (count(Order), count(Customer)) == (0, 0)


def test_a_pin_is_remembered_for_the_customer_and_for_nobody_else(desk: FlaskClient) -> None:
    """A stranger's pin tells nothing about a house; the same caller is not asked for it again."""
    pinned = {"address": "Nova pot 3, 1000 Ljubljana", "lat": "46.0711", "lon": "14.4922"}
    assert send(desk, looked(desk, **pinned)).status_code == 303
    assert (the_order().lat, the_order().lon) == (46.0711, 14.4922)
    customer = db.session.scalars(sa.select(Customer)).one()
    found = place_from(pinned["address"], customer_id=customer.id)
    assert (found.lat, found.lon, found.source) == (46.0711, 14.4922, "pin")
    with pytest.raises(UnknownAddress):
        place_from(pinned["address"])
    assert suggest_addresses("nova pot") == []


def test_a_later_promise_is_shown_before_anything_is_written(desk: FlaskClient, plan: FakePromises) -> None:
    """Y-04."""
    fields = looked(desk)
    plan.later = timedelta(minutes=20)
    assert send(desk, fields).status_code == 409
    assert (count(Order), count(Customer)) == (0, 0)


def test_a_code_by_voice_is_taken_in_lower_case_with_spaces(desk: FlaskClient) -> None:
    """H-135."""
    code = issued()[0]
    fields = looked(desk)
    page = send(desk, fields, action="code", code=" ".join(code.lower().replace("-", " ")))
    assert 'data-testid="coupon-held"' in page.text
    assert value(page, "shown_total_cents") == "2190"
    send(desk, fields, shown_total_cents="2190")
    assert (the_order().discount_cents, the_order().promo_code) == (300, code)
    assert db.session.scalars(sa.select(PromoCode)).one().state is CodeState.REDEEMED


def test_a_wrong_code_is_answered_beside_its_field_and_counted_for_the_callers_number(desk: FlaskClient) -> None:
    """Y-12."""
    fields = looked(desk)
    for _ in range(10):
        page = send(desk, fields, action="code", code="POLETJE-AAAAAAAA")
        assert (page.status_code, 'id="code-error"' in page.text) == (200, True)
        assert value(page, "code") == "POLETJE-AAAAAAAA"
        assert "Too many attempts" not in page.text
    assert "Too many attempts" in send(desk, fields, action="code", code="POLETJE-AAAAAAAA").text
    assert "Too many attempts" not in send(desk, fields, action="code", code="X", phone="041 999 888").text
    assert count(Order) == 0


def test_e_bank_on_the_same_day_is_refused(desk: FlaskClient) -> None:
    """H-123, X-03."""
    answer = send(desk, looked(desk), payment="ebank")
    assert (answer.status_code, 'id="payment-error"' in answer.text) == (422, True)
    assert value(answer, "payment") == "ebank"
    assert count(Order) == 0


def test_the_same_form_twice_makes_one_order(desk: FlaskClient, plan: FakePromises) -> None:
    fields = looked(desk)
    first, second = send(desk, fields), send(desk, fields)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert (count(Order), len(plan.accepted)) == (1, 1)


@pytest.mark.parametrize(("changes", "beside"), [
    ({"name": ""}, "name"), ({"name": "Иван"}, "name"), ({"name": "<script>alert(1)</script>"}, "name"),
    ({"name": "a" * 81}, "name"), ({"phone": ""}, "phone"), ({"phone": "112"}, "phone"), ({"phone": "abc"}, "phone"),
    ({"email": "janez"}, "email"), ({"email": "a" * 120 + "@primer.si"}, "email"), ({"floor": "-1"}, "floor"),
    ({"floor": "three"}, "floor"), ({"floor": "9" * 30}, "floor"), ({"note": "Ж"}, "note"),
    ({"note": "x" * 201}, "note"),
    ({"address": ""}, "address"), ({"address": "Nikjer 999"}, "address"), ({"lat": "48.2", "lon": "16.4"}, "address"),
    ({"lat": "x", "lon": "y"}, "address"), ({"payment": "bitcoin"}, "payment"), ({"language": "de"}, "language"),
    ({"q-Z10-swap": "two"}, "lines"), ({"q-Z10-swap": "-1"}, "lines"), ({"q-Z10-swap": "0"}, "lines"),
    ({"q-Z10-swap": "6"}, "lines"), ({"quote_key": ""}, "promise"), ({"quote_key": "gone@x"}, "promise"),
    ({"terms_version_id": "none"}, "terms"), ({"shown_total_cents": "x" * 400}, "shown_total_cents"),
])
def test_a_bad_value_is_refused_beside_its_field_with_nothing_written(
        desk: FlaskClient, changes: dict[str, str], beside: str) -> None:
    fields = looked(desk)
    answer = send(desk, fields, **changes)
    assert answer.status_code == (409 if beside in ("shown_total_cents", "terms") else 422)
    anchor = beside if beside == "shown_total_cents" else f"{beside}-error"
    assert f'id="{anchor}"' in answer.text
    assert "<script>alert" not in answer.text
    assert (count(Order), count(Customer)) == (0, 0)


def test_several_houses_of_one_name_are_offered_for_choice(desk: FlaskClient) -> None:
    with unit_of_work():
        add_known_addresses([SISKA.__class__(street="Cesta na Brdo", house_number="1", postcode=postcode, city=city,
                                             lat=46.05, lon=14.47, source="register")
                             for postcode, city in (("1000", "Ljubljana"), ("4000", "Kranj"))])
    page = desk.post("/agent", data={**SWAP, **CALL, "address": "Cesta na Brdo 1"}, headers={"HX-Request": "true"})
    assert re.findall(r'name="choose_address" value="([^"]+)"', page.text) == [
        "Cesta na Brdo 1, 1000 Ljubljana", "Cesta na Brdo 1, 4000 Kranj"]


# one order

def test_an_order_is_cancelled_for_the_customer_or_the_company_with_a_reason(desk: FlaskClient) -> None:
    """Y-07."""
    for by in ("customer", "company"):
        order = make_order()
        before = everything()
        refused = desk.post(f"/agent/orders/{order.id}/cancel?lang=en", data={"by": by, "reason": " "})
        assert (refused.status_code, "Write the reason." in refused.text) == (422, True)
        assert everything() == before
        done = desk.post(f"/agent/orders/{order.id}/cancel", data={"by": by, "reason": "ne potrebuje več"})
        assert (done.status_code, done.location) == (303, f"/agent/orders/{order.id}")
        assert order_by_id(order.id).status is OrderStatus.CANCELLED
        assert "ne potrebuje več" in desk.get(done.location).text


def test_a_delivered_order_cannot_be_cancelled(desk: FlaskClient) -> None:
    order = make_delivered_order()
    before = everything()
    answer = desk.post(f"/agent/orders/{order.id}/cancel?lang=en", data={"by": "customer", "reason": "prepozno"})
    assert (answer.status_code, "The order is already closed" in answer.text) == (409, True)
    assert everything() == before


def test_orders_are_searched_filtered_and_paged(desk: FlaskClient) -> None:
    wanted = make_order(contact_name="Čehovin Rok")
    make_delivered_order()
    for query in ("q=čehovin", f"q={wanted.number}", "q=čehovin&status=confirmed", "q=čehovin&page=999"):
        page = desk.get(f"/agent/orders?{query}")
        assert re.search(r'data-testid="count">1<', page.text), query
    for query in ("q=čehovin&status=delivered", "q=nihče"):
        assert re.search(r'data-testid="count">0<', desk.get(f"/agent/orders?{query}").text)
    assert desk.get("/agent/orders?status=nonsense&page=x").status_code == 200
    assert desk.get("/agent/orders/999999").status_code == 404


# cases

def lines_of(order: Order, quantity: int) -> dict[str, str]:
    assert order.handover is not None
    return {f"line_{line.id}": str(quantity) for line in order.handover.lines}


def withdrawal(order: Order) -> dict[str, str]:
    return {"request_key": "withdrawal-by-phone", "channel": "phone", "window": "hour", "iban": "",
            **lines_of(order, 1)}


def test_a_withdrawal_told_by_phone_opens_its_case_once(desk: FlaskClient) -> None:
    """H-141."""
    order = make_delivered_order()
    assert "1. 12. 2026" in desk.get(f"/agent/orders/{order.id}/withdrawal").text
    sent = withdrawal(order)
    first = desk.post(f"/agent/orders/{order.id}/withdrawal", data=sent)
    second = desk.post(f"/agent/orders/{order.id}/withdrawal", data=sent)
    case = the_case()
    assert first.location == second.location == f"/agent/cases/{case.id}"
    assert (case.kind, case.channel, case.status) == (CaseKind.WITHDRAWAL, Channel.PHONE, CaseStatus.AWAITING_PICKUP)
    assert case.refund_cents == 2490


def test_a_withdrawal_that_is_too_late_is_refused_in_writing(desk: FlaskClient) -> None:
    """H-140, H-149: nothing happens by itself; the agent's tick makes the rejected case."""
    order = make_delivered_order()
    clock.advance(timedelta(days=9))
    path, sent = f"/agent/orders/{order.id}/withdrawal", withdrawal(order) | {"window": "call"}
    assert 'name="refuse_late"' in desk.get(path).text
    assert desk.post(path, data=sent).status_code == 409
    assert db.session.query(ReturnCase).count() == 0
    assert desk.post(path, data=sent | {"refuse_late": "y"}).status_code == 303
    assert db.session.query(ReturnCase).one().status is CaseStatus.REJECTED


@pytest.mark.parametrize(("changes", "status"), [
    ({"channel": "pigeon"}, 422), ({"window": "never"}, 422), ({"window": ""}, 422), ({"iban": "SI56 1"}, 422),
    ({"iban": "Ж"}, 422), ({"lines": "9"}, 422), ({"lines": "one"}, 422), ({"lines": "0"}, 422),
])
def test_a_withdrawal_with_a_bad_value_is_refused_and_nothing_changes(
        desk: FlaskClient, changes: dict[str, str], status: int) -> None:
    order = make_delivered_order()
    before = everything()
    sent = withdrawal(order)
    if "lines" in changes:
        sent |= dict.fromkeys(lines_of(order, 1), changes["lines"])
    else:
        sent |= changes
    answer = desk.post(f"/agent/orders/{order.id}/withdrawal", data=sent)
    assert (answer.status_code, 'data-testid="errors"' in answer.text) == (status, True)
    assert everything() == before


def test_a_withdrawal_after_its_time_is_refused(desk: FlaskClient) -> None:
    """H-140."""
    order = make_delivered_order()
    clock.advance(timedelta(days=20))
    before = everything()
    assert desk.post(f"/agent/orders/{order.id}/withdrawal", data=withdrawal(order)).status_code == 409
    assert everything() == before


def complaint(order: Order, **changes: str) -> dict[str, str]:
    return {"request_key": "complaint-by-phone", "defect": "obvious", "noticed_on": "2026-11-23", "wish": "replacement",
            "description": "Pušča pri ventilu.", "window": "hour", **lines_of(order, 1), **changes}


def test_a_complaint_is_taken_with_defect_day_and_wish(desk: FlaskClient) -> None:
    """H-160 to H-164."""
    order = make_delivered_order()
    answer = desk.post(f"/agent/orders/{order.id}/complaint", data=complaint(order))
    case = the_case()
    assert answer.location == f"/agent/cases/{case.id}"
    assert (case.kind, case.wish, case.reason) == (CaseKind.COMPLAINT, "replacement", "Pušča pri ventilu.")
    assert (case.checks["defect"], case.checks["noticed_on"]) == ("obvious", "2026-11-23")


@pytest.mark.parametrize(("changes", "status"), [
    ({"defect": "ugly"}, 422), ({"wish": "money"}, 422), ({"noticed_on": "yesterday"}, 422),
    ({"noticed_on": "2026-11-24"}, 409), ({"noticed_on": "2026-11-01"}, 409), ({"description": ""}, 422),
    ({"description": "x" * 301}, 422), ({"description": "<b>"}, 422), ({"window": "never"}, 422),
])
def test_a_complaint_with_a_bad_value_is_refused_and_nothing_changes(
        desk: FlaskClient, changes: dict[str, str], status: int) -> None:
    order = make_delivered_order()
    before = everything()
    answer = desk.post(f"/agent/orders/{order.id}/complaint", data=complaint(order, **changes))
    assert (answer.status_code, 'data-testid="errors"' in answer.text) == (status, True)
    assert everything() == before


RETURN = {"request_key": "return-by-phone", "phone": "041 123 456", "name": "Žiga Novak", "email": "", "floor": "0",
          "address": "Šišenska cesta 12, 1000 Ljubljana", "quantity": "2", "condition": "whole", "stamp": "11/2030"}


def test_a_return_says_the_pay_out_before_a_van_is_sent(desk: FlaskClient) -> None:
    """H-091, X-20."""
    before = everything()
    page = desk.post("/agent/return?lang=en", data={**RETURN, "action": "look"})
    assert page.status_code == 200
    assert "The deposit will be paid out at pick-up." in page.text
    assert "20,00" in page.text
    assert value(page, "window") == "hour"
    assert everything() == before
    answer = desk.post("/agent/return", data={**RETURN, "window": "hour"})
    case = the_case()
    assert answer.location == f"/agent/cases/{case.id}"
    assert (case.status, case.refund_cents, case.window_closed_at) == (CaseStatus.AWAITING_PICKUP, 2000, None)


def test_a_return_may_wait_for_a_call_and_is_opened_once(desk: FlaskClient) -> None:
    for _ in range(2):
        assert desk.post("/agent/return", data={**RETURN, "condition": "damaged", "window": "call"}).status_code == 303
    case = the_case()
    assert (case.refund_cents, case.pay_out_expected) == (0, "not_expected")
    assert case.window_closed_at is not None


@pytest.mark.parametrize("changes", [
    {"phone": ""}, {"phone": "113"}, {"name": ""}, {"name": "Ж"}, {"email": "x"}, {"address": ""},
    {"address": "Via Roma 1, 34100 Trieste"}, {"floor": "99"}, {"quantity": "0"}, {"quantity": "many"},
    {"quantity": "21"}, {"condition": "so-so"}, {"stamp": "13/2030"}, {"note": "x" * 201},
])
def test_a_return_with_a_bad_value_is_refused_and_nothing_changes(desk: FlaskClient, changes: dict[str, str]) -> None:
    before = everything()
    for action in ("look", ""):
        answer = desk.post("/agent/return", data={**RETURN, **changes, "action": action})
        assert (answer.status_code, 'data-testid="errors"' in answer.text) == (422, True)
    assert everything() == before


def test_a_window_that_is_gone_is_refused_at_a_return(desk: FlaskClient) -> None:
    before = everything()
    assert desk.post("/agent/return", data={**RETURN, "window": "1-2"}).status_code == 409
    assert everything() == before


@pytest.mark.parametrize(("window", "agreed"), [("hour", True), ("call", False)])
def test_a_request_of_the_web_is_accepted_with_a_time_or_a_call(desk: FlaskClient, window: str, agreed: bool) -> None:
    """X-12."""
    case = give_back(channel=Channel.WEB, offer=None)
    assert case.number in desk.get("/agent").text
    assert desk.post(f"/agent/cases/{case.id}/window", data={"window": "never"}).status_code == 422
    assert the_case().status is CaseStatus.REQUESTED
    assert desk.post(f"/agent/cases/{case.id}/window", data={"window": window}).status_code == 303
    db.session.expire_all()
    assert the_case().status is CaseStatus.AWAITING_PICKUP
    assert (the_case().window_closed_at is None) is agreed


def test_a_request_of_the_web_is_refused_with_a_reason_only(desk: FlaskClient) -> None:
    case = give_back(channel=Channel.WEB, offer=None)
    before = everything()
    assert desk.post(f"/agent/cases/{case.id}/reject", data={"reason": ""}).status_code == 422
    assert everything() == before
    assert desk.post(f"/agent/cases/{case.id}/reject", data={"reason": "ni naša jeklenka"}).status_code == 303
    db.session.expire_all()
    assert the_case().status is CaseStatus.REJECTED
    assert desk.post(f"/agent/cases/{case.id}/reject", data={"reason": "še enkrat"}).status_code == 409


def test_cases_are_listed_with_their_clocks_red_under_two_days(desk: FlaskClient) -> None:
    case = withdraw(make_delivered_order())
    page = desk.get("/agent/cases?lang=en")
    assert case.number in page.text
    assert "deadline--far" in page.text
    assert case.goods_back_on is not None
    clock.advance(timedelta(days=29))
    assert "deadline--near" in desk.get("/agent/cases?lang=en").text
    assert desk.get(f"/agent/cases/{case.id}").status_code == 200
    assert desk.get("/agent/cases/999999").status_code == 404


# who may

@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.FINANCE, Role.MARKETING, Role.TECHNICAL, Role.AUDITOR])
def test_other_roles_do_not_enter_the_desk(app: Flask, plan: FakePromises, role: Role) -> None:
    client, before = signed_in(app, role), count(Order)
    for path in ("/agent", "/agent/cases", "/agent/return", "/agent/addresses?q=sis"):
        assert client.get(path).status_code == 403
    assert client.post("/agent", data={**SWAP, **CALL, **TICKS, "action": "order"}).status_code == 403
    assert count(Order) == before


def test_finance_looks_at_an_order_but_does_not_cancel_it(app: Flask, plan: FakePromises) -> None:
    order, client = make_order(), signed_in(app, Role.FINANCE)
    page = client.get(f"/agent/orders/{order.id}")
    assert page.status_code == 200
    assert "/cancel" not in page.text
    assert client.post(f"/agent/orders/{order.id}/cancel", data={"by": "company", "reason": "x"}).status_code == 403
    assert order_by_id(order.id).status is OrderStatus.CONFIRMED
    dispatcher = signed_in(app, Role.DISPATCHER)
    assert "/cancel" in dispatcher.get(f"/agent/orders/{order.id}").text


def test_guests_are_sent_to_sign_in(client: FlaskClient, plan: FakePromises) -> None:
    for path in ("/agent", "/agent/orders", "/agent/cases", "/agent/return"):
        answer = client.get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in")
    assert client.post("/agent", data=SWAP).status_code == 302
    assert count(Order) == 0
