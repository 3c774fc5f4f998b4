"""The words for states, kinds and limits of campaigns and codes."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from promos.states import (
    BenefitKind,
    BurnPolicy,
    CampaignStanding,
    CodeAction,
    CodeChannel,
    OrderEnd,
    Standing,
    ZoneLimit,
)

KINDS: Mapping[BenefitKind, Any] = {
    BenefitKind.FIXED: _l("a fixed amount"),
    BenefitKind.PERCENT: _l("a percentage of the gas price"),
}
CHANNELS: Mapping[CodeChannel, Any] = {
    CodeChannel.SMS: _l("SMS"),
    CodeChannel.EMAIL: _l("e-mail"),
    CodeChannel.MEDIA: _l("newspapers, radio and other media"),
    CodeChannel.PERSONAL: _l("handed over in person"),
}
LANGUAGES: Mapping[str, Any] = {"sl": _l("Slovene"), "en": _l("English")}
ZONES: Mapping[ZoneLimit, Any] = {
    ZoneLimit.ANYWHERE: _l("anywhere"),
    ZoneLimit.INSIDE: _l("in the city zone only"),
    ZoneLimit.OUTSIDE: _l("outside the city zone only"),
}
POLICIES: Mapping[BurnPolicy, Any] = {
    BurnPolicy.CUSTOMER_CANCELS: _l("The code is lost when the customer cancels the order"),
    BurnPolicy.CANCELS_OR_DAMAGED: _l(
        "The code is lost when the customer cancels, or the goods are damaged on the way"),
    BurnPolicy.NEVER: _l("The customer always gets the code back"),
}
ORDER_CHANNELS: Mapping[str, Any] = {
    "web": _l("on the web only"),
    "phone": _l("by phone only"),
}
STANDINGS: Mapping[Standing, Any] = {
    Standing.PLANNED: _l("not yet valid"),
    Standing.ACTIVE: _l("ready to use"),
    Standing.HELD: _l("held"),
    Standing.REDEEMED: _l("redeemed"),
    Standing.BURNT: _l("burnt"),
    Standing.EXPIRED: _l("expired unused"),
}
SHAPES: Mapping[Standing, str] = {
    Standing.PLANNED: "waiting",
    Standing.ACTIVE: "on_time",
    Standing.HELD: "locked",
    Standing.REDEEMED: "done",
    Standing.BURNT: "failed",
    Standing.EXPIRED: "neutral",
}
CAMPAIGN_STANDINGS: Mapping[CampaignStanding, Any] = {
    CampaignStanding.PLANNED: _l("not begun yet"),
    CampaignStanding.RUNNING: _l("running now"),
    CampaignStanding.PAUSED: _l("stopped for now"),
    CampaignStanding.ENDED: _l("has ended"),
}
CAMPAIGN_SHAPES: Mapping[CampaignStanding, str] = {
    CampaignStanding.PLANNED: "waiting",
    CampaignStanding.RUNNING: "on_time",
    CampaignStanding.PAUSED: "locked",
    CampaignStanding.ENDED: "neutral",
}
ACTIONS: Mapping[CodeAction, Any] = {
    CodeAction.ISSUE: _l("code issued"),
    CodeAction.HOLD: _l("held for an order form"),
    CodeAction.LET_GO: _l("let go by the order form"),
    CodeAction.LAPSE: _l("the hold ran out"),
    CodeAction.SEND: _l("sent by SMS"),
    CodeAction.REDEEM: _l("redeemed in an order"),
    CodeAction.RELEASE: _l("code given back"),
    CodeAction.BURN: _l("burnt"),
    CodeAction.KEEP: _l("stays used"),
}
ENDS: Mapping[OrderEnd, Any] = {
    OrderEnd.CANCELLED_BY_CUSTOMER: _l("the customer cancelled the order"),
    OrderEnd.CANCELLED_BY_COMPANY: _l("the company cancelled the order"),
    OrderEnd.REJECTED: _l("the order was rejected"),
    OrderEnd.UNDELIVERABLE: _l("the order could not be delivered"),
    OrderEnd.DAMAGED: _l("the goods were damaged on the way"),
    OrderEnd.WITHDRAWN: _l("the customer withdrew from the purchase"),
}
