"""The agents' order form between two requests: the customer's one, all on one page."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from werkzeug.datastructures import MultiDict

from accounts.models import Consent, Customer
from accounts.places import Place
from accounts.queries import consents_of, customer_addresses, customer_by_phone
from billing.models import DepositCertificate
from billing.queries import certificates_of_customer
from core.errors import DomainError
from core.i18n import LANGUAGES
from core.phone import Phone, parse_phone
from orders.address_entry import place_from
from orders.desk_forms import DeskForm
from orders.forms import quantity_name
from orders.models import Order
from orders.placing import OrderRequest, facts
from orders.queries import orders_of_phone
from orders.returns.models import ReturnCase
from orders.returns.queries import open_cases_of_phone
from orders.states import Channel, ExchangeKind, OrderStatus
from orders.views.checkout import Checkout
from promos.rules import OrderFacts


@dataclass(frozen=True, kw_only=True)
class Caller:
    """What the desk knows of a number. For agents only (Y-09)."""

    phone: Phone
    customer: Customer | None = None
    addresses: Sequence[Place] = ()
    orders: Sequence[Order] = ()
    cases: Sequence[ReturnCase] = ()
    certificates: Sequence[DepositCertificate] = ()
    consents: Sequence[Consent] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        if self.customer is not None:
            return self.customer.name
        return self.orders[0].contact_name if self.orders else ""

    @property
    def language(self) -> str:
        """The language of what we send; the agent's own page may be in another one."""
        if self.customer is not None:
            return self.customer.language
        return self.orders[0].language if self.orders else LANGUAGES[0]

    @property
    def deposit_cents(self) -> int:
        """Deposits that the customer has with us."""
        return sum(found.amount_cents for found in self.certificates if found.status == "issued")


def caller_of(text: str) -> Caller | None:
    """The caller with this number; None when it is no number."""
    try:
        phone = parse_phone(text[:40])
    except ValueError:
        return None
    customer = customer_by_phone(phone.e164)
    return Caller(
        phone=phone, customer=customer, orders=orders_of_phone(phone.e164), cases=open_cases_of_phone(phone.e164),
        addresses=customer_addresses(customer.id) if customer else (),
        certificates=certificates_of_customer(customer.id) if customer else (),
        consents=consents_of(customer.id) if customer else ())


def prefill(caller: Caller, order: Order | None) -> MultiDict[str, str]:
    """The form as it opens for a caller: like an earlier order, else only the number (P-D3)."""
    sent: MultiDict[str, str] = MultiDict({"phone": caller.phone.display, "name": caller.name,
                                           "language": caller.language})
    if caller.customer is not None and caller.customer.email:
        sent["email"] = caller.customer.email
    if caller.addresses:
        sent["address"] = caller.addresses[0].line
    if order is None:
        return sent
    sent.update({"address": order.address_line, "floor": str(order.floor), "note": order.note,
                 "name": order.contact_name, "payment": order.payment_method.value})
    if order.email:
        sent["email"] = order.email
    for name, quantity in _same_again(order).items():
        sent[name] = str(quantity)
    return sent


def _same_again(order: Order) -> Counter[str]:
    """Quantities by field. Who was handed a green cylinder has one now, so the next one is a swap (H-075)."""
    wanted: Counter[str] = Counter()
    for line in order.lines:
        had = order.status is OrderStatus.DELIVERED and line.exchange in (ExchangeKind.K, ExchangeKind.M10)
        wanted[quantity_name(line.product_code, (ExchangeKind.SWAP if had else line.exchange).value)] += line.quantity
    return wanted


class DeskCheckout(Checkout):
    """Looks at whatever is there already; checks everything at once when the order is placed."""

    form: DeskForm

    def __init__(self, form: DeskForm, sent: Mapping[str, str], *, now: datetime, agent_id: int) -> None:
        super().__init__(form, sent, now=now)
        self.agent_id = agent_id
        self.caller = caller_of(form.phone.data) if form.phone.data else None

    def look(self) -> None:
        """Price, place and promises as far as they can be known; what is missing is not an error yet."""
        self.form.validate()
        self._check_lines()
        if not self.lines:
            self.problems = []
        self.find_place()
        self.find_offers()
        self.form.forget_errors_but(0)

    def check(self) -> bool:
        """Check every field at once; True when the order can be placed."""
        self.form.validate()
        self.problems = []
        self._check_lines()
        before, self.problems = self.problems, []
        if before:
            self.find_place()  # without cylinders there is no promise to renew
        else:
            self._check_delivery()
        self.problems = before + self.problems
        wrong = {name for name, _ in self.problems}
        self.problems += [(found.name, str(error)) for found in self.form for error in found.errors
                          if found.name not in wrong]
        if not self.problems:
            self._check_contact()
        return not self.problems

    def find_place(self) -> None:
        """The place; the caller's own addresses come first among the suggestions."""
        if not self.form.address.data:
            return
        customer = self.caller.customer if self.caller else None
        try:
            self.place = place_from(self.form.address.data, self.form.lat.data or "", self.form.lon.data or "",
                                    floor=self.floor, note=self.form.note.data or "",
                                    customer_id=customer.id if customer else None)
        except DomainError as error:
            self.refuse(error)

    def facts(self) -> OrderFacts:
        """As on the web, with channel and customer."""
        assert self.prepared is not None
        phone = self.form.phone.phone
        customer = self.caller.customer if self.caller else None
        return facts(self.prepared, channel=Channel.PHONE, in_zone=self.offer is not None and self.offer.in_zone,
                     phone_e164=phone.e164 if phone else None, customer_id=customer.id if customer else None)

    def order_of(self, promo_code: str | None) -> OrderRequest:
        """The order as the agent states it; only after `check()`."""
        return replace(self.request(promo_code), channel=Channel.PHONE, taken_by=self.agent_id,
                       language=self.form.language.data, duties_confirmed=bool(self.form.duties.data))
