"""Staff, customers, their addresses and consents."""
from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, UtcDateTime, str_enum
from core.phone import PhoneKind
from core.roles import Role


class StaffUser(UserMixin, Base):
    """A person who works here. `epoch` goes up with every new password and ends all sessions begun before.

    `previous_hash` is the password before the present one: neither may be taken again (Z-03).
    """

    __tablename__ = "staff_users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(120), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    previous_hash: Mapped[str | None] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(str_enum(Role))
    language: Mapped[str] = mapped_column(sa.String(2), default="sl")
    active: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    request_key: Mapped[str | None] = mapped_column(sa.String(64), unique=True)

    @property
    def is_active(self) -> bool:
        return self.active


class Customer(Base):
    """A customer known by telephone number; made by agents only (Y-09)."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    search_name: Mapped[str] = mapped_column(sa.String(80), index=True)
    phone_e164: Mapped[str] = mapped_column(sa.String(20), unique=True)
    phone_kind: Mapped[PhoneKind] = mapped_column(str_enum(PhoneKind))
    email: Mapped[str | None] = mapped_column(sa.String(120))
    language: Mapped[str] = mapped_column(sa.String(2), default="sl")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KnownStreet(Base):
    """A street (or a village that numbers its houses) of the register. `search_key`: `sisenska cesta 1000 ljubljana`.

    What is typed is looked for here first: a country has 300,000 houses but 25,000 streets.
    """

    __tablename__ = "known_streets"

    id: Mapped[int] = mapped_column(primary_key=True)
    postcode: Mapped[str] = mapped_column(sa.String(4))
    search_key: Mapped[str] = mapped_column(sa.String(180), unique=True)


class KnownAddress(Base):
    """A house that exists, with its position. `search_key` is folded: `sisenska cesta 12 1000 ljubljana`.

    `source` is `register`, `osm` or `pin` (a place that a driver delivered to); a better source replaces a lesser
    one. Several rows have one `house_key` where a postcode has two villages with streets of the same name.
    """

    __tablename__ = "known_addresses"
    __table_args__ = (sa.Index("ix_known_addresses_street_number", "street_id", "number_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    street: Mapped[str] = mapped_column(sa.String(80))
    house_number: Mapped[str] = mapped_column(sa.String(12))
    postcode: Mapped[str] = mapped_column(sa.String(4))
    city: Mapped[str] = mapped_column(sa.String(60))
    lat: Mapped[float]
    lon: Mapped[float]
    source: Mapped[str] = mapped_column(sa.String(20))
    search_key: Mapped[str] = mapped_column(sa.String(180), unique=True)
    house_key: Mapped[str] = mapped_column(sa.String(120), index=True)
    number_key: Mapped[str] = mapped_column(sa.String(20))
    street_id: Mapped[int] = mapped_column(sa.ForeignKey("known_streets.id"))


class CustomerAddress(Base):
    """Where a customer was delivered to; one row per house."""

    __tablename__ = "customer_addresses"
    __table_args__ = (sa.UniqueConstraint("customer_id", "search_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"))
    street: Mapped[str] = mapped_column(sa.String(80))
    house_number: Mapped[str] = mapped_column(sa.String(12))
    postcode: Mapped[str] = mapped_column(sa.String(4))
    city: Mapped[str] = mapped_column(sa.String(60))
    lat: Mapped[float]
    lon: Mapped[float]
    floor: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    source: Mapped[str] = mapped_column(sa.String(20))
    search_key: Mapped[str] = mapped_column(sa.String(180))
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentKind(StrEnum):
    """What a person may agree to."""

    GDPR_STATEMENT = "gdpr_statement"  # H-102: signed at the first delivery; only signers are called (H-103)
    MARKETING_SMS = "marketing_sms"


class Consent(Base):
    """A person's yes or no, with who asked and where. Never edited, but for the instant a yes was taken back."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    ref: Mapped[str] = mapped_column(sa.String(60), index=True)
    kind: Mapped[ConsentKind] = mapped_column(str_enum(ConsentKind))
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(sa.String(20))
    actor: Mapped[str] = mapped_column(sa.String(60))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
