"""Campaigns, codes and facts for tests."""
from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from accounts.models import ConsentKind, Customer
from accounts.services import record_consent
from core.clock import utc_now
from core.db import db, unit_of_work
from core.phone import PhoneKind
from promos import services
from promos.rules import CampaignDraft, CampaignTerms, OrderFacts
from promos.states import BenefitKind, BurnPolicy, CodeChannel

DAY = timedelta(days=1)


def facts(**changes: Any) -> OrderFacts:
    """Two green cylinders ordered on the web, in the zone, by a customer who ordered before: 49,80 EUR of gas."""
    values = {"gas_cents": 4980, "products": (("Z10", 2),), "channel": "web", "in_zone": True, "first_order": False,
              "customer_id": None}
    return OrderFacts(**values | changes)


def terms(**changes: Any) -> CampaignTerms:
    """3 EUR off, from yesterday until the day after tomorrow."""
    now = utc_now()
    values: dict[str, Any] = {"kind": BenefitKind.FIXED, "value_cents": 300, "starts_at": now - DAY,
                              "ends_at": now + 2 * DAY}
    return CampaignTerms(**values | changes)


def draft(*, policy: BurnPolicy = BurnPolicy.CUSTOMER_CANCELS, max_redemptions: int | None = None,
          budget_cents: int | None = None, **changes: Any) -> CampaignDraft:
    return CampaignDraft(name="Poletje", prefix="POLETJE", terms=terms(**changes), burn_policy=policy,
                         max_redemptions=max_redemptions, budget_cents=budget_cents)


def issued(number: int = 1, *, customer_id: int | None = None, **changes: Any) -> list[str]:
    """The codes of a new campaign; `changes` as for `draft`."""
    with unit_of_work():
        campaign = services.create_campaign(draft(**changes), request_key=secrets.token_hex(8), now=utc_now(),
                                            actor="staff:1")
        return services.issue_codes(campaign.id, number, channel=CodeChannel.SMS, now=utc_now(), actor="staff:1",
                                    customer_id=customer_id)


def customer(*, agreed: bool = True, language: str = "sl", kind: PhoneKind = PhoneKind.MOBILE) -> Customer:
    """A customer who agreed to offers by SMS, or did not."""
    digits = f"{secrets.randbelow(10**6):06d}"
    with unit_of_work():
        made = Customer(name="Ana Kos", search_name="ana kos", phone_e164=f"+38641{digits}", phone_kind=kind,
                        language=language, created_at=utc_now())
        db.session.add(made)
        db.session.flush()
        record_consent(customer_id=made.id, ref=f"customer:{made.id}", kind=ConsentKind.MARKETING_SMS, given=agreed,
                       channel="phone", actor="staff:1")
    return made
