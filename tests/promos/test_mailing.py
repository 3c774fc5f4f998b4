"""Codes sent by SMS: to whom, at what price, once (H-133, H-103's rule of asking first, K-23)."""
from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.models import ConsentKind, Customer
from accounts.queries import has_consent
from accounts.services import record_consent
from core import clock
from core.db import db, unit_of_work
from core.errors import DomainError
from core.phone import PhoneKind
from core.tasks import run_sweep
from notify.models import OutboxMessage
from notify.services import receive_sms
from promos import mailing, services
from promos.errors import CampaignEnded, MailingChanged, NobodyToSendTo
from promos.models import Campaign, PromoBatch, PromoCode, PromoEvent, PromoMailing, PromoSend
from promos.states import CodeAction, SendState
from tests.promos.factories import DAY, customer, issued

pytestmark = pytest.mark.usefixtures("app", "now")


@pytest.fixture
def campaign_id() -> int:
    issued()
    return db.session.scalars(sa.select(Campaign.id)).one()


def start(campaign_id: int, shown: tuple[int, int], key: str = "key-12345678", intro: str = "") -> int:
    with unit_of_work():
        return mailing.start_mailing(campaign_id, intro, shown=shown, request_key=key, now=clock.utc_now(),
                                     actor="staff:1").id


def number(model: type[PromoBatch | PromoCode | PromoSend | PromoMailing | OutboxMessage]) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def states() -> list[SendState]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(PromoSend.state).order_by(PromoSend.id)))


def test_only_customers_with_a_mobile_number_who_agreed_get_a_code_each_their_own(campaign_id: int) -> None:
    """H-133: in their language, with the figures that were shown and confirmed."""
    one, two = customer(), customer(language="en")
    customer(agreed=False)
    customer(kind=PhoneKind.FIXED)
    seen = mailing.preview(campaign_id, "Hvala za zvestobo.", now=clock.utc_now())
    assert (seen.customers, seen.recipients, seen.parts_each, seen.parts, seen.price_cents) == (
        {"en": 1, "sl": 1}, 2, {"sl": 2, "en": 2}, 4, 32)
    start(campaign_id, (2, 4), intro="Hvala za zvestobo.")
    assert (number(OutboxMessage), number(PromoCode), states()) == (0, 3, [SendState.WAITING] * 2)
    run_sweep("promos.mailings")
    found = {row.recipient: row for row in db.session.scalars(sa.select(OutboxMessage))}
    codes = dict(db.session.execute(sa.select(PromoSend.customer_id, PromoCode.code).join(
        PromoCode, PromoCode.id == PromoSend.code_id)).all())
    assert set(codes) == {one.id, two.id}
    assert len(set(codes.values())) == 2
    assert found[one.phone_e164].body == (
        f"Plin na dom: Hvala za zvestobo. 3,00 EUR popusta pri plinu s kodo {codes[one.id]}, do 25. 11. 2026. "
        "Narocilo: http://localhost/ ali 080 2005. Odjava na isti stevilki.")
    assert found[two.phone_e164].body == (
        f"Plin na dom: Hvala za zvestobo. 3,00 EUR off the gas with code {codes[two.id]}, until 25. 11. 2026. "
        "Order: http://localhost/ or 080 2005. No more offers: call the same number.")
    assert states() == [SendState.SENT] * 2
    assert db.session.scalars(sa.select(PromoEvent.actor).where(PromoEvent.action == CodeAction.SEND)).all() == [
        "staff:1"] * 2


def test_nobody_gets_a_second_code_of_a_campaign_and_a_form_sent_twice_is_one(campaign_id: int) -> None:
    customer()
    first = start(campaign_id, (1, 1))
    assert start(campaign_id, (1, 1)) == first
    run_sweep("promos.mailings")
    run_sweep("promos.mailings")
    with pytest.raises(NobodyToSendTo):
        start(campaign_id, (0, 0), "key-87654321")
    customer()
    start(campaign_id, (1, 1), "key-11111111")
    run_sweep("promos.mailings")
    assert (number(OutboxMessage), number(PromoSend), number(PromoMailing), number(PromoCode)) == (2, 2, 2, 3)


@pytest.mark.parametrize(("shown", "error"), [((1, 1), MailingChanged), ((2, 3), MailingChanged)])
def test_other_figures_than_shown_send_nothing(
        campaign_id: int, shown: tuple[int, int], error: type[DomainError]) -> None:
    customer()
    customer()
    with pytest.raises(error):
        start(campaign_id, shown)
    assert (number(PromoMailing), number(PromoSend), number(PromoBatch)) == (0, 0, 1)


def test_a_yes_taken_back_by_stop_before_the_message_goes_out_is_heeded(campaign_id: int) -> None:
    """H-184, K-23."""
    gone, stays = customer(), customer()
    start(campaign_id, (2, 2))
    for sender, body, key in ((gone.phone_e164, " stop ", "SM1"), (stays.phone_e164, "Stopite ob treh", "SM2")):
        with unit_of_work():
            receive_sms(provider_id=key, sender=sender, recipient="+38640000000", body=body)
    for _ in range(2):
        run_sweep("promos.stops")
    assert [has_consent(one.id, ConsentKind.MARKETING_SMS) for one in (gone, stays)] == [False, True]
    run_sweep("promos.mailings")
    assert states() == [SendState.SKIPPED, SendState.SENT]
    assert db.session.scalars(sa.select(OutboxMessage.recipient)).all() == [stays.phone_e164]
    clock.advance(DAY)
    with unit_of_work():
        record_consent(customer_id=gone.id, ref="customer", kind=ConsentKind.MARKETING_SMS, given=True,
                       channel="phone", actor="staff:1")
    run_sweep("promos.stops")
    assert has_consent(gone.id, ConsentKind.MARKETING_SMS), "a yes after the STOP stands"


def test_a_paused_campaign_waits_and_one_that_ended_sends_no_more(campaign_id: int, now: datetime) -> None:
    customer()
    start(campaign_id, (1, 1))
    with unit_of_work():
        services.pause_campaign(campaign_id, now=now, actor="staff:1")
    run_sweep("promos.mailings")
    assert states() == [SendState.WAITING]
    with unit_of_work():
        services.resume_campaign(campaign_id, now=now, actor="staff:1")
        services.end_campaign(campaign_id, now=now, actor="staff:1")
    run_sweep("promos.mailings")
    assert (states(), number(OutboxMessage)) == ([SendState.SKIPPED], 0)
    with pytest.raises(CampaignEnded):
        start(campaign_id, (0, 0), "key-87654321")


def test_many_customers_are_served_in_portions(campaign_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "PORTION", 2)
    for _ in range(5):
        customer()
    start(campaign_id, (5, 5))
    run_sweep("promos.mailings")
    assert states() == [SendState.SENT] * 5
    assert len(set(db.session.scalars(sa.select(OutboxMessage.dedupe_key)))) == 5
    assert db.session.scalar(sa.select(sa.func.count(Customer.id))) == 5


def test_a_reply_is_asked_for_only_where_a_number_can_receive_one(app: Flask, campaign_id: int,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Y-13."""
    customer()
    assert "STOP" not in mailing.preview(campaign_id, "", now=clock.utc_now()).texts["sl"]
    monkeypatch.setitem(app.config, "TWILIO_FROM", "+38641123456")
    assert mailing.preview(campaign_id, "", now=clock.utc_now()).texts["sl"].endswith("Odjava: odgovorite STOP.")
