"""What marketing and finance find on their desks: who agreed to offers, a second campaign, a price to come."""
from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa

from accounts.models import ConsentKind, Customer
from accounts.services import record_consent
from billing.price_entry import enter_price
from core import calendar
from core.db import db, unit_of_work
from demo.price_list import VAT_PERMILLE
from promos.campaigns import create_campaign, issue_codes
from promos.rules import CampaignDraft, CampaignTerms
from promos.states import BenefitKind, CodeChannel

RISE_CENTS = 2550
MONTH = timedelta(days=30)


def add_offers(now: datetime) -> None:
    """Every customer said yes to offers by SMS, a campaign for the mornings waits to be sent, Z10 gets dearer."""
    with unit_of_work():
        for customer_id in db.session.scalars(sa.select(Customer.id).order_by(Customer.id)).all():
            record_consent(customer_id=customer_id, ref=f"customer:{customer_id}", kind=ConsentKind.MARKETING_SMS,
                           given=True, channel="phone", actor="system")
        terms = CampaignTerms(kind=BenefitKind.PERCENT, percent=10, cap_cents=500, starts_at=now - timedelta(days=1),
                              ends_at=calendar.end_of_day(calendar.local_date(now + MONTH)), from_time=time(7),
                              until_time=time(12))
        campaign = create_campaign(
            CampaignDraft(name="Dopoldanski popust", prefix="DOPOLDNE", terms=terms, max_redemptions=200),
            request_key="demo-mornings", now=now, actor="system")
        issue_codes(campaign.id, 5, channel=CodeChannel.PERSONAL, now=now, actor="system", request_key="demo-mornings")
        enter_price("Z10", RISE_CENTS, VAT_PERMILLE, calendar.start_of_day(calendar.local_date(now + MONTH)), now=now,
                    actor="system")
