"""What a code gives, to whom and when: pure rules over the facts of an order (H-130, H-131, X-10, X-11)."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from flask_babel import lazy_gettext as _l

from core.money import format_eur
from promos.codes import PREFIX
from promos.errors import PromoNotForThis, PromoNotYours, PromoTooMuch, WrongCampaign
from promos.states import BenefitKind, BurnPolicy, ZoneLimit

MAX_VALUE_CENTS = 100_000
MAX_AMOUNT_CENTS = 100_000_000
MAX_COUNT = 1_000_000
MAX_CODES = 10_000
MAX_DAYS = 3 * 366
PERCENT_RANGE = range(1, 101)


@dataclass(frozen=True)
class OrderFacts:
    """What a promo rule needs to know of an order.

    `gas_cents` is the gas price before the discount and without deposit (X-10, X-11); `products` are (code,
    quantity); `channel` is the way of ordering (`web`, `phone`, ...).
    """

    gas_cents: int
    products: tuple[tuple[str, int], ...]
    channel: str
    in_zone: bool
    first_order: bool
    customer_id: int | None


@dataclass(frozen=True)
class Benefit:
    """What a code takes off this order's gas price."""

    code: str
    campaign_name: str
    discount_cents: int
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class CampaignTerms:
    """The value and the limits of a campaign. `ends_at` is the last instant that counts; None or empty: no limit.

    `from_time` (counts) and `until_time` (does not) bound the hours of every day, by Ljubljana's clocks.
    """

    kind: BenefitKind
    starts_at: datetime
    ends_at: datetime
    value_cents: int | None = None
    percent: int | None = None
    cap_cents: int | None = None
    product_codes: tuple[str, ...] = ()
    order_channel: str | None = None
    zone: ZoneLimit = ZoneLimit.ANYWHERE
    first_order_only: bool = False
    from_time: time | None = None
    until_time: time | None = None


@dataclass(frozen=True, kw_only=True)
class CampaignDraft:
    """A campaign as marketing states it; `require_sound` says whether it makes sense."""

    name: str
    prefix: str
    terms: CampaignTerms
    burn_policy: BurnPolicy = BurnPolicy.CUSTOMER_CANCELS
    max_redemptions: int | None = None
    budget_cents: int | None = None


def _fixed(terms: CampaignTerms, gas_cents: int) -> int:
    return terms.value_cents or 0


def _percent(terms: CampaignTerms, gas_cents: int) -> int:
    share = (gas_cents * (terms.percent or 0) + 50) // 100  # rounded half up to the cent
    return share if terms.cap_cents is None else min(share, terms.cap_cents)


BENEFITS: Mapping[BenefitKind, Callable[[CampaignTerms, int], int]] = {
    BenefitKind.FIXED: _fixed,
    BenefitKind.PERCENT: _percent,
}


def discount(terms: CampaignTerms, facts: OrderFacts, *, min_left_cents: int) -> int:
    """The discount in cents, or a refusal: PromoNotYours, PromoNotForThis, PromoTooMuch.

    The base is the order's whole gas price; at least `min_left_cents` of it stay to be paid (W-20, X-10).
    """
    _require_limits(terms, facts)
    cents = BENEFITS[terms.kind](terms, facts.gas_cents)
    if cents < 1:
        raise PromoNotForThis()
    if facts.gas_cents - cents < min_left_cents:
        if terms.kind is BenefitKind.PERCENT:
            raise PromoTooMuch()
        raise PromoTooMuch(_l(
            "The code is worth %(value)s, so the gas must cost at least %(least)s. You can order without it.",
            value=format_eur(cents), least=format_eur(cents + min_left_cents)))
    return cents


def _require_limits(terms: CampaignTerms, facts: OrderFacts) -> None:
    """What concerns the person stays untold (Y-12: a code must not tell who ordered before)."""
    if terms.first_order_only and not facts.first_order:
        raise PromoNotYours()
    if terms.order_channel is not None and facts.channel != terms.order_channel:
        raise PromoNotForThis(_l("This code is not valid for this way of ordering. You can order without it."))
    if terms.zone is not ZoneLimit.ANYWHERE and facts.in_zone != (terms.zone is ZoneLimit.INSIDE):
        raise PromoNotForThis(_l("This code is not valid at this delivery address. You can order without it."))
    ordered = {code for code, quantity in facts.products if quantity > 0}
    if terms.product_codes and ordered.isdisjoint(terms.product_codes):
        raise PromoNotForThis()


def in_hours(terms: CampaignTerms, clock: time) -> bool:
    """Whether codes count at this time of the day; `clock` is what Ljubljana's clocks show."""
    return (terms.from_time or time.min) <= clock and (terms.until_time is None or clock < terms.until_time)


def outside_hours(terms: CampaignTerms) -> PromoNotForThis:
    """The refusal of a code outside its hours of the day."""
    return PromoNotForThis(_l("This code is valid from %(start)s to %(end)s only. You can order without it.",
                              **show_hours(terms)))


def show_hours(terms: CampaignTerms) -> dict[str, str]:
    """The hours of the day as people write them: `9.00` and `12.00`."""
    start, end = terms.from_time or time.min, terms.until_time
    return {"start": f"{start.hour}.{start.minute:02d}", "end": f"{end.hour}.{end.minute:02d}" if end else "24.00"}


def require_sound(draft: CampaignDraft) -> None:
    """Refuse a campaign that cannot work with WrongCampaign, naming the field."""
    if not draft.name.strip():
        raise WrongCampaign(_l("Give the campaign a name."), field="name")
    if not PREFIX.fullmatch(draft.prefix):
        raise WrongCampaign(_l("Use 2 to 12 letters A to Z and digits 2 to 9, a letter first."), field="prefix")
    _require_value(draft.terms)
    _require_time(draft.terms)
    for name, number, most in (("max_redemptions", draft.max_redemptions, MAX_COUNT),
                               ("budget", draft.budget_cents, MAX_AMOUNT_CENTS)):
        if number is not None and not 0 < number <= most:
            raise WrongCampaign(_l("This number must be above zero and not absurdly large."), field=name)


def _require_value(terms: CampaignTerms) -> None:
    if terms.kind is BenefitKind.FIXED:
        if terms.value_cents is None or not 0 < terms.value_cents <= MAX_VALUE_CENTS:
            raise WrongCampaign(_l("Give an amount from %(low)s to %(high)s.", low=format_eur(1),
                                   high=format_eur(MAX_VALUE_CENTS)), field="value")
        return
    if terms.percent is None or terms.percent not in PERCENT_RANGE:
        raise WrongCampaign(_l("Give a whole percentage from 1 to 100."), field="percent")
    if terms.cap_cents is not None and not 0 < terms.cap_cents <= MAX_VALUE_CENTS:
        raise WrongCampaign(_l("Give an amount from %(low)s to %(high)s.", low=format_eur(1),
                               high=format_eur(MAX_VALUE_CENTS)), field="cap")
    if terms.percent == PERCENT_RANGE[-1] and terms.cap_cents is None:
        raise WrongCampaign(_l("A discount of the whole price leaves nothing to pay, so no order could use it. "
                               "Give the largest discount too."), field="cap")


def _require_time(terms: CampaignTerms) -> None:
    if terms.ends_at <= terms.starts_at:
        raise WrongCampaign(_l("The campaign must end after it starts."), field="ends_on")
    if (terms.ends_at - terms.starts_at).days > MAX_DAYS:
        raise WrongCampaign(_l("A campaign can last 3 years at most."), field="ends_on")
    if terms.until_time is not None and terms.until_time <= (terms.from_time or time.min):
        raise WrongCampaign(_l("The hours must end after they begin, on the same day."), field="until_time")


def require_number(number: int) -> None:
    """Refuse a number of codes that cannot be issued at once."""
    if not 1 <= number <= MAX_CODES:
        raise WrongCampaign(_l("Choose a number from %(min)s to %(max)s.", min=1, max=MAX_CODES), field="number")
