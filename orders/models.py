"""Orders, their lines and events, what was handed over at the door, the versions of the terms."""
from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime, str_enum
from core.phone import PhoneKind
from orders.states import Channel, DelayReason, ExchangeKind, OrderAction, OrderStatus, PaymentMethod, PromiseKind


class TermsVersion(Base):
    """A text of the general terms from an instant on (H-021, H-023). Never edited."""

    __tablename__ = "terms_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(sa.String(20), unique=True)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    text_sl: Mapped[str] = mapped_column(sa.Text)
    text_en: Mapped[str] = mapped_column(sa.Text)


class Order(Base):
    """One order with its own copy of contact, place and price: never recomputed afterwards (Y-09).

    Amounts are cents. `gas_cents` is the price of the goods before the discount; `total_cents` = gas - discount +
    deposit - buyback is what the customer pays in all; `cash_part_cents` of it is due in cash at the door whatever
    the method (X-04). `paid_cents` came by e-bank, whatever the price became after it (X-27);
    `refund_due_cents` of it is owed back to the account until `refunded_at`.
    `on_hold_at`: the customer was asked about a change of ours, and nothing is delivered before an answer (X-27).
    """

    __tablename__ = "orders"
    __table_args__ = (
        sa.CheckConstraint("gas_cents >= 0 AND deposit_cents >= 0 AND buyback_cents >= 0 AND discount_cents >= 0",
                           name="amounts"),
        sa.CheckConstraint("total_cents = gas_cents - discount_cents + deposit_cents - buyback_cents", name="total"),
        sa.Index("ix_orders_status_created", "status", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(12), unique=True)
    request_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    status: Mapped[OrderStatus] = mapped_column(str_enum(OrderStatus))
    channel: Mapped[Channel] = mapped_column(str_enum(Channel))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_users.id"))
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    language: Mapped[str] = mapped_column(sa.String(2), default="sl")

    contact_name: Mapped[str] = mapped_column(sa.String(80))
    phone_e164: Mapped[str] = mapped_column(sa.String(20), index=True)
    phone_kind: Mapped[PhoneKind] = mapped_column(str_enum(PhoneKind))
    email: Mapped[str | None] = mapped_column(sa.String(120))

    street: Mapped[str] = mapped_column(sa.String(80))
    house_number: Mapped[str] = mapped_column(sa.String(12))
    postcode: Mapped[str] = mapped_column(sa.String(4))
    city: Mapped[str] = mapped_column(sa.String(60))
    lat: Mapped[float]
    lon: Mapped[float]
    floor: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    in_zone: Mapped[bool]

    payment_method: Mapped[PaymentMethod] = mapped_column(str_enum(PaymentMethod))
    gas_cents: Mapped[int]
    deposit_cents: Mapped[int]
    buyback_cents: Mapped[int]
    discount_cents: Mapped[int] = mapped_column(default=0)
    total_cents: Mapped[int]
    cash_part_cents: Mapped[int]
    promo_code: Mapped[str | None] = mapped_column(sa.String(40))
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_cents: Mapped[int | None]
    refund_due_cents: Mapped[int] = mapped_column(default=0)
    refund_iban: Mapped[str | None] = mapped_column(sa.String(34))
    refunded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    promise_kind: Mapped[PromiseKind] = mapped_column(str_enum(PromiseKind))
    clock_start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    promised_from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    promised_by_at: Mapped[datetime] = mapped_column(UtcDateTime)
    promise_reason: Mapped[DelayReason | None] = mapped_column(str_enum(DelayReason))
    promise_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    terms_version_id: Mapped[int] = mapped_column(sa.ForeignKey("terms_versions.id"))
    terms_confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    adult_confirmed: Mapped[bool]
    data_confirmed: Mapped[bool]
    duties_confirmed: Mapped[bool]

    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    on_hold_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    lines: Mapped[list[OrderLine]] = relationship(order_by="OrderLine.id", cascade="all, delete-orphan")
    events: Mapped[list[OrderEvent]] = relationship(order_by="OrderEvent.id")
    handover: Mapped[Handover | None] = relationship(back_populates="order")

    @property
    def address_line(self) -> str:
        return f"{self.street} {self.house_number}, {self.postcode} {self.city}"

    @property
    def ref(self) -> str:
        """How other packages name this order."""
        return f"order:{self.id}"

    @property
    def prepaid_cents(self) -> int:
        """What was paid by e-bank, or is to be paid before delivery: the gas only (X-04)."""
        if self.paid_cents is not None:
            return self.paid_cents
        return self.gas_cents - self.discount_cents if self.payment_method is PaymentMethod.EBANK else 0

    @property
    def door_cents(self) -> int:
        """What is paid at the door, in cash and by card."""
        return self.total_cents - min(self.prepaid_cents, self.gas_cents - self.discount_cents)

    @property
    def cylinders(self) -> int:
        return sum(line.quantity for line in self.lines)


class OrderLine(Base):
    """Some cylinders of one product under one exchange kind, with the agreed prices per cylinder."""

    __tablename__ = "order_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    product_code: Mapped[str] = mapped_column(sa.String(20))
    cylinder_type: Mapped[str] = mapped_column(sa.String(10))
    exchange: Mapped[ExchangeKind] = mapped_column(str_enum(ExchangeKind))
    quantity: Mapped[int]
    unit_price_cents: Mapped[int]
    vat_permille: Mapped[int]
    unit_deposit_cents: Mapped[int]
    unit_buyback_cents: Mapped[int]
    net_gas_g: Mapped[int]


class OrderEvent(Base):
    """What happened to an order; never edited."""

    __tablename__ = "order_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[OrderAction | None] = mapped_column(str_enum(OrderAction))
    what: Mapped[str] = mapped_column(sa.String(40))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class NumberCounter(Base):
    """The last public number given in a series and year: orders, and each kind of case."""

    __tablename__ = "number_counters"

    series: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


class Handover(Base):
    """What the driver really handed over and collected: one per delivered order, never edited (X-05).

    `cash_cents` and `card_cents` were collected at the door, `prepaid_cents` before. Vehicle, driver and stop are
    opaque to orders.
    """

    __tablename__ = "handovers"
    __table_args__ = (sa.CheckConstraint("total_cents = gas_cents - discount_cents + deposit_cents - buyback_cents",
                                         name="total"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), unique=True)
    invoice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invoices.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(sa.String(60))
    vehicle_id: Mapped[int]
    driver_id: Mapped[int]
    stop_ref: Mapped[str] = mapped_column(sa.String(30))
    payment_method: Mapped[PaymentMethod] = mapped_column(str_enum(PaymentMethod))
    card_scheme: Mapped[str] = mapped_column(sa.String(20), default="")
    gdpr: Mapped[str] = mapped_column(sa.String(10), default="")
    gas_cents: Mapped[int]
    discount_cents: Mapped[int]
    deposit_cents: Mapped[int]
    buyback_cents: Mapped[int]
    kept_deposit_cents: Mapped[int]
    total_cents: Mapped[int]
    prepaid_cents: Mapped[int]
    cash_cents: Mapped[int]
    card_cents: Mapped[int]
    waived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship(back_populates="handover")
    lines: Mapped[list[HandoverLine]] = relationship(order_by="HandoverLine.id", cascade="all, delete-orphan")


class HandoverLine(Base):
    """Cylinders of one order line handed over under one exchange kind; `discount_cents` is its share of the code."""

    __tablename__ = "handover_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(sa.ForeignKey("handovers.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_lines.id"))
    product_code: Mapped[str] = mapped_column(sa.String(20))
    cylinder_type: Mapped[str] = mapped_column(sa.String(10))
    exchange: Mapped[ExchangeKind] = mapped_column(str_enum(ExchangeKind))
    quantity: Mapped[int]
    unit_price_cents: Mapped[int]
    vat_permille: Mapped[int]
    discount_cents: Mapped[int]
    unit_deposit_cents: Mapped[int]
    new_deposits: Mapped[int]
    unit_buyback_cents: Mapped[int]
    damaged_empties: Mapped[int] = mapped_column(default=0)
    replaced: Mapped[int] = mapped_column(default=0)
    net_gas_g: Mapped[int]
