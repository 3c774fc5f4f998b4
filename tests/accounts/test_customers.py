"""Customers, their addresses, what the register knows, and consents."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts import queries, services
from accounts import register as register_of
from accounts.models import Consent, ConsentKind, Customer, CustomerAddress, KnownAddress
from accounts.places import Place
from core import clock
from core.audit import AuditEntry
from core.db import db, unit_of_work
from core.phone import PhoneKind, parse_phone

HOME = Place(street="Šišenska cesta", house_number="12", postcode="1000", city="Ljubljana", lat=46.0655, lon=14.4861)
REGISTER = [
    HOME,
    replace(HOME, house_number="120"),
    replace(HOME, house_number="1"),
    replace(HOME, house_number="12 a"),
    replace(HOME, street="Zaloška cesta", house_number="12"),
    replace(HOME, street="Sisek ulica", house_number="12", postcode="2000", city="Maribor", lat=46.55, lon=15.64),
    replace(HOME, street="Trg Šišenskih brigad", house_number="3"),
    replace(HOME, street="Celovška cesta", house_number="2", postcode="1210", city="Ljubljana - Šentvid"),
]


@pytest.fixture
def register(app: Flask) -> None:
    with unit_of_work():
        assert register_of.add_known_addresses(REGISTER) == len(REGISTER)


@pytest.fixture
def customer(app: Flask) -> Callable[..., Customer]:
    def make(phone: str = "041 123 456", name: str = "Janez Žagar", email: str | None = None) -> Customer:
        with unit_of_work():
            return services.upsert_customer(name=name, phone=parse_phone(phone), email=email, language="sl",
                                            actor="staff:1")
    return make


def lines(text: str, **options: int) -> list[str]:
    return [f"{place.street} {place.house_number}" for place in queries.suggest_addresses(text, **options)]


def test_a_customer_is_known_by_the_number(customer: Callable[..., Customer]) -> None:
    made = customer(email="janez@example.si")
    found = queries.customer_by_phone("+38641123456")
    assert found is not None
    assert (found.id, found.name, found.phone_kind, found.email, found.language) == (
        made.id, "Janez Žagar", PhoneKind.MOBILE, "janez@example.si", "sl")
    assert queries.customer_by_phone("+38641123457") is None


def test_the_same_number_again_brings_the_customer_up_to_date(customer: Callable[..., Customer]) -> None:
    first = customer(email="janez@example.si").id
    again = customer("+386 41 123 456", "Janez Žagar ml.")
    assert (again.id, again.name, again.email) == (first, "Janez Žagar ml.", "janez@example.si")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1
    assert [entry.action for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))] == [
        "customer_created", "customer_updated"]


@pytest.mark.parametrize("text", ["zagar", "jan žag", "ŽAGAR JANEZ", "041 123", "41123456", "+386 41 123 456",
                                  "janez@"])
def test_an_agent_finds_a_customer_by_any_part(customer: Callable[..., Customer], text: str) -> None:
    made = customer(email="janez@example.si")
    customer("031 222 333", "Marija Novak")
    assert [found.id for found in queries.customers_matching(text)] == [made.id]


@pytest.mark.parametrize("text", ["", "  ", "?", "%", "_", "'", "agar", "04", "xyz", "\x00"])
def test_what_matches_nobody_finds_nobody(customer: Callable[..., Customer], text: str) -> None:
    customer(email="janez@example.si")
    assert queries.customers_matching(text) == []


def test_a_delivered_address_is_remembered_once_and_the_latest_comes_first(customer: Callable[..., Customer],
                                                                           now: datetime) -> None:
    customer_id = customer().id
    other = replace(HOME, street="Zaloška cesta", house_number="54")
    for place in (HOME, other, replace(HOME, street="SISENSKA CESTA", floor=3, note="zvonec 4")):
        clock.advance(timedelta(days=1))
        with unit_of_work():
            services.remember_address(customer_id, place)
    assert queries.customer_addresses(customer_id) == [replace(HOME, floor=3, note="zvonec 4"), other]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CustomerAddress)) == 2


@pytest.mark.usefixtures("register")
def test_12_sisen_finds_sisenska_cesta_12() -> None:
    """PRODUCT U2: Ljubljana first, the very number before longer ones."""
    assert lines("12 sisen") == ["Šišenska cesta 12", "Šišenska cesta 12 a", "Šišenska cesta 120"]


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("text", ["12 sisen", "Šišenska 12", "šiš ces 12", "sisenska cesta 12, 1000 ljubljana",
                                  "  SISENSKA   C. 12", "ljub sis 12"])
def test_words_come_in_any_order_with_or_without_marks(text: str) -> None:
    assert lines(text)[0] == "Šišenska cesta 12"


@pytest.mark.usefixtures("register")
def test_a_letter_after_the_number_belongs_to_it() -> None:
    assert lines("sisenska 12 a") == ["Šišenska cesta 12 a"]


@pytest.mark.usefixtures("register")
def test_ljubljana_comes_before_the_rest() -> None:
    assert lines("sise 12")[0] == "Šišenska cesta 12"
    assert lines("sis")[-1] == "Sisek ulica 12"
    assert lines("sisek") == ["Sisek ulica 12"]


@pytest.mark.usefixtures("register")
def test_a_word_must_begin_a_word_of_the_address() -> None:
    assert lines("isenska") == []


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("text", ["", " ", "s", "1", "%", "__", "%%%", "'; DROP TABLE known_addresses; --",
                                  "日本", "\x00"])
def test_what_is_no_address_suggests_nothing(text: str) -> None:
    assert lines(text) == []


@pytest.mark.usefixtures("register")
def test_the_callers_own_addresses_come_first_and_only_once(customer: Callable[..., Customer]) -> None:
    customer_id = customer().id
    with unit_of_work():
        services.remember_address(customer_id, replace(HOME, house_number="120", floor=2, note="zvonec 9"))
    found = queries.suggest_addresses("sisenska", customer_id=customer_id)
    assert found[0] == replace(HOME, house_number="120", floor=2, note="zvonec 9")
    assert lines("sisenska", customer_id=customer_id).count("Šišenska cesta 120") == 1


@pytest.mark.usefixtures("register")
def test_nobody_sees_another_persons_addresses(customer: Callable[..., Customer]) -> None:
    """Y-09."""
    mine, other = customer().id, customer("031 222 333").id
    with unit_of_work():
        services.remember_address(mine, replace(HOME, street="Skrita pot", house_number="7"))
    assert lines("skrita pot") == []
    assert lines("skrita pot", customer_id=other) == []
    assert lines("skrita pot", customer_id=mine) == ["Skrita pot 7"]


@pytest.mark.usefixtures("register")
def test_no_more_than_asked_for_are_suggested() -> None:
    assert len(lines("cesta")) == 6
    assert len(lines("cesta", limit=2)) == 2


@pytest.mark.usefixtures("register")
def test_a_known_address_is_found_however_it_is_spelt() -> None:
    assert queries.known_address("sisenska CESTA", "12A", "1000") == replace(HOME, house_number="12 a")
    assert queries.known_address("Šišenska cesta", "12", "1000") == HOME
    assert queries.known_address("Šišenska cesta", "13", "1000") is None
    assert queries.known_address("Šišenska cesta", "12", "2000") is None
    assert queries.known_address("%", "%", "%") is None


@pytest.mark.usefixtures("register")
def test_loading_the_register_again_adds_only_what_is_new() -> None:
    with unit_of_work():
        assert register_of.add_known_addresses([*REGISTER, replace(HOME, house_number="14")]) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(KnownAddress)) == len(REGISTER) + 1


def agree(customer_id: int | None, given: bool, kind: ConsentKind = ConsentKind.GDPR_STATEMENT) -> None:
    with unit_of_work():
        services.record_consent(customer_id=customer_id, ref="order:1", kind=kind, given=given, channel="door",
                                actor="driver:2")


def test_a_yes_stands_until_it_is_taken_back(customer: Callable[..., Customer], now: datetime) -> None:
    """H-102, H-103."""
    customer_id = customer().id
    assert queries.has_consent(customer_id, ConsentKind.GDPR_STATEMENT) is False
    agree(customer_id, True)
    assert queries.has_consent(customer_id, ConsentKind.GDPR_STATEMENT) is True
    assert queries.has_consent(customer_id, ConsentKind.MARKETING_SMS) is False
    clock.advance(timedelta(days=1))
    agree(customer_id, False)
    assert queries.has_consent(customer_id, ConsentKind.GDPR_STATEMENT) is False
    rows = queries.consents_of(customer_id)
    assert [(row.given, row.at, row.withdrawn_at) for row in rows] == [
        (False, now + timedelta(days=1), None), (True, now, now + timedelta(days=1))]
    clock.advance(timedelta(days=1))
    agree(customer_id, True)
    assert queries.has_consent(customer_id, ConsentKind.GDPR_STATEMENT) is True


def test_a_no_takes_back_its_own_kind_of_its_own_customer_only(customer: Callable[..., Customer]) -> None:
    one, two = customer().id, customer("031 222 333").id
    for customer_id in (one, two):
        for kind in ConsentKind:
            agree(customer_id, True, kind)
    agree(one, False, ConsentKind.MARKETING_SMS)
    standing = {(customer_id, kind) for customer_id in (one, two) for kind in ConsentKind
                if queries.has_consent(customer_id, kind)}
    assert standing == {(one, ConsentKind.GDPR_STATEMENT), (two, ConsentKind.GDPR_STATEMENT),
                        (two, ConsentKind.MARKETING_SMS)}


def test_a_consent_without_a_customer_is_kept_with_its_order(app: Flask) -> None:
    agree(None, True)
    agree(None, False)
    rows = db.session.scalars(sa.select(Consent).order_by(Consent.id)).all()
    assert [(row.customer_id, row.ref, row.given, row.channel, row.actor, row.withdrawn_at) for row in rows] == [
        (None, "order:1", True, "door", "driver:2", None), (None, "order:1", False, "door", "driver:2", None)]
