"""Codes sent by SMS to customers who agreed to offers (H-133): one code for a customer, never twice.

Looked at, confirmed with the number and the price that were shown, written down at once, sent in portions by a sweep.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy.exc import IntegrityError

from accounts.models import Consent, ConsentKind, Customer
from accounts.queries import has_consent
from core import audit, settings
from core.db import after_commit, changed_rows, db
from core.http import public_url
from core.i18n import LANGUAGES, show_date
from core.money import format_eur
from core.phone import PhoneKind
from core.tasks import kick
from notify import gsm7
from notify.services import queue_sms
from promos.campaigns import issue_codes
from promos.codes import BODY
from promos.errors import CampaignEnded, MailingChanged, NobodyToSendTo
from promos.models import Campaign, PromoBatch, PromoCode, PromoEvent, PromoMailing, PromoSend
from promos.queries import campaign_by_id
from promos.rules import MAX_CODES
from promos.states import BenefitKind, CampaignStanding, CodeAction, CodeChannel, SendState

SWEEP = "promos.mailings"
TEMPLATE = "promo_code"
PORTION = 50


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What sending now would do: `texts` are examples by language, `parts_each` what one of them takes."""

    customers: Mapping[str, int]
    texts: Mapping[str, str]
    parts_each: Mapping[str, int]
    price_cents: int

    @property
    def recipients(self) -> int:
        return sum(self.customers.values())

    @property
    def parts(self) -> int:
        return sum(number * self.parts_each[language] for language, number in self.customers.items())


def preview(campaign_id: int, intro: str, *, now: datetime) -> Preview:
    """Who would get a code now, with which words and at what price. Read only; UnknownCampaign."""
    campaign = campaign_by_id(campaign_id)
    found = _waiting_customers(campaign_id).limit(MAX_CODES).subquery()
    customers: dict[str, int] = dict(db.session.execute(
        sa.select(found.c.language, sa.func.count()).group_by(found.c.language).order_by(found.c.language)).all())
    texts = {language: _text(campaign, f"{campaign.prefix}-{'X' * BODY}", intro, language) for language in LANGUAGES}
    parts = {language: gsm7.segments(text) for language, text in texts.items()}
    mills = settings.get("sms_part_price_mills", now) * sum(
        number * parts[language] for language, number in customers.items())
    return Preview(customers=customers, texts=texts, parts_each=parts, price_cents=(mills + 5) // 10)


def start_mailing(campaign_id: int, intro: str, *, shown: tuple[int, int], request_key: str, now: datetime,
                  actor: str) -> PromoMailing:
    """Give every customer who agreed and has none a code of this campaign; the sweep sends them.

    `shown` are the numbers of customers and of SMS parts that were confirmed: MailingChanged when they are others.
    The same `request_key` again returns the first. CampaignEnded, NobodyToSendTo.
    """
    first = sa.select(PromoMailing).where(PromoMailing.request_key == request_key)
    if (made := db.session.scalar(first)) is not None:
        return made
    campaign = campaign_by_id(campaign_id)
    if campaign.standing(now) is CampaignStanding.ENDED:
        raise CampaignEnded(campaign_id=campaign_id)
    seen = preview(campaign_id, intro, now=now)
    if not seen.recipients:
        raise NobodyToSendTo(campaign_id=campaign_id)
    if (seen.recipients, seen.parts) != shown:
        raise MailingChanged(campaign_id=campaign_id)
    mailing = PromoMailing(request_key=request_key, campaign_id=campaign_id, intro=intro, recipients=seen.recipients,
                           parts=seen.parts, price_cents=seen.price_cents, asked_at=now, asked_by=actor)
    try:
        with db.session.begin_nested():
            db.session.add(mailing)
    except IntegrityError:
        return db.session.scalars(first).one()
    mailing_id = mailing.id
    _give_codes(mailing_id, campaign_id, seen.recipients, now=now, actor=actor)
    audit.record("promo.mailing_started", f"campaign:{campaign_id}", actor=actor, mailing=mailing_id,
                 recipients=seen.recipients)
    after_commit(lambda: kick(SWEEP))
    return db.session.get_one(PromoMailing, mailing_id)


def _give_codes(mailing_id: int, campaign_id: int, number: int, *, now: datetime, actor: str) -> None:
    """A row and a code for each; a customer whom another mailing took meanwhile spoils it all: look again."""
    customers = db.session.scalars(_waiting_customers(campaign_id).with_only_columns(Customer.id)
                                   .limit(MAX_CODES)).all()
    if len(customers) != number:
        raise MailingChanged(campaign_id=campaign_id)
    issue_codes(campaign_id, number, channel=CodeChannel.SMS, now=now, actor=actor, request_key=_batch(mailing_id))
    codes = db.session.scalars(sa.select(PromoCode.id).join(PromoBatch).where(
        PromoBatch.request_key == _batch(mailing_id)).order_by(PromoCode.id)).all()
    try:
        with db.session.begin_nested():
            db.session.execute(sa.insert(PromoSend), [
                {"mailing_id": mailing_id, "campaign_id": campaign_id, "customer_id": customer_id, "code_id": code_id,
                 "state": SendState.WAITING} for customer_id, code_id in zip(customers, codes, strict=True)])
    except IntegrityError as error:
        raise MailingChanged(campaign_id=campaign_id) from error


def send_portion(now: datetime) -> int:
    """Queue the next SMS of all mailings, 50 at most; how many were settled.

    A paused campaign waits; one that ended, and a customer who took the yes back, is skipped.
    """
    rows = db.session.execute(
        sa.select(PromoSend.id, PromoSend.campaign_id, PromoSend.customer_id, PromoSend.code_id, PromoCode.code,
                  PromoMailing.intro, PromoMailing.asked_by, Customer.phone_e164, Customer.language)
        .join(PromoMailing, PromoMailing.id == PromoSend.mailing_id)
        .join(PromoCode, PromoCode.id == PromoSend.code_id).join(Customer, Customer.id == PromoSend.customer_id)
        .join(Campaign, Campaign.id == PromoSend.campaign_id)
        .where(PromoSend.state == SendState.WAITING,
               sa.or_(Campaign.paused_at.is_(None), Campaign.ends_at < now))
        .order_by(PromoSend.id).limit(PORTION)).all()
    for row in rows:
        campaign = campaign_by_id(row.campaign_id)
        wanted = (campaign.standing(now) is not CampaignStanding.ENDED
                  and has_consent(row.customer_id, ConsentKind.MARKETING_SMS))
        text = {"intro": row.intro, "code": row.code, **_words(campaign, row.language)}
        if changed_rows(sa.update(PromoSend).where(
                PromoSend.id == row.id, PromoSend.state == SendState.WAITING).values(
                state=SendState.SENT if wanted else SendState.SKIPPED, settled_at=now)) != 1 or not wanted:
            continue
        queue_sms(to_e164=row.phone_e164, template=TEMPLATE, context=text, language=row.language,
                  dedupe_key=f"promo:{row.campaign_id}:{row.customer_id}", ref=f"campaign:{row.campaign_id}")
        db.session.add(PromoEvent(code_id=row.code_id, at=now, actor=row.asked_by, action=CodeAction.SEND,
                                  details={"customer": row.customer_id}))
    return len(rows)


def _waiting_customers(campaign_id: int) -> sa.Select[int, str]:
    """Customers with a mobile number and a standing yes who have no code of this campaign."""
    agreed = sa.select(Consent.id).where(
        Consent.customer_id == Customer.id, Consent.kind == ConsentKind.MARKETING_SMS, Consent.given,
        Consent.withdrawn_at.is_(None))
    served = sa.select(PromoSend.id).where(PromoSend.campaign_id == campaign_id, PromoSend.customer_id == Customer.id)
    return (sa.select(Customer.id, Customer.language)
            .where(Customer.phone_kind == PhoneKind.MOBILE, agreed.exists(), ~served.exists())
            .order_by(Customer.id))


def _batch(mailing_id: int) -> str:
    return f"mailing-{mailing_id}"


def _words(campaign: Campaign, language: str) -> dict[str, str]:
    """What the text says of the benefit, in the customer's language; a reply is asked for only where a number can
    receive one (Y-13)."""
    terms = campaign.terms
    with force_locale(language):
        amount = format_eur(terms.value_cents or 0) if terms.kind is BenefitKind.FIXED else f"{terms.percent}\u00a0%"
        return {"amount": amount, "cap": "" if terms.cap_cents is None else format_eur(terms.cap_cents),
                "until": show_date(terms.ends_at), "link": public_url("/"),
                "two_way": "yes" if current_app.config["TWILIO_FROM"].startswith("+") else ""}


def _text(campaign: Campaign, code: str, intro: str, language: str) -> str:
    """The SMS as it will be sent."""
    context = {"intro": intro, "code": code, **_words(campaign, language)}
    with force_locale(language):
        return gsm7.fold(render_template(f"sms/{TEMPLATE}.{language}.txt", **context).strip())
