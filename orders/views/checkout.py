"""The order page between two requests: what was typed, what follows from it, and what is wrong with it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from accounts.places import Place
from billing.prices import PricedProduct
from billing.queries import price_list
from core import calendar, settings
from core.errors import DomainError
from core.i18n import language
from orders.address_entry import UnknownAddress, place_from
from orders.errors import EbankTooSoon, StaleQuote
from orders.forms import FIELD_OF_REFUSAL, STEP_OF_FIELD, OrderForm, Quantity, quantity_name, read_quantities
from orders.models import TermsVersion
from orders.placing import LineRequest, OrderRequest, Prepared, facts, first_day, prepare, price_rules
from orders.ports import Offer, Offers, promises
from orders.pricing import GREEN_KINDS, unit_buyback, unit_deposit
from orders.queries import current_terms
from orders.states import Channel, ExchangeKind, PaymentMethod
from promos.rules import Benefit, OrderFacts

WISH_DAYS = 7
_PICTURES = {ExchangeKind.SWAP: "green", ExchangeKind.M10: "orange", ExchangeKind.K: "none"}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One thing that can be ordered: a product under one exchange kind, with what one of it costs at the door."""

    product: PricedProduct
    exchange: ExchangeKind
    field: str
    typed: str
    number: int
    picture: str
    deposit_cents: int
    buyback_cents: int

    @property
    def unit_cents(self) -> int:
        return self.product.gross_cents + self.deposit_cents - self.buyback_cents

    @property
    def name(self) -> str:
        return self.product.name(language())


class Checkout:
    """Reads the form step by step. It only reads: what is to be kept is written by the views."""

    def __init__(self, form: OrderForm, sent: Mapping[str, str], *, now: datetime) -> None:
        self.form = form
        self.now = now
        self.step = 1
        self.products: Sequence[PricedProduct] = price_list(now)
        self.rules = price_rules(now)
        offered = [(product.code, exchange) for product in self.products for exchange in product.exchanges]
        self.quantities: dict[str, Quantity] = {
            quantity_name(quantity.product_code, quantity.exchange.value): quantity
            for quantity in read_quantities(sent, offered)}
        self.problems: list[tuple[str, str]] = []
        self.notices: list[str] = []
        self.candidates: tuple[Place, ...] = ()
        self.prepared: Prepared | None = None
        self.place: Place | None = None
        self.offers: Offers | None = None
        self.offer: Offer | None = None
        self.offer_changed = False
        self.benefit: Benefit | None = None
        self.quote = _quote(form.quote_key.data or "")
        if sent.get("choose_address"):
            form.address.data, form.lat.data, form.lon.data = sent["choose_address"][:140], "", ""
        self.wish_days = self._wish_days()

    # what is shown

    @property
    def choices(self) -> list[Choice]:
        """Everything on the list, in its order."""
        return [self._choice(product, ExchangeKind(exchange)) for product in self.products
                for exchange in product.exchanges]

    @property
    def green_choices(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.exchange in GREEN_KINDS]

    @property
    def other_choices(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.exchange not in GREEN_KINDS]

    @property
    def terms(self) -> TermsVersion:
        return current_terms(self.now)

    @property
    def ebank_from(self) -> date:
        """The first day that e-bank can pay for (H-123)."""
        day = first_day(PaymentMethod.EBANK, self.now)
        assert day is not None
        return day

    @property
    def ebank_open(self) -> bool:
        """Whether the chosen promise leaves the day that e-bank needs."""
        return self.offer is not None and calendar.local_date(self.offer.promised_from_at) >= self.ebank_from

    @property
    def problem_of(self) -> dict[str, str]:
        """The first sentence for each field."""
        return dict(reversed(self.problems))

    def _choice(self, product: PricedProduct, exchange: ExchangeKind) -> Choice:
        quantity = self.quantities[quantity_name(product.code, exchange.value)]
        return Choice(
            product=product, exchange=exchange, field=quantity_name(product.code, exchange.value),
            typed=quantity.typed if quantity.typed.strip() else "0", number=quantity.number or 0,
            picture=_PICTURES.get(exchange, product.picture),
            deposit_cents=unit_deposit(exchange, self.rules), buyback_cents=unit_buyback(exchange, self.rules))

    def _wish_days(self) -> list[date]:
        """The next days of delivery, to choose a later one (H-114)."""
        hours, found = settings.opening_hours(self.now), [calendar.local_date(self.now)]
        while len(found) <= WISH_DAYS:
            found.append(hours.next_delivery_day(found[-1]))
        return found[1:]

    # what was typed

    @property
    def lines(self) -> tuple[LineRequest, ...]:
        return tuple(LineRequest(product_code=wanted.product_code, exchange=wanted.exchange, quantity=wanted.number)
                     for wanted in self.quantities.values() if wanted.number)

    @property
    def floor(self) -> int:
        return 0 if self.form.floor.errors else self.form.floor.data or 0

    @property
    def wish_on(self) -> date | None:
        return {day.isoformat(): day for day in self.wish_days}.get(self.form.wish_on.data or "")

    @property
    def not_before(self) -> date | None:
        """The first day allowed, by the person's wish and by the way of paying."""
        days = [day for day in (self.wish_on, self.prepared.not_before if self.prepared else None) if day]
        return max(days) if days else None

    # checking, step by step

    def reach(self, target: int) -> bool:
        """Check every step before `target`; stand at the first one with a problem, else at `target` (at most 4)."""
        self.form.validate()
        self.problems = []
        checks = (self._check_lines, self._check_delivery, self._check_contact, self._check_ticks)
        for step, check in enumerate(checks[:target - 1], 1):
            self.step = step
            check()
            if self.problems:
                self.form.forget_errors_but(step)
                return False
        self.step = min(target, 4)
        self.form.forget_errors_but(0)
        return True

    def refuse(self, error: DomainError) -> None:
        """Put a refusal beside the field it belongs to, on the step of that field."""
        field = FIELD_OF_REFUSAL.get(error.field or "", error.field or "")
        self.problems.append((field, str(error)))
        self.step = min(self.step, STEP_OF_FIELD.get(field, self.step))
        if isinstance(error, UnknownAddress):
            self.candidates = error.candidates

    def price(self) -> None:
        """Price what is chosen, with the benefit of the code if one is held."""
        self.prepared = prepare(self.lines, payment=self.form.payment_method, floor=self.floor, now=self.now,
                                discount_cents=self.benefit.discount_cents if self.benefit else 0)

    def _check_lines(self) -> None:
        if any(quantity.number is None for quantity in self.quantities.values()):
            self.problems.append(("lines", _("Choose a number from %(min)s to %(max)s.", min=0,
                                             max=self.rules.max_cylinders)))
            return
        try:
            self.price()
        except DomainError as error:
            self.refuse(error)

    def _check_delivery(self) -> None:
        self.find_place()
        self.problems = [*self.form.problems(2), *self.problems]
        if self.problems:
            return
        if not self.quote[0]:
            self.problems.append(("quote_key", _("Look at the time of delivery and confirm it.")))
            return
        self._renew()

    def find_place(self) -> None:
        """The place that the address and the pin mean; a problem where there is none."""
        if not self.form.address.data:
            return
        try:
            self.place = place_from(self.form.address.data, self.form.lat.data or "", self.form.lon.data or "",
                                    floor=self.floor, note=self.form.note.data or "")
        except DomainError as error:
            self.refuse(error)
            return
        if not self.form.lat.data:
            self.form.address.data = self.place.line

    @staticmethod
    def offer_value(offer: Offer) -> str:
        """What the form sends for an offer: its key and the promise that was shown with it."""
        return f"{offer.quote_key}@{offer.promised_by_at.isoformat()}"

    def _renew(self) -> None:
        assert self.place is not None
        assert self.prepared is not None
        key, shown = self.quote
        try:
            self.use_offer(promises().renew(key, self.place, self.prepared.demand, now=self.now), shown)
        except StaleQuote as error:
            self.form.quote_key.data = ""
            self.problems.append(("quote_key", str(error)))

    def use_offer(self, offer: Offer, shown: datetime | None) -> None:
        """Take an offer as the chosen one; say so if it is later than the one shown (Y-04)."""
        self.offer_changed = offer.quote_key != self.quote[0]
        self.offer = offer
        self.form.quote_key.data = self.offer_value(offer)
        changed = _("The delivery time has changed since it was shown. Look at the new one.")
        if shown is not None and offer.promised_by_at > shown and changed not in self.notices:
            self.notices.append(changed)

    def _check_contact(self) -> None:
        self.problems = self.form.problems(3)
        if self.form.payment_method is PaymentMethod.EBANK and not self.ebank_open:
            self.problems.append(("payment", str(EbankTooSoon())))

    def _check_ticks(self) -> None:
        self.problems = self.form.problems(4)

    # questions to others

    def find_offers(self) -> Offers | None:
        """Promises for the place and the demand, the chosen one or the best marked; None while something is missing."""
        if self.place is None or self.prepared is None:
            return None
        self.offers = promises().find(self.place, self.prepared.demand, now=self.now, not_before=self.not_before)
        shown = self.quote[1]
        same = [offer for offer in self.offers.offers if offer.promised_by_at == shown]
        self.offer = next(iter(same or self.offers.offers), None)
        self.form.quote_key.data = self.offer_value(self.offer) if self.offer else ""
        return self.offers

    def facts(self) -> OrderFacts:
        """What a promo rule needs to know (X-10, X-11)."""
        assert self.prepared is not None
        phone = self.form.phone.phone
        return facts(self.prepared, channel=Channel.WEB, in_zone=self.offer is not None and self.offer.in_zone,
                     phone_e164=phone.e164 if phone else None)

    def request(self, promo_code: str | None) -> OrderRequest:
        """The order as the form states it; only after `reach(5)`."""
        assert self.place is not None
        assert self.form.phone.phone is not None
        shown_total = self.form.shown_total_cents.data or ""
        terms_id = self.form.terms_version_id.data or ""
        confirmed = bool(self.form.terms.data)
        return OrderRequest(
            request_key=self.form.request_key.data, channel=Channel.WEB, language=language(),
            contact_name=self.form.name.data, phone=self.form.phone.phone, email=self.form.email.data or None,
            place=replace(self.place, floor=self.floor, note=self.form.note.data or ""), lines=self.lines,
            payment=self.form.payment_method, shown_total_cents=_whole(shown_total),
            shown_promised_by_at=self.quote[1], terms_version_id=_whole(terms_id), terms_confirmed=confirmed,
            adult_confirmed=bool(self.form.adult.data), data_confirmed=bool(self.form.data.data),
            duties_confirmed=confirmed, promo_code=promo_code)


def _quote(sent: str) -> tuple[str, datetime | None]:
    """The chosen offer's key and the promise that was shown with it."""
    key, _at, stamp = sent[:120].partition("@")
    try:
        shown = datetime.fromisoformat(stamp)
    except ValueError:
        return key, None
    return key, shown if shown.tzinfo else None


def _whole(text: Any) -> int:
    """A whole number that a hidden field carried; -1, which fits nothing, for anything else."""
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 11 else -1
