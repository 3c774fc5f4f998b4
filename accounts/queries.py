"""Reads of customers, addresses, consents and staff."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from accounts import places
from accounts.errors import NoSuchUser
from accounts.models import Consent, ConsentKind, Customer, CustomerAddress, KnownAddress, KnownStreet, StaffUser
from accounts.places import Place
from core.audit import AuditEntry
from core.db import db

Row = TypeVar("Row")
_PAGE = 50
_CANDIDATES = 300
_STREETS = 200
_CUSTOMERS = 20
_LEADING_NUMBER = re.compile(r"\d+")


def customer_by_phone(e164: str) -> Customer | None:
    """The customer with this number; for agents (Y-09)."""
    return db.session.scalar(sa.select(Customer).where(Customer.phone_e164 == e164))


def customers_matching(text: str) -> list[Customer]:
    """Up to 20 customers by parts of the name, of the e-mail or of the number, diacritics optional; for agents."""
    tokens = places.fold(text).split()
    digits = "".join(character for character in text if character.isdigit()).lstrip("0")
    found = []
    if tokens:
        found.append(sa.and_(*(_word_starts(Customer.search_name, token) for token in tokens)))
    if "@" in text:
        found.append(sa.func.lower(Customer.email).contains(text.strip().lower(), autoescape=True))
    if len(digits) >= 3:
        found.append(Customer.phone_e164.contains(digits, autoescape=True))
    if not found:
        return []
    return list(db.session.scalars(sa.select(Customer).where(sa.or_(*found))
                                   .order_by(Customer.search_name, Customer.id).limit(_CUSTOMERS)))


def customer_addresses(customer_id: int) -> list[Place]:
    """Where the customer was delivered to, the latest first."""
    rows = db.session.scalars(sa.select(CustomerAddress).where(CustomerAddress.customer_id == customer_id)
                              .order_by(CustomerAddress.last_used_at.desc(), CustomerAddress.id.desc()))
    return [_own_place(row) for row in rows]


def suggest_addresses(text: str, *, customer_id: int | None = None, limit: int = 8) -> list[Place]:
    """Addresses that begin as typed: `12 sisen` finds Šišenska cesta 12 (PRODUCT U2).

    Every word typed must begin a word of the address, in any order and without diacritics. The customer's own come
    first, then Ljubljana, then the rest; pass `customer_id` only where an agent or a proof stands behind it (Y-09).
    """
    tokens = places.fold(text).split()
    if len("".join(tokens)) < 2:
        return []
    own = _own_suggestions(tokens, customer_id) if customer_id is not None else []
    ranked = sorted(_houses(tokens, limit), key=lambda row: _rank(row, tokens))
    seen = {places.search_key(place) for place in own}
    return (own + [_place(row) for row in ranked if row.search_key not in seen])[:limit]


def _houses(tokens: list[str], limit: int) -> list[KnownAddress]:
    """Candidates: streets by the words typed, then houses in them by the numbers typed.

    A number may be the house's, or belong to the postcode or the street's name. Numbers alone find nothing.
    """
    words = [token for token in tokens if not token[0].isdigit()]
    numbers = [token for token in tokens if token[0].isdigit()]
    if not words:
        return []
    matches = [_word_starts(KnownStreet.search_key, word) for word in words]
    in_city = KnownStreet.postcode.in_(sorted(places.CITY_POSTCODES))
    begins = sa.or_(*(KnownStreet.search_key.startswith(word, autoescape=True) for word in words))
    streets = {street_id: f" {key}" for street_id, key in db.session.execute(
        sa.select(KnownStreet.id, KnownStreet.search_key).where(*matches)
        .order_by(in_city.desc(), begins.desc(), KnownStreet.search_key).limit(_STREETS if numbers else limit))}
    query = sa.select(KnownAddress).where(KnownAddress.street_id.in_(streets))
    for number in numbers:
        of_street = [street_id for street_id, key in streets.items() if f" {number}" in key]
        query = query.where(sa.or_(_word_starts(KnownAddress.number_key, number),
                                   KnownAddress.street_id.in_(of_street)))
    in_city = KnownAddress.postcode.in_(sorted(places.CITY_POSTCODES))
    return list(db.session.scalars(query.order_by(
        in_city.desc(), KnownAddress.number_key.in_(numbers).desc(), KnownAddress.search_key).limit(_CANDIDATES)))


def _own_suggestions(tokens: list[str], customer_id: int) -> list[Place]:
    matches = sa.and_(*(_word_starts(CustomerAddress.search_key, token) for token in tokens))
    rows = db.session.scalars(sa.select(CustomerAddress).where(CustomerAddress.customer_id == customer_id, matches)
                              .order_by(CustomerAddress.last_used_at.desc(), CustomerAddress.id.desc()))
    return [_own_place(row) for row in rows]


def _rank(row: KnownAddress, tokens: list[str]) -> tuple[Any, ...]:
    """Ljubljana first, then the very house number, then streets that begin with what was typed, then by number."""
    number, street = places.fold(row.house_number), places.fold(row.street)
    leading = _LEADING_NUMBER.match(number)
    return (not places.in_city_by_postcode(row.postcode),
            not any(token == number for token in tokens),
            not any(number.startswith(token) for token in tokens),
            not any(street.startswith(token) for token in tokens),
            street, int(leading.group()) if leading else 0, number, row.postcode)


def _word_starts(column: Any, token: str) -> sa.ColumnElement[bool]:
    return (sa.literal(" ") + column).contains(" " + token, autoescape=True)


def known_address(street: str, house_number: str, postcode: str, city: str = "") -> Place | None:
    """The register's entry for an address however it is spelt; None when there is none, or several and the city does
    not tell which."""
    rows = list(db.session.scalars(sa.select(KnownAddress).where(
        KnownAddress.house_key == places.house_key(street, house_number, postcode)).order_by(KnownAddress.id)))
    if len(rows) > 1:
        rows = [row for row in rows if places.fold(row.city) == places.fold(city)]
    return _place(rows[0]) if len(rows) == 1 else None


def _place(row: KnownAddress) -> Place:
    return Place(street=row.street, house_number=row.house_number, postcode=row.postcode, city=row.city, lat=row.lat,
                 lon=row.lon, source=row.source)


def _own_place(row: CustomerAddress) -> Place:
    return Place(street=row.street, house_number=row.house_number, postcode=row.postcode, city=row.city, lat=row.lat,
                 lon=row.lon, floor=row.floor, note=row.note, source=row.source)


def consents_of(customer_id: int) -> list[Consent]:
    """Every yes and no of a customer, the latest first."""
    return list(db.session.scalars(sa.select(Consent).where(Consent.customer_id == customer_id)
                                   .order_by(Consent.at.desc(), Consent.id.desc())))


def has_consent(customer_id: int, kind: ConsentKind) -> bool:
    """Whether a yes of this kind stands."""
    return db.session.scalar(sa.select(Consent.id).where(
        Consent.customer_id == customer_id, Consent.kind == kind, Consent.given, Consent.withdrawn_at.is_(None),
    ).limit(1)) is not None


def staff_by_id(user_id: int) -> StaffUser:
    """An account by number; NoSuchUser where there is none."""
    user = db.session.get(StaffUser, user_id)
    if user is None:
        raise NoSuchUser(user_id=user_id)
    return user


def staff_names(ids: set[int]) -> dict[int, str]:
    """Names of accounts by number, for lists."""
    rows = db.session.scalars(sa.select(StaffUser).where(StaffUser.id.in_(sorted(ids))))
    return {user.id: user.name for user in rows}


def staff_made_by(request_key: str | None) -> StaffUser | None:
    """The account that a form made, by the form's key."""
    if not request_key:
        return None
    return db.session.scalar(sa.select(StaffUser).where(StaffUser.request_key == request_key))


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """One page of a list, and how long the list is."""

    rows: list[Row]
    total: int
    page: int
    pages: int


def staff_page(*, search: str = "", page: int = 1) -> Page[StaffUser]:
    """Accounts by name, the active ones first; `search` is a part of name or e-mail."""
    wanted = sa.true() if not search else sa.or_(
        sa.func.lower(StaffUser.name).contains(search.lower(), autoescape=True),
        StaffUser.email.contains(search.lower(), autoescape=True))
    return _paged(sa.select(StaffUser).where(wanted)
                  .order_by(StaffUser.active.desc(), StaffUser.name, StaffUser.id), page)


def audit_page(*, ref: str = "", actor: str = "", page: int = 1) -> Page[AuditEntry]:
    """The audit trail, newest first; `ref` and `actor` exactly, where given."""
    query = sa.select(AuditEntry).order_by(AuditEntry.id.desc())
    if ref:
        query = query.where(AuditEntry.ref == ref)
    if actor:
        query = query.where(AuditEntry.actor == actor)
    return _paged(query, page)


def _paged(query: sa.Select[Row], page: int) -> Page[Row]:
    """A page beyond the last is the last."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // _PAGE))
    page = min(max(1, page), pages)
    rows = db.session.scalars(query.offset((page - 1) * _PAGE).limit(_PAGE))
    return Page(rows=list(rows), total=total, page=page, pages=pages)
