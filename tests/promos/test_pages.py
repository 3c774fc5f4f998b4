"""Marketing's pages: a campaign from the form to the export, and every wrong value."""
from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from accounts.queries import consents_of
from accounts.services import create_staff
from core import clock
from core.audit import AuditEntry
from core.db import db, unit_of_work
from core.roles import Role
from core.tasks import run_sweep
from notify.models import OutboxMessage
from promos import services
from promos.models import Campaign, PromoBatch, PromoCode, PromoMailing
from promos.ports import EXTENSION
from promos.states import BenefitKind, BurnPolicy, CodeChannel, OrderEnd, ZoneLimit
from tests.promos.factories import DAY, customer, facts, issued

pytestmark = pytest.mark.usefixtures("now")
PASSWORD = "Zelena jeklenka 12"
FORM = {"request_key": "key-0123456789", "name": "Poletje 2026", "prefix": "poletje", "kind": "fixed", "value": "3,00",
        "starts_on": "2026-11-23", "starts_time": "08:00", "ends_on": "2026-12-31", "ends_time": "23:59",
        "number": "20", "channel": "sms", "order_channel": "", "zone": "anywhere", "burn_policy": "customer_cancels"}


def signed_in(app: Flask, role: Role) -> FlaskClient:
    email = f"{role}@example.si"
    with unit_of_work():
        create_staff(email, "Maja Marketing", PASSWORD, role, "en")
    client = app.test_client()
    assert client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
    return client


@pytest.fixture
def marketing(app: Flask) -> FlaskClient:
    return signed_in(app, Role.MARKETING)


def count(model: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def only(model: type[Any]) -> Any:
    db.session.rollback()
    return db.session.scalars(sa.select(model)).one()


def campaign_path(code: str) -> str:
    db.session.rollback()
    return f"/promos/{db.session.scalars(sa.select(PromoCode.campaign_id).where(PromoCode.code == code)).one()}"


def numbers(page: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r'data-count="(\w+)">(\d+)<', page)}


def test_guests_sign_in_first_and_other_roles_are_refused(app: Flask) -> None:
    assert "/sign-in" in app.test_client().get("/promos").location
    agent = signed_in(app, Role.AGENT)
    for path in ("/promos", "/promos/new", "/promos/1", "/promos/1/codes.csv", "/promos/1/codes/1", "/promos/1/sms"):
        assert agent.get(path).status_code == 403
    for path in ("/promos/new", "/promos/1/end", "/promos/1/codes", "/promos/1/pause", "/promos/1/sms"):
        assert agent.post(path, data=FORM).status_code == 403
    assert count(Campaign) == 0


def test_without_campaigns_the_list_leads_to_a_new_one(marketing: FlaskClient) -> None:
    page = marketing.get("/promos").text
    assert 'href="/promos/new"' in page
    assert 'data-testid="campaigns"' not in page


def test_a_campaign_with_value_time_limit_and_number_of_codes_is_made_through_the_form(marketing: FlaskClient) -> None:
    """H-130, H-131, H-133."""
    assert marketing.get("/promos/new").status_code == 200
    answer = marketing.post("/promos/new", data=FORM)
    campaign = only(Campaign)
    assert (answer.status_code, answer.location) == (303, f"/promos/{campaign.id}")
    assert (campaign.name, campaign.prefix, campaign.kind, campaign.value_cents, campaign.percent, campaign.cap_cents,
            campaign.product_codes, campaign.order_channel, campaign.zone, campaign.first_order_only,
            campaign.max_redemptions, campaign.budget_cents, campaign.burn_policy) == (
        "Poletje 2026", "POLETJE", BenefitKind.FIXED, 300, None, None, [], None, ZoneLimit.ANYWHERE, False, None, None,
        BurnPolicy.CUSTOMER_CANCELS)
    assert campaign.starts_at.isoformat() == "2026-11-23T07:00:00+00:00"
    assert campaign.ends_at.isoformat() == "2026-12-31T22:59:59+00:00"
    assert (only(PromoBatch).channel, count(PromoCode)) == (CodeChannel.SMS, 20)
    page = marketing.get(answer.location).text
    assert numbers(page) == {"issued": 20, "planned": 0, "active": 20, "held": 0, "redeemed": 0, "burnt": 0,
                             "expired": 0}
    assert len(re.findall(r'data-code="POLETJE-\w{8}"', page)) == 20
    assert numbers(marketing.get("/promos").text) == numbers(page)
    assert set(db.session.scalars(sa.select(AuditEntry.action))) >= {"promo.campaign_created", "promo.codes_issued"}


def test_a_percentage_with_cap_and_every_limit_is_made_through_the_form(
        app: Flask, marketing: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    products = [("Z10", "Green cylinder 10 kg"), ("P35", "Cylinder 35 kg")]
    monkeypatch.setitem(app.extensions, EXTENSION, lambda: products)
    answer = marketing.post("/promos/new", data=FORM | {
        "kind": "percent", "value": "", "percent": "10", "cap": "5", "order_channel": "phone", "zone": "inside",
        "first_order_only": "y", "max_redemptions": "15", "budget": "60,00", "products": ["P35"],
        "burn_policy": "never", "starts_time": "", "ends_time": "12:30"})
    page = marketing.get(answer.location).text
    campaign = only(Campaign)
    assert (campaign.kind, campaign.value_cents, campaign.percent, campaign.cap_cents, campaign.product_codes,
            campaign.order_channel, campaign.zone, campaign.first_order_only, campaign.max_redemptions,
            campaign.budget_cents, campaign.burn_policy) == (
        BenefitKind.PERCENT, None, 10, 500, ["P35"], "phone", ZoneLimit.INSIDE, True, 15, 6000, BurnPolicy.NEVER)
    assert campaign.ends_at.isoformat() == "2026-12-31T11:30:59+00:00"
    assert "Cylinder 35 kg" in page


def test_the_form_sent_twice_makes_one_campaign(marketing: FlaskClient) -> None:
    answers = [marketing.post("/promos/new", data=FORM) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert (count(Campaign), count(PromoBatch), count(PromoCode)) == (1, 1, 20)


@pytest.mark.parametrize(("changes", "field"), [
    ({"name": ""}, "name"),
    ({"name": "x" * 61}, "name"),
    ({"name": "<script>alert(1)</script>"}, "name"),
    ({"name": "Лето"}, "name"),
    ({"prefix": ""}, "prefix"),
    ({"prefix": "P"}, "prefix"),
    ({"prefix": "POLETJE 1"}, "prefix"),
    ({"prefix": "ČAR"}, "prefix"),
    ({"prefix": "X" * 13}, "prefix"),
    ({"kind": "present"}, "kind"),
    ({"kind": ""}, "kind"),
    ({"value": ""}, "value"),
    ({"value": "0"}, "value"),
    ({"value": "-3"}, "value"),
    ({"value": "three"}, "value"),
    ({"value": "1000,01"}, "value"),
    ({"value": "9" * 400}, "value"),
    ({"percent": "10"}, "percent"),
    ({"cap": "5"}, "cap"),
    ({"kind": "percent", "percent": "10"}, "value"),
    ({"kind": "percent", "value": "", "percent": ""}, "percent"),
    ({"kind": "percent", "value": "", "percent": "0"}, "percent"),
    ({"kind": "percent", "value": "", "percent": "101"}, "percent"),
    ({"kind": "percent", "value": "", "percent": "ten"}, "percent"),
    ({"kind": "percent", "value": "", "percent": "9,5"}, "percent"),
    ({"kind": "percent", "value": "", "percent": "100"}, "cap"),
    ({"kind": "percent", "value": "", "percent": "10", "cap": "0"}, "cap"),
    ({"starts_on": ""}, "starts_on"),
    ({"starts_on": "tomorrow"}, "starts_on"),
    ({"starts_on": "0001-01-01"}, "starts_on"),
    ({"starts_time": "25:00"}, "starts_time"),
    ({"ends_on": "2026-02-30"}, "ends_on"),
    ({"ends_on": "9999-12-31"}, "ends_on"),
    ({"ends_on": "2026-11-22"}, "ends_on"),
    ({"ends_on": "2026-11-23", "ends_time": "08:00", "starts_time": "08:01"}, "ends_on"),
    ({"starts_on": "2026-11-01", "ends_on": "2026-11-20"}, "ends_on"),
    ({"starts_on": "2026-01-01", "ends_on": "2031-01-01"}, "ends_on"),
    ({"ends_time": "midnight"}, "ends_time"),
    ({"from_time": "9", "until_time": "12:00"}, "from_time"),
    ({"from_time": "12:00", "until_time": "9:00"}, "until_time"),
    ({"number": ""}, "number"),
    ({"number": "0"}, "number"),
    ({"number": "-5"}, "number"),
    ({"number": "10001"}, "number"),
    ({"number": "9" * 5000}, "number"),
    ({"number": "many"}, "number"),
    ({"number": "٣٣٣٣٣"}, "number"),
    ({"channel": "pigeon"}, "channel"),
    ({"products": ["Z10"]}, "products"),
    ({"order_channel": "door"}, "order_channel"),
    ({"zone": "moon"}, "zone"),
    ({"max_redemptions": "0"}, "max_redemptions"),
    ({"max_redemptions": "99999999999"}, "max_redemptions"),
    ({"budget": "0"}, "budget"),
    ({"budget": "<b>"}, "budget"),
    ({"burn_policy": "always"}, "burn_policy"),
])
def test_a_wrong_value_is_answered_beside_its_field_and_nothing_is_made(
        marketing: FlaskClient, changes: dict[str, Any], field: str) -> None:
    answer = marketing.post("/promos/new?lang=sl", data=FORM | changes)
    assert answer.status_code == 422
    block = re.search(rf'data-field="{field}".*?(?=data-field=|</form>)', answer.text, re.DOTALL)
    assert block is not None
    assert "field__error" in block[0]
    assert answer.text.count("field__error") == 1
    assert "Not a valid" not in answer.text
    assert "<script>alert" not in answer.text
    assert count(Campaign) == count(PromoCode) == 0


def test_a_refused_form_keeps_what_was_typed(marketing: FlaskClient) -> None:
    page = marketing.post("/promos/new", data=FORM | {"number": "0", "name": "Zima & sneg"}).text
    assert 'value="Zima &amp; sneg"' in page
    assert 'value="3,00"' in page
    assert 'value="key-0123456789"' in page


def test_codes_are_listed_by_state_and_found_by_a_part(marketing: FlaskClient) -> None:
    codes = issued(120)
    path = campaign_path(codes[0])
    now = clock.utc_now()
    with unit_of_work():
        services.redeem(codes[0], facts(), holder="form-1", order_ref="order:1", now=now)
        services.redeem(codes[1], facts(), holder="form-2", order_ref="order:2", now=now)
        services.order_ended("order:2", OrderEnd.CANCELLED_BY_CUSTOMER, now=now)
        services.hold(codes[2], facts(), holder="form-3", now=now)
    page = marketing.get(path).text
    assert numbers(page) == {"issued": 120, "planned": 0, "active": 117, "held": 1, "redeemed": 1, "burnt": 1,
                             "expired": 0}
    assert "3,00\u00a0EUR" in re.search(r'data-testid="cost">([^<]*)<', page)[1]  # type: ignore[index]
    assert "46,80\u00a0EUR" in re.search(r'data-testid="revenue">([^<]*)<', page)[1]  # type: ignore[index]
    assert 'data-testid="chart"' in page
    assert _shown(marketing, f"{path}?state=redeemed") == [codes[0]]
    assert _shown(marketing, f"{path}?state=burnt") == [codes[1]]
    assert _shown(marketing, f"{path}?state=held") == [codes[2]]
    assert _shown(marketing, f"{path}?state=expired") == []
    assert _shown(marketing, f"{path}?q={codes[7].lower().replace('-', '%20')}") == [codes[7]]
    assert _shown(marketing, f"{path}?q=%25") == []
    assert [len(_shown(marketing, f"{path}?page={number}")) for number in (1, 2, 3)] == [50, 50, 20]
    assert _shown(marketing, f"{path}?page=99999999999999999999") == codes[100:]
    assert _shown(marketing, f"{path}?page=letters") == codes[:50]
    assert marketing.get(f"{path}?state=lost&q=<script>").status_code == 200
    clock.advance(3 * DAY)
    assert numbers(marketing.get(path).text) == {"issued": 120, "planned": 0, "active": 0, "held": 0, "redeemed": 1,
                                                 "burnt": 1, "expired": 118}


def _shown(client: FlaskClient, path: str) -> list[str]:
    return re.findall(r'data-code="([^"]+)"', client.get(path).text)


def test_a_code_shows_its_history(marketing: FlaskClient) -> None:
    [code] = issued()
    now = clock.utc_now()
    with unit_of_work():
        services.hold(code, facts(), holder="form-1", now=now)
        services.redeem(code, facts(), holder="form-1", order_ref="order:1", now=now)
        services.order_ended("order:1", OrderEnd.CANCELLED_BY_COMPANY, now=now)
    path = re.search(rf'href="({campaign_path(code)}/codes/\d+)"', marketing.get(campaign_path(code)).text)
    assert path is not None
    page = marketing.get(path[1]).text
    assert re.findall(r'data-action="(\w+)"', page) == ["issue", "hold", "redeem", "release"]
    assert "order:1" in page


def test_the_history_names_who_issued_a_code(marketing: FlaskClient) -> None:
    path = marketing.post("/promos/new", data=FORM | {"number": "1"}).location
    code = re.search(rf'href="({path}/codes/\d+)"', marketing.get(path).text)
    assert code is not None
    assert marketing.get(code[1]).text.count("Maja Marketing") == 2  # in the bar and in the history


def test_a_code_of_another_campaign_and_a_campaign_that_is_not_there_are_not_found(marketing: FlaskClient) -> None:
    [first], [second] = issued(), issued()
    other = db.session.scalars(sa.select(PromoCode.id).where(PromoCode.code == second)).one()
    assert marketing.get(f"{campaign_path(first)}/codes/{other}").status_code == 404
    for path in ("/promos/999999", "/promos/999999/codes.csv", "/promos/999999/codes/1"):
        assert marketing.get(path).status_code == 404
    assert marketing.post("/promos/999999/end").status_code == 404


def test_the_export_has_every_code_with_its_state(marketing: FlaskClient) -> None:
    codes = issued(60)
    with unit_of_work():
        services.redeem(codes[1], facts(), holder="form-1", order_ref="order:1", now=clock.utc_now())
    answer = marketing.get(f"{campaign_path(codes[0])}/codes.csv")
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert lines[0] == "code;channel;state;issued_at;redeemed_at;order;discount_eur"
    assert lines[1] == f"{codes[0]};sms;active;23. 11. 2026, 12.00;;;"
    assert lines[2] == f"{codes[1]};sms;redeemed;23. 11. 2026, 12.00;23. 11. 2026, 12.00;order:1;3,00"
    assert (len(lines), lines[-1]) == (62, "")


def test_a_campaign_is_ended_once(marketing: FlaskClient) -> None:
    [code] = issued()
    path = campaign_path(code)
    assert f'action="{path}/end"' in marketing.get(path).text
    assert marketing.post(f"{path}/end").location == path
    page = marketing.get(path).text
    assert f'action="{path}/end"' not in page
    assert f'action="{path}/codes"' not in page
    assert numbers(page)["expired"] == 1
    assert marketing.post(f"{path}/end").status_code == 409
    assert marketing.post(f"{path}/codes", data={
        "request_key": "key-99999999", "number": "5", "channel": "sms"}).status_code == 409
    assert count(PromoCode) == 1


def test_more_codes_are_issued_for_another_channel(marketing: FlaskClient) -> None:
    """H-133."""
    path = campaign_path(issued()[0])
    batch = {"request_key": "key-99999999", "number": "5", "channel": "media"}
    for _ in range(2):
        assert marketing.post(f"{path}/codes", data=batch).location == path
    assert count(PromoCode) == 6
    for wrong in ({"number": "0"}, {"number": "x"}, {"channel": "pigeon"}, {"request_key": ""}):
        assert marketing.post(f"{path}/codes", data=batch | {"request_key": "key-77777777"} | wrong).status_code == 422
    assert count(PromoCode) == 6


def test_a_campaign_of_the_future_is_planned(marketing: FlaskClient) -> None:
    now = clock.utc_now()
    path = campaign_path(issued(starts_at=now + DAY, ends_at=now + timedelta(days=9))[0])
    assert numbers(marketing.get(path).text)["planned"] == 1


def test_a_campaign_is_stopped_goes_on_and_lasts_longer_by_its_page(marketing: FlaskClient) -> None:
    """H-132: each step asks first."""
    path = campaign_path(issued()[0])
    assert 'data-confirm' in marketing.get(path).text
    assert marketing.post(f"{path}/pause").location == path
    assert 'data-state="locked"' in marketing.get(path).text
    assert f'action="{path}/pause"' not in marketing.get(path).text
    assert marketing.post(f"{path}/pause").status_code == 409
    assert marketing.post(f"{path}/resume").location == path
    assert only(Campaign).paused_at is None
    before = only(Campaign).ends_at
    for wrong in ("2026-11-24", "2031-12-31", "tomorrow", ""):
        answer = marketing.post(f"{path}/extend", data={"ends_on": wrong})
        assert (answer.status_code, answer.text.count("field__error")) == (422, 1), wrong
    assert only(Campaign).ends_at == before
    assert marketing.post(f"{path}/extend", data={"ends_on": "2026-12-24", "ends_time": "18:00"}).location == path
    assert only(Campaign).ends_at.isoformat() == "2026-12-24T17:00:59+00:00"


def test_hours_of_the_day_are_typed_and_shown(marketing: FlaskClient) -> None:
    """H-131."""
    path = marketing.post("/promos/new", data=FORM | {"from_time": "09:00", "until_time": "12:30"}).location
    assert "9.00 – 12.30" in marketing.get(path).text


def test_codes_are_sent_by_sms_after_price_and_number_were_shown(marketing: FlaskClient) -> None:
    """H-133: a figure that changed meanwhile is shown again and nothing is sent."""
    path = campaign_path(issued()[0]) + "/sms"
    assert 'name="recipients"' not in marketing.get(path).text
    one = customer()
    page = marketing.get(f"{path}?intro=Hvala.").text
    assert 'name="recipients" value="1"' in page
    assert "0,08\u00a0EUR" in re.search(r'data-testid="price">([^<]*)<', page)[1]  # type: ignore[index]
    form = {"request_key": "key-55555555", "intro": "Hvala.", "recipients": "1", "parts": "1"}
    for changes, status in (({"recipients": "7"}, 409), ({"parts": ""}, 422), ({"intro": "Лето"}, 422)):
        assert marketing.post(path, data=form | changes).status_code == status
    assert count(PromoMailing) == 0
    assert marketing.post(path, data=form).location == path
    assert marketing.post(path, data=form).location == path
    mailing = only(PromoMailing)
    assert (mailing.recipients, mailing.parts, mailing.price_cents, mailing.intro) == (1, 1, 8, "Hvala.")
    assert numbers(marketing.get(path).text) == {"sent": 0, "waiting": 1, "skipped": 0}
    run_sweep("promos.mailings")
    assert numbers(marketing.get(path).text) == {"sent": 1, "waiting": 0, "skipped": 0}
    assert only(OutboxMessage).recipient == one.phone_e164


def test_an_agent_notes_a_customers_answer_to_offers(app: Flask) -> None:
    """H-184, K-23: yes and no, each kept."""
    one = customer(agreed=False)
    agent = signed_in(app, Role.AGENT)
    path = f"/promos/offers/{one.id}"
    assert 'value="yes"' in agent.get(path).text
    for _ in range(2):
        assert agent.post(path, data={"answer": "yes"}).location == path
    assert 'value="no"' in agent.get(path).text
    assert agent.post(path, data={"answer": "perhaps"}).status_code == 400
    assert agent.post(path, data={"answer": "no"}).location == path
    db.session.rollback()
    assert [(said.given, said.withdrawn_at is None) for said in reversed(consents_of(one.id))] == [
        (False, True), (True, False), (False, True)]
    assert agent.get("/promos/offers/999999").status_code == 404
